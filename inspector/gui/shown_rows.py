"""Which rows the table shows and which of them is looked at, through filters, growth and closing of logs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inspector.gui.filter_bar import count_label
from inspector.gui.overview import BINS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inspector.gui.window import MainWindow
    from inspector.session import Histogram, Rows


class ShownRows(QObject):
    """Keeps the person on the event they chose while the rows around it change."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._first = True
        """Nothing was shown before: the first event is selected and the panes fitted."""
        self._fit_pending = False
        self._stay_at_end = False
        self._wanted: int | None = None
        """Event to select as soon as the next filter's rows are there."""
        self._anchor = -1
        """The event that the person chose last, to come back to when a filter shows it again."""
        self.untouched = -1
        """The event that was selected because something had to be; -1 as soon as the person chose one."""

    def search(self, at_once: bool = False) -> None:
        """Ask for the rows of the filter in the box, in the order of the table."""
        column, descending = self._window.table.sort
        self._window.engine.search(self._window.filter_bar.text, column, descending, at_once)

    def show(self, rows: Rows, complete: bool) -> None:
        """Rows of the filter have come."""
        window = self._window
        window.filter_bar.clear_mistake()
        grown = window.engine.is_reading and not window.filter_bar.text and not window.table.sort[0]
        window.model.set_rows(rows, keep_pages=grown)
        window.rows_area.setCurrentIndex(0 if len(rows) or window.engine.is_reading else 1)
        self.show_count()
        if len(rows) and not grown:
            self._select(complete)
        elif not len(rows):
            window.detail.show_nothing()
        if complete and not window.engine.is_reading:
            self._first = False
            if self._stay_at_end:
                self._stay_at_end = False
                window.table.scrollToBottom()
            window.engine.count(rows, BINS)

    def _select(self, complete: bool) -> None:
        window = self._window
        wanted = self._wanted if self._wanted is not None else self._anchor
        place = window.model.place_of(wanted) if wanted >= 0 else -1
        if complete:
            self._wanted = None
        if place >= 0:
            window.table.go_to(place)
        elif complete:
            # The event looked at is hidden now; it is selected again as soon as a filter shows it.
            anchor = self._anchor
            window.table.go_to(0)
            self._anchor = anchor
            if self._first:
                self._anchor = self.untouched = window.table.current_row()
                self._fit_pending = True

    def show_count(self) -> None:
        """Write how many of how many rows are shown."""
        session = self._window.engine.session
        damaged = sum(not each.notice for each in session.problems)
        self._window.filter_bar.count.setText(count_label(len(self._window.model.rows), len(session), damaged))

    def show_selection(self) -> None:
        """Write how many rows are selected, and the time between the first and the last."""
        window = self._window
        count = window.table.selected_count()
        parts = []
        if count > 1:
            parts.append(self.tr("%s selected") % f"{count:,}")
            places = window.table.selected_places()
            first, last = window.model.cell(places[0].start, "time"), window.model.cell(places[-1].stop - 1, "time")
            if isinstance(first, datetime) and isinstance(last, datetime) and first != last:
                from inspector.clock import in_words

                parts.append(self.tr("%s between first and last") % in_words(abs(last - first)))
        window.foot.status.setText(" · ".join(parts))

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show the events over time; the panes are fitted when these are the first ones."""
        window = self._window
        spread = histogram is not None and is_spread(histogram)
        if self._fit_pending:
            self._fit_pending = False
            window.arrangement.fit_table(with_overview=spread)
        wanted = window.menus.overview_action.isChecked() and (spread or bool(window.filter_bar.text))
        window.overview.show_histogram(histogram if wanted else None)

    def chosen(self, row: int) -> None:
        """Another event became the current one."""
        if row != self.untouched:
            self.untouched = -1
        if row >= 0:
            self._anchor = row
            self._window.detail.show_coming()
            self._window.engine.inspect(row)
        self.show_selection()

    def follow(self, row: int) -> None:
        """Select an event as soon as the rows of the next filter are there."""
        self._wanted = row

    def go_to(self, row: int) -> None:
        """Select an event; a filter that hides it is cleared, as a step that can be undone."""
        place = self._window.model.place_of(row)
        if place >= 0:
            self._window.table.go_to(place)
        else:
            self._wanted = row
            self._window.filter_bar.set_text("")

    def fit_soon(self) -> None:
        """Fit the panes when the next histogram is there."""
        self._fit_pending = True

    def expect(self) -> None:
        """Something is about to be read; the first rows are selected and laid out when nothing was open."""
        self._first = not len(self._window.model.rows)

    def expect_growth(self, at_end: bool) -> None:
        """The last source is read again because it grew: stay on the event, and at the end where the person was there."""
        self._stay_at_end = at_end
        self._wanted = self._anchor if self._anchor >= 0 else None

    def forget(self) -> None:
        """Row numbers are about to mean other events."""
        self._anchor = -1
        self._wanted = None
        self._window.table.clearSelection()
        self._window.detail.show_nothing()
        self._first = True

    def renumber(self, moved: Mapping[int, int], row: int) -> None:
        """Events have other row numbers now; the one that was looked at is selected again when it is still there."""
        if (now := moved.get(row)) is not None:
            self._wanted = now


def is_spread(histogram: Histogram) -> bool:
    """Whether the events fall on more than one moment."""
    return int((histogram.counts.sum(axis=1) > 0).sum()) > 1
