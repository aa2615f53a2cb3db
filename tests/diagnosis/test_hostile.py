"""Whatever a log holds, the diagnosis neither fails nor takes forever."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.diagnosis import REASONING
from inspector.diagnosis.base import Circumstances, EventText, Incident
from inspector.diagnosis.contents import look_into
from inspector.diagnosis.dictionary import Dictionary, load
from inspector.diagnosis.engine import diagnose
from inspector.diagnosis.facts import facts_of
from inspector.diagnosis.verdict import weigh
from inspector.job import Job
from inspector.resources import resource_path
from inspector.tokens.base import Trust
from tests.diagnosis.conftest import Logged, StoreOf
from tests.diagnosis.variants import VARIANTS

DICTIONARY: Dictionary = load(resource_path("dictionary"))
SAMPLES = [entry.example for entry in DICTIONARY.entries] + [text for _, _, text in VARIANTS]
PIECES = st.one_of(
    st.sampled_from(SAMPLES),
    st.sampled_from(SAMPLES).flatmap(lambda text: st.integers(0, len(text)).map(lambda end: text[:end])),
    st.text(max_size=60),
    st.sampled_from(
        [
            " ---> ",
            "Caused by: ",
            "'",
            '"',
            "<",
            "&lt;",
            "9999-99-99T99:99:99Z",
            "0001-01-01T00:00:00Z",
            "00:00:00",
            "https://[x]:y/",
            "\x00",
        ]
    ),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES, min_size=1, max_size=6))
def test_no_text_makes_a_line_of_reasoning_fail(pieces: list[str]) -> None:
    text = "".join(pieces)
    event = EventText(0, "log", "line 1", text, contents=look_into(text))
    incident = Incident((event,), DICTIONARY.find(event))
    suggestions = [one for reasoning in REASONING for one in reasoning.suggest(incident, Circumstances(Trust()))]
    verdict = weigh(suggestions)
    facts_of(incident)
    for hypothesis in verdict.hypotheses if verdict is not None else ():
        for evidence in (*hypothesis.supports, *hypothesis.contradicts):
            assert evidence.span is None or 0 <= evidence.span.start <= evidence.span.end <= len(text)


@pytest.mark.parametrize(
    "message",
    [
        "IDX10223: ValidTo: '" * 20_000,
        "---> " * 50_000 + "wsse:FailedAuthentication",
        "<Timestamp>" * 30_000,
        "<Address>" * 30_000 + "x",
        "X.509 certificate " * 20_000,
        "type=LOGIN_ERROR, " * 20_000,
        "Status: 0x" * 40_000,
        "eyJhbGciOi" * 30_000,
    ],
    ids=lambda message: message[:20],
)
def test_repetition_inside_one_event_is_read_in_linear_time(message: str, store_of: StoreOf) -> None:
    diagnosis = diagnose(store_of([Logged(message)]), Job())
    assert not [one for one in diagnosis.coverage if "failed" in one.answer]
