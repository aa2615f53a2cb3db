"""Credentials of HTTP and OAuth that are no JWT: opaque bearer tokens, Basic, Negotiate, cookies, codes and client secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from inspector.tokens.base import Check, Field, Outcome, Span, Token
from inspector.tokens.reading.encodings import decode_base64, fingerprint, masked
from inspector.tokens.reading.kerberos import kerberos_token
from inspector.tokens.reading.markup import Markup
from inspector.tokens.reading.places import lowered, matches_at, places_of

_SCHEME: Final = re.compile(r"\b(Bearer|Basic|Negotiate|NTLM|DPoP)(?::|\s|%20|\+){1,3}([A-Za-z0-9._~+/-]{8,}+={0,2}+)", re.IGNORECASE)
_AUTHORIZATION: Final = re.compile(r"authoriz?ation[\"']?\s{0,3}[:=]\s{0,3}[\"'\[]{0,2}\s?$", re.IGNORECASE)
_PARAMETER: Final = re.compile(
    r"(?<![A-Za-z0-9_])(access_token|refresh_token|id_token|client_secret|client_assertion|device_code|code_verifier)"
    r"(?:\\?[\"'])?\s{0,2}(?:=|:|%3D)\s{0,2}(?:\\?[\"'])?([A-Za-z0-9._~+/%*-]{6,}+={0,2}+)",
    re.IGNORECASE,
)
_COOKIE: Final = re.compile(
    r"(?<![A-Za-z0-9_.-])(FedAuth1?|rtFa|MSISAuth1?|ESTSAUTH[A-Z]{0,20}|\.AspNet[A-Za-z.]{0,40}|\.ASPXAUTH|ASP\.NET_SessionId|JSESSIONID|PHPSESSID|KEYCLOAK_[A-Z_]{2,30})=([^\s;,\"']{8,}+)"
)
_SCHEMES: Final = ("bearer", "basic", "negotiate", "ntlm", "dpop")
_PARAMETERS: Final = ("access_token", "refresh_token", "id_token", "client_secret", "client_assertion", "device_code", "code_verifier")
_COOKIES: Final = (
    "FedAuth", "rtFa", "MSISAuth", "ESTSAUTH", ".AspNet", ".ASPXAUTH", "ASP.NET_SessionId", "JSESSIONID", "PHPSESSID", "KEYCLOAK_",
)  # fmt: skip
_MAX_FOUND: Final = 200
_SURE_LENGTH: Final = 20
"""An opaque token outside an Authorization header must be this long and hold a digit, or it may be a word."""


class AuthorizationKind:
    """Finds credentials by the header, parameter or cookie that carries them."""

    name = "authorization"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - headers stand in the text
        """Credentials of the text, in order; JWTs are left to their own kind."""
        lower = lowered(text)
        schemes = (_SCHEME.match(text, place) for place in places_of(lower, _SCHEMES))
        found = [token for match in schemes if match is not None and (token := _scheme(text, match)) is not None]
        parameters = (_PARAMETER.match(text, place) for place in places_of(lower, _PARAMETERS))
        found.extend(token for match in parameters if match is not None and (token := _parameter(match)) is not None)
        found.extend(_cookie(match) for match in matches_at(_COOKIE, text, _COOKIES) if not masked(match.group(2)))
        return tuple(sorted(found, key=lambda token: token.span.start)[:_MAX_FOUND])


def _is_jwt(value: str) -> bool:
    return value.startswith("ey") and "." in value


def _scheme(text: str, match: re.Match[str]) -> Token | None:
    scheme, value, span = match.group(1).lower(), match.group(2), Span(*match.span(2))
    in_header = _AUTHORIZATION.search(text[max(0, match.start() - 40) : match.start()]) is not None
    if scheme == "basic":
        return _basic(value, span)
    if scheme in {"negotiate", "ntlm"}:
        data, _ = decode_base64(value)
        return kerberos_token(data, span) if data else None
    if _is_jwt(value) or not (in_header or (len(value) >= _SURE_LENGTH and any(character.isdigit() for character in value))):
        return None
    return _opaque("Opaque bearer token", value, span)


def _basic(value: str, span: Span) -> Token | None:
    data, problem = decode_base64(value)
    if data is None or problem or b":" not in data:
        return None
    try:
        user, _, password = data.decode("utf-8").partition(":")
    except UnicodeDecodeError:
        user, _, password = data.decode("latin-1").partition(":")
    if not user.isprintable():
        return None
    return Token(
        "opaque",
        f"Basic credentials of {user}",
        span,
        (Field("User", user), Field("Password", password, secret=True), Field("Header value", value, secret=True, span=span)),
        checks=(Check("lifetime", Outcome.NOT_POSSIBLE, "Basic credentials carry no validity"),),
        subject=user,
        identity=f"sha256 {fingerprint(value)[:32]}",
    )


def _parameter(match: re.Match[str]) -> Token | None:
    name, value, span = match.group(1).lower(), match.group(2), Span(*match.span(2))
    if _is_jwt(value):
        return None
    if mask := masked(value):
        return Token("opaque", f"{name}, hidden by the log", span, problems=(f"the log hides the value ('{mask}')",))
    if not any(character.isdigit() for character in value) and len(value) < _SURE_LENGTH:
        return None
    return _opaque(name.replace("_", " ").capitalize() + ", opaque", value, span)


def _cookie(match: re.Match[str]) -> Token:
    return _opaque(f"Cookie {match.group(1)}", match.group(2), Span(*match.span(2)))


def _opaque(title: str, value: str, span: Span) -> Token:
    reason = "an opaque token: only its issuer can tell what it says, by introspection (RFC 7662)"
    return Token(
        "opaque",
        title,
        span,
        (Field("Token", value, secret=True, span=span), Field("Length", f"{len(value)} characters")),
        checks=(Check("lifetime", Outcome.NOT_POSSIBLE, reason),),
        identity=f"sha256 {fingerprint(value)[:32]}",
    )


KIND: Final = AuthorizationKind()
