"""AWS access keys and Signature Version 4: which key, for which day, region and service, signed when, valid how long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from inspector.clock import in_words
from inspector.tokens.base import Check, Field, Outcome, Span, Token, ValidityWindow
from inspector.tokens.reading.encodings import fingerprint
from inspector.tokens.reading.instants import written
from inspector.tokens.reading.markup import Markup

_KEY: Final = re.compile(r"(?<![A-Za-z0-9/+])(A(?:KIA|SIA)[A-Z2-7]{16})(?![A-Za-z0-9/+])")
_KINDS: Final = {"AKIA": "long-lived, of a user", "ASIA": "temporary, of a session: needs its session token"}
_CREDENTIAL: Final = re.compile(
    r"Credential=([A-Za-z0-9]{16,128})(?:/|%2F)(\d{8})(?:/|%2F)([a-z0-9-]{1,40})(?:/|%2F)([a-z0-9-]{1,60})(?:/|%2F)(aws4_request)",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    r"(?:X-Amz-|Amz-|\b)(Date|Expires|SignedHeaders|Signature|Security-Token)(?:\"?\s{0,2}[:=]\s{0,2}\"?)([^\s&,;\"'<>]{1,4096}+)",
    re.IGNORECASE,
)
_BASIC_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z")
_AROUND: Final = 2500
"""Characters before and behind the credential in which its date and signature stand."""
_MAX_FOUND: Final = 100


class AwsKind:
    """Finds access key ids and what SigV4 signed."""

    name = "aws"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - stands in the text
        """SigV4 authorizations, and access key ids that stand alone, in order."""
        if "AKIA" not in text and "ASIA" not in text and "aws4_request" not in text:
            return ()
        found = [_signature(text, match) for match, _ in zip(_CREDENTIAL.finditer(text), range(_MAX_FOUND), strict=False)]
        seen = {token.subject for token in found}
        for match in _KEY.finditer(text):
            if match.group(1) not in seen and len(found) < _MAX_FOUND:
                seen.add(match.group(1))
                found.append(_key(match))
        return tuple(sorted(found, key=lambda token: token.span.start))


def _key(match: re.Match[str]) -> Token:
    key = match.group(1)
    kind = _KINDS[key[:4]]
    return Token(
        "aws_key",
        f"AWS access key {key} ({kind.partition(',')[0]})",
        Span(*match.span(1)),
        (Field("Access key id", key, span=Span(*match.span(1)), note=kind),),
        checks=(Check("lifetime", Outcome.NOT_POSSIBLE, "a key id says nothing about its validity"),),
        subject=key,
        identity=key,
    )


def _signature(text: str, credential: re.Match[str]) -> Token:
    key, date, region, service, _ = credential.groups()
    start, end = max(0, credential.start() - _AROUND), min(len(text), credential.end() + _AROUND)
    parts: dict[str, re.Match[str]] = {}
    for part in _PART.finditer(text, start, end):
        name = part.group(1).lower()
        known = parts.get(name)
        if known is None or abs(part.start() - credential.start()) < abs(known.start() - credential.start()):
            parts[name] = part
    fields = [
        Field("Access key id", key, span=Span(*credential.span(1)), note=_KINDS.get(key[:4], "")),
        Field("Scope", f"{date}/{region}/{service}", note="the signing key is good for this day, region and service only"),
    ]
    signed = _signed_at(parts.get("date"))
    if (stamp := parts.get("date")) is not None:
        fields.append(
            Field(
                "X-Amz-Date",
                stamp.group(2),
                span=Span(*stamp.span(2)),
                note=written(signed) if signed else "no date of the form 20260131T102149Z",
            )
        )
    lifetime = _lifetime(parts.get("expires"), fields)
    if (headers := parts.get("signedheaders")) is not None:
        fields.append(Field("Signed headers", headers.group(2)))
    for name, label in (("signature", "Signature"), ("security-token", "Session token")):
        if (secret := parts.get(name)) is not None:
            fields.append(Field(label, secret.group(2), secret=True, span=Span(*secret.span(2))))
    window: tuple[ValidityWindow, ...] = ()
    if signed is not None:
        expires = signed + lifetime if lifetime is not None else None
        place = parts["date"].span(2)
        window = (
            ValidityWindow(
                "AWS Signature V4", signed, expires, "X-Amz-Date", "X-Amz-Expires" if expires else "", "message", "message", Span(*place)
            ),
        )
    return Token(
        "aws_signature",
        f"AWS Signature V4 of {key} for {service} in {region}",
        Span(*credential.span()),
        tuple(fields),
        window,
        (_format_check(key, date, signed, parts),),
        algorithm="AWS4-HMAC-SHA256",
        audience=(service,),
        subject=key,
        identity=f"sha256 {fingerprint(parts['signature'].group(2))[:32]}" if "signature" in parts else f"{key} {date}",
    )


def _signed_at(part: re.Match[str] | None) -> datetime | None:
    match = _BASIC_DATE.match(part.group(2)) if part is not None else None
    if match is None:
        return None
    try:
        return datetime(*(int(number) for number in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def _lifetime(part: re.Match[str] | None, fields: list[Field]) -> timedelta | None:
    """X-Amz-Expires: seconds that a presigned address holds, one week at most."""
    if part is None or not part.group(2).isdecimal() or len(part.group(2)) > 8:
        return None
    seconds = timedelta(seconds=int(part.group(2)))
    fields.append(Field("X-Amz-Expires", part.group(2), span=Span(*part.span(2)), note=in_words(seconds)))
    return seconds


def _format_check(key: str, date: str, signed: datetime | None, parts: dict[str, re.Match[str]]) -> Check:
    if signed is None:
        return Check("format", Outcome.NOT_POSSIBLE, "the signing time (X-Amz-Date) is not in the log")
    if signed.strftime("%Y%m%d") != date:
        return Check(
            "format", Outcome.FAILED, f"the scope says {date}, the signing time {signed:%Y%m%d}: the signature cannot fit", "malformed"
        )
    if key.startswith("ASIA") and "security-token" not in parts:
        return Check("format", Outcome.NOT_POSSIBLE, "a temporary key needs its session token (X-Amz-Security-Token); none is seen here")
    return Check("format", Outcome.PASSED, "scope and signing time agree")


KIND: Final = AwsKind()
