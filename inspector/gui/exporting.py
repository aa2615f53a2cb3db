"""What the person takes out of the window: copies of rows, rows as CSV, the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow


COPY_LIMIT: Final = 100_000
"""Rows that one copy puts on the clipboard; more belongs into an export."""


class Exporting(QObject):
    """Asks where to, and writes in the background; says how many rows were written."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def copy_rows(self) -> None:
        """Copy the selected rows as a table with tabs."""
        self.copy_as("table")

    def copy_as(self, form: str) -> None:
        """Copy the selected rows, redacted, in a form of ``inspector.gui.copying``."""
        from inspector.gui.copying import copied

        places = [place for each in self._window.table.selected_places() for place in each[:COPY_LIMIT]][:COPY_LIMIT]
        if not places:
            return
        rows = [self._window.model.row_number(place) for place in places]
        columns = self._window.arrangement.visible_columns()
        session, clock = self._window.engine.session, self._window.clock
        everything = self._window.table.selected_count()

        def done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            more = "" if everything == len(rows) else self.tr(", the first of %s") % f"{everything:,}"
            self._window.say(self.tr("%s rows copied") % f"{len(rows):,}" + more)

        self._window.engine.run(self.tr("Copying"), lambda job: copied(session, rows, columns, form, clock, job), done)

    def save_rows(self) -> None:
        """Ask for a file and write the rows shown to it as CSV."""
        path, _filter = QFileDialog.getSaveFileName(
            self._window, self.tr("Save shown rows"), str(Path(self._window.settings.last_folder) / "events.csv"), "CSV (*.csv)"
        )
        if path:
            self.write_rows(Path(path))

    def write_rows(self, path: Path) -> None:
        """Write the rows shown as CSV, redacted."""
        from inspector.gui.copying import write_csv

        rows, columns, session, clock = (
            self._window.model.rows,
            self._window.arrangement.visible_columns(),
            self._window.engine.session,
            self._window.clock,
        )
        self._window.engine.run(
            self.tr("Saving rows"),
            lambda job: write_csv(session, rows, columns, clock, path, job),
            lambda count: self._window.say(self.tr("{count} rows saved to {path}").format(count=f"{count:,}", path=path)),
        )

    def export_report(self) -> None:
        """Ask for a file and write the HTML report to it."""
        path, _filter = QFileDialog.getSaveFileName(
            self._window, self.tr("Export report"), str(Path(self._window.settings.last_folder) / "report.html"), "HTML (*.html)"
        )
        if path:
            self.write_report(Path(path))

    def write_report(self, path: Path) -> None:
        """Write the HTML report, secrets redacted."""
        from inspector.gui.copying import write_report

        session, query, notes = self._window.engine.session, self._window.filter_bar.text, dict(self._window.marks.notes)
        if self._window.filter_bar.has_mistake:
            query = ""
        self._window.engine.run(
            self.tr("Writing the report"),
            lambda job: write_report(session, path, query, notes, job),
            lambda count: self._window.say(self.tr("Report with {count} findings written to {path}").format(count=count, path=path)),
        )
