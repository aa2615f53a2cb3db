"""Judge a token offline with what the user supplies; what was not supplied is not checked, and that is said.

What judges is imported when it is first needed: finding and showing tokens starts without it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from inspector.tokens.base import Check, Outcome, Token, Trust


def verify(token: Token, trust: Trust, at: datetime | None = None) -> tuple[Check, ...]:
    """Checks that need the user's keys, expectations or passwords, of any kind of token.

    ``at``: the moment at which certificates and revocations are judged (UTC, aware), the token's own, never now; None leaves them open.
    Never raises for what a token holds. Secret material is not repeated in any reason.
    """
    from inspector.tokens.verification.chain import verify_certificate
    from inspector.tokens.verification.jws import verify_jws
    from inspector.tokens.verification.keys import key_ring
    from inspector.tokens.verification.password import verify_password
    from inspector.tokens.verification.xml_signature import verify_xml_signature

    ring = key_ring(trust)
    match token.kind:
        case "jwt":
            found = [verify_jws(token, ring), *_expectations(token, trust), _revocation(token, trust)]
        case "saml":
            found = [*verify_xml_signature(token, ring), *_expectations(token, trust), _revocation(token, trust)]
        case "signature":
            found = [*verify_xml_signature(token, ring), *_first_certificate(token, trust, at)]
        case "x509":
            found = list(verify_certificate(token, ring, trust, at, token.inner) or _first_certificate(token, trust, at))
        case "binary_security_token":
            found = list(_first_certificate(token, trust, at))
        case "username":
            found = [verify_password(token, trust.passwords)]
        case _:
            found = []
    if found and ring.problems:
        found.append(Check("keys supplied", Outcome.NOT_POSSIBLE, "; ".join(ring.problems[:5])))
    return tuple(found)


def verified(token: Token, trust: Trust, at: datetime | None = None) -> Token:
    """The token with the checks of ``verify`` behind its own, and its inner tokens likewise."""
    inner = tuple(verified(one, trust, at) for one in token.inner)
    return replace(token, checks=(*token.checks, *verify(token, trust, at)), inner=inner)


def _expectations(token: Token, trust: Trust) -> tuple[Check, ...]:
    from inspector.tokens.verification.expectations import check_audience, check_issuer

    if token.problems and not token.issuer and not token.audience:
        reason = f"the log altered the token: {'; '.join(token.problems)}"
        return (Check("audience", Outcome.NOT_POSSIBLE, reason), Check("issuer", Outcome.NOT_POSSIBLE, reason))
    return (check_audience(token.audience, trust.audiences), check_issuer(token.issuer, trust.issuers))


def _revocation(token: Token, trust: Trust) -> Check:
    identity = token.identity.removeprefix("jti ")
    if not trust.revoked:
        return Check("revocation", Outcome.NOT_POSSIBLE, "no list of revoked tokens was supplied")
    if not identity or identity.startswith("sha256 "):
        return Check("revocation", Outcome.NOT_POSSIBLE, "the token has no id (jti) by which it could be revoked")
    if identity in trust.revoked or identity.lower() in trust.revoked:
        return Check("revocation", Outcome.FAILED, f"'{identity}' is on the list of revoked ones supplied", "revoked")
    return Check("revocation", Outcome.PASSED, f"'{identity}' is not on the list supplied")


def _first_certificate(token: Token, trust: Trust, at: datetime | None) -> tuple[Check, ...]:
    """The chain of the first certificate inside, the others helping to build it."""
    from inspector.tokens.verification.chain import verify_certificate
    from inspector.tokens.verification.keys import key_ring

    certificates = [inner for inner in token.inner if inner.kind == "x509"]
    if not certificates:
        return ()
    return verify_certificate(certificates[0], key_ring(trust), trust, at, certificates[1:])
