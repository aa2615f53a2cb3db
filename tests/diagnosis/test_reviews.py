"""The looks over the whole: clocks, coverage, what_if, advice, token_checks, logger_marks, replies and zones."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inspector.dates import UNDECIDED
from inspector.diagnosis import REASONING, REVIEWS
from inspector.diagnosis.base import Cause
from inspector.diagnosis.engine import diagnose, infer_zone
from inspector.events import ZoneBasis
from inspector.job import Job
from inspector.tokens.base import Trust
from tests.diagnosis.conftest import Logged, StoreOf

WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
ENVELOPE = f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:u="{WSU}"><s:Header><u:Timestamp><u:Created>{{created}}</u:Created></u:Timestamp></s:Header><s:Body/></s:Envelope>'


def requests(
    count: int, apart: timedelta, growth: timedelta = timedelta(0), step: timedelta = timedelta(hours=1), host: str = "WEB1"
) -> list[Logged]:
    start = datetime(2024, 5, 1, 10, tzinfo=UTC)
    events = []
    for number in range(count):
        made = start + step * number
        logged = made + apart + growth * number
        events.append(
            Logged(ENVELOPE.format(created=f"{made:%Y-%m-%dT%H:%M:%S}Z"), time=logged.replace(tzinfo=None).isoformat(), computer=host)
        )
    return events


def jwt(claims: dict[str, object], header: dict[str, object] | None = None) -> str:
    parts = [header or {"alg": "RS256", "kid": "k7"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJlLW9mLW5vdGhpbmctYXQtYWxs"])


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (requests(10, timedelta(seconds=41)), "constant: a clock difference"),
        (requests(10, timedelta(hours=1, seconds=3)), "the shape of a zone or of daylight saving"),
        (requests(30, timedelta(seconds=1), growth=timedelta(seconds=4)), "drifts by"),
        (requests(18, timedelta(seconds=0)) + requests(4, timedelta(minutes=4)), "delay rather than a clock"),
        (requests(2, timedelta(seconds=41)), "too few events"),
    ],
)
def test_the_shape_of_a_hosts_clock(events: list[Logged], words: str, store_of: StoreOf) -> None:
    (clock,) = diagnose(store_of(events), Job()).clocks
    assert words in clock.basis
    assert clock.host == "WEB1"
    assert clock.events == len(events)
    assert f"from {len(events)} request(s)" in clock.basis
    assert clock.usual is not None
    assert clock.usual.low <= clock.usual.middle <= clock.usual.high
    assert sum(sample.count for sample in clock.usual.samples) == (len(events) if len(events) >= 10 else 0)
    assert list(clock.usual.samples) == sorted(clock.usual.samples, key=lambda sample: sample.time)


def test_a_fault_replys_own_stamp_is_no_reading_of_a_clock(store_of: StoreOf) -> None:
    fault = Logged(
        ENVELOPE.format(created="2024-05-01T09:00:00Z").replace("<s:Body/>", "<s:Body><s:Fault/></s:Body>"), time="2024-05-01T10:00:00"
    )
    assert diagnose(store_of([fault]), Job()).clocks == ()


@pytest.mark.parametrize(
    ("message", "offset", "named"),
    [
        ("<Fault><Created>2024-05-01T10:00:00Z</Created></Fault>", 2, "Created of the fault reply"),
        ('<TimeCreated SystemTime="2024-05-01T10:00:00.123Z" />', 2, "SystemTime"),
        ("AADSTS50126: no. Timestamp: 2024-05-01 10:00:01Z", 2, "Timestamp that the service printed"),
        ("HTTP/1.1 400 Bad Request\nDate: Wed, 01 May 2024 09:59:59 GMT\n", 2, "HTTP Date"),
        ("JWT expired at 2024-05-01T09:00:00Z. Current time: 2024-05-01T10:00:00Z, a difference", 2, "current time"),
    ],
)
def test_the_zone_of_a_log_that_states_none(message: str, offset: int, named: str, store_of: StoreOf) -> None:
    store = store_of([Logged(message, time="2024-05-01T12:00:00", local=True)])
    zone = infer_zone(store, store.source(1))
    assert (zone.offset, zone.basis) == (timedelta(hours=offset), ZoneBasis.INFERRED)
    assert named in zone.evidence


@pytest.mark.parametrize(("order", "asked"), [(UNDECIDED, True), ("day first, as 13/04/2031 shows", False), ("", False)])
def test_dates_that_can_be_read_two_ways_are_asked_about(order: str, asked: bool, store_of: StoreOf) -> None:
    store = store_of([Logged("started", "2031-03-04T10:00:00", local=True)])
    store.put_source(replace(store.source(1), date_order=order))
    found = [each for each in diagnose(store, Job()).coverage if each.question.startswith("Which stands first in the dates")]
    assert len(found) == asked
    assert all("1.log" in each.answer and each.ask_for for each in found)


def test_a_zone_inferred_from_a_part_of_the_log_is_said(store_of: StoreOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.diagnosis.zones._MOST", 10)
    store = store_of([Logged(f"Current time: 2031-05-01T08:{at:02}:00Z", time=f"2031-05-01T10:{at:02}:00", local=True) for at in range(25)])
    zone = infer_zone(store, store.source(1))
    assert (zone.offset, zone.compared) == (timedelta(hours=2), (9, 25))
    store.set_zone(1, zone)
    (said,) = [one.answer for one in diagnose(store, Job()).coverage if one.question == "Was everything looked at?"]
    assert "to infer a log's zone: 9 of 25" in said


def test_a_log_without_a_pair_keeps_an_assumed_zone_and_coverage_asks(store_of: StoreOf) -> None:
    store = store_of(
        [
            Logged("IDX10214: Audience validation failed.", time="2024-05-01T12:00:00", local=True),
            Logged("<Created>2024-05-01T10:00:00Z</Created> of a request", time="2024-05-01T12:00:00", local=True),
        ]
    )
    assert infer_zone(store, store.source(1)).basis is ZoneBasis.ASSUMED
    asked = {one.question: one for one in diagnose(store, Job()).coverage}
    assert "--timezone" in asked["In which zone was the log written?"].ask_for


def test_what_another_tolerance_would_have_let_pass(store_of: StoreOf) -> None:
    text = "JWT expired at 2024-05-01T10:00:00Z. Current time: 2024-05-01T10:00:{:02}Z, a difference of 1 milliseconds.  Allowed clock skew: 0 milliseconds."
    outcome = diagnose(store_of([Logged(text.format(seconds)) for seconds in (2, 3, 20, 45)]), Job()).what_if
    assert [(one.value, one.passed, one.refused) for one in outcome] == [("5 s", 2, 2), ("30 s", 3, 1), ("1 min", 4, 0)]
    assert all(one.risk and "jjwt" in one.setting for one in outcome)


def test_coverage_says_what_was_not_checked(store_of: StoreOf) -> None:
    store = store_of(
        [
            Logged(
                f"IDX10214: Audience validation failed. Authorization: Bearer {jwt({'iss': 'https://id.example', 'aud': 'api', 'exp': 4102444800, 'nbf': 4102441200})}"
            )
        ]
    )
    asked = {one.question: one for one in diagnose(store, Job()).coverage}
    assert "https://id.example/.well-known/openid-configuration" in asked["Is the signature genuine?"].ask_for
    assert "--revoked" in asked["Was the token or its certificate revoked?"].ask_for
    assert "--audience" in asked["Is the token meant for this receiver?"].ask_for
    supplied = Trust(jwks=('{"keys": []}',), audiences=("api",), revoked=frozenset({"x"}))
    left = {one.question for one in diagnose(store, Job(), supplied).coverage}
    assert not left & {"Is the signature genuine?", "Was the token or its certificate revoked?", "Is the token meant for this receiver?"}


@pytest.mark.parametrize(
    ("message", "title"),
    [
        (f"token {jwt({'iss': 'https://id.example', 'aud': 'api'})}", "Give every token an end"),
        (f"token {jwt({'iss': 'https://id.example', 'nbf': 1700000000, 'exp': 1710000000})}", "Shorten the life of tokens"),
        (f"token {jwt({'exp': 1710000000}, {'alg': 'none'})}", "Use strong algorithms"),
    ],
)
def test_advice(message: str, title: str, store_of: StoreOf) -> None:
    advice = {one.title: one for one in diagnose(store_of([Logged(message)]), Job()).advice}
    assert title in advice
    assert advice[title].evidence[0].excerpt in message


def test_no_advice_on_what_is_fine(store_of: StoreOf) -> None:
    message = f"token {jwt({'iss': 'https://id.example', 'nbf': 1700000000, 'exp': 1700003600})}"
    titles = {one.title for one in diagnose(store_of([Logged(message)]), Job()).advice}
    assert not titles & {"Give every token an end", "Shorten the life of tokens", "Use strong algorithms"}


def test_a_failed_check_of_the_token_adds_its_cause(store_of: StoreOf) -> None:
    message = f"InvalidAlgorithmError: the specified alg value is not allowed: {jwt({'exp': 1710000000}, {'alg': 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'})}"
    finding = diagnose(store_of([Logged(message)]), Job()).findings[0]
    assert finding.cause is Cause.UNSUPPORTED
    assert any("hmac-sha256" in evidence.text for evidence in finding.hypotheses[0].supports)


def test_a_cut_message_is_blamed_on_the_logger(store_of: StoreOf) -> None:
    message = ("<faultcode>wsse:InvalidSecurity</faultcode>" + "x" * 40_000)[:31_839]
    finding = diagnose(store_of([Logged(message)]), Job()).findings[0]
    assert any("cut by the event log" in evidence.text for hypothesis in finding.hypotheses for evidence in hypothesis.contradicts)


def username(nonce: str) -> str:
    return f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header><o:UsernameToken xmlns:o="x"><o:Username>ann</o:Username><o:Nonce>{nonce}</o:Nonce></o:UsernameToken></s:Header><s:Body/></s:Envelope>'


def test_a_nonce_that_is_sent_twice(store_of: StoreOf) -> None:
    first, second = (Logged(username("AAAAAAAAAAAAAAAAAAAAAA=="), time=f"2024-05-01T10:00:{second}") for second in ("00", "07"))
    other = Logged(username("BBBBBBBBBBBBBBBBBBBBBB=="), time="2024-05-01T10:00:09")
    advice = {one.title: one for one in diagnose(store_of([first, other], [second]), Job()).advice}
    assert [evidence.row for evidence in advice["Do not send the same token again"].evidence] == [0, 2]
    assert "Do not send the same token again" not in {one.title for one in diagnose(store_of([first, other]), Job()).advice}


def test_a_refused_token_that_comes_again_and_a_bearer_token_that_may(store_of: StoreOf) -> None:
    token = jwt({"exp": 4102444800, "nbf": 4102441200})
    again = [Logged(f"GET /orders with {token}", time=f"2024-05-01T10:00:{second}") for second in ("00", "09")]
    refused = Logged(f"IDX10214: Audience validation failed. {token}", time="2024-05-01T10:00:05")
    titles = {one.title for one in diagnose(store_of(again), Job()).advice}
    assert "Do not send the same token again" not in titles
    (found,) = [one for one in diagnose(store_of([*again, refused]), Job()).advice if one.title == "Do not send the same token again"]
    assert "F1 shows that it was refused" in found.text


def test_a_key_rollover_is_seen(store_of: StoreOf) -> None:
    events = [
        Logged(f"Bearer {jwt({'n': n}, {'alg': 'RS256', 'kid': f'key{n // 2}'})}", time=f"2024-05-0{n + 1}T10:00:00") for n in range(4)
    ]
    (found,) = [one for one in diagnose(store_of(events), Job()).advice if one.title == "A signing key was rolled over"]
    assert "key key0 before and with key key1 from 2024-05-03 10:00:00 UTC on" in found.text


def test_every_line_of_reasoning_and_every_review_is_there_once() -> None:
    names = [*(one.name for one in REASONING), *(one.name for one in REVIEWS)]
    assert len(set(names)) == len(names)
    modules = {type(one).__module__.rpartition(".")[2] for one in (*REASONING, *REVIEWS)}
    assert modules == {
        "advice",
        "clocks",
        "codes",
        "constancy",
        "coverage",
        "logger_marks",
        "near_misses",
        "replies",
        "sightings",
        "token_checks",
        "what_if",
        "windows",
    }
