"""Going through the rows shown: next error, a time, the next bookmark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inspector.events import Level
from inspector.gui.sources_panel import zone_text

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow
    from inspector.job import Job


class Navigation(QObject):
    """Moves the cursor of the table; what has to be looked for is looked for in the background."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def go_to_error(self, backwards: bool) -> None:
        """Select the next (previous) row of level error or worse."""
        rows, start = self._window.model.rows, self._window.table.currentIndex().row()
        if not len(rows):
            return
        bad = {Level.CRITICAL, Level.ERROR, Level.AUDIT_FAILURE}
        session = self._window.engine.session

        def work(job: Job) -> int:
            step = 4096
            places = range(start - 1, -1, -1) if backwards else range(start + 1, len(rows))
            for begin in range(0, len(places), step):
                job.check()
                part = places[begin : begin + step]
                levels = session.page([int(rows[place]) for place in part], ["level"]).cells["level"]
                for place, level in zip(part, levels, strict=True):
                    if level in bad:
                        return place
            return -1

        self._window.engine.run(
            self.tr("Looking for errors"),
            work,
            lambda place: self._window.table.go_to(place) if place >= 0 else self._window.say(self.tr("No further error.")),
        )

    def go_to_time(self) -> None:
        """Ask for a moment and select the first event at or after it."""
        question = self.tr("Time (%s), such as 10:21 or 2026-01-26 10:21:49") % zone_text(self._window.engine.session.filter_zone)
        self._window.ask_bar.ask_text(
            question, self.tr("Go to time"), lambda text: self.go_to_moment(text.strip()) if text.strip() else None
        )

    def go_to_moment(self, text: str) -> None:
        """Select the first row shown at or after a time given as text, in the zone shown; a time of day alone means the day of the current row."""
        day = self._window.model.cell(max(0, self._window.table.currentIndex().row()), "time")
        moment = parse_moment(text, day if isinstance(day, datetime) else None, self._window.engine.session.filter_zone)
        if moment is None:
            self._window.say(self.tr("“%s” is no time that can be understood.") % text)
            return
        rows, session = self._window.model.rows, self._window.engine.session

        def work(job: Job) -> int:
            best, best_gap = -1, timedelta.max
            for begin in range(0, len(rows), 4096):
                job.check()
                part = [int(each) for each in rows[begin : begin + 4096]]
                for number, time in enumerate(session.page(part, ["time"]).cells["time"]):
                    if isinstance(time, datetime) and timedelta(0) <= time - moment < best_gap:
                        best, best_gap = begin + number, time - moment
            return best

        self._window.engine.run(
            self.tr("Going to a time"),
            work,
            lambda place: self._window.table.go_to(place) if place >= 0 else self._window.say(self.tr("No event at or after that time.")),
        )

    def go_to_bookmark(self, backwards: bool) -> None:
        """Select the next (previous) bookmarked event."""
        row = self._window.marks.next_bookmark(self._window.table.current_row(), backwards)
        if row is not None:
            self._window.go_to_row(row)


def parse_moment(text: str, day: datetime | None, ahead: timedelta = timedelta(0)) -> datetime | None:
    """A moment written by a person, so far ``ahead`` of UTC unless a Z says UTC; a time of day alone takes its date from ``day``. The result is in UTC."""
    text = text.strip().replace("T", " ")
    zone = UTC if text.endswith(("Z", "z")) else timezone(ahead)
    text = text.rstrip("Zz")
    for pattern in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    for pattern in ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M"):
        try:
            clock = datetime.strptime(text, pattern).replace(tzinfo=zone)
        except ValueError:
            continue
        return None if day is None else datetime.combine(day.astimezone(zone).date(), clock.timetz()).astimezone(UTC)
    return None
