"""Finding XML in any text: under every wrapping, cut at either end, with the way back to the source."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from inspector.xmltext import find_xml, local_name
from tests.xmltext.messages import MESSAGES, REQUEST, WRAPPINGS, damaged, hostile, operations


def canonical(root: etree._Element) -> bytes:
    return etree.tostring(root, method="c14n")


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_is_found_under_every_wrapping(wrapping: str, message: str) -> None:
    text = WRAPPINGS[wrapping](message)
    found = [document for document in find_xml(text) if document.root is not None and local_name(document.root) == "Envelope"]
    assert len(found) == 1
    document = found[0]
    assert document.root is not None
    assert canonical(document.root) == canonical(etree.fromstring(message.encode()))
    assert document.well_formed
    assert document.break_at is None
    assert document.escapes == {"entities": 1, "entities_twice": 2, "numeric_entities": 1, "json": 1, "json_twice": 2, "json_unicode": 1,
                                "entities_in_json": 2, "entities_in_xml": 1, "html": 1}.get(wrapping, 0)  # fmt: skip
    assert 0 <= document.start < document.end <= len(text)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_value_leads_back_to_its_place(wrapping: str) -> None:
    text = WRAPPINGS[wrapping](REQUEST)
    document = next(document for document in find_xml(text) if document.root is not None and local_name(document.root) == "Envelope")
    for word in ("2024-05-01T10:05:00.000Z", "urn:uuid:1111", "anna", "open sesame"):
        at = document.text.index(word)
        start, end = document.source_span(at, at + len(word))
        assert text[start:end] == word
    assert document.root is not None
    expires = next(document.root.iter("{*}Expires"))
    place = document.value_source(expires)
    assert place is not None
    assert text[slice(*place)] == "2024-05-01T10:05:00.000Z"
    whole = document.element_span(expires)
    assert whole is not None
    assert document.text[slice(*whole)] == "<u:Expires>2024-05-01T10:05:00.000Z</u:Expires>"


def test_a_part_of_an_escape_stands_for_the_whole_escape() -> None:
    text = "&lt;q b=&quot;1&quot;&gt;x&lt;/q&gt;"
    (document,) = find_xml(text)
    start, end = document.source_span(0, 1)
    assert text[start:end] == "&lt;"
    at = document.text.index(">x")
    assert text[slice(*document.source_span(at, at + 2))] == "&gt;x"
    assert document.source_span(at, at) == (text.index("&gt;"), text.index("&gt;"))


def test_messages_inside_each_other_are_found_each() -> None:
    inner = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
    text = WRAPPINGS["entities_in_xml"](WRAPPINGS["cdata"](inner))
    assert [local_name(one.root) for one in find_xml(text) if one.root is not None] == ["Event", "log", "Envelope"]


def test_several_documents_in_one_text_are_several_finds() -> None:
    text = "first <q x='1'>1</q> then <b:c xmlns:b='u'/> and <d><d>2</d></d>"
    assert [text[one.start : one.end] for one in find_xml(text)] == ["<q x='1'>1</q>", "<b:c xmlns:b='u'/>", "<d><d>2</d></d>"]


@pytest.mark.parametrize(
    "text",
    [
        "List<string> and Dictionary<int, Foo> of <T>",
        "   at Foo.<Bar>d__12.MoveNext()",
        '  File "<frozen runpy>", line 1, in <module>',
        "java.lang.Foo.<init>(Foo.java:1)",
        "a < b and c > d, mail <me@example.org>, see <http://example.org/x>",
        "<div class='x'><p>Just a page</p><br/></div>",
        "<!DOCTYPE html><html lang='en'><body>page</body></html>",
        "<GetResponse>d__2.MoveNext() --- End",
        "&lt; less than, &gt; greater",
        "",
    ],
)
def test_what_only_looks_like_xml_is_left_alone(text: str) -> None:
    assert find_xml(text) == ()


def test_a_cut_tail_is_read_as_far_as_it_goes() -> None:
    cut = REQUEST[: REQUEST.index("</o:UsernameToken>") - 8]
    (document,) = find_xml("Refused: " + cut)
    assert not document.well_formed
    assert document.text == cut
    assert document.break_at == len(cut) - len("</o:P"), "where the cut tag begins"
    assert any("never closed" in problem for problem in document.problems)
    assert document.root is not None
    assert [element.text for element in document.root.iter("{*}Created")] == ["2024-05-01T10:00:00.000Z"]
    created = next(document.root.iter("{*}Created"))
    place = document.value_source(created)
    assert place is not None
    assert ("Refused: " + cut)[slice(*place)] == "2024-05-01T10:00:00.000Z"


def test_a_cut_head_is_read_from_where_it_begins() -> None:
    cut = REQUEST[REQUEST.index("00.000Z</u:Created>") :]
    (document,) = find_xml("...truncated " + cut)
    assert not document.well_formed
    assert document.text == cut
    assert any("never opened" in problem for problem in document.problems)
    assert document.root is not None
    assert local_name(document.root) == "Envelope"
    assert [local_name(child) for child in document.root] == ["Header", "Body"]
    assert [element.text for element in document.root.iter("{*}Expires")] == ["2024-05-01T10:05:00.000Z"]


def test_a_cut_message_does_not_swallow_the_next_one() -> None:
    text = f"one {REQUEST[:400]}\ntwo {REQUEST}"
    first, second = find_xml(text)
    assert not first.well_formed
    assert second.well_formed
    assert text[second.start : second.end] == REQUEST


def test_prefixes_that_nobody_declares_get_their_customary_meaning() -> None:
    text = "<u:Timestamp><u:Created>2024-05-01T10:00:00Z</u:Created></u:Timestamp>"
    (document,) = find_xml(text)
    assert not document.well_formed
    assert document.break_at is None, "no single place is to blame"
    assert any("prefix u is not declared" in problem for problem in document.problems)
    assert document.root is not None
    assert document.root.tag.startswith("{http://docs.oasis-open.org/wss/2004/01/")
    (other,) = find_xml("<q:a><q:b/></q:a>")
    assert other.root is not None
    assert local_name(other.root) == "a"


def test_the_prefixes_of_a_log_driver_are_taken_off() -> None:
    lines = ["<s:Envelope", '  xmlns:s="http://www.w3.org/2003/05/soap-envelope">', "  <s:Body>17</s:Body>", "</s:Envelope>"]
    text = "\n".join("svc_1  | " + line for line in ["got", *lines, "done"])
    (document,) = find_xml(text)
    assert document.well_formed
    assert "svc_1" not in document.text
    at = document.text.index("17")
    assert text[slice(*document.source_span(at, at + 2))] == "17"
    stamped = "\n".join("2024-05-01T10:00:00.0000000Z " + line for line in lines)
    assert find_xml(stamped)[0].well_formed
    near_miss = "a | b <x y='1'>1</x>\nno prefix"
    assert [near_miss[one.start : one.end] for one in find_xml(near_miss)] == ["<x y='1'>1</x>"]


def test_a_second_declaration_in_the_middle_does_not_stop_the_reading() -> None:
    inner = '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
    outer, nested = find_xml(f"<log x='1'><message>{inner}</message></log>")
    assert not outer.well_formed
    assert outer.break_at == len("<log x='1'><message>")
    assert any("in the middle" in problem for problem in outer.problems)
    assert nested.well_formed
    assert nested.text == inner


@given(hostile | damaged() | st.text())
def test_nothing_makes_it_raise_and_every_find_lies_in_the_text(text: str) -> None:
    for document in find_xml(text):
        assert 0 <= document.start <= document.end <= len(text)
        assert document.break_at is None or 0 <= document.break_at <= len(document.text)
        assert document.source_span(0, len(document.text)) == (document.start, document.end)
        if document.root is not None:
            for element in list(document.root.iter("*"))[:20]:
                span = document.element_span(element)
                assert span is None or 0 <= span[0] <= span[1] <= len(document.text)


@given(damaged())
def test_a_well_formed_find_is_what_the_parser_says(text: str) -> None:
    for document in find_xml(text):
        if document.well_formed:
            assert document.root is not None
            etree.fromstring(document.text.lstrip("\ufeff \n\r\t").encode("utf-8", "replace"))


SEEDS = (
    *MESSAGES, "<a>", "<a x='1'>", "<a x='1'><?xml version='1.0'?>", "</a>", "</a:b>", "</a:b> ", "<a:b>", "<!--", "<![CDATA[", "<a:b><![CDATA[", "<?xml ?>", "&lt;",
    "&lt;a x=&quot;1&quot;&gt;", "&amp;", "&amp;lt;", "\\u003c", '\\"', '<a x=\\"1\\">', '{"a": "<b>\\n</b>"}, ', "<a x='1'>t</a>", "<a x='1'></b>", "<!DOCTYPE a [",
    "<!DOCTYPE a []>", "svc | <a x='1'>\n", "<s:Envelope>", "<a b='\"<", "<BR>&lt;", "&lt;<a x='1'>", "<x:y>&lt;x:y&gt;</x:y>", "\n", " ", "a", '"',
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    first, second, fourth = (operations(find_xml, seed * factor) for factor in (60, 120, 240))
    assert second < 2.7 * first + 2000
    assert fourth < 2.7 * second + 2000


@pytest.mark.parametrize("folder", ["soap", "saml", "xmlsec", "xmlattack"])
def test_the_real_ones_all_open(shared: Path, folder: str) -> None:
    opened = 0
    for path in sorted((shared / "corpus" / folder).rglob("*")):
        if path.is_file() and path.suffix.lower() in {".xml", ".txt", ".log", ".soap", ".wsdl", ".js", ".py", ".java"}:
            for document in find_xml(path.read_bytes().decode("utf-8", "replace")):
                opened += document.root is not None
    assert opened > 3
