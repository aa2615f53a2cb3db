"""What the person takes out of the window: copies of rows, rows as CSV, the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

if TYPE_CHECKING:
    from inspector.gui.copying import Redaction
    from inspector.gui.export_sheet import ExportSheet
    from inspector.gui.window import MainWindow
    from inspector.job import Job
    from inspector.report.base import Report
    from inspector.report.preview import Preview


COPY_LIMIT: Final = 100_000
"""Rows that one copy puts on the clipboard; more belongs into an export."""


class Exporting(QObject):
    """Asks where to, and writes in the background; says how many rows were written."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.sheet: ExportSheet | None = None
        self._report: Report | None = None
        """The report that the sheet shows."""

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
            self._window.say((self.tr("One row copied") if len(rows) == 1 else self.tr("%s rows copied") % f"{len(rows):,}") + more)

        self._window.engine.run(self.tr("Copying"), lambda job: copied(session, rows, columns, form, clock, job), done)

    def save_rows(self) -> None:
        """Ask for a file and write the rows shown to it as CSV."""
        count = len(self._window.model.rows)
        title = self.tr("Save the one row shown") if count == 1 else self.tr("Save the %s rows shown") % f"{count:,}"
        path, _filter = QFileDialog.getSaveFileName(
            self._window, title, str(Path(self._window.settings.last_folder) / "events.csv"), "CSV (*.csv)"
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
            lambda count: self._window.say(
                (self.tr("One row saved to {path}") if count == 1 else self.tr("{count} rows saved to {path}")).format(
                    count=f"{count:,}", path=path
                )
            ),
        )

    def export_report(self) -> None:
        """Show what a report would hold and what would be replaced in it; it is written from there."""
        from inspector.gui.copying import gathered
        from inspector.gui.export_sheet import ExportSheet

        if self.sheet is not None:
            self.sheet.close()
        sheet = self.sheet = ExportSheet(self._window)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.destroyed.connect(self._forget_sheet)
        sheet.preview_asked.connect(self._preview)
        sheet.save_asked.connect(self._ask_where)
        sheet.show()
        self._report = None
        session, query, notes = self._window.engine.session, self._filter(), dict(self._window.marks.notes)

        def done(report: Report) -> None:
            if self.sheet is sheet:
                self._report = report
                sheet.show_report(report)
                self._preview(sheet.redaction)

        self._window.engine.run(self.tr("Writing the report"), lambda job: gathered(session, query, notes, job), done)

    def write_report(self, path: Path, redaction: Redaction = "secrets") -> None:
        """Write the HTML report; the one that was looked at, where one was."""
        from inspector.gui.copying import gathered, write_report

        session, query, notes, report = self._window.engine.session, self._filter(), dict(self._window.marks.notes), self._report

        def work(job: Job) -> int:
            return write_report(gathered(session, query, notes, job) if report is None else report, redaction, path)

        self._window.engine.run(
            self.tr("Writing the report"),
            work,
            lambda count: self._window.say(
                (
                    self.tr("Report with one finding written to {path}")
                    if count == 1
                    else self.tr("Report with {count} findings written to {path}")
                ).format(count=count, path=path)
            ),
        )

    def _preview(self, redaction: Redaction) -> None:
        from inspector.gui.copying import previewed

        report, sheet = self._report, self.sheet
        if report is None or sheet is None:
            return

        def done(shown: Preview) -> None:
            if self.sheet is sheet and sheet.redaction == redaction:
                sheet.show_preview(shown)

        self._window.engine.run(self.tr("Looking for secrets"), lambda _job: previewed(report, redaction), done)

    def _ask_where(self, redaction: Redaction) -> None:
        path, _filter = QFileDialog.getSaveFileName(
            self._window, self.tr("Export report"), str(Path(self._window.settings.last_folder) / "report.html"), "HTML (*.html)"
        )
        if path:
            self.write_report(Path(path), redaction)
            if self.sheet is not None:
                self.sheet.close()

    def _filter(self) -> str:
        return "" if self._window.filter_bar.has_mistake else self._window.filter_bar.text

    def _forget_sheet(self) -> None:
        self.sheet, self._report = None, None
