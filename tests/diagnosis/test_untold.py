"""Errors that speak of no token but carry one outside its validity: found by arithmetic alone, as warnings; healthy ones and replies are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspector.diagnosis import untold
from inspector.diagnosis.base import Cause, Confidence, Diagnosis, Severity
from inspector.diagnosis.engine import diagnose
from inspector.diagnosis.untold import FIRST_ROWS, UNTOLD
from inspector.events import Level
from inspector.job import Job
from tests.diagnosis.conftest import Logged, StoreOf

STAMP = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
    '<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    '<u:Timestamp xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">'
    "<u:Created>2026-01-26T09:00:00Z</u:Created><u:Expires>2026-01-26T09:05:00Z</u:Expires></u:Timestamp></o:Security></s:Header>"
    "<s:Body>{body}</s:Body></s:Envelope>"
)
ORDER = STAMP.format(body="<order/>")
LATE = Logged(f"order 17 could not be taken: {ORDER}", "2026-01-26T09:12:00", level=Level.ERROR)


def judged(store_of: StoreOf, *events: Logged) -> Diagnosis:
    return diagnose(store_of(list(events)), Job())


def test_an_error_with_a_message_that_was_too_late_is_a_warning(store_of: StoreOf) -> None:
    (finding,) = judged(store_of, LATE).findings
    assert (finding.title, finding.severity, finding.confidence) == (UNTOLD.title, Severity.WARNING, Confidence.MEDIUM)
    assert {finding.hypotheses[0].cause, finding.hypotheses[1].cause} == {Cause.CLOCK_SKEW, Cause.EXPIRED}
    assert finding.facts["observed_delta_seconds"] == 420


def test_far_too_early_is_no_proof_either(store_of: StoreOf) -> None:
    (finding,) = judged(store_of, replace(LATE, time="2026-01-26T06:00:00")).findings
    assert (finding.cause, finding.confidence) == (Cause.CLOCK_SKEW, Confidence.MEDIUM)


@pytest.mark.parametrize(
    "event",
    [
        replace(LATE, level=Level.INFORMATION),
        replace(LATE, level=Level.UNKNOWN),
        replace(LATE, time="2026-01-26T09:09:59"),
        replace(LATE, local=True),
        replace(LATE, time=""),
        replace(LATE, message="order 17 could not be taken: " + STAMP.format(body="<s:Fault><faultcode>s:Server</faultcode></s:Fault>")),
        replace(LATE, message="order 17 could not be taken"),
    ],
    ids=["no error", "no level", "tolerated", "zone unknown", "no time", "a reply's own stamp", "no message"],
)
def test_nothing_is_guessed_of(event: Logged, store_of: StoreOf) -> None:
    assert not judged(store_of, event).findings


def test_only_the_errors_that_were_late_are_counted(store_of: StoreOf) -> None:
    healthy, in_time = replace(LATE, level=Level.INFORMATION), replace(LATE, time="2026-01-26T09:01:00")
    (finding,) = judged(store_of, healthy, in_time, LATE, healthy, LATE, in_time).findings
    assert finding.rows == (2, 4)


def test_all_of_many_are_counted_and_a_bound_is_told(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [LATE] * (FIRST_ROWS + 5)
    found = judged(store_of, *many)
    assert found.findings[0].count == len(many)
    assert not any("errors that speak of no token" in each.answer for each in found.coverage)
    monkeypatch.setattr(untold, "MOST_ROWS", FIRST_ROWS + 1)
    bounded = judged(store_of, *many)
    assert bounded.findings[0].count == FIRST_ROWS + 1
    assert any(f"judged: {FIRST_ROWS + 1} of {len(many)}" in each.answer for each in bounded.coverage)


def test_one_figure_over_several_messages_is_no_proof_that_they_were_refused(store_of: StoreOf) -> None:
    events = [replace(LATE, message=LATE.message.replace("T09:0", f"T1{hour}:0"), time=f"2026-01-26T1{hour}:12:00") for hour in range(4)]
    (finding,) = judged(store_of, *events).findings
    assert (finding.cause, finding.confidence, finding.severity) == (Cause.CLOCK_SKEW, Confidence.MEDIUM, Severity.WARNING)
    assert "4 different tokens" in finding.hypotheses[0].explanation
