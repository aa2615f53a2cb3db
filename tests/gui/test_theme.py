"""Both palettes: text readable on every ground it stands on, by the arithmetic of WCAG 2.2 (1.4.3, 1.4.11)."""

from __future__ import annotations

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette

from inspector.events import Level
from inspector.gui import theme
from inspector.gui.theme import DARK, LIGHT, Theme
from inspector.gui.timeline_paint import palette_of
from inspector.timeline.palette import FILLS, STROKES, TEXTS

BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda each: each.name)
GROUNDS = ("window", "base", "raised", "hover", "selection", "selection_idle", "neutral_fill")


def luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    shade = QColor(colour)
    return 0.2126 * linear(shade.redF()) + 0.7152 * linear(shade.greenF()) + 0.0722 * linear(shade.blueF())


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.01)


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "error", "warning", "info", "success"])
def test_text_is_readable(colours: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("ink", ["code_tag", "code_name", "code_value", "code_comment", "text", "error"])
@pytest.mark.parametrize("ground", ["base", "code_highlight"])
def test_code_is_readable(colours: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5


@BOTH
@pytest.mark.parametrize("kind", ["error", "warning", "info", "success"])
def test_pills_and_highlighted_rows_are_readable(colours: Theme, kind: str) -> None:
    ground = getattr(colours, f"{kind}_fill")
    assert contrast(getattr(colours, kind), ground) >= 4.5
    assert contrast(colours.text, ground) >= 4.5
    assert contrast(colours.muted, ground) >= 4.5


@BOTH
def test_controls_can_be_told_from_their_ground(colours: Theme) -> None:
    for ground in ("window", "base"):
        assert contrast(colours.border, getattr(colours, ground)) >= 3
        assert contrast(colours.accent, getattr(colours, ground)) >= 3
    assert contrast(colours.on_accent, colours.accent) >= 4.5


@BOTH
def test_levels_are_told_by_more_than_colour(colours: Theme) -> None:
    from inspector.gui.icons import LEVEL_ICONS

    assert set(LEVEL_ICONS) == set(Level)
    assert len(set(LEVEL_ICONS.values())) == len(Level)
    for level in Level:
        assert contrast(colours.level_colour(level), colours.base) >= 4.5


GROUND_OF_ZONE = {
    "zone": ("valid", "late", "early"),
    "zone-tolerated": ("tolerated",),
    "zone-reply": ("reply",),
    "zone-out": ("ground_late", "ground_early"),
    "flag-label": ("judged",),
}
"""What the texts stand on that do not stand on the drawing's own ground."""


@BOTH
def test_the_timeline_is_readable(colours: Theme) -> None:
    drawn = palette_of(colours)
    for role, ink in TEXTS.items():
        for ground in GROUND_OF_ZONE.get(role, ("background",)):
            assert contrast(drawn[ink], drawn[ground]) >= 4.5, (role, ground)
    for mark in ("good", "warning", "bad", "muted"):
        assert contrast(drawn["background"], drawn[mark]) >= 3, mark


@BOTH
def test_every_role_of_the_timeline_has_a_colour(colours: Theme) -> None:
    drawn = palette_of(colours)
    for table in (FILLS, STROKES, TEXTS):
        assert set(table.values()) <= set(drawn)


@BOTH
def test_the_palette_is_complete(colours: Theme) -> None:
    made = theme.palette(colours)
    assert made.color(QPalette.ColorRole.Base) == QColor(colours.base)
    for each in fields(Theme):
        if each.name != "name":
            assert QColor(getattr(colours, each.name)).isValid(), each.name
