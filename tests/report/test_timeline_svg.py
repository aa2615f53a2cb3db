"""The timeline as SVG: well-formed whatever the log holds, said to screen readers, redacted, complete in itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from inspector.report.timeline_svg import REPORT, svg, timeline_figure
from inspector.timeline import build
from inspector.timeline.layout import lay_out
from inspector.timeline.palette import DARK, LIGHT, ROLES
from inspector.tokens.base import ValidityWindow
from tests.test_timeline import CASES, STAMP, at

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_well_formed_and_says_what_it_shows(name: str) -> None:
    line = CASES[name]
    root = etree.fromstring(timeline_figure(line, "F1-timeline"))
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert named["F1-timeline-title"] == line.summary
    description = named["F1-timeline-desc"] or ""
    assert all(fact in description for fact in line.facts)
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert any(text and "09:2" in text for text in texts)


def test_nothing_in_it_leads_outside_or_runs() -> None:
    figure = str(timeline_figure(CASES["three windows"], "a"))
    assert set(re.findall(r"url\(([^)]*)\)", figure)) == {"#a-hatch"}
    assert "href" not in figure
    assert "<script" not in figure
    assert re.findall(r"https?://[^\"]*", figure) == ["http://www.w3.org/2000/svg"]


def test_text_of_the_log_is_escaped_and_redacted() -> None:
    window = ValidityWindow('</text><script>"&alice', at(9, 0), at(10, 0))
    figure = str(timeline_figure(build([window], at(9, 30), host="<b>"), "a", lambda text: text.replace("alice", "USER-1")))
    assert "<script" not in figure
    assert "<b>" not in figure
    assert "alice" not in figure
    assert "USER-1" in figure


@given(label=st.text(), host=st.text(max_size=20))
def test_any_text_can_be_written(label: str, host: str) -> None:
    etree.fromstring(timeline_figure(build([ValidityWindow(label, at(9, 0), at(10, 0))], at(9, 30), host=host), "a"))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(palette: dict[str, str]) -> None:
    for name in ("text", "muted", "good", "warning", "bad", "judged"):
        assert contrast(palette[name], palette["background"]) >= 4.5, name
    for name in ("late", "early", "valid", "tolerated", "usual"):
        assert contrast(palette[name], palette["track"]) >= 2, name
    for ground in ("late", "early", "valid"):
        assert contrast(palette["on_fill"], palette[ground]) >= 4.5, ground
    for ground in ("ground_late", "ground_early"):
        assert contrast(palette["text"], palette[ground]) >= 4.5, ground
    assert contrast(palette["on_tolerated"], palette["tolerated"]) >= 4.5
    assert contrast(palette["on_reply"], palette["reply"]) >= 4.5
    assert contrast(palette["on_judged"], palette["judged"]) >= 4.5


def test_every_role_has_its_colour_in_every_palette() -> None:
    assert set(LIGHT) == set(DARK) == set(REPORT)
    seen = set()
    for line in CASES.values():
        layout = lay_out(line, 900)
        seen |= {one.role for one in layout.primitives}
        for palette in (LIGHT, DARK, REPORT):
            svg(layout, palette)
    assert seen <= set(ROLES)


def test_a_picture_file_has_a_background() -> None:
    layout = lay_out(build([STAMP], at(9, 30)), 600)
    assert f'fill="{DARK["background"]}"' in svg(layout, DARK, background=True)
    assert layout.height < 200
