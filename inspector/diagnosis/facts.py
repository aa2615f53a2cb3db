"""The facts of an incident that other programs and people ask for: codes, ids, times, names. What is absent is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from inspector.dates import parse_time
from inspector.diagnosis.base import EventText, Incident, Signal
from inspector.diagnosis.contents import LONGEST, tokens_of
from inspector.diagnosis.escapes import plain_view
from inspector.diagnosis.signals import ranked
from inspector.diagnosis.zones import moments_in
from inspector.payloads.soap import Envelope, Fault
from inspector.payloads.stack_trace import StackTrace

Facts = dict[str, str | float]

KERBEROS: Final[Mapping[int, str]] = {
    0x1: "KDC_ERR_NAME_EXP", 0x2: "KDC_ERR_SERVICE_EXP", 0x6: "KDC_ERR_C_PRINCIPAL_UNKNOWN", 0x7: "KDC_ERR_S_PRINCIPAL_UNKNOWN",
    0x8: "KDC_ERR_PRINCIPAL_NOT_UNIQUE", 0x9: "KDC_ERR_NULL_KEY", 0xA: "KDC_ERR_CANNOT_POSTDATE", 0xB: "KDC_ERR_NEVER_VALID",
    0xC: "KDC_ERR_POLICY", 0xD: "KDC_ERR_BADOPTION", 0xE: "KDC_ERR_ETYPE_NOSUPP", 0xF: "KDC_ERR_SUMTYPE_NOSUPP",
    0x10: "KDC_ERR_PADATA_TYPE_NOSUPP", 0x12: "KDC_ERR_CLIENT_REVOKED", 0x13: "KDC_ERR_SERVICE_REVOKED", 0x15: "KDC_ERR_CLIENT_NOTYET",
    0x17: "KDC_ERR_KEY_EXPIRED", 0x18: "KDC_ERR_PREAUTH_FAILED", 0x19: "KDC_ERR_PREAUTH_REQUIRED", 0x1B: "KDC_ERR_MUST_USE_USER2USER",
    0x1F: "KRB_AP_ERR_BAD_INTEGRITY", 0x20: "KRB_AP_ERR_TKT_EXPIRED", 0x21: "KRB_AP_ERR_TKT_NYV", 0x22: "KRB_AP_ERR_REPEAT",
    0x23: "KRB_AP_ERR_NOT_US", 0x24: "KRB_AP_ERR_BADMATCH", 0x25: "KRB_AP_ERR_SKEW", 0x29: "KRB_AP_ERR_MODIFIED", 0x3C: "KRB_ERR_GENERIC",
}  # fmt: skip
"""RFC 4120 section 7.5.9."""
NT_STATUS: Final[Mapping[str, str]] = {
    "0XC000005E": "STATUS_NO_LOGON_SERVERS", "0XC0000064": "STATUS_NO_SUCH_USER", "0XC000006A": "STATUS_WRONG_PASSWORD",
    "0XC000006D": "STATUS_LOGON_FAILURE", "0XC000006E": "STATUS_ACCOUNT_RESTRICTION", "0XC000006F": "STATUS_INVALID_LOGON_HOURS",
    "0XC0000070": "STATUS_INVALID_WORKSTATION", "0XC0000071": "STATUS_PASSWORD_EXPIRED", "0XC0000072": "STATUS_ACCOUNT_DISABLED",
    "0XC0000133": "STATUS_TIME_DIFFERENCE_AT_DC", "0XC000015B": "STATUS_LOGON_TYPE_NOT_GRANTED", "0XC000018C": "STATUS_TRUSTED_DOMAIN_FAILURE",
    "0XC000018D": "STATUS_TRUSTED_RELATIONSHIP_FAILURE", "0XC0000192": "STATUS_NETLOGON_NOT_STARTED", "0XC0000193": "STATUS_ACCOUNT_EXPIRED",
    "0XC0000224": "STATUS_PASSWORD_MUST_CHANGE", "0XC0000234": "STATUS_ACCOUNT_LOCKED_OUT", "0XC0000388": "STATUS_DOWNGRADE_DETECTED",
    "0XC0000413": "STATUS_AUTHENTICATION_FIREWALL_FAILED", "0XC0000418": "STATUS_NTLM_BLOCKED",
}  # fmt: skip
"""MS-ERREF section 2.3.1."""
_CODE: Final = re.compile(r"\b(?:AADSTS\d{4,8}|IDX\d{5}|MSIS\d{4}|WSE\d{3}|ID\d{4}|WSM-\d{5})\b|\b0x(?:C|8)[0-9A-F]{7}\b", re.IGNORECASE)
_OAUTH: Final = re.compile(r"""["']?error["']?\s*[:=]\s*\\*["']?(?P<error>[a-z_]{6,40})\b""")
_STATUS: Final = re.compile(
    r"""(?<![A-Za-z])(?P<sub>Sub[ -]?)?Status(?:["']\s*>|["'\\]*\s*:)\s*["']?(?P<value>0x[0-9A-Fa-f]{1,8})""", re.IGNORECASE
)
_NEAR: Final = 200
"""Characters between two attributes of one element."""
_CREATED: Final = ("issued", "authn", "not_before")
_EXPIRES: Final = ("not_after", "not_after2", "limit")


_STAMP: Final = re.compile(
    r"[^\n\d]{0,60}(?:\(Epoch \d+\)\] )?\W{0,3}(?P<time>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?Z\b| ?[+-]\d\d:?\d\d\b)?)"
)
"""A time that an event begins with, where its format was not recognised: printed as it stands."""
_LINE_STAMP: Final = re.compile(r"(?<![\w.])(?P<time>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?Z\b| ?[+-]\d\d:?\d\d\b)?)")
"""A time on the line of what decided, where its event begins with other text."""
_BARE_FRAME: Final = re.compile(
    r"^\s*at (?P<frame>[A-Za-z_$][\w$.<>]{1,200}[.][\w$<>]{2,80})(?: \([^()\n]{1,300}\))?\s*$"
    r"|(?<![\w.$])(?P<java>(?:[a-z_]\w{0,60}\.){2,12}[A-Z][\w$]{0,80}\.[\w$<>]{1,80}\([\w$]{1,80}\.java:\d{1,6}\))",
    re.MULTILINE,
)
"""A stack frame by itself: without a place, as JavaScript prints it where files were stripped, or of Java behind a log line's own beginning."""
_PREFIX: Final = re.compile(r"[A-Za-z_][\w.-]{0,30}:\Z")
_EXCEPTION: Final = re.compile(r"\b(?:[A-Za-z_]\w*(?:\.|::|\\{1,4}))*[A-Z]\w*(?:Exception|Error|Fault)\b(?!\w|[(<])")
_GENERAL: Final = frozenset({"Error", "Exception", "Throwable", "error", "exception"})
"""Names of exceptions that say no more than that there was one."""
_ATTRIBUTE: Final = re.compile(
    r"""\b(?P<name>NotBefore|NotOnOrAfter|IssueInstant|AuthnInstant)=\\*["'](?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?)"""
)
_CLAIM: Final = re.compile(r"""["'](?P<name>nbf|iat|exp)\\*["']\s*:\s*(?P<seconds>\d{9,10}|0)\b""")


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, with as many decimals as there are."""
    text = moment.isoformat()
    return text.replace("+00:00", "Z")


def facts_of(incident: Incident) -> Facts:
    """Facts of the event that decides, filled up from the others of the incident.

    A time in UTC ends in ``Z``. One whose zone is not known stays as the log prints it and never ends in ``Z``.
    """
    order = [signal for _, signal in ranked(incident.signals)]
    rows = {signal.event.row: at for at, signal in reversed(list(enumerate(order)))}
    events = sorted(incident.events, key=lambda event: rows.get(event.row, len(order)))
    facts: Facts = {}
    for event in events:
        for name, value in _of_event(event, [s for s in order if s.event.row == event.row]).items():
            facts.setdefault(name, value)
    for event in incident.neighbours:
        traced = _of_traces(event)
        named = str(facts.get("exception", "")).rpartition(".")[2]
        if traced and "top_frame" not in facts and (named in str(traced.get("exception", "")) or event.row > events[0].row):
            facts.update({**traced, **({"exception": facts["exception"]} if "exception" in facts and "exception" not in traced else {})})
    for event in (*events, *incident.neighbours):
        _fill(facts, _of_attributes(event))
    logged = next((event for event in (*events, *incident.neighbours) if event.time is not None), None)
    if logged is not None and logged.time is not None:
        facts["event_time"] = iso(logged.time) if logged.zone_known else iso(logged.time).removesuffix("Z")
    else:
        printed = next((moment for event in events for _, moment in moments_in(event.message[:LONGEST])), None)
        written = next((stamp for event in events if (stamp := _STAMP.match(event.message)) is not None), None)
        if printed is not None:
            facts["event_time"] = iso(printed)
        elif written is not None:
            facts["event_time"] = written["time"]
        elif order and (beside := _beside(order[0])):
            facts["event_time"] = beside
        elif "judged_at" in facts:
            facts["event_time"] = facts["judged_at"]
    return {name: value for name, value in facts.items() if value != ""}


def _beside(signal: Signal) -> str:
    """The first time on the line of a signal, before it: what a log line that was not recognised begins with."""
    message = signal.event.message
    first = message.rfind("\n", 0, signal.span.start) + 1
    found = _LINE_STAMP.search(message, first, signal.span.start)
    return found["time"] if found is not None else ""


def _of_attributes(event: EventText) -> Facts:
    """Bounds that SAML attributes in broken or cut XML state: those of the conditions before those of the subject."""
    found = list(_ATTRIBUTE.finditer(event.message[:LONGEST]))
    facts: Facts = {}
    start = next((one for name in ("NotBefore", "IssueInstant", "AuthnInstant") for one in found if one["name"] == name), None)
    ends = [one for one in found if one["name"] == "NotOnOrAfter"]
    end = next((one for one in ends if start is not None and 0 <= one.start() - start.end() < _NEAR), ends[0] if ends else None)
    for name, one in (("created", start), ("expires", end)):
        parsed = parse_time(one["time"]) if one is not None else None
        if parsed is not None:
            facts[name] = iso(parsed.utc or parsed.wall.replace(tzinfo=UTC))
    return facts


def _of_event(event: EventText, signals: Sequence[Signal]) -> Facts:
    facts: Facts = {}
    envelopes = [p for p in (event.contents.payloads if event.contents else ()) if isinstance(p, Envelope)]
    for envelope in sorted(envelopes, key=lambda one: not one.is_fault):
        _fill(facts, _of_envelope(envelope))
    _fill(facts, {"error_code": _error_code(event, signals), **_of_traces(event), **_of_times(signals), **_of_tokens(event)})
    written = _written_exception(event, signals)
    if facts.get("exception") in _GENERAL and written not in _GENERAL:
        facts["exception"] = written or facts["exception"]
    _fill(facts, {"fault_code": _written_fault(event, signals), "exception": written, **_of_claims(event)})
    return facts


def _written_fault(event: EventText, signals: Sequence[Signal]) -> str:
    """A fault code that stands in running text, such as ``(q0:InvalidSecurityToken)``, with its prefix."""
    for signal in signals:
        if signal.excerpt in signal.entry.faults:
            prefix = _PREFIX.search(event.message, max(0, signal.span.start - 40), signal.span.start)
            return (prefix.group() if prefix is not None else "") + signal.excerpt
    return ""


def _written_exception(event: EventText, signals: Sequence[Signal]) -> str:
    """The exception that a text names without a stack trace: the one nearest before what decided, else the first."""
    names = list(_EXCEPTION.finditer(event.message[:LONGEST]))
    if not names:
        return ""
    at = signals[0].span.start if signals else 0
    before = [name for name in names if name.start() <= at]
    return (before[-1] if before else names[0]).group()


def _of_claims(event: EventText) -> Facts:
    """Times that claims printed as JSON state, where no token of the text was decoded."""
    claims = {found["name"]: found["seconds"] for found in _CLAIM.finditer(event.message[:LONGEST])}
    start = claims.get("nbf") if claims.get("nbf", "0") != "0" else claims.get("iat")
    facts: Facts = {}
    for name, seconds in (("created", start), ("expires", claims.get("exp"))):
        parsed = parse_time(seconds) if seconds else None
        if parsed is not None and parsed.utc is not None:
            facts[name] = iso(parsed.utc)
    return facts


def _fill(facts: Facts, more: Mapping[str, str | float]) -> None:
    for name, value in more.items():
        if value != "" and name not in facts:
            facts[name] = value


def _of_envelope(envelope: Envelope) -> Facts:
    facts: Facts = {}
    if envelope.addressing is not None:
        address = envelope.addressing
        facts = {
            "action": address.action,
            "message_id": address.message_id,
            "relates_to": address.relates_to[0] if address.relates_to else "",
            "to": address.to,
        }
    if envelope.security is not None:
        facts |= {"created": envelope.security.created, "expires": envelope.security.expires}
    if envelope.fault is not None:
        facts |= {"fault_code": _fault_code(envelope.fault), "fault_actor": envelope.fault.actor or envelope.fault.role}
    return facts


def _fault_code(fault: Fault) -> str:
    codes = [fault.code, *fault.subcodes]
    return " / ".join(str(code) for code in codes if code is not None)


def _error_code(event: EventText, signals: Sequence[Signal]) -> str:
    message = plain_view(event.message[:LONGEST])
    stati = [(bool(found["sub"]), found["value"]) for found in _STATUS.finditer(message)]
    if stati and event.event_id in {4625, None} and any(len(value) > 4 for _, value in stati):
        main = next((value for sub, value in stati if not sub), "")
        part = next((value for sub, value in stati if sub), "")
        return "/".join("0x" + value[2:].upper() for value in (main, part) if value)
    for signal in signals:
        status = next((signal.groups[name] for name in ("Status", "FailureCode") if name in signal.groups), "")
        if status and signal.entry.stack == "Kerberos":
            number = int(status, 0)
            return f"{hex(number)} {KERBEROS.get(number, '')}".strip()
    codes = list(dict.fromkeys(found.group() for found in _CODE.finditer(message)))
    family = codes[0][:3].upper() if codes else ""
    alike = [code for code in codes if code[:3].upper() == family]
    if family.startswith("0X") and alike:
        name = NT_STATUS.get(alike[0].upper(), "")
        return f"0x{alike[0][2:].upper()} {name}".strip()
    error = _OAUTH.search(message)
    oauth = (
        error["error"] + " "
        if error is not None and error["error"].startswith(("invalid_", "unauthorized_", "unsupported_", "interaction_"))
        else ""
    )
    if alike:
        return oauth + "+".join(alike)
    named = next(
        (
            s.excerpt
            for s in signals
            if s.excerpt in s.entry.codes and s.entry.stack != "WSE" and not s.excerpt.endswith(("Exception", "Error"))
        ),
        "",
    )
    named = named or next((s.excerpt for s in signals if s.excerpt in s.entry.codes and s.entry.stack.startswith("AWS")), "")
    return oauth.strip() or named


def _of_traces(event: EventText) -> Facts:
    for payload in event.contents.payloads if event.contents else ():
        if isinstance(payload, StackTrace) and payload.exceptions:
            chain = [one.type for one in sorted(payload.exceptions, key=lambda one: one.depth)]
            facts: Facts = {"exception": " -> ".join(dict.fromkeys(chain))}
            top = payload.top_frame
            if top is not None:
                text = event.message[top.span.start : top.span.end].strip() if top.span.end > top.span.start else ""
                facts["top_frame"] = text or (f"{top.symbol} ({top.place})" if top.place else top.symbol)
            return {**_of_bare_frame(event), **facts}
    return _of_bare_frame(event)


def _of_bare_frame(event: EventText) -> Facts:
    bare = _BARE_FRAME.search(event.message[:LONGEST])
    return {"top_frame": bare["frame"] or bare["java"]} if bare is not None else {}


def _of_times(signals: Iterable[Signal]) -> Facts:
    facts: Facts = {}
    for signal in signals:
        for name, groups in (("created", _CREATED), ("expires", _EXPIRES), ("judged_at", ("now",))):
            text = next((signal.groups[group] for group in groups if group in signal.groups), "")
            parsed = parse_time(text.strip()) if text else None
            if parsed is not None:
                facts.setdefault(name, iso(parsed.utc) if parsed.utc is not None else text.strip())
    return facts


def _of_tokens(event: EventText) -> Facts:
    facts: Facts = {}
    for token in tokens_of(event):
        _fill(
            facts,
            {
                "issuer": token.issuer,
                "audience": ", ".join(token.audience),
                "subject": token.subject,
                "token": token.identity if token.kind in {"jwt", "saml", "x509", "security_context"} else "",
            },
        )
        for window in token.windows:
            if window.kind in {"message", "token", "authentication"}:
                _fill(
                    facts,
                    {
                        "created": iso(window.not_before) if window.not_before else "",
                        "expires": iso(window.not_after) if window.not_after else "",
                    },
                )
    return facts
