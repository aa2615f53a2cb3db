"""The context menu of a cell, and highlighting by hand and by rule."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from inspector.events import Level
from inspector.gui import filter_text
from inspector.gui.marks import HIGHLIGHTS, Highlight, Rule
from inspector.gui.parts import bound

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow
    from inspector.job import Job


Related = Literal["conversation", "correlation", "tokens"]
FIVE_MINUTES: Final = timedelta(minutes=5)


class RowMenu(QObject):
    """Include, exclude, narrow the time, copy, bookmark, note, highlight."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def open_at(self, place: QPoint) -> None:
        index = self._window.table.indexAt(place)
        if index.isValid():
            menu = self.menu(index.row(), self._window.model.columns[index.column()])
            menu.exec(self._window.table.viewport().mapToGlobal(place))

    def menu(self, place: int, column: str) -> QMenu:
        """The context menu of one cell."""
        menu = QMenu(self._window)
        add = self._window.filter_bar.add_term
        value = self._window.model.cell(place, column)
        text = str(value.name if isinstance(value, Level) else "" if value is None else value)
        if text and column not in {"time", "message"}:
            shown = text if len(text) <= 40 else text[:39] + "…"
            menu.addAction(
                self.tr("Show only %s") % shown.replace("&", "&&"),
                lambda: add(filter_text.column_term(column, text.replace("_", " ") if column == "level" else text)),
            )
            menu.addAction(
                self.tr("Hide %s") % shown.replace("&", "&&"),
                lambda: add(filter_text.column_term(column, text.replace("_", " ") if column == "level" else text, exclude=True)),
            )
        time = self._window.model.cell(place, "time")
        if isinstance(time, datetime):
            menu.addSeparator()
            menu.addAction(
                self.tr("Only before this"),
                lambda: self._window.filter_bar.set_text(
                    filter_text.with_term(
                        filter_text.without_field(self._window.filter_bar.text, "time"), f"time:<={filter_text.stamp(time)}"
                    )
                ),
            )
            menu.addAction(
                self.tr("Only after this"),
                lambda: self._window.filter_bar.set_text(
                    filter_text.with_term(
                        filter_text.without_field(self._window.filter_bar.text, "time"), f"time:>={filter_text.stamp(time)}"
                    )
                ),
            )
            menu.addAction(self.tr("5 minutes around this"), lambda: self._around(place, time))
        activity = self._window.model.cell(place, "activity")
        if activity:
            menu.addAction(self.tr("Same activity"), lambda: add(filter_text.column_term("activity", str(activity))))
        row = self._window.model.row_number(place)
        related = menu.addMenu(self.tr("Events related to this"))
        related.addAction(self.tr("Same conversation"), lambda: self.show_related(row, "conversation"))
        related.addAction(self.tr("Same correlation ID"), lambda: self.show_related(row, "correlation"))
        related.addAction(self.tr("Same token"), lambda: self.show_related(row, "tokens"))
        menu.addSeparator()
        selected = self._window.table.selected_count()
        copy = menu.addMenu(self.tr("Copy") if selected <= 1 else self.tr("Copy (%s rows selected)") % f"{selected:,}")
        cell = self._window.model.text(place, column)
        copy.addAction(self.tr("Cell"), lambda: QGuiApplication.clipboard().setText(cell))
        for title, form in (
            (self.tr("Rows"), "table"),
            (self.tr("Rows as Event Viewer text"), "text"),
            (self.tr("Rows as XML"), "xml"),
            (self.tr("Rows as JSON"), "json"),
            (self.tr("Rows as Markdown"), "markdown"),
        ):
            copy.addAction(title, bound(self._window.exporting.copy_as, form))
        menu.addAction(
            self.tr("Remove bookmark") if row in self._window.marks.bookmarks else self.tr("Bookmark"),
            lambda: self._window.marks.toggle_bookmark(row),
        )
        menu.addAction(self.tr("Note…"), self._window.edit_note)
        colours = menu.addMenu(self.tr("Highlight"))
        for each, title in self.highlight_names().items():
            colours.addAction(title, bound(self._window.marks.highlight, row, each))
        colours.addAction(self.tr("None"), lambda: self._window.marks.highlight(row, None))
        return menu

    def show_related(self, row: int, how: Related) -> None:
        """Show only events of the same conversation, correlation or token; what ties them is looked up first."""
        session = self._window.engine.session

        def work(_job: Job) -> tuple[str, ...]:
            from inspector.session import kinship

            found: tuple[str, ...] = getattr(kinship(session.inspect(row)), how)
            return found

        def done(texts: tuple[str, ...]) -> None:
            if texts:
                self._window.shown.follow(row)
                self._window.filter_bar.set_text(filter_text.any_of(texts))
            else:
                self._window.say(
                    {
                        "conversation": self.tr("This event holds no message ID."),
                        "correlation": self.tr("This event prints no correlation ID."),
                        "tokens": self.tr("This event holds no token."),
                    }[how]
                )

        self._window.engine.run(self.tr("Looking for related events"), work, done)

    def highlight_names(self) -> dict[Highlight, str]:
        return {"error": self.tr("Red"), "warning": self.tr("Yellow"), "info": self.tr("Blue"), "success": self.tr("Green")}

    def add_highlight_rule(self, query: str, colour: Highlight) -> None:
        """Colour whatever a filter matches, from now on and in every log."""
        self._window.case.highlight_rules[query.strip()] = colour
        self._window.case.touch_if_open()
        self.apply_rules()

    def forget_highlight_rules(self) -> None:
        """Colour nothing by rule any more."""
        self._window.case.highlight_rules.clear()
        self._window.case.touch_if_open()
        self.apply_rules()

    def apply_rules(self) -> None:
        from inspector.query import QueryError

        session, wanted = self._window.engine.session, dict(self._window.case.highlight_rules)

        def work(job: Job) -> list[Rule]:
            rules = []
            for query, name in wanted.items():
                colour = next((each for each in HIGHLIGHTS if each == name), None)
                try:
                    rows = session.select(query, job)
                except QueryError:
                    continue  # a rule out of an older settings file
                if colour is not None:
                    rules.append(Rule(query, colour, rows))
            return rules

        self._window.engine.run(self.tr("Highlighting"), work, self._window.marks.use_rules)

    def _around(self, place: int, time: datetime) -> None:
        self._window.shown.follow(self._window.model.row_number(place))
        self._window.filter_bar.set_text(filter_text.around(self._window.filter_bar.text, time, FIVE_MINUTES))
