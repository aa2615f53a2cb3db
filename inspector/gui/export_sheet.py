"""The sheet before a report is written: what it holds, what will be replaced in it, and what stays in clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QRadioButton, QVBoxLayout, QWidget

from inspector.gui.parts import label

if TYPE_CHECKING:
    from inspector.gui.copying import Redaction
    from inspector.report.base import Report
    from inspector.report.preview import Preview


class ExportSheet(QDialog):
    """Chooses how much is replaced; the person sees the outcome before anything is written."""

    preview_asked = Signal(str)
    """How much is to be replaced (a Redaction)."""
    save_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export report"))
        self.setModal(False)
        self.resize(620, 520)
        self.holds = label(self.tr("Gathering what the report will hold…"), "title", wrap=True)
        self.holds.setAccessibleName(self.tr("What the report holds"))
        self.choices = QButtonGroup(self)
        choices = QVBoxLayout()
        choices.setSpacing(4)
        self._values: tuple[Redaction, ...] = ("secrets", "names", "nothing")
        for number, text in enumerate(
            (
                self.tr("Replace passwords, tokens, signatures and keys"),
                self.tr("Replace user names, hosts, addresses and mail addresses too"),
                self.tr("Replace nothing: only where the reader may see every secret"),
            )
        ):
            button = QRadioButton(text)
            self.choices.addButton(button, number)
            choices.addWidget(button)
        self.choices.button(0).setChecked(True)
        self.choices.idClicked.connect(lambda _number: self._changed())
        self.list = QPlainTextEdit()
        self.list.setObjectName("note")
        self.list.setReadOnly(True)
        self.list.setAccessibleName(self.tr("What is replaced and what stays"))
        self.save_button = QPushButton(self.tr("Save report…"))
        self.save_button.setProperty("primary", True)
        self.save_button.setDefault(True)
        self.save_button.setEnabled(False)
        self.save_button.clicked.connect(lambda _checked=False: self.save_asked.emit(self.redaction))
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.save_button)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.holds)
        layout.addLayout(choices)
        layout.addWidget(self.list, 1)
        layout.addLayout(foot)

    @property
    def redaction(self) -> Redaction:
        """How much is to be replaced."""
        return self._values[self.choices.checkedId()]

    def show_report(self, report: Report) -> None:
        """Say what the report holds."""
        self.holds.setText(
            self.tr("Findings: {findings} · events in full: {shown} · events read: {total} · notes: {notes}").format(
                findings=f"{len(report.findings):,}",
                shown=f"{len(report.inspected):,}",
                total=f"{report.events:,}",
                notes=f"{len(report.notes):,}",
            )
        )

    def show_preview(self, shown: Preview) -> None:
        """List what would be replaced and what would stay."""
        lines = [self.tr("Values replaced: %s") % f"{len(shown.replaced):,}"]
        lines += [
            "    "
            + self.tr("{pseudonym}  characters: {length}, times: {times}").format(
                pseudonym=one.pseudonym, length=one.length, times=one.times
            )
            for one in shown.replaced
        ]
        lines += ["", self.tr("Kinds of value that stay in clear: %s") % f"{len(shown.staying):,}"]
        lines += [
            "    "
            + self.tr("{kind}  values: {values}, such as {example}").format(
                kind=one.kind.value, values=f"{one.values:,}", example=" ".join(one.example.split())[:80]
            )
            for one in shown.staying
        ]
        self.list.setPlainText("\n".join(lines))
        self.save_button.setEnabled(True)

    def _changed(self) -> None:
        self.save_button.setEnabled(False)
        self.preview_asked.emit(self.redaction)
