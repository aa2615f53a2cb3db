"""Whose shape a JWT has: the products that people know by name, told by issuer and claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_Claims = Mapping[str, object]


def _entra_use(claims: _Claims) -> str:
    if "scp" in claims or "roles" in claims or "idtyp" in claims or "appidacr" in claims or "azpacr" in claims:
        return "access token"
    return "ID token" if "nonce" in claims or "at_hash" in claims or "c_hash" in claims or "upn" not in claims else "token"


def _entra(claims: _Claims) -> str:
    version = claims.get("ver")
    return f"Entra ID {_entra_use(claims)}" + (f", version {version}" if version in {"1.0", "2.0"} else "")


def _keycloak(claims: _Claims) -> str:
    use = {
        "Bearer": "access token",
        "ID": "ID token",
        "Refresh": "refresh token",
        "Offline": "offline refresh token",
        "Logout": "logout token",
    }
    return f"Keycloak {use.get(str(claims.get('typ')), 'token')}"


def _cognito(claims: _Claims) -> str:
    use = {"access": "access token", "id": "ID token"}.get(str(claims.get("token_use")), "token")
    return f"Amazon Cognito {use}"


def _openid(product: str) -> Callable[[_Claims], str]:
    def name(claims: _Claims) -> str:
        use = (
            "ID token" if "nonce" in claims or "at_hash" in claims else "access token" if "scope" in claims or "scp" in claims else "token"
        )
        return f"{product} {use}"

    return name


def _plain(product: str) -> Callable[[_Claims], str]:
    return lambda _claims: product


_BY_ISSUER: Final[tuple[tuple[re.Pattern[str], Callable[[_Claims], str]], ...]] = (
    (
        re.compile(
            r"https://(?:sts\.windows\.net|sts\.chinacloudapi\.cn|login\.(?:microsoftonline\.(?:com|us|de)|windows\.net|partner\.microsoftonline\.cn|chinacloudapi\.cn))/"
        ),
        _entra,
    ),
    (re.compile(r"https://[^/]{1,200}\.(?:b2clogin|ciamlogin)\.com/"), _openid("Entra External ID (B2C)")),
    (re.compile(r"https?://[^/]{1,200}/adfs(?:/|$)"), _openid("AD FS")),
    (re.compile(r"https?://[^/]{1,200}(?:/auth)?/realms/"), _keycloak),
    (re.compile(r"https://cognito-idp\.[a-z0-9-]{1,40}\.amazonaws\.com"), _cognito),
    (re.compile(r"(?:https://)?accounts\.google\.com$"), _openid("Google")),
    (re.compile(r"https://[^/]{1,200}\.auth0\.com/"), _openid("Auth0")),
    (re.compile(r"https://[^/]{1,200}\.(?:okta|oktapreview|okta-emea)\.com"), _openid("Okta")),
    (re.compile(r"https://appleid\.apple\.com$"), _openid("Apple")),
    (re.compile(r"kubernetes/serviceaccount$|https://kubernetes\.default"), _plain("Kubernetes service account token")),
    (re.compile(r"https://token\.actions\.githubusercontent\.com"), _plain("GitHub Actions token")),
    (re.compile(r"https://[^/]{1,200}\.clerk\.accounts\.dev$|https://clerk\."), _plain("Clerk session token")),
    (re.compile(r"https://securetoken\.google\.com/"), _plain("Firebase ID token")),
)


def issuer_shape(claims: _Claims, header: Mapping[str, object]) -> str:
    """Product and use of a token, such as ``Entra ID access token, version 2.0``; empty where the shape is nobody's in particular."""
    issuer = claims.get("iss")
    if isinstance(issuer, str):
        for pattern, name in _BY_ISSUER:
            if pattern.match(issuer):
                return name(claims)
    kind = header.get("typ")
    if isinstance(kind, str) and kind.lower().endswith("at+jwt"):
        return "access token, RFC 9068"
    if kind == "dpop+jwt":
        return "DPoP proof, RFC 9449"
    if kind == "logout+jwt":
        return "logout token"
    return "access token" if isinstance(claims.get("scope"), str) or "scp" in claims else ""
