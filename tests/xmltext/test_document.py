"""One document: hardened against what XML can do to its reader, put together where it is cut, every element's place known."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.xmltext import document as reading
from inspector.xmltext import find_xml, local_name, namespace, parse, pretty_print
from inspector.xmltext.scan import MAX_DEPTH


def test_names_with_and_without_namespace() -> None:
    root = parse('<q:a xmlns:q="urn:q"><b/><!-- c --></q:a>')
    assert root is not None
    assert (local_name(root), namespace(root)) == ("a", "urn:q")
    assert (local_name(root[0]), namespace(root[0])) == ("b", "")
    assert local_name(root[1]) == ""


@pytest.mark.parametrize(
    "refused",
    [
        "<a>", "text", "", "<a/><b/>", "<q:a/>", "<a>&nbsp;</a>",
        '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<a>" * 400 + "</a>" * 400,
    ],
)  # fmt: skip
def test_what_the_strict_parser_does_not_take(refused: str) -> None:
    assert parse(refused) is None


def test_no_entity_is_expanded_and_no_file_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read me", encoding="ascii")
    bomb = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";"}{"&" + chr(97 + i) + ";"}">' for i in range(12)
    )
    text = f'<!DOCTYPE r [{bomb}<!ENTITY f SYSTEM "{secret.as_uri()}">]><r x="1"><v>&m;&f;</v><w>kept</w></r>'
    (document,) = find_xml(text)
    assert document.root is not None
    words = "".join(map(str, document.root.itertext()))
    assert "kept" in words
    assert "do not read me" not in words
    assert "aaaa" not in words
    assert any("document type declaration" in problem for problem in document.problems)


def test_depth_beyond_the_limit_is_flattened_and_said() -> None:
    depth = MAX_DEPTH + 100
    text = '<q:a xmlns:q="u">' + "<q:b>" * depth + "deep" + "</q:b>" * depth + "</q:a>"
    (document,) = find_xml(text)
    assert document.root is not None
    assert "".join(map(str, document.root.itertext())) == "deep"
    assert any("nested deeper" in problem for problem in document.problems)
    assert len(pretty_print(text)) < 60 * len(text)


def test_a_document_beyond_the_limit_is_read_in_part_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_LENGTH", 1000)
    text = '<q:a xmlns:q="u">' + "<q:b>1</q:b>" * 200 + "</q:a>"
    (document,) = find_xml(text)
    assert document.text == text, "shown whole"
    assert document.root is not None
    assert 50 < len(document.root) < 100
    assert len(document.problems) == 1
    assert "only the beginning was read" in document.problems[0]


@pytest.mark.parametrize(
    ("text", "names", "problem"),
    [
        ("<q:a xmlns:q='u'><b>1<c>2</b></q:a>", ["a", "b", "c"], "not well-formed: mismatched tag"),
        ("<q:a xmlns:q='u'><b>1 & 2 < 3</b></q:a>", ["a", "b"], "not well-formed"),
        ("<q:a xmlns:q='u'><b x=1>t</b></q:a>", ["a", "b"], "not well-formed"),
        ("<q:a xmlns:q='u'><b>\x00</b><c>&#0;</c></q:a>", ["a", "b", "c"], "characters that XML forbids"),
        ("<q:a xmlns:q='u'><b></b>", ["a", "b"], "cut at the end: q:a never closed"),
    ],
)
def test_what_is_not_well_formed_is_put_together(text: str, names: list[str], problem: str) -> None:
    (document,) = find_xml(text)
    assert not document.well_formed
    assert document.break_at is not None
    assert document.root is not None
    assert [local_name(element) for element in document.root.iter("*")] == names
    assert any(problem in said for said in document.problems)


def test_places_of_elements_hold_in_what_was_put_together() -> None:
    text = "x</q:c></q:b><q:d>2</q:d><q:e>3"
    (document,) = find_xml("cut " + text)
    assert document.root is not None
    places = {local_name(element): document.content_span(element) for element in document.root.iter("*")}
    assert places["c"] is None, "was added to make it balance"
    assert places["d"] is not None
    assert document.text[slice(*places["d"])] == "2"
    assert places["e"] is not None
    assert document.text[slice(*places["e"])] == "3"


def test_places_are_found_without_reading_the_whole_document() -> None:
    text = "<q:a xmlns:q='u'><q:first>1</q:first>" + "<q:more>2</q:more>" * 5000 + "</q:a>"
    (document,) = find_xml(text)
    assert document.root is not None
    assert document.element_span(document.root[0]) == (text.index("<q:first>"), text.index("<q:more>"))
    assert document._places._pieces is not None
    assert next(document._places._pieces).start < 200, "the scan stands where the first element ends"
