"""The session behind the window: every use case started in the background, every answer a signal on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.gui.background import Background, is_cancelled
from inspector.gui.clock_face import ClockFace
from inspector.gui.masking import hide
from inspector.job import Job, Progress

if TYPE_CHECKING:
    from inspector.casefile import Case, EventKey, Supplied
    from inspector.events import Source, Zone
    from inspector.session import Page, Reopened, Rows, Session

SEARCH_PAUSE = 60
"""Milliseconds after a keystroke before the search starts."""
GROWTH_PAUSE = 250
"""Milliseconds between two looks at rows that arrive while a file is read."""
FACET_COLUMNS = ("level", "provider", "event_id", "computer", "channel", "user", "cause")


class Engine(QObject):
    """Owns the session. ``make_session`` runs on a background thread, so that the window is painted before the engine is imported."""

    ready = Signal()
    progressed = Signal(object)
    reading_changed = Signal(bool)
    renumbered = Signal(object)
    """Old to new row numbers of the marked events that are still there, after logs were closed or read again."""
    supplied = Signal(object)
    """What of the things supplied to judge tokens with could not be used: each with the reason."""
    opened = Signal(object)
    """Sources that the last reading added."""
    grew = Signal(int)
    selected = Signal(object, bool)
    """Row numbers of the current filter; whether they are all there."""
    understood = Signal(str)
    """What the filter asks for, as a sentence; empty for no filter."""
    mistake = Signal(str, int, int)
    """Why the filter could not be understood, and the characters at fault."""
    inspected = Signal(object)
    histogram = Signal(object)
    facets = Signal(object)
    findings_came = Signal(object)
    """What is known while the diagnosis runs: a diagnosis that is not complete."""
    diagnosed = Signal(object)
    judging_changed = Signal(bool)
    failed = Signal(str, object)
    """What was being done, and the exception."""

    def __init__(self, make_session: Callable[[], Session], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_session = make_session
        self._background = Background(self)
        self._session: Session | None = None
        self._waiting: list[Callable[[], None]] = []
        self._reading = 0
        self.clock = ClockFace()
        """How times are shown; times in filters are meant so too."""
        self._query = ""
        self._sort = ""
        self._descending = False
        self._search_timer = QTimer(self, singleShot=True, interval=SEARCH_PAUSE)
        self._search_timer.timeout.connect(self._search)
        self._growth_timer = QTimer(self, singleShot=True, interval=GROWTH_PAUSE)
        self._growth_timer.timeout.connect(self._look_at_growth)

    @property
    def session(self) -> Session:
        """The session; raises RuntimeError before ``ready``."""
        if self._session is None:
            raise RuntimeError("the engine is not ready yet")
        return self._session

    @property
    def is_ready(self) -> bool:
        """Whether the session is there."""
        return self._session is not None

    @property
    def is_reading(self) -> bool:
        """Whether files are being read."""
        return self._reading > 0

    @property
    def busy(self) -> bool:
        """Whether any answer is still to come."""
        return self._background.busy or self._search_timer.isActive() or self._growth_timer.isActive()

    @property
    def query(self) -> str:
        """The filter asked last."""
        return self._query

    def start(self) -> None:
        """Import the engine and make the session, in the background."""

        def made(session: Session) -> None:
            self._session = session
            self.ready.emit()
            waiting, self._waiting = self._waiting, []
            for action in waiting:
                action()

        self._background.start(
            "read", lambda _job: self._make_session(), made, lambda error: self.failed.emit(self.tr("Starting"), error), keep_previous=True
        )

    def release(self) -> Session:
        """Stop every task and give the session away, open as it is; the engine is of no more use."""
        session = self.session
        self._search_timer.stop()
        self._growth_timer.stop()
        self._background.close()
        self._session = None
        return session

    def adopt(self, session: Session) -> None:
        """Use a session that is there already, instead of ``start``."""
        self._session = session
        self.ready.emit()

    def when_ready(self, action: Callable[[], None]) -> None:
        """Run ``action`` now, or as soon as the session is there."""
        if self._session is None:
            self._waiting.append(action)
        else:
            action()

    def open(self, paths: Sequence[Path], replace: bool = False) -> None:
        """Read files, folders and archives; what was open stays unless ``replace``."""
        self.when_ready(lambda: self._read(lambda job: self._open(paths, replace, job)))

    def paste(self, text: str) -> None:
        """Read pasted text as a source."""
        self.when_ready(lambda: self._read(lambda job: (self.session.paste(text, job),)))

    def cancel_reading(self) -> None:
        """Stop reading; what was read stays."""
        self._background.cancel("read")

    def remove(self, source_ids: Sequence[int], marked: Sequence[int] = ()) -> None:
        """Close sources; ``renumbered`` tells where the ``marked`` rows of the others are then."""

        def close(_job: Job) -> dict[int, int]:
            for each in source_ids:
                self.session.remove(each)
            return {}

        self._change(close, marked)

    def reload(self, source_ids: Sequence[int], marked: Sequence[int] = (), format_name: str = "", encoding: str = "") -> None:
        """Read sources again from their files, with another format or encoding where one is given; ``renumbered`` as for ``remove``."""

        def read_again(job: Job) -> dict[int, int]:
            renamed = {}
            for each in source_ids:
                again = self.session.reload(each, job, format_name, encoding)
                if again is not None:
                    renamed[each] = again.id
            return renamed

        self._change(read_again, marked)

    def _change(self, change: Callable[[Job], dict[int, int]], marked: Sequence[int]) -> None:
        moved: dict[int, int] = {}

        def work(job: Job) -> tuple[Source, ...]:
            from inspector.session import keeping

            moved.update(keeping(self.session, marked, lambda: change(job), job))
            return ()

        self.when_ready(lambda: self._read(work, lambda: self.renumbered.emit(moved)))

    def reopen(
        self, case: Case, beside: Path | None, folders: Sequence[Path], others: Sequence[EventKey], done: Callable[[Reopened], None]
    ) -> None:
        """Find and open the sources of a case; ``done`` is told how that went."""
        results: list[Reopened] = []

        def work(job: Job) -> tuple[Source, ...]:
            from inspector.session import locate, reopen

            found = locate(case.sources, beside, folders, job)
            results.append(reopen(self.session, case, found, job, self._arrived, others))
            return self.session.sources

        self.when_ready(lambda: self._read(work, lambda: done(results[0])))

    def supply(self, supplied: Sequence[Supplied]) -> None:
        """Judge tokens with this from now on, and judge everything again; ``supplied`` follows."""

        def work(_job: Job) -> tuple[tuple[Supplied, str], ...]:
            from inspector.casefile import SuppliedKind
            from inspector.session import RuleError, judged_with

            judged = judged_with(supplied)
            refused, rules = list(judged.refused), judged.rules
            while True:
                try:
                    self.session.supply(judged.trust, rules)
                    return tuple(refused)
                except RuleError as error:
                    # The error names the file by its name; with one rule file fewer at a time the bad one is found for certain.
                    bad = next((each for each in rules if not self._usable(each)), rules[-1])
                    refused += [(one, str(error)) for one in supplied if one.kind is SuppliedKind.RULES and Path(one.value) == bad]
                    rules = tuple(each for each in rules if each != bad)

        def done(refused: tuple[tuple[Supplied, str], ...]) -> None:
            self.supplied.emit(refused)
            self.diagnose()

        def begin() -> None:
            what = self.tr("Supplying keys and rules")
            self._background.start("read", work, done, lambda error: self._fail(what, error), keep_previous=True)

        self.when_ready(begin)

    def _usable(self, rules: Path) -> bool:
        """Whether a rule file can be used by itself."""
        from inspector.session import RuleError

        try:
            self.session.supply(self.session.options.trust, (rules,))
        except RuleError:
            return False
        return True

    def follow(self, source_ids: Sequence[int]) -> None:
        """Read what was appended to sources; every row keeps its number."""
        before: list[tuple[Source, ...]] = []

        def work(job: Job) -> tuple[Source, ...]:
            before.append(self.session.sources)
            for each in source_ids:
                self.session.follow(each, job, lambda count: self._background.post(lambda: self._growing(count)))
            return ()

        # A line that is still being written is no news: the verdict stands.
        self.when_ready(lambda: self._read(work, is_news=lambda: [self.session.sources] != before))

    def set_zone(self, source_id: int, zone: Zone) -> None:
        """Give a source another offset; nothing is read again."""

        def work(_job: Job) -> tuple[Source, ...]:
            self.session.set_zone(source_id, zone)
            return ()

        self.when_ready(lambda: self._read(work))

    def search(self, query: str, sort: str, descending: bool, at_once: bool = False) -> None:
        """Ask for the rows of a filter; a newer call supersedes this one."""
        self._query, self._sort, self._descending = query, sort, descending
        self._background.cancel("search")
        if at_once:
            self._search_timer.stop()
            self._search()
        else:
            self._search_timer.start()

    def inspect(self, row: int) -> None:
        """Look into one event; ``inspected`` follows unless another one is asked for first."""
        self._start("look", lambda _job: self.session.inspect(row), self.inspected.emit, self.tr("Looking into the event"))

    def count(self, rows: Rows | tuple[()], bins: int) -> None:
        """Histogram and facets of the given rows."""
        if isinstance(rows, tuple):
            return

        def work(job: Job) -> tuple[object, dict[str, tuple[object, ...]]]:
            session = self.session
            bars = session.histogram(rows, bins)
            values: dict[str, tuple[object, ...]] = {}
            for column in FACET_COLUMNS:
                job.check()
                values[column] = tuple(session.facet(column, rows, 30))
            return bars, values

        def done(result: tuple[object, dict[str, tuple[object, ...]]]) -> None:
            self.histogram.emit(result[0])
            self.facets.emit(result[1])

        self._start("count", work, done, self.tr("Counting"))

    def fetch(self, rows: Sequence[int], columns: Sequence[str], done: Callable[[Page], None]) -> None:
        """Cells of a few rows; never superseded, so that every page asked for arrives."""
        self._background.start(
            "page",
            lambda _job: without_secrets(self.session.page(rows, columns)),
            done,
            lambda error: self._fail(self.tr("Fetching rows"), error),
            keep_previous=True,
        )

    def diagnose(self) -> None:
        """Judge everything that is open."""
        if self._session is None or not len(self.session):
            return
        self.judging_changed.emit(True)

        def done(diagnosis: object) -> None:
            self.judging_changed.emit(False)
            self.diagnosed.emit(diagnosis)

        def failed(error: Exception) -> None:
            self.judging_changed.emit(False)
            self._fail(self.tr("Diagnosing"), error)

        def came(job: Job, known: object) -> None:
            if not job.cancelled:
                self.findings_came.emit(known)

        def work(job: Job) -> object:
            return self.session.diagnose(job, lambda known: self._background.post(lambda: came(job, known)))

        self._background.start("judge", work, done, failed, self.progressed.emit)

    def run(self, what: str, work: Callable[[Job], Any], done: Callable[[Any], None]) -> None:
        """One export or copy in the background."""

        def at_end(action: Callable[[], None]) -> None:
            self.progressed.emit(Progress(1, 1, ""))
            action()

        self._background.start(
            "export",
            work,
            lambda result: at_end(lambda: done(result)),
            lambda error: at_end(lambda: self._fail(what, error)),
            self.progressed.emit,
            keep_previous=True,
        )

    def close(self) -> None:
        """Stop everything and remove temporary files."""
        self._search_timer.stop()
        self._growth_timer.stop()
        self._background.close()
        if self._session is not None:
            self._session.close()
            self._session = None

    def _start(self, track: str, work: Callable[[Job], Any], done: Callable[[Any], None], what: str) -> None:
        self._background.start(track, work, done, lambda error: self._fail(what, error))

    def _open(self, paths: Sequence[Path], replace: bool, job: Job) -> tuple[Source, ...]:
        session = self.session
        if replace:
            for each in session.sources:
                session.remove(each.id)
        return session.open(paths, job, self._arrived)

    def _arrived(self, count: int) -> None:
        self._background.post(lambda: self._growing(count))

    def _read(
        self,
        work: Callable[[Job], tuple[Source, ...]],
        before_shown: Callable[[], None] | None = None,
        is_news: Callable[[], bool] = lambda: True,
    ) -> None:
        self._reading += 1
        self.reading_changed.emit(True)

        def finish() -> None:
            self._reading -= 1
            self.reading_changed.emit(self._reading > 0)
            self._growth_timer.stop()
            self._search()

        def done(sources: tuple[Source, ...]) -> None:
            if before_shown is not None:
                before_shown()
            finish()
            self.opened.emit(sources)
            if is_news():
                self.diagnose()

        def failed(error: Exception) -> None:
            finish()
            self.opened.emit(())
            self._fail(self.tr("Opening"), error)
            self.diagnose()

        self._background.start("read", work, done, failed, self.progressed.emit, keep_previous=True)

    def _growing(self, count: int) -> None:
        self.grew.emit(count)
        if not self._growth_timer.isActive():
            self._growth_timer.start()

    def _look_at_growth(self) -> None:
        self._search()

    def _search(self) -> None:
        if self._session is None:
            return
        query, sort, descending = self._query, self._sort, self._descending
        partial_wanted, clock = not self.is_reading, self.clock

        def arrived(job: Job, rows: object) -> None:
            if not job.cancelled and partial_wanted:
                self.selected.emit(rows, False)

        def work(job: Job) -> object:
            from inspector.query import parse

            session = self.session
            first = session.page([0], ["time"]).cells["time"][0] if len(session) else None
            session.filter_zone = clock.ahead(first if isinstance(first, datetime) else None)
            meaning = parse(query, session.filter_zone).english if query.strip() else ""
            self._background.post(lambda: None if job.cancelled else self.understood.emit(meaning))
            return session.select(query, job, sort, descending, lambda rows: self._background.post(lambda: arrived(job, rows)))

        def failed(error: Exception) -> None:
            start = getattr(error, "start", None)
            end = getattr(error, "end", None)
            if isinstance(start, int) and isinstance(end, int):
                self.mistake.emit(str(error), start, end)
            else:
                self._fail(self.tr("Filtering"), error)

        self._background.start("search", work, lambda rows: self.selected.emit(rows, True), failed)

    def _fail(self, what: str, error: Exception) -> None:
        # Rows that were asked for just before their log was closed; the rows of now are on their way.
        stale = isinstance(error, IndexError)
        if not is_cancelled(error) and not stale:
            self.failed.emit(what, error)


def without_secrets(page: Page) -> Page:
    """A page whose messages are masked, as they stand on screen."""
    messages = page.cells.get("message")
    if messages is None:
        return page
    return replace(page, cells={**page.cells, "message": tuple(hide(str(each)) for each in messages)})


def percent(progress: Progress) -> int:
    """Progress as 0 to 100; -1 while the size of the work is unknown."""
    return -1 if progress.total <= 0 else max(0, min(100, round(100 * progress.done / progress.total)))
