"""JSON Web Tokens (RFC 7515, 7516, 7519) in compact form or JSON serialization, wherever a text carries one, whole, cut or masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from inspector.clock import in_words
from inspector.tokens.base import Check, Field, Outcome, Span, Token, ValidityWindow
from inspector.tokens.reading.encodings import MASK, decode_base64, decode_base64url, decode_json_object, fingerprint
from inspector.tokens.reading.instants import MILLISECONDS_FROM, SIGNED_32_BIT_END, TokenTime, read_numeric_date, written
from inspector.tokens.reading.issuers import issuer_shape
from inspector.tokens.reading.markup import Markup
from inspector.tokens.reading.places import matches_at, places_of

_COMPACT: Final = re.compile(r"(?<![A-Za-z0-9_-])e(?:y[A-Za-z]|w[o0k])[A-Za-z0-9_-]{7,}+(?:={0,2}+\.[A-Za-z0-9_-]*+){0,6}+")
"""Base64url of an object's beginning (``{"``, ``{ ``, line feed) and what dots join to it. Possessive, so linear."""
_NEXT_LINE: Final = re.compile(r"\r?\n[ \t]{0,40}+([A-Za-z0-9_.-]++)(?=\s|$|[\"',;)\]])")
_SERIALIZED: Final = re.compile(r'\{\s{0,40}"(?:payload|protected|signatures?|header)"\s{0,40}:')
_MOST_SERIALIZED: Final = 50
_LONGEST_SERIALIZED: Final = 200_000
_SHORTEST_LINE: Final = 40
_LONGEST: Final = 20_000
"""Characters of a token that is put together from lines."""
_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/])ZXlK[A-Za-z0-9+/]{60,}+={0,2}+")
_RSA_LENGTHS: Final = frozenset({171, 342, 512, 683})
_SIGNATURE_LENGTHS: Final[Mapping[str, frozenset[int]]] = {
    **{f"{family}{size}": _RSA_LENGTHS for family in ("RS", "PS") for size in (256, 384, 512)},
    "HS256": frozenset({43}), "HS384": frozenset({64}), "HS512": frozenset({86}), "ES256": frozenset({86}), "ES384": frozenset({128}),
    "ES512": frozenset({176}), "EdDSA": frozenset({86, 152}),
}  # fmt: skip
"""Characters of a signature in base64url, for keys of the usual sizes."""
_SIGNS: Final = ("eyJ", "eyA", "ewo", "ew0", "ewk")
_AFTER: Final = 40
"""Characters behind a token that are looked at for a logger's mask."""
_LONG_LIFE: Final = timedelta(days=1)

SIGNATURE_ALGORITHMS: Final = frozenset({
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448",
})  # fmt: skip
"""RFC 7518 section 3.1, RFC 8037, RFC 8812, RFC 9864."""
_KEY_ALGORITHMS: Final = frozenset({
    "RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "A128KW", "A192KW", "A256KW", "dir", "ECDH-ES", "ECDH-ES+A128KW",
    "ECDH-ES+A192KW", "ECDH-ES+A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW", "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW",
})  # fmt: skip
"""RFC 7518 section 4.1."""
_XML_NAMES: Final = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "RS256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "RS384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "RS512",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256": "HS256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha384": "HS384",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512": "HS512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": "ES256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": "ES384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": "ES512",
}
_DATES: Final[tuple[str, ...]] = ("exp", "nbf", "iat", "auth_time", "updated_at", "xms_ftd", "session_expiry")
_MEANINGS: Final = {
    "iss": "issuer",
    "aud": "audience",
    "sub": "subject",
    "jti": "token id",
    "azp": "client it was issued to",
    "appid": "client it was issued to",
    "client_id": "client it was issued to",
    "scp": "delegated permissions",
    "scope": "permissions",
    "roles": "roles or application permissions",
    "tid": "tenant",
    "oid": "object id of the user or application",
    "upn": "user",
    "preferred_username": "user",
    "sid": "session",
    "amr": "how the user signed in",
    "acr": "strength of the sign-in",
    "typ": "use of the token",
    "token_use": "use of the token",
    "ver": "version of the token's format",
}
_SUBJECTS: Final = ("upn", "preferred_username", "unique_name", "email", "username", "cognito:username", "sub", "appid", "client_id", "azp")


@dataclass(slots=True)
class _Reading:
    """What one token's text gave so far."""

    header: dict[str, object] = field(default_factory=dict)
    claims: dict[str, object] | None = None
    faults: list[str] = field(default_factory=list)
    """The sender's doing."""
    problems: list[str] = field(default_factory=list)
    """What the log did to the text."""


class JwtKind:
    """Finds JWS and JWE in compact serialization, and JWS in JSON serialization."""

    name = "jwt"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - a JWT in XML stands in the text as it is
        """Every JWT of the text, in order; base64 that only looks like one is left alone."""
        found: list[Token | None] = list(_serialized(text))
        within = {token.span for token in found if token is not None}
        free_from = 0
        for place in places_of(text, _SIGNS):
            if (
                place < free_from
                or any(span.start <= place < span.end for span in within)
                or (match := _COMPACT.match(text, place)) is None
            ):
                continue
            joined = _broken_over_lines(text, match)
            free_from = max(match.end(), joined.span.end if joined is not None else 0)
            found.append(joined or read_jwt(match.group(), Span(*match.span()), text[match.end() : match.end() + _AFTER]))
        found.extend(_carried(match) for match in matches_at(_BASE64, text, ("ZXlK",)))
        return tuple(token for token in found if token is not None)


def _serialized(text: str) -> Iterator[Token]:
    """Tokens in JSON serialization (RFC 7515 section 7.2), one for each signature; those without protected header have no compact form."""
    if '"signature' not in text or '"payload"' not in text:
        return
    free_from = 0
    for match, _ in zip(_SERIALIZED.finditer(text), range(_MOST_SERIALIZED), strict=False):
        if match.start() < free_from:
            continue
        try:
            value, length = json.JSONDecoder().raw_decode(text[match.start() : match.start() + _LONGEST_SERIALIZED])
        except (ValueError, RecursionError):
            continue
        payload = value.get("payload")
        signatures = value.get("signatures", [value])
        if not isinstance(payload, str) or not isinstance(signatures, list):
            continue
        span = Span(match.start(), match.start() + length)
        for one in signatures[:_MOST_SERIALIZED]:
            parts = (one.get("protected"), payload, one.get("signature")) if isinstance(one, dict) else ()
            compact = ".".join(part for part in parts if isinstance(part, str))
            token = read_jwt(compact, span) if len(compact.split(".")) == 3 else None
            if token is not None:
                free_from = span.end
                yield replace(token, title=f"{token.title}, JSON serialization")


def _carried(match: re.Match[str]) -> Token | None:
    """A JWT in base64, as a BinarySecurityToken or a Kubernetes secret carries one."""
    data, _ = decode_base64(match.group())
    compact = data.decode("ascii", "replace").strip() if data else ""
    if not _COMPACT.fullmatch(compact):
        return None
    token = read_jwt(compact, Span(*match.span()))
    return replace(token, title=f"{token.title}, base64") if token is not None else None


def _broken_over_lines(text: str, match: re.Match[str]) -> Token | None:
    """The token put together where the log broke it over lines; only when that makes it whole and it is not whole without."""
    if text[match.end() : match.end() + 1] not in {"\n", "\r"} or match.end() - match.start() < _SHORTEST_LINE or _whole(match.group()):
        return None
    compact, end = match.group(), match.end()
    while (line := _NEXT_LINE.match(text, end)) is not None and len(compact) < _LONGEST:
        compact, end = compact + line.group(1), line.end()
        if _whole(compact):
            token = read_jwt(compact, Span(match.start(), end), text[end : end + _AFTER])
            if token is None:
                return None
            fields = tuple(
                replace(one, note="the log broke it over lines; joined here") if one.name == "token" else one for one in token.fields
            )
            return replace(token, fields=fields)
    return None


def _whole(compact: str) -> bool:
    """Whether header and claims can be read and the signature has the length of its algorithm."""
    segments = compact.split(".")
    if len(segments) != 3:
        return False
    parts = [decode_base64url(segment)[0] for segment in segments[:2]]
    header, claims = (decode_json_object(part)[0] if part is not None else None for part in parts)
    if header is None or claims is None:
        return False
    lengths = _SIGNATURE_LENGTHS.get(_text(header.get("alg")))
    return lengths is None or len(segments[2]) in lengths


def read_jwt(compact: str, span: Span, after: str = "") -> Token | None:
    """A token from its compact form; ``after`` is what follows it in the log. None where it is something else."""
    if compact.endswith(".."):
        bare = compact.rstrip(".")
        after = compact[len(bare) :] + after
        span = Span(span.start, span.start + len(bare))
        compact = bare
    segments = compact.split(".")
    if len(segments) > 3 and not segments[-1] and len(segments) != 5:
        segments.pop()
        span = Span(span.start, span.end - 1)
        compact = compact[:-1]
    header_bytes, header_problem = decode_base64url(segments[0])
    header, json_problem = decode_json_object(header_bytes) if header_bytes is not None else (None, "")
    if header is None:
        return _broken(compact, segments, span, header_problem or json_problem)
    if not header.keys() & {"alg", "enc", "typ", "kid"}:
        return None
    reading = _Reading(header)
    reading.faults.extend(f"header: {problem}" for problem in (header_problem, json_problem) if problem)
    _mask_after(reading, segments, after)
    if "enc" in header and len(segments) in {4, 5}:
        return _jwe(compact, segments, span, reading)
    return _jws(compact, segments, span, reading)


def _broken(compact: str, segments: Sequence[str], span: Span, problem: str) -> Token | None:
    """Something of a JWT's shape whose header cannot be read; one segment alone proves nothing."""
    if len(segments) != 3 or not segments[0].startswith("eyJ") or not segments[1].startswith("eyJ"):
        return None
    return Token(
        "jwt",
        "JWT whose header cannot be read",
        span,
        (Field("token", compact, secret=True),),
        checks=(Check("format", Outcome.FAILED, f"header: {problem}", "malformed"),),
        identity=f"sha256 {fingerprint(compact)[:32]}",
        material=compact,
    )


def _mask_after(reading: _Reading, segments: Sequence[str], after: str) -> None:
    match = MASK.match(after) or MASK.match(after.lstrip("."))
    if match is None and after.lstrip(". ").lower().startswith(("[signature removed", "<signature", "[signature")):
        reading.problems.append("the logger left the signature out")
    elif match is not None:
        reading.problems.append(f"the log hides the rest of the token ('{match.group()}')")
    elif len(segments) < 3:
        count = "one part" if len(segments) == 1 else f"{len(segments)} parts"
        if after:
            reading.faults.append(f"{count} where a JWS has three and a JWE five")
        else:
            reading.problems.append(f"{count} where a JWS has three: the text ends inside the token")


def _jwe(compact: str, segments: Sequence[str], span: Span, reading: _Reading) -> Token:
    header = reading.header
    if len(segments) == 4:
        reading.faults.append("4 parts where a JWE has five")
    checks = [_format_check(reading, "the header is readable, the rest is encrypted")]
    algorithm = str(header.get("alg", ""))
    if algorithm not in _KEY_ALGORITHMS:
        checks.append(Check("algorithm", Outcome.FAILED, f"'{algorithm[:60]}' is no key management algorithm of RFC 7518", "unsupported"))
    elif algorithm == "RSA1_5":
        checks.append(Check("algorithm", Outcome.FAILED, "RSA1_5: weak, open to padding oracles; many stacks refuse it"))
    else:
        checks.append(Check("algorithm", Outcome.PASSED, f"{algorithm} with {header.get('enc')}"))
    reason = "the claims are encrypted: only the holder of the key can read them"
    checks.append(Check("lifetime", Outcome.NOT_POSSIBLE, reason))
    fields = (*_header_fields(header), Field("content", f"encrypted with {header.get('enc')}"), Field("token", compact, secret=True))
    return Token(
        "jwt",
        f"Encrypted JWT (JWE, {algorithm}, {header.get('enc')})",
        span,
        fields,
        checks=tuple(checks),
        algorithm=f"{algorithm} {header.get('enc')}",
        identity=f"sha256 {fingerprint(compact)[:32]}",
        problems=tuple(reading.problems),
        material=compact,
    )


def _jws(compact: str, segments: Sequence[str], span: Span, reading: _Reading) -> Token:
    payload_text = segments[1] if len(segments) > 1 else ""
    payload, content = _payload(reading, segments)
    if len(segments) > 3:
        reading.faults.append(f"{len(segments)} parts where a JWS has three" + _glued(segments))
    if len(segments) == 3 and segments[2]:
        _, problem = decode_base64url(segments[2])
        if problem:
            (reading.problems or reading.faults).append(f"signature: {problem}")
    claims = payload or {}
    reading.claims = payload
    times: dict[str, TokenTime] = {name: read_numeric_date(claims[name]) for name in _DATES if name in claims}
    shape = issuer_shape(claims, reading.header)
    fields = [*_header_fields(reading.header), *_claim_fields(claims, times)]
    if content:
        fields.append(Field("content", content))
    if len(segments) > 2 and segments[2]:
        fields.append(Field("signature", segments[2], secret=True))
    fields.append(Field("token", compact, secret=True))
    for name in ("exp", "nbf", "iat"):
        if name in times and times[name].problem:
            reading.faults.append(f"{name} {times[name].problem}")
    checks = [_format_check(reading, "three parts of base64url, header and claims are JSON"), _algorithm_check(reading, segments)]
    if payload is not None:
        checks.append(_lifetime_check(times))
        if (overflow := _range_check(claims)) is not None:
            checks.append(overflow)
    issuer = _text(claims.get("iss"))
    title = f"JWT from {issuer}" if issuer else "JWT"
    title += f" ({shape})" if shape else ""
    jti = _text(claims.get("jti")) or _text(claims.get("uti"))
    return Token(
        "jwt",
        title if payload is not None or not payload_text else "JWT whose claims cannot be read",
        span,
        tuple(fields),
        _windows(times, issuer),
        tuple(checks),
        algorithm=_text(reading.header.get("alg")),
        issuer=issuer,
        audience=_audience(claims.get("aud")),
        subject=next((value for name in _SUBJECTS if (value := _text(claims.get(name)))), ""),
        identity=f"jti {jti}" if jti else f"sha256 {fingerprint('.'.join(segments[:2]))[:32]}",
        problems=tuple(reading.problems),
        material=compact,
    )


def _payload(reading: _Reading, segments: Sequence[str]) -> tuple[dict[str, object] | None, str]:
    """Claims, or what the payload is instead."""
    if len(segments) < 2 or not segments[1]:
        if len(segments) >= 3:
            reading.faults.append("no payload (detached content, RFC 7515 appendix F)")
        return None, ""
    data, problem = decode_base64url(segments[1])
    if data is None:
        (reading.problems or reading.faults).append(f"claims: {problem}")
        return None, ""
    if problem:
        (reading.problems or reading.faults).append(f"claims: {problem}")
    claims, problem = decode_json_object(data)
    if claims is None:
        if _text(reading.header.get("cty")).upper() == "JWT" or data[:3] == b"eyJ":
            return None, "another token, nested (RFC 7519 section 5.2)"
        (reading.problems or reading.faults).append(f"claims: {problem}")
        return None, ""
    if problem:
        reading.faults.append(f"claims: {problem}")
    return claims, ""


def _glued(segments: Sequence[str]) -> str:
    starts = sum(1 for segment in segments if segment.startswith("eyJ"))
    return ": two tokens glued together" if starts > 2 or (len(segments) == 5 and starts == 2 and segments[3].startswith("eyJ")) else ""


def _format_check(reading: _Reading, passed: str) -> Check:
    if reading.faults:
        return Check("format", Outcome.FAILED, "; ".join(reading.faults), "malformed")
    if reading.problems:
        return Check("format", Outcome.NOT_POSSIBLE, "; ".join(reading.problems))
    return Check("format", Outcome.PASSED, passed)


def _algorithm_check(reading: _Reading, segments: Sequence[str]) -> Check:
    algorithm = reading.header.get("alg")
    signature = segments[2] if len(segments) > 2 else ""
    if not isinstance(algorithm, str) or not algorithm:
        return Check("algorithm", Outcome.FAILED, "the header names no algorithm (alg, RFC 7515 section 4.1.1)", "malformed")
    if algorithm.lower() == "none":
        reason = "alg is 'none': the token is not signed, anybody can write one" + (
            " (and yet it carries a signature)" if signature else ""
        )
        return Check("algorithm", Outcome.FAILED, reason, "unsupported")
    if algorithm in _XML_NAMES or "://" in algorithm:
        meant = _XML_NAMES.get(algorithm)
        hint = f"; {meant} is meant" if meant else ""
        return Check(
            "algorithm",
            Outcome.FAILED,
            f"alg is the name XML signatures use, '{algorithm[:80]}', which JWT readers do not know{hint}",
            "unsupported",
        )
    if algorithm not in SIGNATURE_ALGORITHMS:
        known = next((name for name in SIGNATURE_ALGORITHMS if name.lower() == algorithm.lower()), "")
        hint = f"; names count by case, {known} is meant" if known else ""
        return Check("algorithm", Outcome.FAILED, f"'{algorithm[:60]}' is no signature algorithm of RFC 7518{hint}", "unsupported")
    if isinstance(critical := reading.header.get("crit"), list) and critical:
        return Check(
            "algorithm", Outcome.NOT_POSSIBLE, f"the header demands extensions to be understood: {', '.join(map(str, critical[:5]))}"
        )
    return Check("algorithm", Outcome.PASSED, _algorithm_words(algorithm))


def _algorithm_words(algorithm: str) -> str:
    family = {"HS": "shared secret", "RS": "RSA", "PS": "RSA-PSS", "ES": "elliptic curve", "Ed": "Edwards curve"}[algorithm[:2]]
    return f"{algorithm}, {family}"


def _lifetime_check(times: Mapping[str, TokenTime]) -> Check:
    expiry = times.get("exp")
    if expiry is None:
        return Check("lifetime", Outcome.NOT_POSSIBLE, "no exp: the token never expires; many readers refuse such a token")
    if expiry.time is None:
        return Check("lifetime", Outcome.FAILED, f"exp {expiry.problem}", "malformed")
    start_name = next((name for name in ("nbf", "iat") if name in times and times[name].time is not None), "")
    start = times[start_name].time if start_name else None
    if start is None:
        return Check("lifetime", Outcome.PASSED, f"expires {written(expiry.time)}; no nbf or iat, so the length is not known")
    if expiry.time <= start:
        return Check("lifetime", Outcome.FAILED, f"exp is not after {start_name} ({in_words(start - expiry.time)} before it)", "malformed")
    length = expiry.time - start
    return Check("lifetime", Outcome.PASSED, f"valid for {in_words(length)}" + ("; long for a bearer token" if length > _LONG_LIFE else ""))


def _range_check(claims: Mapping[str, object]) -> Check | None:
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and SIGNED_32_BIT_END <= value < MILLISECONDS_FROM:
            reason = f"{name} lies beyond 2038-01-19 03:14:07 UTC: readers that keep it in 32 bits overflow or see no {name} at all"
            return Check("date range", Outcome.FAILED, reason, "malformed")
    return None


def _windows(times: Mapping[str, TokenTime], issuer: str) -> tuple[ValidityWindow, ...]:
    end = times["exp"].time if "exp" in times else None
    start_name = next((name for name in ("nbf", "iat") if name in times and times[name].time is not None), "")
    start = times[start_name].time if start_name else None
    if start is None and end is None:
        return ()
    label = f"JWT of {issuer}" if 0 < len(issuer) <= 40 else "JWT"
    return (ValidityWindow(label, start, end, start_name, "exp" if end else ""),)


def _header_fields(header: Mapping[str, object]) -> tuple[Field, ...]:
    meanings = {
        "alg": "algorithm",
        "kid": "key id",
        "x5t": "SHA-1 thumbprint of the key's certificate",
        "typ": "type",
        "enc": "content encryption",
    }
    return tuple(Field(f"header.{name}", _text(value), note=meanings.get(name, "")) for name, value in header.items())


def _claim_fields(claims: Mapping[str, object], times: Mapping[str, TokenTime]) -> list[Field]:
    fields = []
    for name, value in claims.items():
        note = _MEANINGS.get(name, "")
        if name in times:
            time = times[name]
            note = "; ".join(part for part in (written(time.time), time.problem) if part)
        fields.append(Field(name, _text(value), note=note))
    return fields


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return str(type(value).__name__)


def _audience(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str))
    return (value,) if isinstance(value, str) else ()


KIND: Final = JwtKind()
