"""The detail pane: one sentence, the timeline, and the tabs Message, Diagnosis, Tokens, Fields and Raw of the selected event."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.events import Level
from inspector.gui import icons, masking
from inspector.gui.code_view import CodeView
from inspector.gui.diagnosis_view import SEVERITY_ICONS, DiagnosisView
from inspector.gui.fields_view import FieldsView
from inspector.gui.parts import IconButton, escaped, label, restyle_buttons, rule
from inspector.gui.stack_view import StackView
from inspector.gui.theme import LIGHT, Theme
from inspector.gui.timeline_view import NARROW, TimelineView
from inspector.gui.tokens_view import TokensView

if TYPE_CHECKING:
    from inspector.diagnosis.base import Diagnosis, Evidence, Finding
    from inspector.payloads.base import Payload
    from inspector.session import Detail

MESSAGE, DIAGNOSIS, TOKENS, FIELDS, RAW = range(5)
WHOLE: Final = -1
"""Choice of the message pane that shows the event's whole text instead of one payload."""
MARKUP: Final = ("soap", "saml", "xml", "json", "headers")


class DetailPane(QWidget):
    """Shows one event; only tabs with content are enabled and the first useful one is chosen."""

    finding_asked = Signal(object)
    evidence_chosen = Signal(object)
    rows_asked = Signal(object)
    term_asked = Signal(str)
    place_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.detail: Detail | None = None
        self._payloads: tuple[Payload, ...] = ()
        self._whole: Diagnosis | None = None
        self._pending: Evidence | None = None
        self._build_head()
        self.timeline = TimelineView()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        # What the tabs would like to have must not squeeze the timeline: they take what it leaves.
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.tabs.setMinimumHeight(96)
        self.tabs.setAccessibleName(self.tr("Detail of the event"))
        self.message = CodeView(self.tr("Message"))
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Part of the message"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(24)
        self.choice.currentIndexChanged.connect(self._choose_payload)
        self.message.header.insertWidget(1, self.choice)
        self.stack = StackView()
        self.sides = QSplitter(Qt.Orientation.Horizontal)
        self.sides.setChildrenCollapsible(False)
        self.sides.addWidget(self.message)
        self.sides.addWidget(self.stack)
        self.sides.setSizes([560, 440])
        self.diagnosis = DiagnosisView()
        self.tokens = TokensView()
        self.fields = FieldsView()
        self.raw = CodeView(self.tr("Raw"))
        for widget, title in (
            (self.sides, self.tr("Message")),
            (self.diagnosis, self.tr("Diagnosis")),
            (self.tokens, self.tr("Tokens")),
            (self.fields, self.tr("Fields")),
            (self.raw, self.tr("Raw")),
        ):
            self.tabs.addTab(widget, title)
        self.tabs.setCornerWidget(self.timeline.tools)
        self.diagnosis.evidence_chosen.connect(self.evidence_chosen)
        self.diagnosis.rows_asked.connect(self.rows_asked)
        self.tokens.place_chosen.connect(self.show_place)
        self.fields.term_asked.connect(self.term_asked)
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        self.empty = label("", "muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(rule())
        layout.addWidget(self.timeline)
        layout.addWidget(self.tabs, 1)
        self.stacked = QStackedWidget()
        self.stacked.addWidget(self.empty)
        self.stacked.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stacked)

    def show_detail(self, detail: Detail, offset: timedelta | None = None, offset_name: str = "") -> None:
        """Show an event that was looked into."""
        same = self.detail is not None and self.detail.row == detail.row
        tab = self.tabs.currentIndex()
        self.detail = detail
        self.stacked.setCurrentIndex(1)
        self._show_head(detail)
        self.timeline.show_timeline(detail.timeline, offset, offset_name, detail.computer)
        self._show_message(detail)
        self.tokens.show_tokens(detail.contents.tokens)
        self.fields.show_fields(detail.fields)
        self._show_raw(detail)
        self.diagnosis.show_finding(detail.finding, self._whole)
        useful = (
            True,
            detail.finding is not None or _says_something(self._whole),
            bool(detail.contents.tokens),
            bool(detail.fields),
            bool(detail.raw),
        )
        for number, on in enumerate(useful):
            self.tabs.setTabEnabled(number, on)
        self.tabs.setTabText(TOKENS, self.tr("Tokens") + (f" {len(detail.contents.tokens)}" if detail.contents.tokens else ""))
        if not same or not self.tabs.isTabEnabled(tab):
            self.tabs.setCurrentIndex(tab if self.tabs.isTabEnabled(tab) and tab in {DIAGNOSIS, TOKENS, FIELDS, RAW} else MESSAGE)
        if self._pending is not None and self._pending.row == detail.row:
            evidence, self._pending = self._pending, None
            self.show_evidence(evidence)

    def show_whole(self, diagnosis: Diagnosis) -> None:
        """Remember what the diagnosis says of the whole log; shown under each finding."""
        self._whole = diagnosis
        self.timeline.show_whole(diagnosis.what_if, diagnosis.clocks)

    def show_nothing(self) -> None:
        """No event is selected."""
        self.detail = None
        self.empty.setText(self.tr("Select an event to look into it."))
        self.stacked.setCurrentIndex(0)

    def show_coming(self) -> None:
        """An event is selected and being looked into; the one before stays until it is there."""
        self.empty.setText(self.tr("Looking into the event…"))

    def expect(self, evidence: Evidence) -> None:
        """Show this evidence as soon as its event is there."""
        if self.detail is not None and self.detail.row == evidence.row:
            self.show_evidence(evidence)
        else:
            self._pending = evidence

    def show_evidence(self, evidence: Evidence) -> None:
        """Mark the exact characters of a piece of evidence."""
        if evidence.span is not None:
            self.show_place(evidence.span.start, evidence.span.end)
        elif evidence.excerpt and self.detail is not None and (place := masking.find_loosely(self.detail.message, evidence.excerpt)):
            self.show_place(*place)
        else:
            self.tabs.setCurrentIndex(MESSAGE)

    def show_place(self, start: int, end: int) -> None:
        """Mark characters of the event's text: in the laid-out payload where they can be found there, else in the whole text."""
        if self.detail is None:
            return
        self.tabs.setCurrentIndex(MESSAGE)
        wanted = self.detail.message[start:end]
        for payload in self._payloads:
            if (
                payload.span.start <= start
                and end <= payload.span.end
                and wanted
                and (place := masking.find_loosely(payload.pretty, wanted))
            ):
                if payload.kind == "stack_trace":
                    self.stack.highlight(payload, *place)
                else:
                    self.choice.setCurrentIndex(self.choice.findData(self._payloads.index(payload)))
                    self.message.highlight(*place)
                return
        self.choice.setCurrentIndex(self.choice.findData(WHOLE))
        self.message.highlight(start, end)

    def lay_out_for(self, orientation: Qt.Orientation) -> None:
        """The pane stands at the bottom (wide) or at the right (tall): envelope and stack trace beside or above each other."""
        self.sides.setOrientation(Qt.Orientation.Horizontal if orientation == Qt.Orientation.Vertical else Qt.Orientation.Vertical)
        self.place_button.set_icon("panel-right" if orientation == Qt.Orientation.Vertical else "panel-bottom", self.theme)
        words = self.tr("Detail at the right") if orientation == Qt.Orientation.Vertical else self.tr("Detail at the bottom")
        self.place_button.setAccessibleName(words)
        self.place_button.setToolTip(words)

    def restyle(self, theme: Theme, points: int) -> None:
        """Use other colours and text size."""
        self.theme = theme
        self.timeline.restyle(theme)
        self.message.restyle(theme, points)
        self.stack.restyle(theme, points)
        self.raw.restyle(theme, points)
        self.diagnosis.restyle(theme)
        self.tokens.restyle(theme)
        restyle_buttons(self, theme)
        if self.detail is not None:
            self._show_head(self.detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = event.size().width()
        self.timeline.make_room(width, event.size().height())
        if (width >= NARROW) != (event.oldSize().width() >= NARROW):
            self._place_about(wide=width >= NARROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 120)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.timeline.relayout()

    def _build_head(self) -> None:
        self._head = QFrame()
        self._head.setObjectName("plain")
        self._mark = QLabel()
        self._mark.setFixedSize(20, 20)
        self.sentence = label("", "title", wrap=True, selectable=True)
        self.sentence.setAccessibleName(self.tr("What happened"))
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.about = label("", "muted", wrap=True, selectable=True)
        self.about.setAccessibleName(self.tr("Which event"))
        self.finding_button = QPushButton()
        self.finding_button.setAccessibleName(self.tr("Go to the finding"))
        self.finding_button.clicked.connect(self._open_finding)
        self.place_button = IconButton("panel-right", self.tr("Detail at the right"), self.place_toggled.emit)
        rows = self._head_rows = QGridLayout(self._head)
        rows.setContentsMargins(12, 8, 8, 8)
        rows.setHorizontalSpacing(8)
        rows.setVerticalSpacing(2)
        rows.setColumnStretch(1, 1)
        rows.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        rows.addWidget(self.sentence, 0, 1, Qt.AlignmentFlag.AlignTop)
        rows.addWidget(self.place_button, 0, 3, 2, 1, Qt.AlignmentFlag.AlignTop)
        self._place_about(wide=True)

    def _place_about(self, wide: bool) -> None:
        """Which event it is stands beside the button to its finding; in a narrow pane under it, where a long name has room."""
        for widget in (self.about, self.finding_button):
            self._head_rows.removeWidget(widget)
        self._head_rows.addWidget(self.finding_button, 0, 2, 2 if wide else 1, 1, Qt.AlignmentFlag.AlignTop)
        self._head_rows.addWidget(self.about, 1, 1, 1, 1 if wide else 2)

    def _show_head(self, detail: Detail) -> None:
        finding = detail.finding
        ratio = self.devicePixelRatioF()
        if finding is not None:
            colour = {"error": self.theme.error, "warning": self.theme.warning}.get(finding.severity.value, self.theme.info)
            self._mark.setPixmap(icons.pixmap(SEVERITY_ICONS[finding.severity.value], colour, 20, ratio))
        else:
            level = Level(detail.level)
            self._mark.setPixmap(icons.pixmap(icons.LEVEL_ICONS[level], self.theme.level_colour(level), 20, ratio))
        self.sentence.setText(masking.hide(detail.summary))
        number = "" if detail.event_id is None else self.tr("event %d") % detail.event_id
        parts = [detail.time_note.partition(" (")[0], detail.provider, number, detail.computer, detail.source.path.name, detail.position]
        self.about.setText(" · ".join(part for part in parts if part))
        self.about.setToolTip(escaped(detail.time_note))
        self.finding_button.setVisible(finding is not None)
        if finding is not None:
            # Not "F1": that is the key for help.
            name = self.tr("Finding %s") % finding.id.removeprefix("F") if finding.id else ""
            self.finding_button.setText(" · ".join(filter(None, (name, finding.cause.value.replace("_", " ")))))

    def _show_message(self, detail: Detail) -> None:
        self._payloads = detail.contents.payloads
        traces = tuple(each for each in self._payloads if each.kind == "stack_trace")
        markup = [number for number, each in enumerate(self._payloads) if each.kind in MARKUP]
        self.choice.blockSignals(True)
        self.choice.clear()
        for number in markup:
            self.choice.addItem(_short(self._payloads[number].title), number)
        self.choice.addItem(self.tr("Whole message"), WHOLE)
        first = next((place for place, number in enumerate(markup) if self._payloads[number].kind == "soap"), 0)
        self.choice.setCurrentIndex(first)
        self.choice.blockSignals(False)
        self.choice.setVisible(self.choice.count() > 1)
        self._choose_payload()
        self.stack.show_traces(traces)
        self.stack.setVisible(bool(traces))
        self.sides.refresh()

    def _show_raw(self, detail: Detail) -> None:
        from inspector.xmltext import pretty_print

        is_xml = detail.raw.lstrip().startswith("<")
        shown = pretty_print(detail.raw) if is_xml else detail.raw
        kind, file_name = ("xml", "event.xml") if is_xml else ("text", "event.txt")
        self.raw.load(shown, kind, masking.secrets_of(shown), raw=detail.raw, note=detail.position, file_name=file_name)

    def _choose_payload(self) -> None:
        detail = self.detail
        if detail is None:
            return
        number: Any = self.choice.currentData()
        if number is None or number == WHOLE:
            self.message.heading.setText(self.tr("Message"))
            note = {
                1: self.tr("rendered by the machine that wrote or forwarded it"),
                2: self.tr("built from the event's data by our template"),
                3: self.tr("the log holds no text: the event's data"),
                4: self.tr("from the display information saved with the log"),
            }.get(int(detail.message_from), "")
            self.message.load(detail.message, "text", _message_secrets(detail), note=note)
            return
        payload = self._payloads[number]
        self.message.heading.setText(
            {"soap": self.tr("Envelope"), "json": "JSON"}.get(payload.kind, "XML" if payload.kind in {"xml", "saml"} else payload.kind)
        )
        raw = detail.message[payload.span.start : payload.span.end]
        note = "; ".join(payload.problems)
        secrets = [(each.start, each.end) for each in payload.secrets]
        self.message.load(
            payload.pretty,
            payload.kind,
            secrets,
            raw=raw,
            note=note,
            file_name=f"{payload.kind}.{'json' if payload.kind == 'json' else 'xml'}",
        )

    def _open_finding(self) -> None:
        self.tabs.setCurrentIndex(DIAGNOSIS)
        if self.detail is not None and self.detail.finding is not None:
            finding: Finding = self.detail.finding
            self.finding_asked.emit(finding)


def _says_something(diagnosis: Diagnosis | None) -> bool:
    return diagnosis is not None and bool(diagnosis.coverage or diagnosis.advice or diagnosis.clocks or diagnosis.what_if)


def _short(title: str) -> str:
    return title if len(title) <= 28 else title[:27] + "…"


def _message_secrets(detail: Detail) -> list[tuple[int, int]]:
    known = [
        (each.span.start, each.span.end)
        for token in detail.contents.tokens
        for each in token.fields
        if each.secret and each.span is not None
    ]
    return known + masking.secrets_of(detail.message)
