"""The timeline as inline SVG for the report and as a picture file: every text escaped, title and description for screen readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from markupsafe import Markup, escape

from inspector.timeline import Timeline, UsualArrival
from inspector.timeline.drawing import BOLD, HEADLINE_SIZE, HEADLINES, SMALL, SMALL_SIZE, Hatch, Layout, Line, Primitive, Rect, Shape, Text
from inspector.timeline.host_clock import host_clock_title, lay_out_host_clock
from inspector.timeline.layout import lay_out
from inspector.timeline.palette import DASHED, FILLS, LIGHT, STROKES, TEXTS, WIDTHS, Palette

REPORT: Final[Palette] = {name: f"var(--timeline-{name.replace('_', '-')}, {colour})" for name, colour in LIGHT.items()}
"""Colours that a style sheet may set; the light ones where it does not."""

REPORT_WIDTH: Final = 960.0


def timeline_figure(
    timeline: Timeline, anchor: str, clean: Callable[[str], str] = str, *, offset: timedelta | None = None, width: float = REPORT_WIDTH
) -> Markup:
    """The timeline of one event for an HTML page. ``anchor``: unique start of its ids; ``clean``: what redacts a text before it is written."""
    layout = lay_out(timeline, width, offset=offset)
    return svg(layout, REPORT, anchor=anchor, title=timeline.summary, description=" ".join(timeline.facts), clean=clean)


def host_clock_figure(usual: UsualArrival, anchor: str, clean: Callable[[str], str] = str) -> Markup | None:
    """A host's clock over many messages for an HTML page; None where there is nothing to show over time."""
    layout = lay_out_host_clock(usual, REPORT_WIDTH)
    return (
        None
        if layout is None
        else svg(layout, REPORT, anchor=anchor, title=f"Clock of {usual.host}", description=host_clock_title(usual), clean=clean)
    )


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
            '<rect width="6" height="6" fill="{ground}"/><rect width="6" height="6" fill="{colour}" fill-opacity="0.12"/><rect width="1.25" height="6" fill="{colour}" fill-opacity="0.6"/></pattern></defs>'
        ).format(id=anchor, colour=palette["skew"], ground=palette["background"]),
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
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{}" fill="{}">{}</rect>').format(
                x, y, width, height, 3 if width > 6 else 0, palette[FILLS[role]], tip
            )
        case Hatch(x, y, width, height):
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="url(#{}-hatch)">{}</rect>').format(
                x, y, width, height, anchor, tip
            )
        case Line(x1, y1, x2, y2, role):
            extra = Markup(' stroke-width="{:g}"').format(WIDTHS.get(role, 1.0))
            if role in DASHED:
                extra += Markup(' stroke-dasharray="3 3"')
            if role == "mark-stroke":
                extra += Markup(' stroke-linecap="round"')
            return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}"{}>{}</line>').format(
                x1, y1, x2, y2, palette[STROKES[role]], extra, tip
            )
        case Shape(points, role):
            corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            return Markup('<polygon points="{}" fill="{}">{}</polygon>').format(corners, palette[FILLS[role]], tip)
        case Text(x, y, text, side, role):
            weight = Markup(' font-weight="600"') if role in BOLD else Markup("")
            return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" font-size="{}"{} fill="{}">{}{}</text>').format(
                x, y, side, _size(role), weight, palette[TEXTS[role]], escape(_printable(clean(text))), tip
            )


def _size(role: str) -> str:
    return f"{13 * (SMALL_SIZE if role in SMALL else HEADLINE_SIZE if role in HEADLINES else 1):g}"


def _printable(text: str) -> str:
    """Without characters that XML 1.0 has no way to write."""
    return "".join(
        character
        if character in "\t\n" or (character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff")
        else "\ufffd"
        for character in text
    )
