"""What a token is, once found: fields, validity windows, and checks passed, failed or not possible."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Span:
    """A place in an event's text (the message column, whole): characters ``start`` to ``end`` (exclusive)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Field:
    """One name and value of a token."""

    name: str
    value: str
    secret: bool = False
    """Never shown or exported in clear unless the person asks for it: passwords, nonces, signatures, keys, whole bearer tokens."""
    span: Span | None = None
    """Where the value stands in the event's text; None when it was decoded out of something."""
    note: str = ""
    """What a person should know about the value, such as the human date of a NumericDate."""

    def __repr__(self) -> str:
        """As a dataclass prints itself, a secret value by its length only: reprs end up in logs and crash reports."""
        shown = f"<{len(self.value)} characters>" if self.secret else repr(self.value)
        return f"Field(name={self.name!r}, value={shown}, secret={self.secret}, span={self.span!r}, note={self.note!r})"


class Outcome(enum.StrEnum):
    """Result of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_POSSIBLE = "not possible"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a token."""

    name: str
    """Stable short name. Of the token by itself: ``format``, ``algorithm``, ``lifetime``, ``date range``, ``status``, ``signed``,
    ``wrapping``, ``reference``, ``exposure``. With what the user supplied: ``signature``, ``digest``, ``chain``, ``validity``,
    ``revocation``, ``audience``, ``issuer``, ``password``, ``keys supplied``."""
    outcome: Outcome
    reason: str
    """Why, with the figures."""
    cause: str = ""
    """For a failed check, the cause it points to (a value of diagnosis.base.Cause); empty otherwise, and where the failure is a
    weakness (SHA-1, a short key, an exposed key) that explains no refusal by itself."""


@dataclass(frozen=True, slots=True)
class ValidityWindow:
    """When something claims to be valid: from ``not_before`` (inclusive) to ``not_after`` (exclusive), both UTC and aware."""

    label: str
    """What it belongs to, such as ``wsu:Timestamp``, ``SAML Conditions``, ``JWT``, ``certificate sts.example``."""
    not_before: datetime | None
    not_after: datetime | None
    not_before_name: str = ""
    """The field that states the bound: ``Created``, ``NotBefore``, ``nbf``, ``iat``."""
    not_after_name: str = ""
    """``Expires``, ``NotOnOrAfter``, ``exp``."""
    kind: str = "token"
    """message, token, session, certificate or authentication."""
    belongs_to: str = "message"
    """``message`` for the message or token that was judged, ``fault reply`` where the window is the reply's own and proves nothing about the request (WS-Security 1.0 section 10)."""
    not_before_span: Span | None = None
    not_after_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token found in an event's text."""

    kind: str
    """Name of the token kind: jwt, saml, timestamp, username, x509, binary_security_token, security_context, derived_key, reference, signature, encryption, kerberos, aws_key, aws_signature, opaque."""
    title: str
    """One line for a person: ``JWT from https://login.example (Entra ID access token)``."""
    span: Span
    """The token's own text in the event's text; the carrier's where it was decoded out of base64."""
    fields: tuple[Field, ...] = ()
    windows: tuple[ValidityWindow, ...] = ()
    checks: tuple[Check, ...] = ()
    algorithm: str = ""
    issuer: str = ""
    audience: tuple[str, ...] = ()
    subject: str = ""
    identity: str = ""
    """What makes two sightings the same token: AssertionID, jti, thumbprint, digest of the nonce. Never the secret itself."""
    problems: tuple[str, ...] = ()
    """What is wrong with the token's text: cut, masked, malformed."""
    inner: tuple[Token, ...] = ()
    """Tokens inside this one (the certificate in a signature, the assertion in a response)."""
    material: str = field(default="", repr=False)
    """What verification needs: the compact JWS, the DER certificate in base64, the whole XML document. Secret; never shown or exported."""
    element: int = -1
    """For a token inside an XML document: the character of ``material`` where its element starts; -1 otherwise."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What the user supplies to judge tokens with; everything empty means nothing is verified, and that is said."""

    pem: tuple[bytes, ...] = ()
    """Certificates and public keys, PEM."""
    jwks: tuple[str, ...] = ()
    """JSON Web Key Sets (RFC 7517)."""
    metadata: tuple[bytes, ...] = ()
    """SAML / WS-Federation metadata documents."""
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    """Shared secrets for HS256 and its kin."""
    revoked: frozenset[str] = frozenset()
    """jti values and certificate serial numbers (lower-case hex) that were withdrawn."""
    crls: tuple[bytes, ...] = ()
    audiences: tuple[str, ...] = ()
    """What the relying party expects as audience."""
    issuers: tuple[str, ...] = ()
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    """User name to password, to recompute a password digest (UsernameToken Profile 1.0 section 3.1)."""
    skew: timedelta | None = None
    """Allowed clock skew set by the user; None leaves each stack its own default."""
