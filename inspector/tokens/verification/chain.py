"""The chain of a certificate to the roots supplied, at the token's time, and its revocation by the lists supplied (RFC 5280 section 6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtensionOID

from inspector.clock import in_words
from inspector.tokens.base import Check, Outcome, Token, Trust
from inspector.tokens.reading.certificates import common_name, load_certificate, name_text, names_readable, quietly, thumbprint
from inspector.tokens.reading.encodings import decode_base64
from inspector.tokens.reading.instants import written
from inspector.tokens.verification.keys import KeyRing

_MAX_LENGTH: Final = 10
_MAX_TRIES: Final = 200
"""Signatures checked while looking for a path; crossed certificates could make the search endless."""
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension)
_KNOWN_CRITICAL: Final = frozenset({
    ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE, ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.CERTIFICATE_POLICIES, ExtensionOID.POLICY_CONSTRAINTS, ExtensionOID.INHIBIT_ANY_POLICY, ExtensionOID.CRL_DISTRIBUTION_POINTS,
})  # fmt: skip
_CRL_BLOCK: Final = re.compile(rb"-----BEGIN X509 CRL-----.{1,5000000}?-----END X509 CRL-----", re.DOTALL)


@dataclass(slots=True)
class _Path:
    """The best path found and what is wrong with it."""

    certificates: list[x509.Certificate]
    anchored: bool = False
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Reason and cause."""


def verify_certificate(token: Token, ring: KeyRing, trust: Trust, at: datetime | None, others: Sequence[Token] = ()) -> tuple[Check, ...]:
    """Chain, validity and revocation of a certificate at a moment. ``others``: further certificates of the same message."""
    leaf = certificate_of(token)
    if leaf is None:
        return ()
    with quietly():
        if not names_readable(leaf):
            return (
                Check("chain", Outcome.NOT_POSSIBLE, "the names of its subject and issuer cannot be read"),
                _validity_check(_Path([leaf]), at),
            )
        found = [certificate for other in others if (certificate := certificate_of(other)) is not None]
        pool = [certificate for certificate in found if names_readable(certificate)]
        path = _path(leaf, ring, pool)
        return (_chain_check(path, ring, at), _validity_check(path, at), _revocation_check(path, trust, ring, at))


def certificate_of(token: Token) -> x509.Certificate | None:
    """The certificate that a token of kind ``x509`` is."""
    if token.kind != "x509" or not token.material:
        return None
    data, _ = decode_base64(token.material)
    return load_certificate(data) if data else None


def _path(leaf: x509.Certificate, ring: KeyRing, pool: Sequence[x509.Certificate]) -> _Path:
    """Towards a certificate that was supplied; the longest attempt when none is reached."""
    anchors = {_fingerprint(certificate) for certificate in ring.certificates}
    candidates = list({_fingerprint(one): one for one in (*ring.certificates, *pool)}.values())
    best = _Path([leaf])
    waiting = [[leaf]]
    tries = 0
    while waiting:
        chain = waiting.pop()
        last = chain[-1]
        if _fingerprint(last) in anchors:
            return _Path(chain, anchored=True)
        if len(chain) > len(best.certificates):
            best = _Path(chain)
        if len(chain) >= _MAX_LENGTH:
            continue
        for issuer in candidates:
            if issuer.subject != last.issuer or any(issuer == seen for seen in chain):
                continue
            tries += 1
            if tries > _MAX_TRIES:
                return best
            if _issued(last, issuer):
                waiting.append([*chain, issuer])
    return best


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _fingerprint(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())


def _chain_check(path: _Path, ring: KeyRing, at: datetime | None) -> Check:
    leaf = path.certificates[0]
    if not ring.certificates:
        return Check("chain", Outcome.NOT_POSSIBLE, "no root or expected certificate was supplied")
    words = " issued by ".join(common_name(certificate) for certificate in path.certificates)
    if not path.anchored:
        last = path.certificates[-1]
        if last.subject == last.issuer:
            reason = f"{words}: ends at {name_text(last.subject)} (thumbprint {thumbprint(last)}), which signs itself and is not among those supplied"
        else:
            same_name = next((one for one in ring.certificates if one.subject == last.issuer), None)
            reason = f"{words}: its issuer {name_text(last.issuer)} is not among the certificates supplied"
            if same_name is not None:
                reason = f"{words}: a certificate named {name_text(last.issuer)} was supplied (thumbprint {thumbprint(same_name)}), but its key did not sign this one"
        return Check("chain", Outcome.FAILED, reason, "untrusted_issuer")
    if len(path.certificates) == 1:
        return Check("chain", Outcome.PASSED, f"{common_name(leaf)} was supplied itself (thumbprint {thumbprint(leaf)})")
    for depth, certificate in enumerate(path.certificates[1:]):
        fault = _authority_fault(certificate, depth)
        if fault:
            return Check("chain", Outcome.FAILED, f"{common_name(certificate)} {fault}", "untrusted_issuer")
    if unknown := _unknown_critical(path.certificates[:-1]):
        return Check("chain", Outcome.NOT_POSSIBLE, f"a critical extension cannot be judged here: {unknown}")
    if at is not None and (outside := next((one for one in path.certificates[1:] if not _valid(one, at)), None)) is not None:
        side = "had expired" if at > outside.not_valid_after_utc else "was not valid yet"
        return Check("chain", Outcome.FAILED, f"{common_name(outside)}, which issued it, {side} at {written(at)}", "untrusted_issuer")
    return Check("chain", Outcome.PASSED, words)


def _authority_fault(certificate: x509.Certificate, below: int) -> str:
    """Why a certificate may not issue others; ``below``: intermediates between it and the leaf. Version 1 certificates have no say (RFC 5280 6.1.4 k)."""
    if certificate.version is x509.Version.v1:
        return ""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca:
            return "issued it but is no certificate authority"
        if constraints.path_length is not None and below > constraints.path_length:
            return f"allows {constraints.path_length} authorities below it, here are {below}"
    except x509.ExtensionNotFound:
        if certificate.issuer != certificate.subject:
            return "issued it but does not say that it is a certificate authority"
    except _UNREADABLE as error:
        return f"has extensions that cannot be read: {error}"
    try:
        if not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
            return "issued it but its key may not sign certificates"
    except x509.ExtensionNotFound:
        return ""
    except _UNREADABLE as error:
        return f"has extensions that cannot be read: {error}"
    return ""


def _unknown_critical(certificates: Sequence[x509.Certificate]) -> str:
    for certificate in certificates:
        try:
            unknown = [one.oid.dotted_string for one in certificate.extensions if one.critical and one.oid not in _KNOWN_CRITICAL]
        except _UNREADABLE as error:
            return f"extensions of {common_name(certificate)}: {error}"
        if unknown:
            return f"{unknown[0]} of {common_name(certificate)}"
    return ""


def _valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _validity_check(path: _Path, at: datetime | None) -> Check:
    leaf = path.certificates[0]
    if at is None:
        return Check("validity", Outcome.NOT_POSSIBLE, "no moment is known at which it was judged")
    at = at.astimezone(UTC)
    if at > leaf.not_valid_after_utc:
        return Check("validity", Outcome.FAILED, f"expired {in_words(at - leaf.not_valid_after_utc, 2)} before {written(at)}", "expired")
    if at < leaf.not_valid_before_utc:
        return Check(
            "validity", Outcome.FAILED, f"not valid until {in_words(leaf.not_valid_before_utc - at, 2)} after {written(at)}", "clock_skew"
        )
    return Check("validity", Outcome.PASSED, f"valid at {written(at)}, for another {in_words(leaf.not_valid_after_utc - at, 2)}")


def _revocation_check(path: _Path, trust: Trust, ring: KeyRing, at: datetime | None) -> Check:
    leaf = path.certificates[0]
    serial = f"{leaf.serial_number:x}"
    if serial in trust.revoked:
        return Check("revocation", Outcome.FAILED, f"serial number {serial} is on the list of revoked ones supplied", "revoked")
    lists = _lists(trust.crls)
    if not trust.revoked and not trust.crls:
        return Check("revocation", Outcome.NOT_POSSIBLE, "no revocation list was supplied")
    own = [one for one in lists if one.issuer == leaf.issuer]
    if not own:
        reason = "not on the list of serial numbers supplied" if trust.revoked else ""
        if lists or not trust.revoked:
            return Check("revocation", Outcome.NOT_POSSIBLE, f"no list of its issuer {name_text(leaf.issuer)} was supplied")
        return Check("revocation", Outcome.PASSED, reason)
    issuers = [*path.certificates[1:2], *(one for one in ring.certificates if one.subject == leaf.issuer)]
    for revocations in own:
        signer = next((issuer for issuer in issuers if _signed(revocations, issuer)), None)
        if signer is None:
            return Check(
                "revocation",
                Outcome.NOT_POSSIBLE,
                "the revocation list supplied is not signed by the certificate's issuer, as far as known here",
            )
        entry = revocations.get_revoked_certificate_by_serial_number(leaf.serial_number)
        if entry is not None:
            when = entry.revocation_date_utc
            if at is not None and when > at:
                return Check("revocation", Outcome.PASSED, f"revoked on {written(when)}, which is after {written(at)}")
            return Check("revocation", Outcome.FAILED, f"revoked on {written(when)} by {name_text(leaf.issuer)}", "revoked")
        stale = revocations.next_update_utc
        if at is not None and stale is not None and at > stale:
            return Check(
                "revocation", Outcome.NOT_POSSIBLE, f"the list supplied was to be replaced by {written(stale)}, before {written(at)}"
            )
    return Check("revocation", Outcome.PASSED, f"not on the list of {name_text(leaf.issuer)} of {written(own[0].last_update_utc)}")


def _signed(revocations: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        key = issuer.public_key()
        return revocations.is_signature_valid(key)  # type: ignore[arg-type]
    except (InvalidSignature, *_UNREADABLE):
        return False


@lru_cache(maxsize=8)
def _lists(blobs: tuple[bytes, ...]) -> tuple[x509.CertificateRevocationList, ...]:
    found = []
    for blob in blobs:
        blocks = [match.group() for match in _CRL_BLOCK.finditer(blob)]
        for data in blocks or [blob]:
            try:
                found.append(x509.load_pem_x509_crl(data) if blocks else x509.load_der_x509_crl(data))
            except _UNREADABLE:
                continue
    return tuple(found)
