"""Traces that loggers leave: masked, hidden, broken, removed, cut."""

from __future__ import annotations

import pytest
from hypothesis import given

from inspector.payloads.artefacts import artefact_notes, artefacts, cut_at_limit
from tests.xmltext.messages import hostile


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("aud '[PII is hidden]' did not match", "hidden", "[PII is hidden]"),
        (
            "'[PII of type 'System.String' is hidden. For more details, see x.]'",
            "hidden",
            "[PII of type 'System.String' is hidden. For more details, see x.]",
        ),
        ("ValidFrom: ' System.DateTime ', Current time", "type_name", "' System.DateTime '"),
        ("ValidTo: 'System.DateTime'.", "type_name", "'System.DateTime'"),
        ("SAMLResponse=PHNhbWxw% 2B4", "broken_escape", "% 2B"),
        ("<Password>*****</Password>", "masked", "*****"),
        ("client '***' is unknown", "masked", "***"),
        ("password: xxxxxxxx", "masked", "xxxxxxxx"),
        ("secret=[REDACTED]&x", "masked", "[REDACTED]"),
        ("<UserName><!-- Removed--></UserName>", "removed", "<!-- Removed-->"),
        ("<s:Body>... stream ...</s:Body>", "removed", "... stream ..."),
    ],
)
def test_each_is_recognised_in_its_place(text: str, kind: str, what: str) -> None:
    (found,) = artefacts(text)
    assert found.kind == kind
    assert text[found.start : found.end] == what


@pytest.mark.parametrize(
    "text", ["System.DateTime.Parse()", "100 % 20 people", "** bold **", "a*b", "removed by anna", "Xxx", "stream ended", "2 * 3 ** 4", ""]
)
def test_what_only_looks_so(text: str) -> None:
    assert artefacts(text) == ()


def test_notes_are_told_once_with_their_number() -> None:
    (note,) = artefact_notes("a '***' b '***' c '***'")
    assert note.endswith("(3 times)")


def test_lengths_at_which_loggers_cut() -> None:
    assert "Windows event log" in cut_at_limit(31_839)
    assert "Windows event log" in cut_at_limit(32_766)
    assert cut_at_limit(31_000) == ""


@given(hostile)
def test_they_are_in_order(text: str) -> None:
    starts = [one.start for one in artefacts(text)]
    assert starts == sorted(starts)
