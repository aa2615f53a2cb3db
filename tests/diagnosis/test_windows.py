"""Arithmetic on printed times and on tokens' own windows: too early, too late, waited, clock, zone, reuse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inspector.diagnosis.base import Cause, Confidence, Finding
from inspector.diagnosis.engine import diagnose
from inspector.job import Job
from inspector.tokens.base import Trust
from tests.diagnosis.conftest import Logged, StoreOf

JJWT = "JWT expired at {end}. Current time: {now}, a difference of 1 milliseconds.  Allowed clock skew: {skew} milliseconds."
WCF = "The security timestamp is stale because its expiration time ('{end}') is in the past. Current time is '{now}' and allowed clock skew is '00:05:00'."
AWS = "Signature expired: {made} is now earlier than {limit} ({now} - 5 min.)"


def only(store_of: StoreOf, *events: Logged) -> Finding:
    findings = diagnose(store_of(list(events)), Job()).findings
    assert len(findings) == 1
    return findings[0]


@pytest.mark.parametrize(
    ("text", "cause", "delta"),
    [
        (JJWT.format(end="2024-05-01T10:00:00Z", now="2024-05-04T10:00:00Z", skew=0), Cause.EXPIRED, 259200),
        (JJWT.format(end="2024-05-01T10:00:00Z", now="2024-05-01T10:00:07Z", skew=0), Cause.EXPIRED, 7),
        (WCF.format(end="2024-05-01T10:00:00Z", now="2024-05-01T12:01:10Z"), Cause.CLOCK_SKEW, 7270),
        (WCF.format(end="2024-05-01T10:00:00Z", now="2024-05-01T10:07:10Z"), Cause.CLOCK_SKEW, 430),
        (WCF.format(end="2024-05-01T10:00:00Z", now="2024-05-01T10:37:10Z"), Cause.EXPIRED, 2230),
        (AWS.format(made="20240501T100000Z", limit="20240501T100000Z", now="20240501T100500Z"), Cause.DELAYED_PROCESSING, 0),
        (AWS.format(made="20240501T100000Z", limit="20240501T110000Z", now="20240501T110500Z"), Cause.CLOCK_SKEW, 3600),
        (AWS.format(made="20240501T100000Z", limit="20240501T103717Z", now="20240501T104217Z"), Cause.CLOCK_SKEW, 2237),
        ("JWT must not be accepted before 2024-05-01T10:00:05Z. Current time: 2024-05-01T10:00:00Z, a difference of 1 milliseconds.", Cause.CLOCK_SKEW, -5),
    ],
)  # fmt: skip
def test_figures_decide(text: str, cause: Cause, delta: float, store_of: StoreOf) -> None:
    finding = only(store_of, Logged(text))
    assert finding.cause is cause
    assert finding.facts["observed_delta_seconds"] == pytest.approx(delta)


def test_the_tolerance_and_the_figures_are_said_in_words(store_of: StoreOf) -> None:
    finding = only(store_of, Logged(JJWT.format(end="2024-05-01T10:00:00Z", now="2024-05-02T04:14:15Z", skew=30000)))
    assert finding.confidence is Confidence.HIGH
    assert "18 h 14 min 15 s after its end" in finding.hypotheses[0].explanation
    assert "allows 30 s" in finding.hypotheses[0].explanation
    assert any("2024-05-01T10:00:00Z" in evidence.excerpt for evidence in finding.hypotheses[0].supports)


def test_hidden_times_are_not_computed_and_not_blamed_on_the_sender(store_of: StoreOf) -> None:
    finding = only(
        store_of,
        Logged("IDX10223: Lifetime validation failed. The token is expired. ValidTo: 'System.DateTime', Current time: 'System.DateTime'."),
    )
    assert finding.cause is Cause.EXPIRED
    assert "observed_delta_seconds" not in finding.facts
    assert any("ShowPII" in evidence.text for evidence in finding.hypotheses[0].contradicts)
    assert any("ShowPII" in step for step in finding.next_steps)


def test_revocation_is_read_off_the_moment_from_which_tokens_are_valid(store_of: StoreOf) -> None:
    text = "AADSTS50173: The provided grant has expired due to it being revoked. The grant was issued on '{}' and the TokensValidFrom date for this user is '2024-06-01T00:00:00.0000000Z'."
    revoked = only(store_of, Logged(text.format("2024-05-01T00:00:00.0000000Z")))
    assert (revoked.cause, revoked.confidence) == (Cause.REVOKED, Confidence.HIGH)
    younger = only(store_of, Logged(text.format("2024-07-01T00:00:00.0000000Z")))
    assert younger.hypotheses[0].contradicts


def test_each_event_of_one_shape_is_judged_by_its_own_figures(store_of: StoreOf) -> None:
    late = [
        Logged(WCF.format(end="2024-05-01T10:00:00Z", now=f"2024-05-01T1{hour}:37:{second:02}Z")) for hour in (0, 1) for second in range(30)
    ]
    hours = [Logged(WCF.format(end="2024-05-01T10:00:00Z", now=f"2024-05-01T12:00:{second:02}Z")) for second in range(20)]
    findings = {finding.cause: finding.count for finding in diagnose(store_of([*late, *hours]), Job()).findings}
    assert findings == {Cause.EXPIRED: 60, Cause.CLOCK_SKEW: 20}


def test_the_users_tolerance_is_used(store_of: StoreOf) -> None:
    store = store_of([Logged("Jwt expired at 2024-05-01T10:00:00Z", time="2024-05-01T10:00:40")])
    finding = diagnose(store, Job(), Trust(skew=timedelta(minutes=2))).findings[0]
    assert "allows 2 min" in " ".join(hypothesis.explanation for hypothesis in finding.hypotheses)


def test_an_event_without_zone_gives_away_its_offset_before_it_is_compared(store_of: StoreOf) -> None:
    text = "org.opensaml.common.SAMLException: Response issue time is either too old or with date in the future, skew 60, time 2024-05-01T10:00:00.000Z"
    finding = only(store_of, Logged(text, time="2024-05-01T15:31:52", local=True))
    assert finding.cause is Cause.CLOCK_SKEW
    assert finding.facts["observed_delta_seconds"] == pytest.approx(112)
    assert "+05:30" in finding.hypotheses[0].explanation


def test_a_requests_own_window_is_judged_at_the_moment_of_its_event(store_of: StoreOf) -> None:
    envelope = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
        'xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><u:Timestamp><u:Created>2024-05-01T10:00:00Z</u:Created><u:Expires>2024-05-01T10:05:00Z</u:Expires></u:Timestamp></o:Security></s:Header><s:Body><Pay/></s:Body></s:Envelope>'
    )
    finding = only(store_of, Logged(f"MessageSecurityException: wsu:MessageExpired for {envelope}", time="2024-05-01T10:47:00"))
    assert finding.cause is Cause.EXPIRED
    assert finding.facts["observed_delta_seconds"] == pytest.approx(42 * 60)
    assert (finding.facts["created"], finding.facts["expires"]) == ("2024-05-01T10:00:00Z", "2024-05-01T10:05:00Z")


def test_a_signer_whose_clock_is_right_waited(store_of: StoreOf) -> None:
    text = AWS.format(made="20240501T100000Z", limit="20240501T101217Z", now="20240501T101717Z")
    waited = only(store_of, Logged(text, time="2024-05-01T10:17:24"))
    assert waited.cause is Cause.DELAYED_PROCESSING
    assert "agrees with the service's within 7 s" in waited.hypotheses[0].explanation
    behind = only(store_of, Logged(text, time="2024-05-01T10:00:03"))
    assert behind.cause is Cause.CLOCK_SKEW


def test_a_request_signed_days_ago_is_a_clock(store_of: StoreOf) -> None:
    finding = only(store_of, Logged(AWS.format(made="20240101T100000Z", limit="20240501T101217Z", now="20240501T101717Z")))
    assert (finding.cause, finding.confidence) == (Cause.CLOCK_SKEW, Confidence.HIGH)


@pytest.mark.parametrize("end", ["0001-01-01 00:00:00 +0000", "1970-01-01 00:00:00 +0000"])
def test_an_end_of_zero_is_no_end(end: str, store_of: StoreOf) -> None:
    finding = only(store_of, Logged(f"oidc: token is expired (Token Expiry: {end} UTC)"))
    assert (finding.cause, finding.confidence) == (Cause.MALFORMED, Confidence.HIGH)


@pytest.mark.parametrize(("now", "inside"), [("2024-05-01T10:04:58Z", True), ("2024-05-01T10:06:58Z", False)])
def test_a_refusal_inside_the_usual_tolerance_says_so(now: str, inside: bool, store_of: StoreOf) -> None:
    text = (
        f"IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '2024-05-01T10:00:00Z', Current time (UTC): '{now}'."
    )
    finding = only(store_of, Logged(text))
    said = "this receiver was set to allow less, or its clock differs"
    assert any(said in hypothesis.explanation for hypothesis in finding.hypotheses) is inside
