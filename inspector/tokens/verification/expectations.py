"""Audience and issuer against what the relying party expects; a near miss is explained: case, slash, scheme, port, api:// form, versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from inspector.tokens.base import Check, Outcome

_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ENTRA: Final = re.compile(r"https://(?:sts\.windows\.net|login\.microsoftonline\.com|login\.windows\.net)/([^/]{1,80})(/v2\.0)?/?")
_SHOWN: Final = 5


def check_audience(found: Sequence[str], expected: Sequence[str]) -> Check:
    """Whether one of the token's audiences is one that is expected (RFC 7519 section 4.1.3, SAML 2.0 Core 2.5.1.4)."""
    if not expected:
        return Check("audience", Outcome.NOT_POSSIBLE, "no expected audience was given")
    if not found:
        return Check("audience", Outcome.FAILED, f"the token names no audience; expected {_listed(expected)}", "audience_mismatch")
    match = next((value for value in found if value in expected), None)
    if match is not None:
        return Check("audience", Outcome.PASSED, f"'{match}' is expected")
    return Check(
        "audience", Outcome.FAILED, f"{_listed(found)} is not {_listed(expected)}{_near_miss(found, expected)}", "audience_mismatch"
    )


def check_issuer(found: str, expected: Sequence[str]) -> Check:
    """Whether the token's issuer is one that is expected."""
    if not expected:
        return Check("issuer", Outcome.NOT_POSSIBLE, "no expected issuer was given")
    if not found:
        return Check("issuer", Outcome.FAILED, f"the token names no issuer; expected {_listed(expected)}", "untrusted_issuer")
    if found in expected:
        return Check("issuer", Outcome.PASSED, f"'{found}' is expected")
    return Check("issuer", Outcome.FAILED, f"'{found}' is not {_listed(expected)}{_near_miss((found,), expected)}", "untrusted_issuer")


def _listed(values: Sequence[str]) -> str:
    shown = " or ".join(f"'{value[:200]}'" for value in values[:_SHOWN])
    return shown + (f" or one of {len(values) - _SHOWN} more" if len(values) > _SHOWN else "")


def _near_miss(found: Sequence[str], expected: Sequence[str]) -> str:
    reasons = (difference(one, other) for one in found[:50] for other in expected[:50])
    reason = next((reason for reason in reasons if reason), "")
    return f": {reason}" if reason else ""


def difference(found: str, expected: str) -> str:
    """How two names differ when they differ by little; empty when they are simply different."""
    if found == expected:
        return ""
    if found.strip() == expected.strip():
        return "they differ by white space at an end only"
    if found.lower() == expected.lower():
        return "they differ in upper and lower case only; they are compared character by character"
    if found.rstrip("/") == expected.rstrip("/"):
        return f"they differ by the slash at the end only; the {'token' if found.endswith('/') else 'expected value'} has it"
    if unquote(found) == unquote(expected):
        return "they differ in percent-encoding only"
    return _application_forms(found, expected) or _entra_versions(found, expected) or _addresses(found, expected)


def _application_forms(found: str, expected: str) -> str:
    """The two names of one application in Entra ID: client id, and App ID URI such as ``api://<client id>``."""
    for prefix in ("api://", "spn:"):
        if found == prefix + expected:
            return f"the token names the application as '{prefix}…', expected is its bare client id; accept both"
        if expected == prefix + found:
            return f"the token names the application by its bare client id (as version 2.0 tokens do), expected is the '{prefix}…' form; accept both"
    ids = (_GUID.fullmatch(found.lower()) is not None, _GUID.fullmatch(expected.lower()) is not None)
    if ids == (True, False) and "://" in expected:
        return "the token carries an application's client id, expected is an App ID URI: which of both a token carries follows from its version"
    if ids == (False, True) and "://" in found:
        return "the token carries an App ID URI, expected is a client id: which of both a token carries follows from its version"
    return ""


def _entra_versions(found: str, expected: str) -> str:
    one, other = _ENTRA.fullmatch(found), _ENTRA.fullmatch(expected)
    if one is None or other is None:
        return ""
    if one.group(1) == other.group(1):
        return "same tenant, but one is the issuer of version 1.0 tokens and the other of version 2.0 tokens"
    if {"common", "organizations", "consumers", "{tenantid}"} & {one.group(1), other.group(1)}:
        return "one names a shared endpoint (common, organizations) where a tenant's id must stand"
    return "another tenant"


def _addresses(found: str, expected: str) -> str:
    one, other = _split(found), _split(expected)
    if one is None or other is None:
        return ""
    if one._replace(scheme="") == other._replace(scheme=""):
        return f"they differ in the scheme only: {one.scheme} against {other.scheme}"
    if (one.hostname or "") == (other.hostname or "") and one.path.rstrip("/") == other.path.rstrip("/"):
        if _port(one) == _port(other) and one.scheme == other.scheme:
            return "they differ by the port of the scheme or the case of the host only"
        return "they differ in scheme or port only"
    if (one.hostname or "") == (other.hostname or ""):
        return f"same host, other path: '{one.path}' against '{other.path}'"
    if one.path == other.path and one.path not in {"", "/"} and one.scheme == other.scheme:
        return f"same path, other host: '{one.hostname}' against '{other.hostname}'"
    return ""


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value)
        _port(parts)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
