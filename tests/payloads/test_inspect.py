"""Everything at once: what is in one event's text, each place told once, nothing raised, whatever the text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector import payloads
from inspector.payloads import PAYLOADS, inspect
from inspector.payloads.base import Payload
from inspector.payloads.soap import Envelope
from inspector.payloads.stack_trace import StackTrace
from inspector.tokens.base import Span
from inspector.xmltext import XmlText
from tests.xmltext.messages import FAULT_11, MESSAGES, REQUEST, WRAPPINGS, damaged, hostile, operations


def test_an_event_with_everything() -> None:
    text = f'Refused: {FAULT_11}\nHTTP/1.1 500 Oops\nContent-Type: text/xml\n\n{{"error":"x"}}\n<Error><Code>Gone</Code></Error>\nAcme.BadException: no\n   at Acme.A.B()\n'
    contents = inspect(text)
    assert contents.problems == ()
    assert [payload.kind for payload in contents.payloads] == ["soap", "stack_trace", "headers", "json", "xml", "stack_trace"]
    starts = [payload.span.start for payload in contents.payloads]
    assert starts == sorted(starts)


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_message_is_told_once_under_every_wrapping(wrapping: str, message: str) -> None:
    found = [payload for payload in inspect(WRAPPINGS[wrapping](message)).payloads if isinstance(payload, Envelope)]
    assert len(found) == 1


def test_tokens_are_found_with_the_payloads() -> None:
    assert {token.kind for token in inspect(REQUEST).tokens} >= {"timestamp", "username"}


def test_one_kinds_failure_does_not_hide_what_the_others_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        name = "soap"

        def find(self, text: str, documents: object, claimed: object) -> tuple[Payload, ...]:
            raise RuntimeError(text[:3], documents is None, claimed is None)

    monkeypatch.setattr(payloads, "PAYLOADS", (Failing(), *PAYLOADS[1:]))
    contents = inspect(FAULT_11)
    assert contents.problems == ("looking for soap failed: RuntimeError: ('<?x', False, False)",)
    assert {payload.kind for payload in contents.payloads} == {"xml", "stack_trace"}


def test_names_of_kinds_are_their_payloads_kinds() -> None:
    assert [kind.name for kind in PAYLOADS] == ["soap", "xml", "stack_trace", "json", "headers"]


@settings(max_examples=300)
@given(hostile | damaged() | st.text())
def test_nothing_makes_it_raise_and_every_span_lies_in_the_text(text: str) -> None:
    contents = inspect(text)
    assert contents.problems == ()
    for payload in contents.payloads:
        assert 0 <= payload.span.start <= payload.span.end <= len(text)
        assert all(0 <= secret.start < secret.end <= len(payload.pretty) for secret in payload.secrets)
        assert payload.break_at is None or 0 <= payload.break_at <= len(payload.pretty)


@given(damaged())
def test_what_is_left_of_the_password_is_always_a_secret(text: str) -> None:
    for payload in inspect(text).payloads:
        at = payload.pretty.find(">open sesame</o:Password>")
        if (
            at >= 0
            and payload.pretty.rfind("<o:Password Type=", 0, at) >= 0
            and payload.pretty.count("<", payload.pretty.rfind("<o:Password", 0, at), at) == 1
        ):
            assert any(secret.start <= at + 1 and at + 12 <= secret.end for secret in payload.secrets)


@pytest.mark.parametrize("seed", [*MESSAGES, "<a x='1'>", "&lt;a x=&quot;1&quot;&gt;", '{"a":', "</a:b>", "Error: ", "key="])
def test_work_grows_no_faster_than_the_text(seed: str) -> None:
    first, second = (operations(inspect, seed * factor) for factor in (20, 40))
    assert second < 2.7 * first + 20_000


def test_real_envelopes_assertions_and_attacks_all_open(shared: Path) -> None:
    envelopes = 0
    for folder in ("soap", "saml", "xmlsec", "xmlattack"):
        for path in sorted((shared / "corpus" / folder).rglob("*")):
            if not path.is_file() or path.stat().st_size > 200_000:
                continue
            contents = inspect(path.read_bytes().decode("utf-8", "replace"))
            assert contents.problems == (), path
            envelopes += any(isinstance(payload, Envelope) for payload in contents.payloads)
    assert envelopes > 20


def test_real_cases_yield_their_exceptions_frames_and_codes(shared: Path) -> None:
    with (shared / "cases" / "cases.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    missed = []
    for case in cases:
        text = (shared / "cases" / case["file"]).read_text(encoding="utf-8")
        contents = inspect(text)
        traces = [payload for payload in contents.payloads if isinstance(payload, StackTrace)]
        types = [one.type for trace in traces for one in trace.exceptions]
        tops = [trace.top_frame.text for trace in traces if trace.top_frame]
        codes = [
            code.local
            for payload in contents.payloads
            if isinstance(payload, Envelope) and payload.fault and (code := payload.fault.decisive)
        ]
        codes += [getattr(payload, "code", "") for payload in contents.payloads]
        missed += [
            (case["file"], wanted, types)
            for wanted in case["exception_type"].replace(" / ", " -> ").split(" -> ")
            if wanted and wanted in text and wanted.endswith(("Exception", "Error", "Fault")) and wanted not in types
        ]
        frame = case["top_frame"].split(" +")[0].split(" in ")[0]
        if frame and not any(frame.split("(")[0].split(" ")[0] in top.replace("\\", "/") for top in tops):
            missed.append((case["file"], frame, tops))
        fault = case["fault_code"].split(" (")[0].split(" / ")[-1].rpartition(":")[2]
        if fault and any(payload.kind == "soap" for payload in contents.payloads) and fault not in codes and "." not in fault:
            missed.append((case["file"], fault, codes))
    assert missed == []


def test_the_place_of_a_find_is_the_same_for_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, frozenset[Span]]] = []

    class Watching:
        name = "watching"

        def find(self, text: str, documents: tuple[XmlText, ...], claimed: set[Span]) -> tuple[Payload, ...]:
            assert text == REQUEST
            seen.append((len(documents), frozenset(claimed)))
            return ()

    monkeypatch.setattr(payloads, "PAYLOADS", (PAYLOADS[0], Watching()))
    inspect(REQUEST)
    assert seen == [(1, frozenset({Span(0, len(REQUEST))}))]
