"""The main window: puts the parts together and lets them talk to the engine and to each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.clock import offset_text
from inspector.events import Level, Zone, ZoneBasis
from inspector.gui import filter_text, icons
from inspector.gui import settings as remembered
from inspector.gui import theme as themes
from inspector.gui.arrangement import Arrangement
from inspector.gui.ask_bar import AskBar
from inspector.gui.case_work import CaseWork
from inspector.gui.clock_face import ClockFace, ZoneChoice, zone_choice
from inspector.gui.detail_pane import DetailPane
from inspector.gui.engine import Engine
from inspector.gui.event_table import EventTable, EventTableModel
from inspector.gui.exporting import Exporting
from inspector.gui.filter_bar import FilterBar
from inspector.gui.foot import Foot
from inspector.gui.judging import Judging
from inspector.gui.marks import Marks
from inspector.gui.menus import Menus
from inspector.gui.navigation import Navigation
from inspector.gui.opening import Opening
from inspector.gui.overview import BINS, Overview
from inspector.gui.parts import label, restyle_buttons, rule
from inspector.gui.row_menu import RowMenu
from inspector.gui.shown_rows import ShownRows
from inspector.gui.side_bar import SideBar
from inspector.gui.sources_panel import parsed_offset, zone_text
from inspector.gui.start_page import StartPage
from inspector.gui.theme import SchemeChoice, Theme

if TYPE_CHECKING:
    from inspector.diagnosis.base import Diagnosis, Evidence, Finding
    from inspector.events import Source
    from inspector.session import Detail, Session

SIDE_BAR_WIDTH: Final = 216
"""Width of the side bar, in pixels at the usual text size, in which its tabs have room."""


class MainWindow(QMainWindow):
    """The main window. ``settings_path``: where it remembers its layout; None remembers nothing."""

    language_asked = Signal(str)
    """The person wants another language; whoever made the window makes it anew in it."""

    def __init__(self, engine: Engine, settings_path: Path | None = None) -> None:
        super().__init__()
        self.engine = engine
        self.settings_path = settings_path
        self.settings = remembered.load(settings_path) if settings_path is not None else remembered.Settings()
        self.theme: Theme = themes.LIGHT
        self.clock = engine.clock = ClockFace(zone_choice(self.settings.zone))
        self.marks = Marks(self)
        self._diagnosis: Diagnosis | None = None
        self.setAcceptDrops(True)
        self._build_parts()
        self.shown = ShownRows(self)
        self.case = CaseWork(self)
        self.judging = Judging(self)
        self.arrangement = Arrangement(self)
        self.navigation = Navigation(self)
        self.exporting = Exporting(self)
        self.row_menu = RowMenu(self)
        self.opening = Opening(self)
        self.menus = Menus(self)
        self._connect()
        self.apply_scheme()
        self.resize(1280, 800)
        self.arrangement.restore()
        self._show_start_page()

    # ---- construction ----

    def _build_parts(self) -> None:
        self.start_page = StartPage()
        self.filter_bar = FilterBar()
        self.overview = Overview()
        self.model = EventTableModel(self.engine, self)
        self.model.clock = self.clock
        self.table = EventTable(self.model)
        self.table.delegate.marks = self.marks
        self.nothing = self._build_nothing()
        self.detail = DetailPane()
        self.side_bar = SideBar()
        self.rows_area = QStackedWidget()
        self.rows_area.addWidget(self.table)
        self.rows_area.addWidget(self.nothing)
        self._lay_out()
        self.ask_bar = AskBar()
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.ask_bar)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(whole)
        self.foot = Foot(self.clock.choice)
        self.foot.cancel_asked.connect(self.engine.cancel_reading)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.foot, 1)

    def _build_nothing(self) -> QWidget:
        nothing = QWidget()
        clear = QPushButton(self.tr("Clear the filter"))
        clear.clicked.connect(lambda _checked=False: self.filter_bar.set_text(""))
        column = QVBoxLayout(nothing)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(label(self.tr("No event matches the filter."), "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(clear, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return nothing

    def _lay_out(self) -> None:
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.overview)
        column.addWidget(rule())
        column.addWidget(self.rows_area, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(upper)
        self.split.addWidget(self.detail)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 2)
        self.main_split = QSplitter(Qt.Orientation.Horizontal)
        self.main_split.setChildrenCollapsible(False)
        self.main_split.addWidget(self.side_bar)
        self.main_split.addWidget(self.split)
        self.main_split.setStretchFactor(1, 1)
        self.split.splitterMoved.connect(lambda _place, _index: self.arrangement.keep_split())
        work = QWidget()
        layout = QVBoxLayout(work)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter_bar)
        layout.addWidget(rule())
        layout.addWidget(self.main_split, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(work)

    def _connect(self) -> None:
        engine = self.engine
        engine.ready.connect(self._ready)
        engine.reading_changed.connect(self._reading_changed)
        engine.progressed.connect(self.foot.show_progress)
        engine.opened.connect(self._opened)
        engine.grew.connect(self._grew)
        engine.selected.connect(self.shown.show)
        engine.understood.connect(self.filter_bar.show_meaning)
        engine.mistake.connect(self.filter_bar.show_mistake)
        engine.inspected.connect(self._show_detail)
        engine.histogram.connect(self.shown.show_histogram)
        engine.facets.connect(self._show_facets)
        self._connect_findings(engine)
        engine.failed.connect(self._show_failure)
        engine.renumbered.connect(self.opening.renumbered)
        engine.supplied.connect(self.judging.show_refused)
        self._connect_parts()
        self._connect_sides()

    def _connect_parts(self) -> None:
        page = self.start_page
        page.open_files_asked.connect(self.opening.open_files)
        page.open_folder_asked.connect(self.opening.open_folder)
        page.paste_asked.connect(self.opening.paste)
        page.sample_asked.connect(self.opening.open_sample)
        page.last_asked.connect(self.opening.open_last)
        page.recent_asked.connect(lambda path: self.opening.open_paths([Path(path)]))
        self.filter_bar.filter_changed.connect(lambda _text: self.shown.search())
        self.filter_bar.box.returnPressed.connect(self._to_table)
        self.filter_bar.saved_menu.aboutToShow.connect(self.menus.fill_saved_filters)
        self.table.current_row_changed.connect(self.shown.chosen)
        self.table.selection_size_changed.connect(lambda _count: self.shown.show_selection())
        self.table.width_changed.connect(self.arrangement.fit_columns)
        self.table.sort_changed.connect(lambda _column, _descending: self.shown.search(at_once=True))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self.row_menu.open_at)
        header = self.table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self.arrangement.open_header_menu)

    def _connect_sides(self) -> None:
        self.overview.range_chosen.connect(
            lambda start, end: self.filter_bar.set_text(filter_text.time_range(self.filter_bar.text, start, end))
        )
        self.overview.reset_asked.connect(lambda: self.filter_bar.set_text(filter_text.without_field(self.filter_bar.text, "time")))
        self.detail.evidence_chosen.connect(self.show_evidence)
        self.detail.rows_asked.connect(self.show_finding_rows)
        self.detail.finding_asked.connect(self._mark_finding)
        self.detail.term_asked.connect(self.filter_bar.add_term)
        self.detail.tokens.keys_asked.connect(self.judging.open)
        self.detail.place_toggled.connect(self.toggle_detail_place)
        side = self.side_bar
        side.findings.finding_chosen.connect(self.show_finding)
        side.findings.export_asked.connect(self.exporting.export_report)
        side.facets.value_chosen.connect(lambda column, value, exclude: self.filter_bar.add_term(self._facet_term(column, value, exclude)))
        side.sources.remove_asked.connect(self.opening.close)
        side.sources.reload_asked.connect(lambda number: self.opening.reload([number]))
        side.sources.only_asked.connect(lambda name: self.filter_bar.add_term(filter_text.column_term("source", name)))
        side.sources.zone_asked.connect(self._set_zone)
        side.sources.other_zone_asked.connect(self._ask_zone)
        side.sources.read_as_asked.connect(self.opening.read_as)
        side.sources.missing_asked.connect(self.case.ask_where_missing)
        side.sources.leave_out_asked.connect(self.case.leave_out)
        self.case.changed.connect(self._show_case)
        self.foot.zone_chosen.connect(self.set_zone_choice)
        self.marks.changed.connect(self._marks_changed)
        QApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._show_case()

    # ---- opening ----

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.opening.drop(event.mimeData(), replace=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        event.acceptProposedAction()

    def _show_start_page(self) -> None:
        self.pages.setCurrentIndex(0)
        self.start_page.show_last([each for each in self.settings.open_sources if Path(each).exists()])
        self.start_page.show_recent([each for each in self.settings.recent if Path(each).exists()])
        self._enable_actions()

    def _enable_actions(self) -> None:
        something = self.pages.currentIndex() == 1
        for action in (self.menus.export_action, self.menus.save_rows_action, self.menus.reload_action):
            action.setEnabled(something)

    def _reading_changed(self, reading: bool) -> None:
        self.foot.show_reading(reading)

    def _grew(self, _count: int) -> None:
        if self.pages.currentIndex() == 0:
            self._show_work()

    def _show_work(self) -> None:
        self.pages.setCurrentIndex(1)
        self._enable_actions()
        self.table.setFocus()

    def _ready(self) -> None:
        """A session that has logs open already is shown as it is."""
        from inspector.query import FIELDS

        self.filter_bar.box.set_fields({each.name: each.choices for each in FIELDS})
        if len(self.engine.session):
            self._opened(self.engine.session.sources)
            self.shown.search(at_once=True)
            self.engine.diagnose()

    def _opened(self, _sources: Sequence[Source]) -> None:
        session = self.engine.session
        sources = session.sources
        self._use_clock(ClockFace(self.clock.choice, {each.name: each.zone.offset for each in sources}))
        listed = {each.name for each in sources}
        unopened = [f"{each.source}: {each.reason}" for each in session.problems if each.source not in listed]
        self.side_bar.sources.show_sources(sources, unopened, self.case.missing)
        self._show_counts()
        if len(session):
            self.shown.fit_soon()
            self._show_work()
            if unopened:
                self.say(unopened[-1] if len(unopened) == 1 else self.tr("%d files could not be read: see Sources.") % len(unopened))
        else:
            self._diagnosis = None
            self.side_bar.findings.show_nothing()
            self._show_start_page()
            reasons = unopened + [f"{each.name}: {problem.reason}" for each in sources for problem in each.problems]
            reasons += [self.tr("%s: nothing that could be an event was found in it.") % each.name for each in sources if not each.problems]
            self.start_page.show_trouble("\n".join(reasons[:6]))
        self.model.refresh()

    def _show_detail(self, detail: Detail) -> None:
        if detail.row != self.table.current_row():
            return
        offset = detail.source.zone.offset
        self.detail.show_detail(detail, offset or None, zone_text(offset) if offset else "")
        self.judging.show_checks(detail.contents.tokens)
        self.overview.current = detail.time
        self.overview.update()
        self.side_bar.findings.mark(detail.finding)

    def _show_facets(self, facets: dict[str, Any]) -> None:
        self.side_bar.facets.show_facets(facets)
        for column, values in facets.items():
            field = filter_text.FIELD_OF_COLUMN.get(column)
            if field and field != "level":
                self.filter_bar.box.set_values(field, [each.value for each in values if each.value])
        if not self.filter_bar.text and not self.engine.is_reading:
            self.arrangement.hide_empty([column for column, values in facets.items() if not any(each.value for each in values)])

    # ---- findings ----

    def _connect_findings(self, engine: Engine) -> None:
        engine.judging_changed.connect(self._judging_changed)
        engine.findings_came.connect(self._show_partial)
        engine.diagnosed.connect(self._show_diagnosis)

    def _judging_changed(self, judging: bool) -> None:
        if judging:
            self.side_bar.findings.show_waiting(self.tr("Looking for refused tokens…"))
            self.foot.stay(self.tr("Diagnosing…"))
        else:
            self.side_bar.findings.running.hide()
            self.foot.stay("")

    def _show_partial(self, diagnosis: Diagnosis) -> None:
        self.side_bar.findings.show_diagnosis(diagnosis)
        self.side_bar.show_counts(len(diagnosis.findings), len(self.engine.session.sources))

    def _show_diagnosis(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        self.side_bar.findings.show_diagnosis(diagnosis)
        self.detail.show_whole(diagnosis)
        self.overview.show_findings(diagnosis.findings)
        self._show_counts()
        if self.case.highlight_rules:
            self.row_menu.apply_rules()
        self.model.refresh()
        row = self.table.current_row()
        if diagnosis.findings and row == self.shown.untouched and self.model.place_of(diagnosis.findings[0].rows[0]) >= 0:
            self.show_finding(diagnosis.findings[0])
            if self.table.current_row() == row >= 0:
                self.engine.inspect(row)
        elif row >= 0:
            self.engine.inspect(row)
        if len(self.model.rows):
            self.engine.count(self.model.rows, BINS)

    def _show_counts(self) -> None:
        findings = len(self._diagnosis.findings) if self._diagnosis is not None else 0
        self.side_bar.show_counts(findings, len(self.engine.session.sources))

    def show_finding(self, finding: Finding) -> None:
        """Select the first event of a finding and open its diagnosis."""
        rows = finding.rows or tuple(each.row for each in finding.events)
        if rows:
            self.go_to_row(rows[0])

    def show_finding_rows(self, finding: Finding) -> None:
        """Show only the events of a finding."""
        if finding.rows:
            self.shown.follow(finding.rows[0])
        self.filter_bar.set_text(f"finding:{finding.id}")

    def show_evidence(self, evidence: Evidence) -> None:
        """Go to the exact characters that a piece of evidence rests on."""
        if evidence.row is not None:
            self.detail.expect(evidence)
            if self.table.current_row() != evidence.row:
                self.go_to_row(evidence.row)

    def open_paths(self, paths: Sequence[Path], replace: bool = False) -> None:
        """Open files, folders and archives beside what is open."""
        self.opening.open_paths(paths, replace)

    def go_to_row(self, row: int) -> None:
        """Select an event; a filter that hides it is cleared, as a step that can be undone."""
        self.shown.go_to(row)

    def _mark_finding(self, finding: Finding) -> None:
        self.side_bar.setCurrentIndex(0)
        self.side_bar.findings.mark(finding)

    # ---- commands ----

    def focus_filter(self) -> None:
        """Put the cursor into the filter box."""
        self.filter_bar.box.setFocus()
        self.filter_bar.box.selectAll()

    def toggle_bookmark(self) -> None:
        """Set or take away the bookmark of the current event."""
        row = self.table.current_row()
        if row >= 0:
            self.marks.toggle_bookmark(row)

    def edit_note(self) -> None:
        """Ask for the note of the current event."""
        row = self.table.current_row()
        if row >= 0:
            self.ask_bar.ask_text(
                self.tr("Note on this event"),
                self.tr("Keep note"),
                lambda text: self.marks.write_note(row, text),
                self.marks.notes.get(row, ""),
                several_lines=True,
            )

    def save_filter(self) -> None:
        """Ask for a name and keep the filter under it."""
        if not self.filter_bar.text.strip():
            self.say(self.tr("There is no filter to save."))
            return
        query = self.filter_bar.text

        def keep(name: str) -> None:
            if name.strip():
                self.case.saved_filters[name.strip()] = query
                self.case.touch_if_open()
                self.arrangement.save()

        self.ask_bar.ask_text(self.tr("Name of the filter"), self.tr("Save filter"), keep, query[:40])

    def show_shortcuts(self) -> None:
        """Open the sheet of shortcuts, or close it where it is open."""
        from inspector.gui.shortcut_sheet import ShortcutSheet

        open_one = self.findChild(ShortcutSheet)
        if open_one is not None:
            open_one.close()
        else:
            ShortcutSheet(self.menuBar(), self.theme, self).show()

    def toggle_detail_place(self) -> None:
        """Move the detail pane between the bottom and the right."""
        self.arrangement.place_detail(right=self.split.orientation() == Qt.Orientation.Vertical)

    def set_zone_choice(self, choice: ZoneChoice) -> None:
        """Show times in UTC, in this machine's zone, or as logged."""
        self._use_clock(ClockFace(choice, self.clock.offsets))
        self.settings.zone = choice
        self.foot.show_zone(choice)
        self.model.refresh()

    def _use_clock(self, clock: ClockFace) -> None:
        """Times are shown, and meant in the filter, as this clock has them."""
        changed = clock != self.clock
        self.clock = self.model.clock = self.engine.clock = clock
        if changed and "time:" in self.filter_bar.text.lower():
            self.shown.search(at_once=True)

    def set_scheme(self, scheme: SchemeChoice) -> None:
        """Choose light, dark or the system's colours."""
        self.settings.scheme = scheme
        self.apply_scheme()

    def _follow_system(self) -> None:
        if self.settings.scheme == "system":
            self.apply_scheme()

    def change_text_size(self, step: int) -> None:
        """Next larger (smaller) text size; 0 for the usual one."""
        sizes = themes.TEXT_SIZES
        current = self.settings.text_size or themes.DEFAULT_TEXT_SIZE
        if step == 0:
            self.settings.text_size = 0
        else:
            number = min(range(len(sizes)), key=lambda each: abs(sizes[each] - current)) + step
            self.settings.text_size = sizes[max(0, min(len(sizes) - 1, number))]
        self.apply_scheme()

    def apply_scheme(self) -> None:
        """Put theme and text size on everything."""
        scheme: SchemeChoice = "dark" if self.settings.scheme == "dark" else "light" if self.settings.scheme == "light" else "system"
        self.theme = themes.chosen(scheme)
        points = self.settings.text_size or themes.DEFAULT_TEXT_SIZE
        application = QApplication.instance()
        if isinstance(application, QApplication):
            themes.apply(application, self.theme, points)
        self.setFont(themes.interface_font(points))
        for part in (self.ask_bar, self.start_page, self.filter_bar, self.overview, self.table, self.side_bar):
            part.restyle(self.theme)
        self.detail.restyle(self.theme, points)
        self.judging.restyle(self.theme)
        restyle_buttons(self, self.theme)
        for action in self.findChildren(QAction):
            name = action.property("icon")
            if name:
                action.setIcon(icons.icon(str(name), self.theme.muted, self.theme.border))
        self.table.fit_rows()
        self.table.fit_columns_to(points)
        self.side_bar.setMinimumWidth(round(SIDE_BAR_WIDTH * points / themes.DEFAULT_TEXT_SIZE))
        self.arrangement.fit_columns(self.table.width())

    def say(self, text: str) -> None:
        """A short notice in the status bar; nothing modal."""
        self.foot.say(text)

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def hand_over(self, other: MainWindow) -> None:
        """Give the session, the filter, the marks and the selection to another window and close; nothing is read again."""
        session = self.engine.release()
        other.filter_bar.set_text(self.filter_bar.text)
        other.marks.bookmarks, other.marks.notes, other.marks.highlights = self.marks.bookmarks, self.marks.notes, self.marks.highlights
        other.case.adopt(self.case)
        other.take_over(session, self.table.current_row())
        self.close()

    def take_over(self, session: Session, row: int) -> None:
        """Show a session that another window had."""
        if row >= 0:
            self.shown.follow(row)
        self.engine.adopt(session)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.case.unsaved and self.settings_path is not None and self.engine.is_ready:
            event.ignore()
            self.case.when_settled(self.close)
            return
        self.arrangement.save()
        self.engine.close()
        super().closeEvent(event)

    # ---- small things ----

    def _facet_term(self, column: str, value: str, exclude: bool) -> str:
        if column == "level" and value.isdigit():
            value = Level(int(value)).title
        return filter_text.column_term(column, value, exclude)

    def _set_zone(self, number: int, offset: timedelta) -> None:
        self.engine.set_zone(number, Zone(offset, ZoneBasis.USER, self.tr("set by you")))
        self.case.touch_if_open()

    def _ask_zone(self, source: Source) -> None:
        def use(text: str) -> None:
            offset = parsed_offset(text)
            if offset is None:
                self.say(self.tr("“%s” is no offset from UTC; write it as +05:30.") % text)
            else:
                self._set_zone(source.id, offset)

        self.ask_bar.ask_text(
            self.tr("Time zone of %s, as its offset from UTC, such as +05:30") % source.name,
            self.tr("Use this zone"),
            use,
            offset_text(source.zone.offset),
        )

    def _show_case(self) -> None:
        path = self.case.path
        # The system puts the program's name behind it.
        name = path.stem if path is not None else self.tr("New case") if self.case.unsaved else ""
        self.setWindowTitle(f"{name}[*]" if name else self.tr("Token Log Inspector"))
        self.setWindowModified(self.case.unsaved)
        self.side_bar.sources.show_missing(self.case.missing)
        if self.case.highlight_rules and self.engine.is_ready:
            self.row_menu.apply_rules()

    def go_to_tab(self, number: int) -> None:
        """Show a tab of the detail, where it has content."""
        if self.detail.tabs.isTabEnabled(number):
            self.detail.tabs.setCurrentIndex(number)
            self.detail.tabs.currentWidget().setFocus()

    def _marks_changed(self) -> None:
        self.table.viewport().update()
        self.case.look_at_marks()
        if self.engine.is_ready:
            session = self.engine.session
            session.choose("bookmark", sorted(self.marks.bookmarks))
            session.choose("note", sorted(self.marks.notes))
            session.choose("highlight", sorted(self.marks.highlights))

    def _to_table(self) -> None:
        self.table.setFocus()
        if not self.table.currentIndex().isValid():
            self.table.go_to(0)

    def toggle_side_bar(self) -> None:
        """Show or hide the side bar, as the menu says."""
        self.side_bar.setVisible(self.menus.side_action.isChecked())

    def toggle_overview(self) -> None:
        """Show or hide the overview, as the menu says."""
        self.overview.setVisible(self.menus.overview_action.isChecked())
        if self.menus.overview_action.isChecked() and len(self.model.rows):
            self.engine.count(self.model.rows, BINS)

    def _show_failure(self, what: str, error: Exception) -> None:
        if not self.engine.is_ready:
            self.foot.progress.hide()
        self.say(f"{what}: {error}" if str(error) else f"{what}: {type(error).__name__}")
