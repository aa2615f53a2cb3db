"""The stack trace pane: exceptions innermost cause first, framework frames dimmed, or the trace as the log prints it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from inspector.gui import trace_text
from inspector.gui.code_view import CodeView
from inspector.gui.masking import find_loosely, secrets_of
from inspector.gui.parts import IconButton
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.payloads.base import Payload


class StackView(QWidget):
    """Shows the stack traces of one event."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._traces: tuple[Payload, ...] = ()
        self.code = CodeView(self.tr("Stack trace"))
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Stack trace to show"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(12)
        self.choice.currentIndexChanged.connect(self._choose)
        self.code.header.insertWidget(1, self.choice)
        self.logged_button = IconButton("file-text", self.tr("As the log prints it"), self._choose)
        self.logged_button.setCheckable(True)
        self.code.header.insertWidget(self.code.header.count() - 5, self.logged_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.code)

    def show_traces(self, traces: Sequence[Payload]) -> None:
        """Show the traces of an event, the first one first."""
        self._traces = tuple(traces)
        self.choice.blockSignals(True)
        self.choice.clear()
        for number, trace in enumerate(traces, 1):
            self.choice.addItem(f"{number}. {trace.title[:50]}")
        self.choice.blockSignals(False)
        self.choice.setVisible(len(traces) > 1)
        self._choose()

    def highlight(self, trace: Payload, start: int, end: int) -> None:
        """Mark characters of a trace, given as places in its ``pretty``."""
        self.choice.setCurrentIndex(self._traces.index(trace))
        place = find_loosely(self.code.text, trace.pretty[start:end])
        if place is None:
            self.logged_button.setChecked(True)
            self._choose()
            place = (start, end)
        self.code.highlight(*place)

    def restyle(self, theme: Theme, points: int) -> None:
        """Use other colours and text size."""
        self.theme = theme
        self.code.restyle(theme, points)

    def _choose(self) -> None:
        if not self._traces:
            self.code.clear()
            return
        from inspector.payloads.stack_trace import StackTrace

        trace = self._traces[max(0, self.choice.currentIndex())]
        notes = list(trace.problems)
        raw = trace.pretty
        if self.logged_button.isChecked() or not isinstance(trace, StackTrace) or not trace.exceptions:
            self.code.edit.set_lines((), ())
            self.code.load(
                trace.pretty,
                "stack_trace",
                [(each.start, each.end) for each in trace.secrets],
                note="; ".join(notes),
                file_name="stack-trace.txt",
            )
            return
        if trace.reversed:
            notes.append(self.tr("printed in reverse by the log, turned round here"))
        laid = trace_text.lay_out(trace, self.tr)
        self.code.edit.set_lines(laid.dimmed, laid.marked)
        secrets = secrets_of(laid.text)
        self.code.load(laid.text, "stack_trace", secrets, raw=raw, note="; ".join(notes), file_name="stack-trace.txt")
        for line in laid.folded:
            self.code.edit.toggle_fold(self.code.edit.document().findBlockByNumber(line))
