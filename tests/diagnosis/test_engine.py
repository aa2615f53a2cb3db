"""The founding log and whole stores: incidents, conversations, zones, coverage, cancellation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from inspector.diagnosis import REASONING, engine
from inspector.diagnosis.base import Cause, Confidence, Severity, Suggestion
from inspector.diagnosis.engine import diagnose, infer_zone
from inspector.events import ZoneBasis
from inspector.job import Cancelled, Job, Progress
from tests.diagnosis.conftest import Logged, StoreOf

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
FAULT = f"""Message Dispatch Failure: <?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><wsa:Action>http://schemas.xmlsoap.org/ws/2004/03/addressing/fault</wsa:Action><wsa:MessageID>uuid:0c6ba2f1-6a54-4b58-8a35-0d6a1c2b3e4f</wsa:MessageID><wsa:RelatesTo>uuid:5fd0c2b3-8f1e-4f6c-9a77-2b1c3d4e5f60</wsa:RelatesTo><wsa:To>soap.tcp://admin7:9823/Console</wsa:To><wsse:Security><wsu:Timestamp wsu:Id="Timestamp-1"><wsu:Created>2008-07-03T06:12:31Z</wsu:Created><wsu:Expires>2008-07-03T06:17:31Z</wsu:Expires></wsu:Timestamp></wsse:Security></soap:Header><soap:Body><soap:Fault><faultcode xmlns:q="{WSSE}">q:FailedAuthentication</faultcode><faultstring>Microsoft.Web.Services2.Security.SecurityFault: The security token could not be authenticated or authorized
   at Microsoft.Web.Services2.Security.Tokens.UsernameTokenManager.OnLogonUserFailed(UsernameToken token)
   at Microsoft.Web.Services2.Security.Tokens.UsernameTokenManager.LogonUser(UsernameToken token)</faultstring></soap:Fault></soap:Body></soap:Envelope>"""
REPORT = 'transport adaptor\n"Console received invalid soap envelope - The security token could not be authenticated or authorized"'
REQUEST = f"""<soap:Envelope xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/03/addressing" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><wsa:Action>urn:Open</wsa:Action><wsa:MessageID>uuid:5fd0c2b3-8f1e-4f6c-9a77-2b1c3d4e5f60</wsa:MessageID><wsse:Security><wsu:Timestamp><wsu:Created>2008-07-03T06:12:30Z</wsu:Created><wsu:Expires>2008-07-03T06:17:30Z</wsu:Expires></wsu:Timestamp></wsse:Security></soap:Header><soap:Body><Open/></soap:Body></soap:Envelope>"""


def founding(local: str = "2008-07-03T08:12:31") -> list[Logged]:
    """The shape of the founding log, at another place and time: two events of one second, wall clock two hours ahead of UTC."""
    return [
        Logged(FAULT, time=local, provider="Microsoft WSE 2.0", event_id=0, computer="CONSOLE1", local=True),
        Logged(REPORT, time=local, provider="ConsoleService", event_id=0, computer="CONSOLE1", local=True),
    ]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            'x <Conditions NotBefore="2031-05-01T10:00:00.5Z" NotOnOrAfter="2031-05-01T10:05:00Z"> y [Security:096538]Assertion has expired',
            {"created": "2031-05-01T10:00:00.500000Z", "expires": "2031-05-01T10:05:00Z"},
        ),
        (
            "App 7 stdout: E, [2031-05-01T10:00:03.5 #7] ERROR: jwt refused, the signature of this token could not be verified",
            {"event_time": "2031-05-01T10:00:03.5"},
        ),
        (
            "Error: SAML assertion not yet valid\n        at SAML.checkTimestamps",
            {"top_frame": "SAML.checkTimestamps"},
        ),
        (
            "ERROR\tSYSTEM\tjavax.naming.AuthenticationException\nERROR\tSYSTEM\t[LDAP: error code 49 - Invalid]\nERROR\tSYSTEM\tcom.acme.jndi.Ctx.mapErrorCode(Ctx.java:3261)",
            {"exception": "javax.naming.AuthenticationException", "top_frame": "com.acme.jndi.Ctx.mapErrorCode(Ctx.java:3261)"},
        ),
        ("Exception: **JWT::DecodeError** Not enough or too many segments", {"exception": "JWT::DecodeError"}),
        (
            "ValidationError (Current time is earlier than NotBefore condition 2031-05-16 19:31:23 UTC < 2031-05-17 10:01:00 UTC)",
            {"created": "2031-05-17T10:01:00Z", "event_time": "2031-05-16T19:31:23Z"},
        ),
    ],
)
def test_facts_that_broken_and_bare_text_states(text: str, facts: dict[str, str], store_of: StoreOf) -> None:
    (finding,) = diagnose(store_of([Logged(text)]), Job()).findings
    assert {name: finding.facts.get(name) for name in facts} == facts


def test_the_founding_log(store_of: StoreOf) -> None:
    store = store_of(founding())
    zone = infer_zone(store, store.source(1))
    assert (zone.offset, zone.basis) == (timedelta(hours=2), ZoneBasis.INFERRED)
    assert "08:12:31 local is 06:12:31 UTC" in zone.evidence
    store.set_zone(1, zone)

    diagnosis = diagnose(store, Job())

    (finding,) = diagnosis.findings
    assert (finding.id, finding.severity, finding.cause, finding.confidence, finding.count) == (
        "F1",
        Severity.ERROR,
        Cause.BAD_CREDENTIALS,
        Confidence.HIGH,
        2,
    )
    assert dict(diagnosis.by_row) == {0: "F1", 1: "F1"}
    assert finding.first_time == datetime(2008, 7, 3, 6, 12, 31, tzinfo=UTC)
    assert "OnLogonUserFailed" in {evidence.excerpt for evidence in finding.hypotheses[0].supports}
    delayed = next(hypothesis for hypothesis in finding.hypotheses if hypothesis.cause is Cause.DELAYED_PROCESSING)
    assert delayed.confidence is Confidence.LOW
    assert any("InputTrace.webinfo" in ask for ask in delayed.would_confirm)
    assert any("belongs to the fault reply" in evidence.text and "fresh" in evidence.text for evidence in delayed.contradicts)
    assert Cause.EXPIRED not in {hypothesis.cause for hypothesis in finding.hypotheses}
    assert finding.facts["fault_code"] == "q:FailedAuthentication"
    assert finding.facts["relates_to"] == "uuid:5fd0c2b3-8f1e-4f6c-9a77-2b1c3d4e5f60"
    assert finding.facts["created"] == "2008-07-03T06:12:31Z"
    assert finding.facts["exception"] == "Microsoft.Web.Services2.Security.SecurityFault"
    assert "OnLogonUserFailed" in str(finding.facts["top_frame"])

    question = next(one for one in diagnosis.coverage if one.question == "Did the request expire?")
    assert question.answer == "not decidable from this log"
    assert "uuid:5fd0c2b3-8f1e-4f6c-9a77-2b1c3d4e5f60" in question.ask_for
    assert "InputTrace.webinfo" in question.ask_for
    assert "2008-07-03T06:12:26Z" in question.ask_for


def test_the_request_that_a_fault_answers_is_found_in_another_file(store_of: StoreOf) -> None:
    request = Logged(REQUEST, time="2008-07-03T06:12:30", computer="CONSOLE1")
    store = store_of(founding(), [request])
    store.set_zone(1, infer_zone(store, store.source(1)))
    diagnosis = diagnose(store, Job())
    finding = diagnosis.findings[0]
    assert finding.cause is Cause.BAD_CREDENTIALS
    question = next(one for one in diagnosis.coverage if one.question == "Did the request expire?")
    assert (
        question.answer
        == "the refused request is in the log: it was refused, 1 s after it was made, 4 min 59 s before its end, so it had not expired"
    )
    assert question.ask_for == ""
    assert 2 not in finding.rows  # the request is evidence, not a refusal


def test_a_refused_logon_of_the_same_second_and_host_is_the_same_incident(store_of: StoreOf) -> None:
    logon = Logged(
        "An account failed to log on.\nTargetUserName: ann\nStatus: 0xc000006d\nSubStatus: 0xc0000234\n",
        time="2008-07-03T06:12:31",
        provider="Microsoft-Windows-Security-Auditing",
        event_id=4625,
        computer="CONSOLE1",
    )
    store = store_of(founding(), [logon])
    store.set_zone(1, infer_zone(store, store.source(1)))
    (finding,) = diagnose(store, Job()).findings
    assert (finding.count, finding.cause, finding.severity) == (3, Cause.BAD_CREDENTIALS, Severity.ERROR)
    assert any(evidence.text.startswith("The account is locked") for evidence in finding.hypotheses[0].supports)


def test_refusals_with_different_causes_stay_apart_even_in_one_second(store_of: StoreOf) -> None:
    events = [
        Logged("AADSTS50126: wrong", time="2024-05-01T10:00:00", computer="WEB1"),
        Logged("IDX10214: Audience validation failed.", time="2024-05-01T10:00:00", computer="WEB1"),
    ]
    assert {finding.cause for finding in diagnose(store_of(events), Job()).findings} == {Cause.BAD_CREDENTIALS, Cause.AUDIENCE_MISMATCH}


def test_an_activity_ties_a_wrapper_to_its_cause_minutes_later(store_of: StoreOf) -> None:
    activity = "0b44b7e0-2222-4e0e-a2ab-000000000001"
    events = [
        Logged(
            "Encountered error during federation passive request.",
            time="2024-05-01T10:00:00",
            provider="AD FS",
            event_id=364,
            computer="FS1",
            activity=activity,
        ),
        *[Logged(f"all is well {n}", time="2024-05-01T10:01:00") for n in range(6)],
        Logged("MSIS5007: refused", time="2024-05-01T10:02:00", provider="AD FS", event_id=325, computer="FS1", activity=activity),
    ]
    findings = diagnose(store_of(events), Job()).findings
    assert [(finding.cause, finding.rows) for finding in findings] == [(Cause.OTHER, (0, 7))]


def test_the_innermost_cause_wins_over_its_wrapper(store_of: StoreOf) -> None:
    text = "AxisFault: The signature or decryption was invalid; nested exception is: \n\tjava.security.cert.CertificateExpiredException: NotAfter: Mon Mar 19 23:59:59 UTC 2018"
    finding = diagnose(store_of([Logged(text)]), Job()).findings[0]
    assert [hypothesis.cause for hypothesis in finding.hypotheses][:2] == [Cause.UNTRUSTED_ISSUER, Cause.EXPIRED]
    assert finding.confidence is Confidence.HIGH


def test_nothing_open_is_no_finding(store_of: StoreOf) -> None:
    assert diagnose(store_of([]), Job()).findings == ()


def test_findings_come_in_order_of_severity_confidence_and_time(store_of: StoreOf) -> None:
    events = [
        Logged(
            "An account failed to log on. Status: 0xc000006a",
            time="2024-05-01T09:00:00",
            provider="Microsoft-Windows-Security-Auditing",
            event_id=4625,
        ),
        Logged("Rampart: The security token could not be authenticated or authorized", time="2024-05-01T10:00:00"),
        Logged("IDX10214: Audience validation failed.", time="2024-05-01T11:00:00"),
    ]
    findings = diagnose(store_of(events), Job()).findings
    assert [(f.id, f.cause, f.severity.value, f.confidence.value) for f in findings] == [
        ("F1", Cause.AUDIENCE_MISMATCH, "error", "high"),
        ("F2", Cause.BAD_CREDENTIALS, "error", "low"),
        ("F3", Cause.BAD_CREDENTIALS, "warning", "high"),
    ]


def test_a_diagnosis_reports_progress_and_can_be_cancelled(store_of: StoreOf) -> None:
    store = store_of([Logged(f"IDX10214: Audience validation failed for tenant{chr(97 + n % 26) * 3}") for n in range(200)])
    told: list[Progress] = []
    diagnose(store, Job(told.append))
    assert {progress.text for progress in told} >= {"Looking for events that matter", "Grouping events by shape", "Looking into events"}
    job = Job()
    job.cancel()
    with pytest.raises(Cancelled):
        diagnose(store, job)


def test_a_line_of_reasoning_that_fails_is_named_and_the_others_stay(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name = "broken thoughts"

        def suggest(self, incident: object, circumstances: object) -> list[Suggestion]:
            raise RuntimeError(f"cannot think about {type(incident).__name__} in {type(circumstances).__name__}")

    monkeypatch.setattr(engine, "REASONING", (Broken(), *REASONING))
    diagnosis = diagnose(store_of([Logged("IDX10214: Audience validation failed.")]), Job())
    assert diagnosis.findings[0].cause is Cause.AUDIENCE_MISMATCH
    assert any("broken thoughts" in one.question and "RuntimeError" in one.answer for one in diagnosis.coverage)
