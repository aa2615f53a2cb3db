"""The timeline as inline SVG for the report and as a picture file: every text escaped, title and description for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from markupsafe import Markup, escape

from inspector.timeline import Timeline
from inspector.timeline.layout import Hatch, Layout, Line, Primitive, Rect, Shape, Text, lay_out

Palette = Mapping[str, str]
"""Colour by name: text, muted, line, track, valid, late, early, tolerated, reply, skew, judged, instant, on_late, good, warning, bad, background."""

LIGHT: Final[Palette] = {
    "background": "#ffffff", "text": "#1b1f24", "muted": "#57606a", "line": "#8c959f", "track": "#eef1f4", "fold": "#ffffff",
    "valid": "#57ab8a", "late": "#cf222e", "early": "#9a4bd1", "tolerated": "#bf8700", "reply": "#b6bec7", "skew": "#57606a",
    "judged": "#0b57d0", "instant": "#6e7781", "on_late": "#ffffff", "good": "#116329", "warning": "#7d4e00", "bad": "#a40e26",
}  # fmt: skip
DARK: Final[Palette] = {
    "background": "#16191d", "text": "#e6edf3", "muted": "#9da7b1", "line": "#6e7681", "track": "#262c33", "fold": "#16191d",
    "valid": "#2f7d5f", "late": "#d1373f", "early": "#8250df", "tolerated": "#d29922", "reply": "#57606a", "skew": "#9da7b1",
    "judged": "#79b8ff", "instant": "#8b949e", "on_late": "#ffffff", "good": "#56d364", "warning": "#e3b341", "bad": "#ff7b72",
}  # fmt: skip
REPORT: Final[Palette] = {name: f"var(--timeline-{name.replace('_', '-')}, {colour})" for name, colour in LIGHT.items()}
"""Colours that a style sheet may set; the light ones where it does not."""

_FILLS: Final = {
    "track": "track",
    "fold": "fold",
    "lane-valid": "valid",
    "lane-late": "late",
    "lane-early": "early",
    "lane-tolerated": "tolerated",
    "lane-reply": "reply",
    "arrow": "muted",
}
_STROKES: Final = {"axis": "line", "tick": "line", "grid": "track", "fold": "muted", "instant": "instant", "instant-judged": "judged"}
_TEXTS: Final = {
    "lane-title": "text",
    "words": "muted",
    "words-good": "good",
    "words-warning": "warning",
    "words-bad": "bad",
    "bound": "muted",
    "delta": "on_late",
    "instant-label": "muted",
    "instant-label-judged": "judged",
    "axis-label": "muted",
    "axis-name": "muted",
}
_SMALL: Final = frozenset({"bound", "delta", "instant-label", "instant-label-judged", "axis-label", "axis-name"})
_BOLD: Final = frozenset({"lane-title", "instant-label-judged", "delta"})
REPORT_WIDTH: Final = 960.0


def timeline_figure(
    timeline: Timeline, anchor: str, clean: Callable[[str], str] = str, *, offset: timedelta | None = None, width: float = REPORT_WIDTH
) -> Markup:
    """The timeline of one event for an HTML page. ``anchor``: unique start of its ids; ``clean``: what redacts a text before it is written."""
    layout = lay_out(timeline, width, offset=offset)
    return svg(layout, REPORT, anchor=anchor, title=timeline.summary, description=" ".join(timeline.facts), clean=clean)


def svg(
    layout: Layout,
    palette: Palette = LIGHT,
    *,
    anchor: str = "timeline",
    title: str = "Timeline",
    description: str = "",
    clean: Callable[[str], str] = str,
    background: bool = False,
) -> Markup:
    """A layout as one ``svg`` element, complete in itself; ``background`` paints one, as a picture file needs."""
    size = Markup('viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}"').format(layout.width, layout.height)
    parts = [
        Markup('<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="{id}-title {id}-desc"').format(
            size=size, id=anchor
        ),
        Markup(' font-family="Inter, Segoe UI, Helvetica Neue, Arial, sans-serif" style="max-width:100%;height:auto">'),
        Markup('<title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>').format(
            id=anchor, title=_printable(clean(title)), description=_printable(clean(description))
        ),
        Markup(
            '<defs><pattern id="{id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<rect width="6" height="6" fill="{colour}" fill-opacity="0.12"/><rect width="2" height="6" fill="{colour}" fill-opacity="0.55"/></pattern></defs>'
        ).format(id=anchor, colour=palette["skew"]),
    ]
    if background:
        parts.append(Markup('<rect width="100%" height="100%" fill="{}"/>').format(palette["background"]))
    parts.extend(_element(primitive, palette, anchor, clean) for primitive in layout.primitives)
    parts.append(Markup("</svg>"))
    return Markup("\n").join(parts)


def _element(primitive: Primitive, palette: Palette, anchor: str, clean: Callable[[str], str]) -> Markup:
    tip = Markup("<title>{}</title>").format(_printable(clean(primitive.title))) if primitive.title else Markup("")
    match primitive:
        case Rect(x, y, width, height, role):
            radius = 0 if role == "fold" else 2
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{}" fill="{}">{}</rect>').format(
                x, y, width, height, radius, palette[_FILLS[role]], tip
            )
        case Hatch(x, y, width, height):
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="url(#{}-hatch)">{}</rect>').format(
                x, y, width, height, anchor, tip
            )
        case Line(x1, y1, x2, y2, role):
            extra = Markup(' stroke-dasharray="{}" stroke-width="{}"').format(
                "3 3" if role == "instant" else "none", 2 if role == "instant-judged" else 1
            )
            return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"{}>{}</line>').format(
                x1, y1, x2, y2, palette[_STROKES[role]], extra, tip
            )
        case Shape(points, role):
            corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            return Markup('<polygon points="{}" fill="{}">{}</polygon>').format(corners, palette[_FILLS[role]], tip)
        case Text(x, y, text, side, role):
            weight = Markup(' font-weight="600"') if role in _BOLD else Markup("")
            return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}"{} fill="{}">{}{}</text>').format(
                x, y, side, 11.5 if role in _SMALL else 13, weight, palette[_TEXTS[role]], escape(_printable(clean(text))), tip
            )


def _printable(text: str) -> str:
    """Without characters that XML 1.0 has no way to write."""
    return "".join(
        character
        if character in "\t\n" or (character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff")
        else "\ufffd"
        for character in text
    )
