"""WS-Security's Timestamp and UsernameToken, of every version of the namespace and also out of cut envelopes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from inspector.clock import in_words
from inspector.tokens.base import Check, Field, Outcome, Span, Token, ValidityWindow
from inspector.tokens.reading.encodings import decode_base64, fingerprint, masked
from inspector.tokens.reading.envelope import FAULT_REPLY, belongs_to
from inspector.tokens.reading.instants import TokenTime, read_date_time, written
from inspector.tokens.reading.markup import Element, Markup

_DIGEST_BYTES: Final = 20
"""Length of SHA-1, which a password digest is (UsernameToken Profile 1.0 section 3.1)."""


class WsSecurityKind:
    """Finds ``wsu:Timestamp`` and ``wsse:UsernameToken``."""

    name = "ws_security"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:
        """Time stamps and user name tokens of all documents, in order."""
        if "Timestamp" not in text and "UsernameToken" not in text:
            return ()
        found: list[Token] = []
        for markup in documents:
            for element in markup.named("Timestamp", "UsernameToken"):
                if element.local == "UsernameToken":
                    found.append(_username_token(markup, element))
                elif _is_timestamp(element):
                    found.append(_timestamp(markup, element))
        return tuple(found)


def _is_timestamp(element: Element) -> bool:
    """A business element may be called Timestamp too: the namespace or the content decides."""
    if element.namespace is not None and "utility" in element.namespace:
        return True
    if any(child.local in {"Created", "Expires"} for child in element.children):
        return element.namespace is None or "wss" in element.namespace or element.prefix.startswith(("wsu", "u")) or _in_security(element)
    return _in_security(element)


def _in_security(element: Element) -> bool:
    return element.parent is not None and element.parent.local == "Security"


def _children(element: Element, local: str) -> list[Element]:
    return [child for child in element.children if child.local == local]


def _time_field(markup: Markup, element: Element, name: str) -> tuple[TokenTime, Field]:
    value = markup.value(element)
    time = read_date_time(value)
    note = time.problem or written(time.time)
    return time, Field(name, value, span=markup.value_span(element), note=note)


def _timestamp(markup: Markup, element: Element) -> Token:
    owner = belongs_to(markup, element)
    fields: list[Field] = []
    problems: list[str] = []
    times: dict[str, datetime | None] = {}
    faulty: list[str] = []
    for name in ("Created", "Expires"):
        found = _children(element, name)
        if len(found) > 1:
            faulty.append(f"{len(found)} {name} elements where one is allowed")
        for child in found[:1]:
            time, field = _time_field(markup, child, name)
            fields.append(field)
            times[name] = time.time
            _judge_text(name, field.value, time, problems, faulty)
    created, expires = times.get("Created"), times.get("Expires")
    if identifier := element.get("Id"):
        fields.append(Field("Id", identifier))
    if not element.closed:
        problems.append("the text ends, or is cut, inside the time stamp")
    checks = (_timestamp_format(fields, faulty, problems), _timestamp_lifetime(created, expires, cut=not element.closed))
    window = ValidityWindow(
        "wsu:Timestamp",
        created,
        expires,
        "Created" if created else "",
        "Expires" if expires else "",
        "message",
        owner,
        _span_of(fields, "Created"),
        _span_of(fields, "Expires"),
    )
    title = "Timestamp of the fault reply" if owner == FAULT_REPLY else "WS-Security Timestamp"
    return Token(
        "timestamp",
        title,
        markup.span(element),
        tuple(fields),
        (window,) if created or expires else (),
        checks,
        identity=identifier,
        problems=tuple(problems),
        material=markup.text,
        element=element.start,
    )


def _span_of(fields: Sequence[Field], name: str) -> Span | None:
    return next((field.span for field in fields if field.name == name), None)


def _judge_text(name: str, value: str, time: TokenTime, problems: list[str], faulty: list[str]) -> None:
    if time.time is not None:
        if time.problem:
            problems.append(f"{name}: {time.problem}")
        return
    if mask := masked(value):
        problems.append(f"{name}: the log hides the value ('{mask}')")
    else:
        faulty.append(f"{name} {time.problem}")


def _timestamp_format(fields: Sequence[Field], faulty: Sequence[str], problems: Sequence[str]) -> Check:
    if faulty:
        return Check("format", Outcome.FAILED, "; ".join(faulty), "malformed")
    if any("hides" in problem for problem in problems):
        return Check("format", Outcome.NOT_POSSIBLE, "the log hides a value")
    names = {field.name for field in fields}
    if "Created" not in names:
        return Check("format", Outcome.PASSED, "no Created; the standard allows it, many stacks require it")
    return Check("format", Outcome.PASSED, "Created and Expires are dates" if "Expires" in names else "Created is a date")


def _timestamp_lifetime(created: datetime | None, expires: datetime | None, *, cut: bool) -> Check:
    if created is None or expires is None:
        if cut:
            return Check("lifetime", Outcome.NOT_POSSIBLE, "the time stamp is cut")
        missing = "Created" if created is None else "Expires"
        return Check("lifetime", Outcome.NOT_POSSIBLE, f"no {missing}: the receiver's own limit on a message's age applies")
    if expires <= created:
        return Check("lifetime", Outcome.FAILED, f"Expires is not after Created ({in_words(created - expires)} before it)", "malformed")
    return Check("lifetime", Outcome.PASSED, f"valid for {in_words(expires - created)}")


def _username_token(markup: Markup, element: Element) -> Token:
    fields: list[Field] = []
    problems: list[str] = []
    faulty: list[str] = []
    user = markup.value(element.child("Username"))
    fields.append(Field("Username", user, span=markup.value_span(element.child("Username"))))
    password = element.child("Password")
    kind = _password_kind(password)
    if password is not None:
        value = markup.value(password)
        fields.append(Field("Password", value, secret=True, span=markup.value_span(password), note=kind))
        if mask := masked(value):
            problems.append(f"Password: the log hides the value ('{mask}')")
        elif kind == "digest":
            digest, problem = decode_base64(value)
            if digest is None:
                faulty.append(f"the password digest is {problem}")
            elif len(digest) != _DIGEST_BYTES:
                faulty.append(f"the password digest has {len(digest)} bytes where SHA-1 has {_DIGEST_BYTES}")
    fields.append(Field("Password type", kind))
    identity = _nonce(markup, element, fields, problems, faulty)
    windows = _created(markup, element, fields, problems, faulty)
    if kind == "digest" and element.closed:
        missing = [name for name in ("Nonce", "Created") if element.child(name) is None]
        if missing:
            faulty.append(f"a password digest without {' and '.join(missing)} can be replayed")
    fields.extend(
        Field(name, markup.value(extra), secret=name == "Salt", span=markup.value_span(extra), note="key derived from the password")
        for name in ("Salt", "Iteration")
        if (extra := element.child(name)) is not None
    )
    if not element.closed:
        problems.append("the text ends, or is cut, inside the token")
    check = (
        Check("format", Outcome.FAILED, "; ".join(faulty), "malformed")
        if faulty
        else Check("format", Outcome.PASSED, f"password as {kind}")
    )
    return Token(
        "username",
        f"UsernameToken of {user or 'nobody'} (password as {kind})",
        markup.span(element),
        tuple(fields),
        windows,
        (check,),
        algorithm="SHA-1" if kind == "digest" else "",
        subject=user,
        identity=identity or element.get("Id"),
        problems=tuple(problems),
        material=markup.text,
        element=element.start,
    )


def _password_kind(password: Element | None) -> str:
    if password is None:
        return "none"
    stated = password.get("Type")
    if stated.endswith("PasswordDigest"):
        return "digest"
    if not stated or stated.endswith("PasswordText"):
        return "text"
    return "unknown"


def _nonce(markup: Markup, element: Element, fields: list[Field], problems: list[str], faulty: list[str]) -> str:
    nonce = element.child("Nonce")
    if nonce is None:
        return ""
    value = markup.value(nonce)
    fields.append(Field("Nonce", value, secret=True, span=markup.value_span(nonce)))
    if mask := masked(value):
        problems.append(f"Nonce: the log hides the value ('{mask}')")
        return ""
    decoded, problem = decode_base64(value)
    if decoded is None:
        faulty.append(f"the nonce is {problem}")
        return ""
    return f"nonce {fingerprint(decoded)[:32]}"


def _created(markup: Markup, element: Element, fields: list[Field], problems: list[str], faulty: list[str]) -> tuple[ValidityWindow, ...]:
    created = element.child("Created")
    if created is None:
        return ()
    time, field = _time_field(markup, created, "Created")
    fields.append(field)
    _judge_text("Created", field.value, time, problems, faulty)
    if time.time is None:
        return ()
    window = ValidityWindow("UsernameToken", time.time, None, "Created", "", "authentication", belongs_to(markup, element), field.span)
    return (window,)


KIND: Final = WsSecurityKind()
