"""The line under the filter box: what the filter consists of and means, a mistake in it, or what one could begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from inspector.gui.parts import ElidedLabel, bound, label

if TYPE_CHECKING:
    from inspector.gui.filter_text import Term

BEGINNINGS: Final[tuple[tuple[str, str], ...]] = (
    (str(QT_TRANSLATE_NOOP("FilterTerms", "Refused tokens")), "has:finding"),
    (str(QT_TRANSLATE_NOOP("FilterTerms", "Warnings and errors")), "level:>=warning"),
    (str(QT_TRANSLATE_NOOP("FilterTerms", "Envelopes")), "has:envelope"),
    (str(QT_TRANSLATE_NOOP("FilterTerms", "Tokens")), "has:token"),
    (str(QT_TRANSLATE_NOOP("FilterTerms", "Stack traces")), "has:stack"),
    (str(QT_TRANSLATE_NOOP("FilterTerms", "Bookmarks")), "has:bookmark"),
)
"""Filters to begin with."""
SHARE: Final = 0.6
"""Share of the line that the terms may take; the rest is for the sentence."""
MOST: Final = 48
"""Terms that a button is made for; no line shows more."""
SPACING: Final = 4


class FilterTerms(QWidget):
    """Always as high as one line, so that nothing below it jumps when a filter begins or goes."""

    remove_asked = Signal(object)
    """A term that is not wanted any more."""
    begin_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACING)
        self._chips: list[QPushButton] = []
        self._beyond = 0
        """Terms that have no button."""
        self.more = label("", "muted")
        self.more.hide()
        self.meaning = ElidedLabel("", "muted", mode=Qt.TextElideMode.ElideRight)
        self.mistake = ElidedLabel("", "mistake", mode=Qt.TextElideMode.ElideRight)
        self.mistake.hide()
        self._row.addWidget(self.more)
        self._row.addSpacing(SPACING)
        self._row.addWidget(self.meaning, 1)
        self._row.addWidget(self.mistake, 1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.show_terms(())

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def chips(self) -> tuple[QPushButton, ...]:
        """The buttons of the line, in order; those that did not fit are hidden."""
        return tuple(self._chips)

    def show_terms(self, terms: Sequence[Term]) -> None:
        """A button for each term that takes it away; without any, a button for each filter to begin with."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [self._term(each) for each in terms[:MOST]] if terms else [self._beginning(*each) for each in BEGINNINGS]
        for number, chip in enumerate(self._chips):
            self._row.insertWidget(number, chip)
        self._beyond = max(0, len(terms) - MOST)
        self._fit()

    def show_mistake(self, message: str) -> None:
        """Say what could not be understood, in place of what the filter means; empty for nothing."""
        self.mistake.show_text(message)
        self.mistake.setVisible(bool(message))
        self.meaning.setVisible(not message)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _term(self, term: Term) -> QPushButton:
        chip = QPushButton(f"{term.text}  ×".replace("&", "&&"))
        chip.setObjectName("chip")
        chip.setAccessibleName(self.tr("Remove %s from the filter") % term.text)
        chip.clicked.connect(bound(self.remove_asked.emit, term))
        return chip

    def _beginning(self, title: str, query: str) -> QPushButton:
        chip = QPushButton(QCoreApplication.translate("FilterTerms", title))
        chip.setObjectName("beginning")
        chip.setAccessibleName(self.tr("Show only: %s") % chip.text())
        chip.setToolTip(query)
        chip.clicked.connect(bound(self.begin_asked.emit, query))
        return chip

    def _fit(self) -> None:
        room, used, fitting = self.width() * SHARE, 0, 0
        for chip in self._chips:
            used += chip.sizeHint().width() + SPACING
            fitting += used <= room or not fitting
        for number, chip in enumerate(self._chips):
            chip.setVisible(number < fitting)
            chip.setMaximumWidth(round(max(room, 0)) or chip.sizeHint().width())
        hidden = len(self._chips) - fitting + self._beyond
        self.more.setText(self.tr("and %s more") % f"{hidden:,}" if hidden else "")
        self.more.setVisible(hidden > 0)
