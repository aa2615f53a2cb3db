"""SAML 1.1 and 2.0: assertions with their conditions, responses with their nested status, requests; encrypted ones said to be so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from inspector.clock import in_words
from inspector.tokens.base import Check, Field, Outcome, Span, Token, ValidityWindow
from inspector.tokens.reading.encodings import masked
from inspector.tokens.reading.envelope import belongs_to
from inspector.tokens.reading.instants import TokenTime, read_date_time, written
from inspector.tokens.reading.markup import Element, Markup

_MAX_VALUES: Final = 200
"""Attributes, audiences and confirmations shown of one assertion."""
_MAX_INSIDE: Final = 5_000
"""Elements of one response among which its assertions are looked for."""
_STATUS_PREFIXES: Final = ("urn:oasis:names:tc:SAML:2.0:status:", "urn:oasis:names:tc:SAML:1.0:status:", "samlp:", "saml2p:")
_STATUS_CAUSES: Final = {
    "AuthnFailed": "bad_credentials",
    "UnknownPrincipal": "bad_credentials",
    "RequestDenied": "other",
    "RequestUnsupported": "unsupported",
    "UnsupportedBinding": "unsupported",
    "InvalidNameIDPolicy": "other",
    "NoPassive": "other",
    "NoAuthnContext": "other",
    "VersionMismatch": "unsupported",
    "RequestVersionTooHigh": "unsupported",
    "RequestVersionTooLow": "unsupported",
    "RequestVersionDeprecated": "unsupported",
}
_MESSAGES: Final = ("Response", "AuthnRequest", "LogoutRequest", "LogoutResponse", "ArtifactResponse", "ArtifactResolve", "AttributeQuery")


class SamlKind:
    """Finds SAML assertions and protocol messages, written as XML or carried in base64."""

    name = "saml"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - stands in XML only
        """Assertions and messages of all documents, in order; a response holds its assertions inside."""
        found: list[Token] = []
        for markup in documents:
            for element in markup.named("Assertion", "EncryptedAssertion", *_MESSAGES):
                if not _is_saml(element) or _inside_message(element):
                    continue
                if element.local == "Assertion":
                    found.append(_assertion(markup, element))
                elif element.local == "EncryptedAssertion":
                    found.append(_encrypted(markup, element))
                else:
                    found.append(_message(markup, element))
        return tuple(found)


def _is_saml(element: Element) -> bool:
    if element.namespace:
        return "SAML" in element.namespace
    return element.namespace is None and element.prefix.lower().startswith("saml")


def _inside_message(element: Element) -> bool:
    """Inner assertions are read with their response; one in an assertion's Advice is no token of its own."""
    return any(above.local in {"Response", "Assertion", "ArtifactResponse"} and _is_saml(above) for above in element.ancestors())


@dataclass(slots=True)
class _Reading:
    markup: Markup
    fields: list[Field] = field(default_factory=list)
    windows: list[ValidityWindow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def time(self, name: str, element: Element, attribute: str) -> tuple[datetime | None, Span | None]:
        """A date in an attribute; what is wrong with it is noted."""
        found = element.attribute(attribute)
        if found is None:
            return None, None
        time = read_date_time(found.value)
        span = self.markup.locate(found.start, found.end)
        self.fields.append(Field(name, found.value, span=span, note=time.problem or _note(found.value, time)))
        if time.time is None:
            if mask := masked(found.value):
                self.problems.append(f"{name}: the log hides the value ('{mask}')")
            else:
                self.faults.append(f"{name} {time.problem}")
        elif time.problem:
            self.problems.append(f"{name}: {time.problem}")
        return time.time, span

    def text(self, name: str, element: Element | None) -> str:
        value = self.markup.value(element)
        if value:
            self.fields.append(Field(name, value, span=self.markup.value_span(element)))
        return value

    def window(self, element: Element, label: str, names: tuple[str, str], kind: str = "token", prefix: str = "") -> None:
        start_name, end_name = names
        start, start_span = self.time(f"{prefix}{start_name}", element, start_name) if start_name else (None, None)
        end, end_span = self.time(f"{prefix}{end_name}", element, end_name) if end_name else (None, None)
        if start is None and end is None:
            return
        owner = belongs_to(self.markup, element)
        self.windows.append(
            ValidityWindow(label, start, end, start_name if start else "", end_name if end else "", kind, owner, start_span, end_span)
        )

    def format_check(self, passed: str) -> Check:
        if self.markup.has_document_type:
            return Check("format", Outcome.FAILED, "the document declares a DTD, which SAML forbids: an attack or a defect", "malformed")
        if self.faults:
            return Check("format", Outcome.FAILED, "; ".join(self.faults), "malformed")
        if self.problems:
            return Check("format", Outcome.NOT_POSSIBLE, "; ".join(self.problems))
        return Check("format", Outcome.PASSED, passed)


def _note(value: str, time: TokenTime) -> str:
    return "" if value.endswith("Z") else written(time.time)


def _reading(markup: Markup, element: Element) -> _Reading:
    reading = _Reading(markup)
    reading.problems.extend(markup.problems)
    if not element.closed:
        reading.problems.append("the text ends, or is cut, inside it")
    return reading


def _assertion(markup: Markup, element: Element) -> Token:
    reading = _reading(markup, element)
    old = element.get("MajorVersion") == "1" or element.attribute("AssertionID") is not None
    version = f"1.{element.get('MinorVersion') or '1'}" if old else "2.0"
    identifier = element.get("AssertionID") or element.get("ID")
    reading.fields.append(Field("Assertion id", identifier))
    issuer = element.get("Issuer") if old else markup.value(element.child("Issuer"))
    reading.fields.append(Field("Issuer", issuer, span=markup.value_span(element.child("Issuer"))))
    reading.time("IssueInstant", element, "IssueInstant")
    conditions = element.child("Conditions")
    if conditions is not None:
        reading.window(conditions, f"SAML {version} Conditions", ("NotBefore", "NotOnOrAfter"))
        reading.fields.extend(
            Field(name, "yes") for name in ("OneTimeUse", "DoNotCacheCondition", "ProxyRestriction") if conditions.child(name) is not None
        )
    audiences = _audiences(reading, conditions)
    subject = _old_subject(reading, element) if old else _subject(reading, element)
    _authentication(reading, element, version)
    _attributes(reading, element)
    signature = element.child("Signature")
    carrier = f", {markup.carrier}" if markup.carrier else ""
    checks = (
        reading.format_check(f"SAML {version} assertion"),
        _lifetime_check(conditions, reading),
        Check("signed", Outcome.PASSED, "carries its own signature (not verified by this)")
        if signature is not None
        else Check("signed", Outcome.NOT_POSSIBLE, "carries no signature of its own; the message around it may be signed"),
    )
    return Token(
        "saml",
        f"SAML {version} assertion{f' from {issuer}' if issuer else ''}{carrier}",
        markup.span(element),
        tuple(reading.fields),
        tuple(reading.windows),
        checks,
        issuer=issuer,
        audience=audiences,
        subject=subject,
        identity=identifier,
        problems=tuple(reading.problems),
        material=markup.text,
        element=element.start,
    )


def _audiences(reading: _Reading, conditions: Element | None) -> tuple[str, ...]:
    if conditions is None:
        return ()
    found = list(conditions.descendants("Audience"))[:_MAX_VALUES]
    return tuple(value for element in found if (value := reading.text("Audience", element)))


def _subject(reading: _Reading, assertion: Element) -> str:
    subject = assertion.child("Subject")
    if subject is None:
        return ""
    name = reading.text("Name id", subject.child("NameID"))
    if subject.child("EncryptedID") is not None:
        reading.fields.append(Field("Name id", "encrypted"))
    for confirmation in [child for child in subject.children if child.local == "SubjectConfirmation"][:_MAX_VALUES]:
        reading.fields.append(Field("Confirmation method", confirmation.get("Method").rpartition(":")[2]))
        data = confirmation.child("SubjectConfirmationData")
        if data is not None:
            reading.window(data, "SAML SubjectConfirmationData", ("NotBefore", "NotOnOrAfter"), prefix="Confirmation ")
            reading.fields.extend(
                Field(f"Confirmation {name}", value) for name in ("Recipient", "InResponseTo", "Address") if (value := data.get(name))
            )
    return name


def _old_subject(reading: _Reading, assertion: Element) -> str:
    for local in ("AuthenticationStatement", "AttributeStatement", "AuthorizationDecisionStatement"):
        statement = assertion.child(local)
        subject = statement.child("Subject") if statement is not None else None
        if subject is None:
            continue
        name = reading.text("Name identifier", subject.child("NameIdentifier"))
        method = subject.child("SubjectConfirmation", "ConfirmationMethod")
        if method is not None:
            reading.fields.append(Field("Confirmation method", reading.markup.value(method).rpartition(":")[2]))
        return name
    return ""


def _authentication(reading: _Reading, assertion: Element, version: str) -> None:
    for statement in [child for child in assertion.children if child.local in {"AuthnStatement", "AuthenticationStatement"}][:_MAX_VALUES]:
        if statement.local == "AuthenticationStatement":
            reading.window(statement, f"SAML {version} sign-in", ("AuthenticationInstant", ""), "authentication")
            reading.fields.append(Field("Authentication method", statement.get("AuthenticationMethod")))
            continue
        reading.window(statement, f"SAML {version} sign-in", ("AuthnInstant", ""), "authentication")
        reading.window(statement, "SAML session", ("", "SessionNotOnOrAfter"), "session")
        if index := statement.get("SessionIndex"):
            reading.fields.append(Field("Session index", index))
        reading.text("Authentication context", statement.child("AuthnContext", "AuthnContextClassRef"))


def _attributes(reading: _Reading, assertion: Element) -> None:
    shown = 0
    for statement in (child for child in assertion.children if child.local == "AttributeStatement"):
        for attribute in statement.children:
            if attribute.local != "Attribute" or shown >= _MAX_VALUES:
                continue
            shown += 1
            values = [reading.markup.value(child) for child in attribute.children if child.local == "AttributeValue"][:20]
            name = attribute.get("FriendlyName") or attribute.get("Name") or attribute.get("AttributeName")
            reading.fields.append(Field(f"Attribute {name}", ", ".join(values), note=attribute.get("AttributeNamespace")))


def _lifetime_check(conditions: Element | None, reading: _Reading) -> Check:
    if conditions is None:
        return Check("lifetime", Outcome.NOT_POSSIBLE, "no Conditions: the assertion states no validity")
    window = next((window for window in reading.windows if window.label.endswith("Conditions")), None)
    if window is None or window.not_after is None:
        return Check("lifetime", Outcome.NOT_POSSIBLE, "Conditions without NotOnOrAfter: the assertion never expires by itself")
    if window.not_before is None:
        return Check("lifetime", Outcome.PASSED, f"expires {written(window.not_after)}; no NotBefore")
    if window.not_after <= window.not_before:
        return Check("lifetime", Outcome.FAILED, "NotOnOrAfter is not after NotBefore", "malformed")
    return Check("lifetime", Outcome.PASSED, f"valid for {in_words(window.not_after - window.not_before)}")


def _encrypted(markup: Markup, element: Element) -> Token:
    reading = _reading(markup, element)
    reason = "the assertion is encrypted: only the holder of the private key can read it"
    return Token(
        "saml",
        "SAML 2.0 assertion, encrypted",
        markup.span(element),
        (Field("Content", "encrypted"),),
        checks=(reading.format_check("encrypted assertion"), Check("lifetime", Outcome.NOT_POSSIBLE, reason)),
        identity="",
        problems=tuple(reading.problems),
        material=markup.text,
        element=element.start,
    )


def _message(markup: Markup, element: Element) -> Token:
    reading = _reading(markup, element)
    identifier = element.get("ID") or element.get("ResponseID") or element.get("RequestID")
    issuer = markup.value(element.child("Issuer"))
    reading.fields.append(Field("Id", identifier))
    if issuer:
        reading.fields.append(Field("Issuer", issuer, span=markup.value_span(element.child("Issuer"))))
    names = (
        "InResponseTo",
        "Destination",
        "Recipient",
        "AssertionConsumerServiceURL",
        "ForceAuthn",
        "IsPassive",
        "ProtocolBinding",
        "Reason",
    )
    reading.fields.extend(Field(name, value) for name in names if (value := element.get(name)))
    issued, issued_span = reading.time("IssueInstant", element, "IssueInstant")
    checks: list[Check] = []
    codes = _status(reading, element)
    if codes:
        checks.append(_status_check(codes, reading))
    policy = element.child("NameIDPolicy")
    if policy is not None:
        reading.fields.append(Field("Name id format asked for", policy.get("Format")))
    inner = tuple(_inner(markup, element))
    if element.local == "LogoutRequest":
        reading.window(element, "SAML LogoutRequest", ("", "NotOnOrAfter"), "message")
        reading.text("Name id", element.child("NameID"))
    elif issued is not None and not inner and element.local in {"AuthnRequest", "Response"}:
        label = f"SAML {element.local}"
        owner = belongs_to(markup, element)
        reading.windows.append(ValidityWindow(label, issued, None, "IssueInstant", "", "authentication", owner, issued_span))
    audiences = tuple(dict.fromkeys(audience for token in inner for audience in token.audience))
    carrier = f", {markup.carrier}" if markup.carrier else ""
    status = f": {' / '.join(codes)}" if codes and codes[0] != "Success" else ""
    return Token(
        "saml",
        f"SAML {element.local}{f' from {issuer}' if issuer else ''}{status}{carrier}",
        markup.span(element),
        tuple(reading.fields),
        (*reading.windows, *(window for token in inner for window in token.windows)),
        (reading.format_check(f"SAML {element.local}"), *checks),
        issuer=issuer or next((token.issuer for token in inner if token.issuer), ""),
        audience=audiences,
        subject=next((token.subject for token in inner if token.subject), ""),
        identity=identifier,
        problems=tuple(reading.problems),
        inner=inner,
        material=markup.text,
        element=element.start,
    )


def _inner(markup: Markup, message: Element) -> list[Token]:
    found = []
    for element in message.walk(_MAX_INSIDE):
        if element.local == "Assertion" and _is_saml(element) and not any(above.local == "Assertion" for above in element.ancestors()):
            found.append(_assertion(markup, element))
        elif element.local == "EncryptedAssertion" and _is_saml(element):
            found.append(_encrypted(markup, element))
        if len(found) >= 20:
            break
    return found


def _status(reading: _Reading, message: Element) -> list[str]:
    """Status codes from the outermost to the innermost, which says why."""
    status = message.child("Status")
    if status is None:
        return []
    codes: list[str] = []
    code = status.child("StatusCode")
    while code is not None and len(codes) < 20:
        codes.append(_status_name(code.get("Value")))
        reading.fields.append(Field("Status" if len(codes) == 1 else "Status, more exactly", code.get("Value")))
        code = code.child("StatusCode")
    reading.text("Status message", status.child("StatusMessage"))
    detail = status.child("StatusDetail")
    if detail is not None:
        shown = " ".join(value for element in detail.walk() if (value := reading.markup.value(element)))
        reading.fields.append(Field("Status detail", shown[:2000]))
    return codes


def _status_name(value: str) -> str:
    for prefix in _STATUS_PREFIXES:
        if value.startswith(prefix):
            return value[len(prefix) :]
    return value


def _status_check(codes: Sequence[str], reading: _Reading) -> Check:
    if codes[0] == "Success":
        return Check("status", Outcome.PASSED, "Success")
    message = next((field.value for field in reading.fields if field.name == "Status message"), "")
    cause = next((_STATUS_CAUSES[code] for code in reversed(codes) if code in _STATUS_CAUSES), "other")
    return Check("status", Outcome.FAILED, " / ".join(codes) + (f": {message[:300]}" if message else ""), cause)


KIND: Final = SamlKind()
