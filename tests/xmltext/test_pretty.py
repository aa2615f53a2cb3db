"""Laying XML out: only white space changes, whatever the input."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.xmltext import pretty as layout
from inspector.xmltext import pretty_offsets, pretty_print
from tests.xmltext.messages import FAULT_11, MESSAGES, REQUEST, damaged, hostile, operations


def solid(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", "", text)


@given(hostile | damaged() | st.text())
def test_only_white_space_changes_and_twice_is_once(text: str) -> None:
    pretty = pretty_print(text)
    assert solid(pretty) == solid(text)
    assert pretty_print(pretty) == pretty


def test_one_element_a_line_indented() -> None:
    assert (
        pretty_print('<a x="1"><b>text</b><c/><d><e></e></d></a>') == '<a x="1">\n  <b>text</b>\n  <c/>\n  <d>\n    <e></e>\n  </d>\n</a>'
    )


@pytest.mark.parametrize(
    "kept",
    [
        "<p>mixed <b>content</b> and <i>more</i></p>",
        "<p><b>text comes</b> <i>late</i> here</p>",
        "<p><q><r>deep</r></q>late</p>",
        "<a>  </a>",
        "<a>\n</a>",
        "<a><![CDATA[ <b> ]]></a>",
        "<a>1 < 2</a>",
        '<a xml:space="preserve"> <b/> </a>',
        "plain text, no XML",
        "text before <a>x</a> and behind",
        "<a b='1' a=\"2\" c='x > y'/>",
        "<?xml version='1.0'?>",
    ],
)
def test_what_must_not_move_stays(kept: str) -> None:
    assert pretty_print(kept) == kept


def test_only_the_mixed_element_keeps_its_white_space() -> None:
    assert pretty_print("<a><p>one <b>two</b></p><q><r>3</r></q></a>") == "<a>\n  <p>one <b>two</b></p>\n  <q>\n    <r>3</r>\n  </q>\n</a>"


def test_comments_and_instructions_stand_on_lines_of_their_own() -> None:
    assert pretty_print("<?xml version='1.0'?><!-- <a> --><a><?go on?><b/></a>") == (
        "<?xml version='1.0'?>\n<!-- <a> -->\n<a>\n  <?go on?>\n  <b/>\n</a>"
    )


def test_a_cut_tag_does_not_undo_the_layout_before_it() -> None:
    assert pretty_print("<a><b><c>1</c><Provid") == "<a>\n  <b>\n    <c>1</c>\n    <Provid"


def test_a_lost_end_tag_does_not_shift_what_follows() -> None:
    assert pretty_print("<a><b><c>1</b><d>2</d></a>") == "<a>\n  <b>\n    <c>1</b>\n  <d>2</d>\n</a>"


def test_depth_does_not_blow_up_the_text() -> None:
    deep = "<a>" * 20_000 + "</a>" * 20_000
    assert len(pretty_print(deep)) < len(deep) + 40_000 * (1 + len(layout.STEP) * layout.MAX_INDENT)


@given(st.recursive(st.sampled_from(["<e/>", "<e>ä</e>", "<e> </e>", "<!--c-->", "<e></e>"]), lambda inner: st.lists(inner, min_size=1, max_size=4).map(
    lambda parts: "<n:o a='é'> " + "\n".join(parts) + "</n:o>"
)))  # fmt: skip
def test_the_columnar_way_gives_the_same(xml: str) -> None:
    columnar = layout._regular(xml)
    assert columnar is None or columnar == pretty_print(xml)
    if xml.startswith("<n:o"):
        assert columnar is not None


@pytest.mark.parametrize(
    "irregular",
    [
        "",
        "text",
        "<a>",
        "</a><a>",
        "<a>1<b/></a>",
        "<a x='>'/>",
        "<!-- <a> -->",
        "<a><![CDATA[x]]></a>",
        "<1/>",
        "<a></a></a>",
        "< a></ a>",
    ],
)
def test_the_columnar_way_declines_what_it_cannot_do(irregular: str) -> None:
    assert layout._regular(irregular) is None


def test_a_large_document_is_laid_out_like_a_small_one() -> None:
    row = "<row><name>é</name><empty/></row>"
    large = "<all>" + row * (layout.LARGE // len(row) + 1) + "</all>"
    small = pretty_print(f"<all>{row}{row}</all>")
    lines = pretty_print(large).split("\n")
    assert lines[:9] == small.split("\n")[:9]
    assert lines[-1] == "</all>"


@given(hostile | damaged(), st.data())
def test_every_character_is_found_again_in_the_layout(text: str, data: st.DataObject) -> None:
    pretty = pretty_print(text)
    solids = [place for place, letter in enumerate(text) if not letter.isspace()]
    chosen = sorted(data.draw(st.lists(st.sampled_from(solids), max_size=5))) if solids else []
    for place, there in zip(chosen, pretty_offsets(text, pretty, chosen), strict=True):
        assert pretty[there] == text[place]
        assert "".join(pretty[:there].split()) == "".join(text[:place].split())


def test_messages_read_well() -> None:
    lines = pretty_print(FAULT_11).split("\n")
    assert '<?xml version="1.0" encoding="utf-8"?>' in lines
    assert "    <wsa:RelatesTo>uuid:2222</wsa:RelatesTo>" in lines
    assert "   at System.Threading.Worker.Run()</faultstring>" in lines, "character data keeps its lines"
    assert "        <u:Created>2024-05-01T10:00:00.000Z</u:Created>" in pretty_print(REQUEST).split("\n")


SEEDS = (
    *MESSAGES, "<a>", "<a><b>x</b>", "</a>", "<!--", "<![CDATA[", "<?", "<a b='", '<a "', "<!DOCTYPE a [", "x", "<a>t<b>", "<a>t</a>u<b/>", "<", ">", "<a x=''>>",
    "&lt;", " ", "\n", '<a b="1" c=\'', "<a></b>",
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    sizes = []
    for factor in (50, 100, 200, 400):
        pieces = seed * factor
        sizes.append(operations(pretty_print, pieces))
    assert sizes[3] < 2.6 * sizes[2] + 2000
    assert sizes[3] < 11 * sizes[0] + 8000
