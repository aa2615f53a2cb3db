"""What a person marks on events while working: bookmarks, notes and highlight colours, by row number."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from inspector.gui.theme import Theme

if TYPE_CHECKING:
    from inspector.session import Marked, Rows

Highlight = Literal["error", "warning", "info", "success"]
HIGHLIGHTS: Final[tuple[Highlight, ...]] = ("error", "warning", "info", "success")


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows that a filter matches get a colour."""

    query: str
    colour: Highlight
    rows: Rows
    """In ascending order."""

    def matches(self, row: int) -> bool:
        """Whether the filter matched an event."""
        place = int(self.rows.searchsorted(row))
        return place < len(self.rows) and int(self.rows[place]) == row


class Marks(QObject):
    """Bookmarks, notes and highlights of the open logs."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bookmarks: set[int] = set()
        self.notes: dict[int, str] = {}
        self.highlights: dict[int, Highlight] = {}
        self.rules: tuple[Rule, ...] = ()

    def toggle_bookmark(self, row: int) -> None:
        """Set or take away the bookmark of an event."""
        self.bookmarks.symmetric_difference_update({row})
        self.changed.emit()

    def write_note(self, row: int, text: str) -> None:
        """Keep a note with an event; an empty one removes it."""
        if text.strip():
            self.notes[row] = text.strip()
        else:
            self.notes.pop(row, None)
        self.changed.emit()

    def highlight(self, row: int, colour: Highlight | None) -> None:
        """Colour an event's row; None takes the colour away."""
        if colour is None:
            self.highlights.pop(row, None)
        else:
            self.highlights[row] = colour
        self.changed.emit()

    def use_rules(self, rules: Sequence[Rule]) -> None:
        """Colour the rows of these rules; the first that matches wins, a row's own colour beats them all."""
        self.rules = tuple(rules)
        self.changed.emit()

    @property
    def rows(self) -> list[int]:
        """Every row with a mark of its own, in order."""
        return sorted({*self.bookmarks, *self.notes, *self.highlights})

    def frozen(self) -> Marked:
        """The marks as they are now."""
        from inspector.session import Marked

        return Marked(frozenset(self.bookmarks), dict(self.notes), dict(self.highlights))

    def add(self, bookmarks: Iterable[int], notes: Mapping[int, str], highlights: Mapping[int, Highlight]) -> None:
        """Marks that were kept, beside those that are there."""
        self.bookmarks.update(bookmarks)
        self.notes.update(notes)
        self.highlights.update(highlights)
        self.changed.emit()

    def renumber(self, moved: Mapping[int, int]) -> int:
        """Events have other row numbers now (old to new); marks of those that are gone go too. How many events lost their marks."""
        lost = len(set(self.rows) - set(moved))
        self.bookmarks = {moved[row] for row in self.bookmarks if row in moved}
        self.notes = {moved[row]: text for row, text in self.notes.items() if row in moved}
        self.highlights = {moved[row]: colour for row, colour in self.highlights.items() if row in moved}
        self.changed.emit()
        return lost

    def clear(self) -> None:
        """Forget everything; row numbers mean something else now."""
        self.bookmarks.clear()
        self.notes.clear()
        self.highlights.clear()
        self.rules = ()
        self.changed.emit()

    def fill(self, row: int, theme: Theme) -> QColor | None:
        """Background of a highlighted row."""
        name = self.highlights.get(row) or next((each.colour for each in self.rules if each.matches(row)), None)
        return None if name is None else QColor(getattr(theme, f"{name}_fill"))

    def badge(self, row: int) -> str:
        """Icon that marks a row: a note, a bookmark, or none."""
        if row in self.notes:
            return "sticky-note"
        return "bookmark" if row in self.bookmarks else ""

    def next_bookmark(self, row: int, backwards: bool) -> int | None:
        """The bookmarked or noted row after (before) a row, going round at the end."""
        rows = sorted(self.bookmarks | set(self.notes))
        if not rows:
            return None
        if backwards:
            return rows[bisect_left(rows, row) - 1]
        place = bisect_right(rows, row)
        return rows[place % len(rows)]
