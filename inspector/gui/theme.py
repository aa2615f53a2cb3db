"""Colours, fonts and style of the window: one light and one dark palette of our own on top of Fusion."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from inspector.events import Level
from inspector.resources import resource_path

SchemeChoice = Literal["system", "light", "dark"]

INTERFACE_FAMILY: Final = "Inter"
CODE_FAMILY: Final = "JetBrains Mono"
TEXT_SIZES: Final = (8, 9, 10, 11, 12, 14, 16, 18)
"""Point sizes that the text size command steps through."""
DEFAULT_TEXT_SIZE: Final = 10 if sys.platform == "darwin" else 9


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, as ``#rrggbb``. Text colours reach WCAG AA (4.5:1) on every background they stand on."""

    name: str
    window: str
    base: str
    raised: str
    """Headers, cards and chips."""
    text: str
    muted: str
    """Secondary text."""
    hairline: str
    border: str
    """Outline of controls, at least 3:1 against window and base where it alone marks a control."""
    accent: str
    on_accent: str
    hover: str
    scroll: str
    """Scroll bar handles."""
    selection: str
    selection_idle: str
    """Selection while another pane has the focus."""
    error: str
    error_fill: str
    warning: str
    warning_fill: str
    info: str
    info_fill: str
    success: str
    success_fill: str
    neutral_fill: str
    bar: str
    """Bars of the overview that are neither warning nor error."""
    bar_warning: str
    bar_error: str
    code_tag: str
    code_name: str
    code_value: str
    code_comment: str
    code_highlight: str
    """Background of found text and of evidence."""

    @property
    def dark(self) -> bool:
        """Whether this is the dark set."""
        return self.name == "dark"

    def level_colour(self, level: Level) -> str:
        """Text and icon colour of a level; never the only mark of it."""
        return {
            Level.CRITICAL: self.error,
            Level.ERROR: self.error,
            Level.AUDIT_FAILURE: self.error,
            Level.WARNING: self.warning,
            Level.INFORMATION: self.info,
            Level.AUDIT_SUCCESS: self.success,
        }.get(level, self.muted)


LIGHT: Final = Theme(
    name="light",
    window="#f5f6f8",
    base="#ffffff",
    raised="#eef0f3",
    text="#1a1e24",
    muted="#565e69",
    hairline="#e3e6ea",
    border="#868e99",
    accent="#1f5fd0",
    on_accent="#ffffff",
    hover="#e9eef8",
    scroll="#c3c9d1",
    selection="#d6e4fd",
    selection_idle="#e4e8ee",
    error="#b4232a",
    error_fill="#fde8e8",
    warning="#825300",
    warning_fill="#fdf0d3",
    info="#1a58bd",
    info_fill="#e3edfd",
    success="#17693a",
    success_fill="#dcf3e4",
    neutral_fill="#eceff3",
    bar="#94b4e8",
    bar_warning="#dd9a1f",
    bar_error="#cf3e45",
    code_tag="#1a58bd",
    code_name="#7a4300",
    code_value="#17693a",
    code_comment="#626a75",
    code_highlight="#ffe9a8",
)

DARK: Final = Theme(
    name="dark",
    window="#1d2025",
    base="#16191d",
    raised="#262a31",
    text="#e4e7eb",
    muted="#a3abb6",
    hairline="#2b3037",
    border="#6b7480",
    accent="#7eb0ff",
    on_accent="#0d1b30",
    hover="#252d3a",
    scroll="#444b55",
    selection="#243f6b",
    selection_idle="#2c323b",
    error="#ff9a9a",
    error_fill="#47232a",
    warning="#eebd5c",
    warning_fill="#40321a",
    info="#8fbcff",
    info_fill="#20334f",
    success="#74d397",
    success_fill="#1c3b2a",
    neutral_fill="#2a2f37",
    bar="#48699f",
    bar_warning="#c98a1d",
    bar_error="#df5c62",
    code_tag="#8fbcff",
    code_name="#e8b06a",
    code_value="#8ad6a4",
    code_comment="#a3abb6",
    code_highlight="#403410",
)


def palette(theme: Theme) -> QPalette:
    """The Qt palette of a theme."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.window,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.base,
        QPalette.ColorRole.AlternateBase: theme.window,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.error,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.selection,
        QPalette.ColorRole.HighlightedText: theme.text,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.Light: theme.base,
        QPalette.ColorRole.Midlight: theme.hairline,
        QPalette.ColorRole.Mid: theme.border,
        QPalette.ColorRole.Dark: theme.border,
        QPalette.ColorRole.Shadow: "#000000",
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, value in roles.items():
        result.setColor(role, QColor(value))
    disabled = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        result.setColor(disabled, role, QColor(theme.border))
    result.setColor(QPalette.ColorGroup.Inactive, QPalette.ColorRole.Highlight, QColor(theme.selection_idle))
    return result


def style_sheet(theme: Theme) -> str:
    """The few places where Fusion is not enough: quiet frames, flat buttons, underlined tabs, hairlines between panes."""
    t = theme
    return f"""
    QMainWindow, QDialog {{ background: {t.window}; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 4px 8px; }}
    QMenuBar {{ background: {t.window}; padding: 2px 4px; }}
    QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.hover}; }}
    QMenu {{ background: {t.base}; border: 1px solid {t.border}; padding: 4px; }}
    QMenu::item {{ padding: 4px 24px 4px 8px; border-radius: 4px; }}
    QMenu::icon {{ padding-left: 8px; }}
    QMenu::item:selected {{ background: {t.selection}; }}
    QMenu::item:disabled {{ color: {t.border}; }}
    QMenu::separator {{ height: 1px; background: {t.hairline}; margin: 4px 8px; }}
    QLineEdit, QSpinBox, QPlainTextEdit#note {{ background: {t.base}; border: 1px solid {t.border}; border-radius: 6px; padding: 4px 8px;
        selection-background-color: {t.selection}; selection-color: {t.text}; }}
    QLineEdit:focus, QSpinBox:focus, QPlainTextEdit#note:focus {{ border: 2px solid {t.accent}; padding: 3px 7px; }}
    QLineEdit[mistake="true"] {{ border: 2px solid {t.error}; padding: 3px 7px; }}
    QPushButton {{ background: {t.base}; color: {t.text}; border: 1px solid {t.border}; border-radius: 6px; padding: 4px 12px; min-height: 20px; }}
    QPushButton:hover {{ background: {t.hover}; }}
    QPushButton:focus {{ border: 2px solid {t.accent}; padding: 3px 11px; }}
    QPushButton:disabled {{ color: {t.border}; border-color: {t.hairline}; }}
    QPushButton[primary="true"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {t.text}; }}
    QPushButton#chip {{ border: 1px solid {t.hairline}; background: {t.info_fill}; color: {t.info}; border-radius: 10px; padding: 1px 8px; min-height: 16px; }}
    QPushButton#chip:focus, QPushButton#beginning:focus {{ border: 1px solid {t.accent}; padding: 1px 8px; }}
    QPushButton#beginning {{ border: 1px solid {t.hairline}; background: {t.base}; color: {t.muted}; border-radius: 10px; padding: 1px 8px; min-height: 16px; }}
    QPushButton#beginning:hover {{ background: {t.hover}; color: {t.text}; }}
    QListView#completions {{ background: {t.base}; border: 1px solid {t.border}; }}
    QListView#completions::item {{ padding: 4px 8px; border-radius: 4px; color: {t.text}; }}
    QListView#completions::item:selected {{ background: {t.selection}; color: {t.text}; }}
    QListView#completions::item:hover {{ background: {t.hover}; }}
    QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }}
    QToolButton:hover {{ background: {t.hover}; }}
    QToolButton:checked {{ background: {t.selection}; }}
    QToolButton:focus {{ border: 1px solid {t.accent}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {t.hairline}; top: -1px; }}
    QTabBar {{ background: transparent; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 12px; border: none; border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
    QTabBar::tab:hover:!selected {{ color: {t.text}; background: {t.hover}; }}
    QTabBar::tab:disabled {{ color: {t.border}; }}
    QTabBar::tab:focus {{ background: {t.hover}; }}
    QHeaderView {{ background: {t.window}; border: none; }}
    QHeaderView::section {{ background: {t.window}; color: {t.muted}; border: none; border-bottom: 1px solid {t.hairline};
        border-right: 1px solid {t.hairline}; padding: 4px 8px; }}
    QTableView, QListView, QTreeView, QPlainTextEdit, QScrollArea {{ border: none; background: {t.base}; }}
    QTableView {{ selection-color: {t.text}; }}
    QScrollArea > QWidget > QWidget#page {{ background: {t.base}; }}
    QSplitter::handle {{ background: {t.hairline}; }}
    QSplitter::handle:hover {{ background: {t.accent}; }}
    QSplitter::handle:horizontal {{ width: 1px; }}
    QSplitter::handle:vertical {{ height: 1px; }}
    QStatusBar {{ background: {t.window}; border-top: 1px solid {t.hairline}; }}
    QStatusBar::item {{ border: none; }}
    QProgressBar {{ background: {t.raised}; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 4px; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
    QScrollBar::handle {{ background: {t.scroll}; border-radius: 3px; }}
    QScrollBar::handle:vertical {{ margin: 2px 3px; min-height: 32px; }}
    QScrollBar::handle:horizontal {{ margin: 3px 2px; min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {t.border}; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QComboBox {{ background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 2px 8px; }}
    QComboBox:hover {{ background: {t.hover}; }}
    QComboBox:focus {{ border: 1px solid {t.accent}; }}
    QComboBox QAbstractItemView {{ background: {t.base}; border: 1px solid {t.border}; selection-background-color: {t.selection}; }}
    QRadioButton {{ spacing: 8px; padding: 2px; }}
    QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {t.border}; border-radius: 7px; background: {t.base}; }}
    QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {t.accent}; background: {t.on_accent}; }}
    QRadioButton:focus {{ border: 1px solid {t.accent}; border-radius: 4px; padding: 1px; }}
    QFrame#ask {{ background: {t.info_fill}; border: none; border-bottom: 1px solid {t.hairline}; }}
    QWidget#plain {{ background: {t.base}; }}
    QFrame#card {{ background: {t.base}; border: 1px solid {t.hairline}; border-radius: 8px; }}
    QSlider::groove:horizontal {{ height: 4px; background: {t.neutral_fill}; border-radius: 2px; }}
    QSlider::handle:horizontal {{ width: 12px; margin: -4px 0; border-radius: 6px; background: {t.accent}; }}
    QSlider:focus {{ border: 1px solid {t.accent}; border-radius: 6px; }}
    QFrame#rule {{ background: {t.hairline}; max-height: 1px; min-height: 1px; border: none; }}
    QFrame#column {{ background: {t.hairline}; max-width: 1px; min-width: 1px; border: none; }}
    QLabel#muted {{ color: {t.muted}; }}
    QLabel#excerpt {{ color: {t.muted}; font-family: "{CODE_FAMILY}"; }}
    QLabel#mistake {{ color: {t.error}; }}
    QLabel#title {{ font-weight: 600; }}
    QLabel[pill="error"] {{ background: {t.error_fill}; color: {t.error}; border-radius: 4px; padding: 1px 6px; }}
    QLabel[pill="warning"] {{ background: {t.warning_fill}; color: {t.warning}; border-radius: 4px; padding: 1px 6px; }}
    QLabel[pill="info"] {{ background: {t.info_fill}; color: {t.info}; border-radius: 4px; padding: 1px 6px; }}
    QLabel[pill="success"] {{ background: {t.success_fill}; color: {t.success}; border-radius: 4px; padding: 1px 6px; }}
    QLabel[pill="neutral"] {{ background: {t.neutral_fill}; color: {t.muted}; border-radius: 4px; padding: 1px 6px; }}
    """


def load_fonts() -> None:
    """Make the bundled interface and code fonts known to Qt."""
    for path in sorted(resource_path("fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))


def interface_font(points: int) -> QFont:
    """The interface font with tabular digits, so that times and counts stand under each other."""
    font = QFont(INTERFACE_FAMILY)
    font.setPointSize(points)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setStyleHint(QFont.StyleHint.SansSerif)
    return font


def code_font(points: int) -> QFont:
    """The monospace font for envelopes, stack traces and raw text; without ligatures, so that every character is the one in the log."""
    font = QFont(CODE_FAMILY)
    font.setPointSize(points)
    font.setFeature(QFont.Tag("liga"), 0)
    font.setFeature(QFont.Tag("calt"), 0)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def chosen(scheme: SchemeChoice) -> Theme:
    """The theme for a choice; ``system`` follows the desktop where Qt can tell, else light."""
    if scheme == "dark":
        return DARK
    if scheme == "light":
        return LIGHT
    return DARK if QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def apply(application: QApplication, theme: Theme, points: int) -> None:
    """Put style, palette, fonts and style sheet of a theme on the whole application; nothing is done when they are there already."""
    wanted = f"{theme.name} {points}"
    if application.property("theme") == wanted:
        return  # a style sheet set once more is worked out anew for every widget
    application.setProperty("theme", wanted)
    application.setStyle("Fusion")
    application.setPalette(palette(theme))
    application.setFont(interface_font(points))
    application.setStyleSheet(style_sheet(theme))
