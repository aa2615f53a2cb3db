"""Which questions this log can answer, and what to ask for where it cannot, with the command that produces it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from inspector.dates import UNDECIDED
from inspector.diagnosis.base import Cause, Circumstances, Confidence, Coverage, EventText, Finding, Known, Severity
from inspector.diagnosis.contents import answered, envelopes, fault_replies, tokens_of
from inspector.events import Source

NOT_DECIDABLE: Final = "not decidable from this log"
_LOGONS: Final = frozenset({4625, 4771, 4776, 4768, 529, 675})


def _around(moment: datetime | None, seconds: int = 5) -> str:
    if moment is None:
        return "*[System[(EventID=4625 or EventID=4771 or EventID=4776)]]"
    first, last = moment - timedelta(seconds=seconds), moment + timedelta(seconds=seconds)
    span = f"TimeCreated[@SystemTime>='{first:%Y-%m-%dT%H:%M:%S}Z' and @SystemTime<='{last:%Y-%m-%dT%H:%M:%S}Z']"
    return f"*[System[(EventID=4625 or EventID=4771 or EventID=4776) and {span}]]"


def security_log(moment: datetime | None) -> str:
    """The command that fetches the refused logons of one moment."""
    return f'wevtutil qe Security /q:"{_around(moment)}" /f:RenderedXml'


class Questions:
    """Every question that what was seen raises, answered or not."""

    name = "coverage"

    def review(self, known: Known) -> Sequence[Coverage]:
        return (*cover(known.findings, known.seen, known.circumstances), *_dates(known.store.sources))


def cover(findings: Sequence[Finding], seen: Sequence[EventText], circumstances: Circumstances) -> tuple[Coverage, ...]:
    """Every question that what was seen raises, answered or not."""
    refused = [finding for finding in findings if finding.severity is not Severity.INFO]
    found: list[Coverage] = []
    if refused:
        found += [_expired(refused, seen), _clocks(refused)]
        found += _user(refused, seen)
        found += _waited(refused)
    found += _tokens(seen, circumstances)
    found += _zone(seen)
    return tuple(found)


def _expired(refused: Sequence[Finding], seen: Sequence[EventText]) -> Coverage:
    question = "Did the request expire?"
    for finding in refused:
        if finding.cause is Cause.EXPIRED and finding.confidence is not Confidence.LOW:
            return Coverage(question, f"yes, as {finding.id} shows: {finding.hypotheses[0].explanation}", "")
        if finding.cause in {Cause.CLOCK_SKEW, Cause.DELAYED_PROCESSING} and "observed_delta_seconds" in finding.facts:
            return Coverage(
                question,
                f"by the receiver's clock it was outside its validity, but {finding.id} says why: {finding.hypotheses[0].explanation}",
                "",
            )
    there = {one.addressing.message_id for event in seen for one in envelopes(event) if one.addressing is not None and not one.is_fault}
    asked = [answered(event) for event in seen if answered(event)]
    missing = [one for one in asked if one not in there]
    known = [
        evidence.text
        for finding in refused
        for h in finding.hypotheses
        for evidence in (*h.supports, *h.contradicts)
        if evidence.text.startswith("the refused request is in the log")
    ]
    if known:
        return Coverage(question, known[0], "")
    timed = any(h.cause in {Cause.EXPIRED, Cause.DELAYED_PROCESSING, Cause.CLOCK_SKEW} for finding in refused for h in finding.hypotheses)
    if not timed and not any(fault_replies(event) for event in seen):
        return Coverage(question, "nothing here points at it: the refusals name another cause", "")
    name = f" {missing[0]}" if missing else ""
    first = next((finding.first_time for finding in refused if finding.first_time is not None), None)
    ask = (
        f"The refused request{name} with its Created and Expires: InputTrace.webinfo of the receiver "
        '(WSE: <diagnostics><trace enabled="true" input="InputTrace.webinfo" output="OutputTrace.webinfo"/></diagnostics>), '
        "a WCF message log (.svclog), or a capture at the receiver. "
        f"And the Security log of that second: {security_log(first)}"
    )
    return Coverage(question, NOT_DECIDABLE, ask)


def _clocks(refused: Sequence[Finding]) -> Coverage:
    question = "Do the clocks of both machines agree?"
    proved = next((f for f in refused if f.cause is Cause.CLOCK_SKEW and f.confidence is Confidence.HIGH), None)
    if proved is not None:
        return Coverage(question, f"no, as {proved.id} shows: {proved.hypotheses[0].explanation}", "")
    return Coverage(
        question,
        NOT_DECIDABLE,
        "On both machines at the same time: w32tm /stripchart /computer:<domain controller> /samples:3 /dataonly, or chronyc tracking; and w32tm /query /status",
    )


def _user(refused: Sequence[Finding], seen: Sequence[EventText]) -> list[Coverage]:
    finding = next((f for f in refused if f.cause is Cause.BAD_CREDENTIALS), None)
    if finding is None:
        return []
    question = "Which account was refused, and for what reason?"
    if any(event.event_id in _LOGONS for event in seen) or any(
        str(finding.facts.get("error_code", "")).startswith(("0x", "0X", "AADSTS")) for _ in (0,)
    ):
        return [Coverage(question, f"the log states a code: {finding.facts.get('error_code', 'see the event')} ({finding.title})", "")]
    return [
        Coverage(
            question, NOT_DECIDABLE, f"The Security log of the machine that refused, of that second: {security_log(finding.first_time)}"
        )
    ]


def _waited(refused: Sequence[Finding]) -> list[Coverage]:
    listed = next((f for f in refused if any(h.cause is Cause.DELAYED_PROCESSING for h in f.hypotheses)), None)
    if listed is None:
        return []
    question = "Did the message wait: load, queue, lock?"
    if listed.cause is Cause.DELAYED_PROCESSING and listed.confidence is not Confidence.LOW:
        return [Coverage(question, f"yes, as {listed.id} shows: {listed.hypotheses[0].explanation}", "")]
    ask = "The receiver's times for the same message (IIS log with time-taken, message log), and its load of that minute: requests queued, CPU, database lock waits (sys.dm_os_wait_stats, deadlock graph)"
    return [Coverage(question, NOT_DECIDABLE, ask)]


def _tokens(seen: Sequence[EventText], circumstances: Circumstances) -> list[Coverage]:
    trust = circumstances.trust
    tokens = [token for event in seen for token in tokens_of(event)]
    found = []
    signed = [token for token in tokens if token.kind in {"jwt", "saml", "signature"}]
    if signed and not (trust.pem or trust.jwks or trust.metadata or trust.secrets):
        issuer = next((token.issuer for token in signed if token.issuer.startswith("http")), "<issuer>")
        ask = f"The issuer's keys: its JWKS ({issuer.rstrip('/')}/.well-known/openid-configuration, jwks_uri), SAML or federation metadata, or its certificate as PEM; give it with --trust"
        found.append(Coverage("Is the signature genuine?", "not checked: no key was supplied", ask))
    if any(token.audience for token in signed) and not trust.audiences:
        found.append(
            Coverage(
                "Is the token meant for this receiver?",
                "not checked: the receiver's audience was not supplied",
                "The audience that the receiver accepts (ValidAudience, audienceUris, entity ID); give it with --audience",
            )
        )
    if (signed or any(token.kind == "x509" for token in tokens)) and not (trust.revoked or trust.crls):
        found.append(
            Coverage(
                "Was the token or its certificate revoked?",
                "not checked: no revocation list was supplied",
                "The issuer's list of withdrawn ids, or the CRL (certutil -verify -urlfetch <certificate>); give it with --revoked",
            )
        )
    return found


def _dates(sources: Sequence[Source]) -> list[Coverage]:
    undecided = [source.name for source in sources if source.date_order == UNDECIDED]
    if not undecided:
        return []
    return [
        Coverage(
            "Which stands first in the dates, day or month?",
            f"{UNDECIDED}: {', '.join(undecided[:5])}",
            "A part of the same log with a day above 12, or what (Get-Culture).DateTimeFormat.ShortDatePattern says on that machine",
        )
    ]


def _zone(seen: Sequence[EventText]) -> list[Coverage]:
    unknown = sorted({event.source for event in seen if event.time is not None and not event.zone_known})
    if not unknown:
        return []
    return [
        Coverage(
            "In which zone was the log written?",
            f"not stated, taken as UTC: {', '.join(unknown[:5])}",
            "The zone of that machine (tzutil /g, or timedatectl); give it with --timezone",
        )
    ]
