"""The Diagnosis tab: the finding of one event with its hypotheses, evidence for and against, and what to do next."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from inspector.gui import icons
from inspector.gui.cards import Card, CardColumn, bullet
from inspector.gui.host_clock_chart import HostClockChart
from inspector.gui.masking import hide
from inspector.gui.parts import Pill, label, pill
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.diagnosis.base import Coverage, Diagnosis, Evidence, Finding, Hypothesis

EXCERPT: Final = 240
SEVERITY_PILLS: Final[dict[str, Pill]] = {"error": "error", "warning": "warning", "info": "info"}
SEVERITY_ICONS: Final = {"error": "circle-x", "warning": "triangle-alert", "info": "info"}
CONFIDENCE_PILLS: Final[dict[str, Pill]] = {"high": "success", "medium": "info", "low": "neutral"}


class DiagnosisView(CardColumn):
    """Shows one finding; every piece of evidence leads to its exact characters."""

    evidence_chosen = Signal(object)
    rows_asked = Signal(object)
    """A finding whose events should be shown in the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Diagnosis"))
        self.theme: Theme = LIGHT
        self._finding: Finding | None = None
        self._whole: Diagnosis | None = None

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        self.show_finding(self._finding, self._whole)

    def show_finding(self, finding: Finding | None, whole: Diagnosis | None = None) -> None:
        """Show a finding, and under it what the diagnosis says of the whole log."""
        self._finding, self._whole = finding, whole
        self.empty()
        if finding is not None:
            self._add_head(finding)
            for number, hypothesis in enumerate(finding.hypotheses):
                self.body.addWidget(self._hypothesis(hypothesis, first=number == 0))
            if finding.next_steps:
                card = Card(self.tr("What to do next"))
                for number, step in enumerate(finding.next_steps, 1):
                    card.body.addLayout(bullet(label(step, wrap=True, selectable=True), label(f"{number}.", "muted")))
                self.body.addWidget(card)
        if whole is not None:
            self._add_clocks(whole)
            self._add_what_if(whole)
            self._add_advice(whole)
            if whole.coverage:
                self._add_coverage(whole.coverage)
        self.finish()

    def _add_head(self, finding: Finding) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(pill(finding.severity.value, SEVERITY_PILLS[finding.severity.value]))
        row.addWidget(label(" · ".join(filter(None, (finding.id, finding.title))), "title", wrap=True, selectable=True), 1)
        show = QPushButton(self.tr("Show its event") if finding.count == 1 else self.tr("Show its %s events") % f"{finding.count:,}")
        show.clicked.connect(lambda: self.rows_asked.emit(finding))
        if not finding.id:
            show.hide()  # in a partial result there is nothing to filter by yet; shown, without a parent, it would be a window of its own
        row.addWidget(show)
        self.body.addLayout(row)

    def _hypothesis(self, hypothesis: Hypothesis, first: bool) -> QWidget:
        card = Card(
            hypothesis.cause.value.replace("_", " ").capitalize() if first else self.tr("Or: %s") % hypothesis.cause.value.replace("_", " ")
        )
        card.top.addWidget(pill(self.tr("confidence: %s") % hypothesis.confidence.value, CONFIDENCE_PILLS[hypothesis.confidence.value]))
        card.text(hypothesis.explanation)
        self._add_evidence(card, self.tr("Speaks for it"), hypothesis.supports, "circle-check", self.theme.success)
        self._add_evidence(card, self.tr("Speaks against it"), hypothesis.contradicts, "circle-minus", self.theme.warning)
        if hypothesis.would_confirm:
            card.section(self.tr("Would settle it"))
            for each in hypothesis.would_confirm:
                card.body.addLayout(bullet(label(each, wrap=True, selectable=True), self._mark("circle-question-mark", self.theme.muted)))
        return card

    def _add_evidence(self, card: Card, title: str, all_evidence: tuple[Evidence, ...], icon: str, colour: str) -> None:
        if not all_evidence:
            return
        card.section(title)
        for each in all_evidence:
            block = QWidget()
            lines = QVBoxLayout(block)
            lines.setContentsMargins(0, 0, 0, 0)
            lines.setSpacing(2)
            lines.addWidget(label(each.text, wrap=True, selectable=True))
            if each.excerpt:
                excerpt = label(shown_excerpt(each.excerpt), "excerpt", wrap=True, selectable=True)
                lines.addWidget(excerpt)
            if each.row is not None:
                where = " · ".join(part for part in (PurePath(each.source).name, each.position) if part)
                link = QPushButton(self.tr("Show in %s") % where if where else self.tr("Show in the log"))
                link.setObjectName("chip")
                link.setAccessibleName(self.tr("Show the evidence: %s") % each.text)
                link.clicked.connect(lambda _checked=False, each=each: self.evidence_chosen.emit(each))
                row = QHBoxLayout()
                row.addWidget(link)
                row.addStretch(1)
                lines.addLayout(row)
            card.body.addLayout(bullet(block, self._mark(icon, colour)))

    def _add_clocks(self, whole: Diagnosis) -> None:
        if not whole.clocks:
            return
        from inspector.clock import in_words

        card = Card(self.tr("Clocks"))
        for each in whole.clocks:
            if each.offset:
                words = self.tr("%s ahead") if each.offset > timedelta(0) else self.tr("%s behind")
                said = f"{each.host}: {words % in_words(abs(each.offset))}"
            else:
                said = self.tr("%s: right") % each.host
            card.body.addLayout(bullet(_two_lines(said, each.basis), self._mark("clock", self.theme.muted)))
            if each.usual is not None and len(each.usual.samples) > 1:
                card.body.addWidget(HostClockChart(each.usual, self.theme))
        self.body.addWidget(card)

    def _add_what_if(self, whole: Diagnosis) -> None:
        if not whole.what_if:
            return
        card = Card(self.tr("What another setting would change"))
        for each in whole.what_if:
            said = self.tr("{setting} {value}: {passed} of {all} refused messages would have passed").format(
                setting=each.setting, value=each.value, passed=f"{each.passed:,}", all=f"{each.passed + each.refused:,}"
            )
            card.body.addLayout(bullet(_two_lines(said, each.risk), self._mark("activity", self.theme.muted)))
        self.body.addWidget(card)

    def _add_advice(self, whole: Diagnosis) -> None:
        if not whole.advice:
            return
        card = Card(self.tr("Advice on what was seen"))
        for each in whole.advice:
            card.body.addLayout(bullet(_two_lines(each.title, each.text), self._mark("info", self.theme.info)))
        self.body.addWidget(card)

    def _add_coverage(self, coverage: tuple[Coverage, ...]) -> None:
        card = Card(self.tr("What this log can and cannot answer"))
        for each in coverage:
            block = QWidget()
            lines = QVBoxLayout(block)
            lines.setContentsMargins(0, 0, 0, 4)
            lines.setSpacing(2)
            lines.addWidget(label(each.question, wrap=True, selectable=True))
            lines.addWidget(label(each.answer, "muted", wrap=True, selectable=True))
            if each.ask_for:
                lines.addWidget(label(self.tr("Ask for: %s") % each.ask_for, "muted", wrap=True, selectable=True))
            card.body.addLayout(bullet(block, self._mark("circle-question-mark" if each.ask_for else "circle-check", self.theme.muted)))
        self.body.addWidget(card)

    def _mark(self, name: str, colour: str) -> QWidget:
        mark = label()
        mark.setPixmap(icons.pixmap(name, colour, 16, self.devicePixelRatioF()))
        mark.setFixedSize(16, 20)
        return mark


def _two_lines(text: str, below: str) -> QWidget:
    block = QWidget()
    lines = QVBoxLayout(block)
    lines.setContentsMargins(0, 0, 0, 4)
    lines.setSpacing(2)
    lines.addWidget(label(text, wrap=True, selectable=True))
    if below:
        lines.addWidget(label(below, "muted", wrap=True, selectable=True))
    return block


def shown_excerpt(excerpt: str) -> str:
    """The first line of an excerpt, its secrets masked."""
    masked = hide(excerpt)
    line = " ".join(masked.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1] + "…"
