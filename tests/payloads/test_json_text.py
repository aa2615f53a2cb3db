"""JSON in a text: whole, cut, escaped inside strings; laid out by white space only."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.payloads.json_layout import lay_out_json
from inspector.payloads.json_text import Json, JsonText
from inspector.xmltext import find_xml
from tests.xmltext.messages import REQUEST, hostile, operations


def objects(text: str) -> list[JsonText]:
    return [payload for payload in Json().find(text, find_xml(text), frozenset()) if isinstance(payload, JsonText)]


def test_an_error_object_in_a_sentence() -> None:
    body = '{"error":"invalid_grant","error_description":"no","error_codes":[70002,54005]}'
    text = f"response: {body} end"
    (found,) = objects(text)
    assert text[found.span.start : found.span.end] == body
    assert found.code == "invalid_grant"
    assert found.title == "JSON error: invalid_grant"
    assert found.value == json.loads(body)
    assert found.pretty.split("\n") == [
        "{",
        '  "error": "invalid_grant",',
        '  "error_description": "no",',
        '  "error_codes": [',
        "    70002,",
        "    54005",
        "  ]",
        "}",
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"__type":"com.amazon#UnrecognizedClientException","message":"x"}', "UnrecognizedClientException"),
        ('{"error":{"code":"InvalidAuthenticationToken","message":"x"}}', "InvalidAuthenticationToken"),
        ('[{"code":"E1"}]', ""),
        ('{"name":"x"}', ""),
    ],
)
def test_codes_of_error_objects(body: str, code: str) -> None:
    (found,) = objects(body)
    assert found.code == code


def test_a_cut_object_is_laid_out_and_said_to_be_cut() -> None:
    (found,) = objects('got {"error":"invalid_client","error_codes":[70')
    assert not found.complete
    assert "cut" in found.problems[0]
    assert found.pretty == '{\n  "error": "invalid_client",\n  "error_codes": [\n    70'


def test_an_object_carried_as_text_inside_another_is_found_too() -> None:
    inner = {"message": "AADSTS50173: revoked", "lastError": {}}
    text = "Load: " + json.dumps({"name": None, "message": json.dumps(inner)})
    outer, carried = objects(text)
    assert outer.value == {"name": None, "message": json.dumps(inner)}
    assert carried.value == inner
    assert carried.escapes == 1
    assert text[carried.span.start : carried.span.end].startswith('{\\"message\\"')


@pytest.mark.parametrize("text", ["{ [Error: x] }", "{0000-11}", "if (a) { b(); }", "[1, 2]", "set {a, b}", "{}", '{"only a word"}x'])
def test_what_only_has_brackets(text: str) -> None:
    assert objects(text) == []


def test_json_inside_xml_belongs_to_the_xml() -> None:
    assert objects('<m:x xmlns:m="u">{"a": 1}</m:x>') == []
    assert len(objects(f'{{"body": 1}} {REQUEST}')) == 1


@given(
    hostile
    | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(json.dumps)
)
def test_only_white_space_changes_and_twice_is_once(text: str) -> None:
    pretty = lay_out_json(text)
    assert re.sub(r"\s", "", pretty) == re.sub(r"\s", "", text)
    assert lay_out_json(pretty) == pretty


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.text()), min_size=1))
def test_the_layout_means_the_same(value: dict[str, object]) -> None:
    assert json.loads(lay_out_json(json.dumps(value))) == value


@given(hostile)
def test_nothing_makes_it_raise(text: str) -> None:
    for found in objects(text):
        assert 0 <= found.span.start < found.span.end <= len(text)


@pytest.mark.parametrize("seed", ['{"a":', '{"a":{"a":', '[{"', '{"a": 1} ', '{\\"a\\": ', '{"', '{"a": "{\\"b\\": 1}"}', "{", '"'])
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    first, second = (operations(objects, seed * factor) for factor in (60, 120))
    assert second < 2.7 * first + 4000
