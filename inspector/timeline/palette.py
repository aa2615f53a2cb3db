"""The colours of a drawing's roles, light and dark: one table for the window and for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Palette = Mapping[str, str]
"""Colour, as ``#rrggbb``, by name."""

LIGHT: Final[Palette] = {
    "background": "#ffffff", "text": "#1b1f24", "muted": "#57606a", "line": "#8c959f", "track": "#eef1f4", "hairline": "#dfe3e8",
    "valid": "#1c7f57", "late": "#cf222e", "early": "#8f45c9", "tolerated": "#d99a00", "reply": "#b6bec7", "usual": "#5b8bd9", "spread": "#a9c6f2",
    "skew": "#57606a", "ground_late": "#fbe4e5", "ground_early": "#f0e6f9",
    "judged": "#0b57d0", "on_judged": "#ffffff", "instant": "#6e7781", "on_fill": "#ffffff", "on_tolerated": "#1b1f24", "on_reply": "#1b1f24",
    "good": "#116329", "warning": "#7d4e00", "bad": "#a40e26",
}  # fmt: skip
DARK: Final[Palette] = {
    "background": "#16191d", "text": "#e6edf3", "muted": "#9da7b1", "line": "#6e7681", "track": "#262c33", "hairline": "#2f353d",
    "valid": "#2f7d5f", "late": "#d1373f", "early": "#8b5ae0", "tolerated": "#d29922", "reply": "#57606a", "usual": "#4f7fd0", "spread": "#2d4f86",
    "skew": "#9da7b1", "ground_late": "#3b2327", "ground_early": "#30264a",
    "judged": "#79b8ff", "on_judged": "#0d1b30", "instant": "#8b949e", "on_fill": "#ffffff", "on_tolerated": "#16191d", "on_reply": "#ffffff",
    "good": "#56d364", "warning": "#e3b341", "bad": "#ff7b72",
}  # fmt: skip

FILLS: Final[Mapping[str, str]] = {
    "track": "track", "zone-early": "ground_early", "zone-late": "ground_late", "lane-valid": "valid", "lane-late": "late", "lane-early": "early",
    "lane-tolerated": "tolerated", "lane-reply": "reply", "lane-usual": "usual", "skew": "skew", "plate": "background", "fold": "background",
    "flag": "judged", "arrow": "muted", "mark-good": "good", "mark-warning": "warning", "mark-bad": "bad", "mark-none": "muted",
    "spread": "spread",
}  # fmt: skip
"""Palette colour of what is filled."""
STROKES: Final[Mapping[str, str]] = {
    "grid": "hairline", "axis": "line", "tick": "line", "fold": "muted", "instant": "instant", "instant-judged": "judged",
    "dimension": "muted", "mark-stroke": "background", "middle": "judged",
}  # fmt: skip
"""Palette colour of lines."""
TEXTS: Final[Mapping[str, str]] = {
    "headline-good": "good", "headline-warning": "warning", "headline-bad": "bad", "headline-none": "text", "sentence": "text",
    "lane-title": "text", "words": "muted", "words-good": "good", "words-warning": "warning", "words-bad": "bad", "bound": "muted",
    "zone": "on_fill", "zone-tolerated": "on_tolerated", "zone-reply": "on_reply", "zone-skew": "text", "zone-out": "text",
    "dimension-label": "text", "instant-label": "muted", "flag-label": "on_judged", "axis-label": "muted", "axis-name": "muted",
}  # fmt: skip
"""Palette colour of letters."""
WIDTHS: Final[Mapping[str, float]] = {"instant-judged": 2.0, "mark-stroke": 1.75, "middle": 2.0}
"""Thickness of lines that are not one unit thick."""
DASHED: Final = frozenset({"instant"})
ROLES: Final = frozenset(FILLS) | frozenset(STROKES) | frozenset(TEXTS)
"""Every role a primitive can have."""
