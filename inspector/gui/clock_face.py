"""How times are written in the window: in UTC, in this machine's zone, or as the log wrote them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

ZoneChoice = Literal["utc", "machine", "logged"]


def zone_choice(text: str) -> ZoneChoice:
    """The choice as it was kept; UTC for anything else."""
    return "machine" if text == "machine" else "logged" if text == "logged" else "utc"


@dataclass(frozen=True, slots=True)
class ClockFace:
    """Turns aware UTC times into text. ``offsets``: source name to the offset its log was written with."""

    choice: ZoneChoice = "utc"
    offsets: dict[str, timedelta] = field(default_factory=dict)

    def shown(self, time: datetime, source: str) -> datetime:
        """The wall-clock time to write."""
        if self.choice == "machine":
            return time.astimezone()
        if self.choice == "logged":
            return time.astimezone(UTC) + self.offsets.get(source, timedelta(0))
        return time.astimezone(UTC)

    def write(self, time: datetime | None, source: str = "") -> str:
        """``2026-11-20 21:14:03.021``; empty for no time."""
        if time is None:
            return ""
        shown = self.shown(time, source)
        return f"{shown:%Y-%m-%d %H:%M:%S}.{shown.microsecond // 1000:03d}"

    def ahead(self, first: datetime | None) -> timedelta:
        """How far ahead of UTC the times are that stand in a filter: as the ones shown.

        This machine's offset is the one it had at the ``first`` event; of logs with different offsets the first one's counts.
        """
        if self.choice == "machine":
            return (first or datetime.now(UTC)).astimezone().utcoffset() or timedelta(0)
        return next(iter(self.offsets.values()), timedelta(0)) if self.choice == "logged" else timedelta(0)

    @property
    def heading(self) -> str:
        """What stands behind the word *Time* in the table's heading."""
        if self.choice == "utc":
            return "UTC"
        return datetime.now().astimezone().strftime("%Z") if self.choice == "machine" else "as logged"
