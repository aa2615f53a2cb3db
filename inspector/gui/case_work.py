"""The case that is worked on: its file, what of it is not saved yet, and what belongs to it besides the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog

from inspector.gui.clock_face import zone_choice
from inspector.gui.marks import HIGHLIGHTS

if TYPE_CHECKING:
    from inspector.casefile import Case, CaseSource, EventKey, Supplied
    from inspector.gui.window import MainWindow
    from inspector.job import Job
    from inspector.session import Marked, Reopened

SUFFIX: Final = ".inspection"
NAMED: Final = 3
"""Missing logs that a question names; the others are counted."""


def is_case(path: Path) -> bool:
    """Whether a path names a case file."""
    return path.suffix.lower() == SUFFIX


class CaseWork(QObject):
    """Opens and saves cases; keeps sources of a case that are not there, with what was marked in them, until they are found."""

    changed = Signal()
    """Name, missing sources or the unsaved mark."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.path: Path | None = None
        self.unsaved = False
        self.supplied: tuple[Supplied, ...] = ()
        """What tokens are judged with."""
        self.saved_filters: dict[str, str] = window.settings.saved_filters
        """Name to filter: of the case, or the person's own while none is open."""
        self.highlight_rules: dict[str, str] = window.settings.highlight_rules
        self._marks: Marked | None = None
        """The marks as they were last seen."""
        self._rest: Case | None = None
        """The part of the case whose sources were not found."""

    @property
    def missing(self) -> tuple[CaseSource, ...]:
        """Sources of the case that were not found."""
        return () if self._rest is None else self._rest.sources

    def touch(self) -> None:
        """Something that a case keeps has changed."""
        if not self.unsaved:
            self.unsaved = True
            self.changed.emit()

    def touch_if_open(self) -> None:
        """Something has changed that is worth keeping only where a case is kept."""
        if self.path is not None:
            self.touch()

    def look_at_marks(self) -> None:
        """Marks may have changed."""
        if not self._window.engine.is_ready:
            return
        marks = self._window.marks.frozen()
        if (self._marks is not None and marks != self._marks) or (self._marks is None and marks.rows):
            self.touch()
        self._marks = marks

    # ---- new, open

    def new(self) -> None:
        """Close everything and begin anew."""
        self.when_settled(self._begin)

    def ask_to_open(self) -> None:
        """Ask for a case file and open it."""
        path, _filter = QFileDialog.getOpenFileName(
            self._window, self.tr("Open case"), self._window.settings.last_folder, self.tr("Cases (*.inspection)")
        )
        if path:
            self.open(Path(path))

    def open(self, path: Path, more: Sequence[Path] = ()) -> None:
        """Open a case file instead of what is open, and further logs beside it."""

        def load(_job: Job) -> Case:
            from inspector.casefile import load

            return load(path)

        def loaded(case: Case) -> None:
            self._begin()
            self._take(case, path)
            self._window.opening.open_logs(more)

        self.when_settled(
            lambda: self._window.engine.when_ready(lambda: self._window.engine.run(self.tr("Opening the case"), load, loaded))
        )

    def when_settled(self, action: Callable[[], object]) -> None:
        """Do something that loses what is not saved, after asking about it."""
        if not self.unsaved:
            action()
            return
        name = self.path.name if self.path is not None else ""
        text = self.tr("%s has changes that are not saved.") % name if name else self.tr("Bookmarks, notes or colours are not saved.")
        self._window.ask_bar.ask(
            text,
            (
                (self.tr("Save"), lambda: self.save(action)),
                (self.tr("Go on without saving"), lambda: self._let_go(action)),
                (self.tr("Stay"), lambda: None),
            ),
        )

    def _let_go(self, action: Callable[[], object]) -> None:
        self.unsaved = False
        action()

    def _begin(self) -> None:
        window = self._window
        self.path, self.unsaved, self._rest = None, False, None
        self.saved_filters, self.highlight_rules = window.settings.saved_filters, window.settings.highlight_rules
        window.ask_bar.take_back()
        window.opening.close_all()
        window.marks.clear()
        window.filter_bar.begin("")
        if self.supplied:
            self.use_supplied(())
        self.unsaved = False
        self.changed.emit()

    def _take(self, case: Case, path: Path) -> None:
        window = self._window
        self.path = path
        self.saved_filters, rules = dict(case.saved_filters), {one.filter: one.colour for one in case.highlight_rules}
        self.highlight_rules = rules
        window.settings.add_recent(str(path.absolute()))
        window.settings.last_folder = str(path.absolute().parent)
        window.filter_bar.begin(case.filter)
        self._restore_view(case.window)
        if case.supplied:
            self.use_supplied([one for one in case.supplied if not one.lies_elsewhere])
        elsewhere = [one.value for one in case.supplied if one.lies_elsewhere]
        if elsewhere:
            window.say(self.tr("On another machine, so not read for this case; add them again to use them: %s") % ", ".join(elsewhere))
        self._reopen(case, ())
        self.unsaved = False
        self.changed.emit()

    def _restore_view(self, kept: Mapping[str, str]) -> None:
        window = self._window
        window.set_zone_choice(zone_choice(kept.get("zone", window.settings.zone)))
        window.arrangement.place_detail(right=kept.get("detail", "right" if window.settings.detail_right else "bottom") == "right")
        sort = kept.get("sort", "")
        if sort in window.model.columns:
            window.table.set_sort(sort, kept.get("descending") == "yes")
        if kept.get("side", "") in {"0", "1", "2"}:
            window.side_bar.setCurrentIndex(int(kept["side"]))

    def _reopen(self, case: Case, folders: Sequence[Path]) -> None:
        """Open the sources of a case, or of its part that was missing."""
        window = self._window
        event = event_of(case.window.get("event", ""))
        beside = self.path.absolute().parent if self.path is not None else None

        def reopened(result: Reopened) -> None:
            from inspector.casefile import part_of

            self._rest = part_of(case, result.missing) if result.missing else None
            window.marks.add(
                result.marked.bookmarks,
                result.marked.notes,
                {row: each for row, colour in result.marked.highlighted.items() for each in HIGHLIGHTS if each == colour},
            )
            if event is not None and event in result.rows:
                window.shown.follow(result.rows[event])
            self.unsaved = bool(result.moved) or bool(folders)
            self._say_changed([case.sources[number] for number in result.changed])
            self.changed.emit()
            if result.missing:
                self._ask_for_missing()

        window.opening.prepare_reading()
        window.engine.reopen(case, beside, folders, () if event is None else (event,), reopened)

    def _say_changed(self, sources: Sequence[CaseSource]) -> None:
        if sources:
            names = ", ".join(Path(one.name).name for one in sources[:NAMED])
            self._window.say(self.tr("Changed since the case was saved; marks may stand at other events: %s") % names)

    # ---- sources that are not there

    def _ask_for_missing(self) -> None:
        names = [Path(one.name).name for one in self.missing]
        said = ", ".join(names[:NAMED]) + (self.tr(" and %d more") % (len(names) - NAMED) if len(names) > NAMED else "")
        self._window.ask_bar.ask(
            self.tr("Not where they were, nor beside the case: %s. What was marked in them is kept until they are found.") % said,
            ((self.tr("Look in a folder…"), self.ask_where_missing), (self.tr("Later"), lambda: None)),
        )

    def ask_where_missing(self) -> None:
        """Ask for a folder and look for the missing sources in it and below."""
        path = QFileDialog.getExistingDirectory(self._window, self.tr("Where the missing logs are"), self._window.settings.last_folder)
        if path:
            self.look_in(Path(path))

    def look_in(self, folder: Path) -> None:
        """Look for the missing sources, by their hash, in a folder and below."""
        if self._rest is not None:
            self._reopen(self._rest, (folder,))

    def leave_out(self, number: int) -> None:
        """Take a missing source out of the case, with what was marked in it."""
        if self._rest is not None and 0 <= number < len(self._rest.sources):
            from inspector.casefile import part_of

            left = [each for each in range(len(self._rest.sources)) if each != number]
            self._rest = part_of(self._rest, left) if left else None
            self.touch()
            self.changed.emit()

    # ---- save

    def save(self, then: Callable[[], object] | None = None) -> None:
        """Save the case where it is kept; ask where the first time. ``then`` is done when it is saved."""
        if self.path is None:
            self.save_as(then)
        else:
            self.write(self.path, then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        """Ask for a file and save the case to it."""
        window = self._window
        if not window.engine.is_ready or not (len(window.engine.session) or self.missing):
            window.say(self.tr("There is nothing open to save."))
            return
        first = window.engine.session.sources[0].path.stem if window.engine.session.sources else "case"
        start = self.path or Path(window.settings.last_folder) / f"{first}{SUFFIX}"
        path, _filter = QFileDialog.getSaveFileName(window, self.tr("Save case"), str(start), self.tr("Cases (*.inspection)"))
        if path:
            self.write(Path(path) if is_case(Path(path)) else Path(path + SUFFIX), then)

    def write(self, path: Path, then: Callable[[], object] | None = None) -> None:
        """Save the case to a file, whole or not at all."""
        window = self._window
        session, marks, rest, row = window.engine.session, window.marks, self._rest, window.table.current_row()
        about = self._about()
        marked = marks.frozen()

        def work(job: Job) -> int:
            from inspector.casefile import save, with_sources_of
            from inspector.session import case_of

            case = case_of(session, marked, job, about)
            if row >= 0:
                case = replace(case, window={**case.window, "event": written(session.keys_of([row])[0])})
            save(case if rest is None else with_sources_of(case, rest), path)
            return len(case.sources)

        def done(count: int) -> None:
            # What was marked while it was written is not in the file.
            self.unsaved = marks.frozen() != marked
            self.path = path
            if self.saved_filters is window.settings.saved_filters:
                self.saved_filters, self.highlight_rules = dict(self.saved_filters), dict(self.highlight_rules)
            window.settings.add_recent(str(path.absolute()))
            window.settings.last_folder = str(path.absolute().parent)
            window.say(self.tr("Case saved to {path}; sources in it: {count}").format(count=count, path=path))
            self.changed.emit()
            if then is not None:
                then()

        window.engine.run(self.tr("Saving the case"), work, done)

    def _about(self) -> Case:
        """What a case keeps besides sources and marks."""
        from inspector.casefile import Case, HighlightRule

        window = self._window
        column, descending = window.table.sort
        right = window.split.orientation() == Qt.Orientation.Horizontal
        return Case(
            filter=window.filter_bar.text,
            saved_filters=dict(self.saved_filters),
            highlight_rules=tuple(HighlightRule(query, colour) for query, colour in self.highlight_rules.items()),
            supplied=self.supplied,
            window={
                "zone": window.clock.choice,
                "detail": "right" if right else "bottom",
                "sort": column,
                "descending": "yes" if descending else "no",
                "side": str(window.side_bar.currentIndex()),
            },
        )

    # ---- what tokens are judged with

    def supply(self, supplied: Sequence[Supplied]) -> None:
        """Judge with this from now on."""
        self.use_supplied(supplied)
        self.touch_if_open()

    def use_supplied(self, supplied: Sequence[Supplied]) -> None:
        self.supplied = tuple(supplied)
        self._window.engine.supply(self.supplied)

    def adopt(self, other: CaseWork) -> None:
        """Go on with the case of another window."""
        self.path, self.unsaved, self.supplied, self._rest = other.path, other.unsaved, other.supplied, other._rest
        self.saved_filters, self.highlight_rules = other.saved_filters, other.highlight_rules
        other.unsaved = False
        self.changed.emit()


def written(key: EventKey) -> str:
    """An event's place as text."""
    return f"{key.source},{key.offset},{key.position}"


def event_of(text: str) -> EventKey | None:
    """The event of a text that ``written`` made; None for anything else."""
    from inspector.casefile import EventKey

    parts = text.split(",")
    if len(parts) != 3 or not all(each.isdigit() and len(each) < 19 for each in parts):
        return None
    return EventKey(*(int(each) for each in parts))
