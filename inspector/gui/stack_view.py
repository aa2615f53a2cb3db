"""The stack trace pane: exceptions innermost cause first, framework frames dimmed, one trace at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from inspector.gui.code_view import CodeView
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
        self.choice.currentIndexChanged.connect(self._choose)
        self.code.header.insertWidget(1, self.choice)
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
        """Mark characters of a trace as laid out."""
        self.choice.setCurrentIndex(self._traces.index(trace))
        self._choose()
        self.code.highlight(start, end)

    def restyle(self, theme: Theme, points: int) -> None:
        """Use other colours and text size."""
        self.theme = theme
        self.code.restyle(theme, points)

    def _choose(self) -> None:
        if not self._traces:
            self.code.clear()
            return
        trace = self._traces[max(0, self.choice.currentIndex())]
        self.code.load(
            trace.pretty,
            "stack_trace",
            [(each.start, each.end) for each in trace.secrets],
            note="; ".join(trace.problems),
            file_name="stack-trace.txt",
        )
