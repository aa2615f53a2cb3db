"""Whole verdicts on refusals of every kind, as other hosts, versions and languages write them."""

from __future__ import annotations

import pytest

from inspector.diagnosis.base import Cause, Severity
from inspector.diagnosis.engine import diagnose
from inspector.job import Job
from tests.diagnosis.conftest import Logged, StoreOf
from tests.diagnosis.variants import HEALTHY, VARIANTS

PARSED = {"xp 529": ("Security", 529)}
"""Columns that the log's format fills, where the text alone does not name the event in English."""


@pytest.mark.parametrize(("name", "cause", "text"), VARIANTS, ids=[name for name, _, _ in VARIANTS])
def test_the_first_hypothesis_is_what_an_expert_would_name(name: str, cause: Cause, text: str, store_of: StoreOf) -> None:
    provider, event_id = PARSED.get(name, ("", None))
    findings = diagnose(store_of([Logged(text, provider=provider, event_id=event_id)]), Job()).findings
    assert findings, name
    assert findings[0].cause is cause
    assert findings[0].severity is not Severity.INFO
    assert all(evidence.excerpt in text for hypothesis in findings[0].hypotheses for evidence in hypothesis.supports)


@pytest.mark.parametrize(("name", "text"), HEALTHY, ids=[name for name, _ in HEALTHY])
def test_silence_where_nothing_was_refused(name: str, text: str, store_of: StoreOf) -> None:
    findings = diagnose(store_of([Logged(text)]), Job()).findings
    assert [finding.title for finding in findings if finding.severity is not Severity.INFO] == [], name


def test_a_code_beats_its_wording(store_of: StoreOf) -> None:
    text = "Failure Reason: Unknown user name or bad password.\nStatus: 0xc000006e\nSubStatus: 0x0\n"
    event = Logged(text, provider="Microsoft-Windows-Security-Auditing", event_id=4625)
    finding = diagnose(store_of([event]), Job()).findings[0]
    assert (finding.title, finding.severity) == ("A restriction of the account refused the logon", Severity.WARNING)
    assert finding.facts["error_code"] == "0xC000006E/0x0"


def test_what_is_not_confirmed_never_decides_alone(store_of: StoreOf) -> None:
    event = Logged("Token validation failed.", provider="AD FS", event_id=342)
    finding = diagnose(store_of([event]), Job()).findings[0]
    assert (finding.confidence.value, finding.severity) == ("low", Severity.WARNING)


def test_repetition_raises_the_count_and_not_the_confidence(store_of: StoreOf) -> None:
    once = diagnose(store_of([Logged("Rampart: The security token could not be authenticated or authorized")]), Job()).findings[0]
    many = diagnose(
        store_of([Logged(f"Rampart: The security token could not be authenticated or authorized (request {n})") for n in range(3000)]),
        Job(),
    )
    assert len(many.findings) == 1
    assert many.findings[0].count == len(many.findings[0].rows) == 3000
    assert len(many.findings[0].events) == 1000
    assert many.findings[0].confidence is once.confidence
    assert set(many.by_row) == set(range(3000))
