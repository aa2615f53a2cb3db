"""X.509 certificates as tokens: validity, keys, usages, thumbprints, and where their revocation could be asked (never asked here)."""

from __future__ import annotations

import base64
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID

from inspector.clock import in_words
from inspector.tokens.base import Check, Field, Outcome, Span, Token, ValidityWindow
from inspector.tokens.reading.instants import written

_FILTERS: Final = threading.RLock()
"""Python's warning filters are one for all threads."""
_WEAK_HASHES: Final = frozenset({"md2", "md4", "md5", "sha1"})
_SMALLEST_RSA: Final = 2048
_USAGES: Final = {
    ExtendedKeyUsageOID.SERVER_AUTH: "TLS server",
    ExtendedKeyUsageOID.CLIENT_AUTH: "TLS client",
    ExtendedKeyUsageOID.CODE_SIGNING: "code signing",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "e-mail protection",
    ExtendedKeyUsageOID.TIME_STAMPING: "time stamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSP signing",
    ExtendedKeyUsageOID.SMARTCARD_LOGON: "smart card logon",
    ExtendedKeyUsageOID.KERBEROS_PKINIT_KDC: "Kerberos KDC",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "any",
}
_KEY_USAGES: Final = (
    ("digital_signature", "signature"),
    ("content_commitment", "non-repudiation"),
    ("key_encipherment", "key encipherment"),
    ("data_encipherment", "data encipherment"),
    ("key_agreement", "key agreement"),
    ("key_cert_sign", "certificate signing"),
    ("crl_sign", "CRL signing"),
)
_PROBLEMS: Final = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What reading a damaged certificate raises, as ``cryptography`` documents it."""


@contextmanager
def quietly() -> Iterator[None]:
    """Without the warnings that odd certificates draw: what is odd is shown as a field or a problem instead."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def load_certificate(der: bytes) -> x509.Certificate | None:
    """A certificate from DER; None where the bytes are none."""
    try:
        with quietly():
            return x509.load_der_x509_certificate(der)
    except _PROBLEMS:
        return None


def names_readable(certificate: x509.Certificate) -> bool:
    """Whether subject and issuer can be read: they are parsed late, and a damaged one raises only then."""
    try:
        with quietly():
            _ = certificate.subject, certificate.issuer
    except _PROBLEMS:
        return False
    return True


def load_bundle(der: bytes) -> tuple[x509.Certificate, ...]:
    """Certificates of a PKCS#7 bundle (RFC 2315); empty where the bytes are none."""
    try:
        with quietly():
            return tuple(pkcs7.load_der_pkcs7_certificates(der))
    except _PROBLEMS:
        return ()


def thumbprint(certificate: x509.Certificate) -> str:
    """SHA-1 over the DER in upper-case hex, as Windows shows it."""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - a name that people compare, no protection


def name_text(name: x509.Name) -> str:
    """A distinguished name, most specific part first (RFC 4514)."""
    try:
        return name.rfc4514_string()
    except _PROBLEMS:
        return "name that cannot be read"


def common_name(certificate: x509.Certificate) -> str:
    """CN of the subject, else the whole subject."""
    try:
        parts = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        value = parts[0].value if parts else ""
    except _PROBLEMS:
        value = ""
    return value if isinstance(value, str) and value else _text(lambda: name_text(certificate.subject))


def certificate_token(certificate: x509.Certificate, span: Span, problems: Sequence[str] = ()) -> Token:
    """A certificate as a token; a part that cannot be read is said so and the rest is kept."""
    with quietly():
        return _token(certificate, span, problems)


def _token(certificate: x509.Certificate, span: Span, problems: Sequence[str]) -> Token:
    name = common_name(certificate)
    trouble = list(problems)
    fields = [
        Field("Subject", _text(lambda: name_text(certificate.subject))),
        Field("Issuer", _text(lambda: name_text(certificate.issuer))),
        Field("Serial number", f"{certificate.serial_number:x}"),
        Field("Not before", written(certificate.not_valid_before_utc)),
        Field("Not after", written(certificate.not_valid_after_utc)),
        Field("Public key", _text(lambda: key_text(certificate.public_key()))),
        Field("Signature algorithm", _text(lambda: _signature_algorithm(certificate))),
        Field("Thumbprint (SHA-1)", thumbprint(certificate)),
        Field("Thumbprint (SHA-256)", certificate.fingerprint(hashes.SHA256()).hex().upper()),
        *_extension_fields(certificate, trouble),
    ]
    window = ValidityWindow(
        f"certificate {name}",
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        "Not before",
        "Not after",
        "certificate",
    )
    return Token(
        "x509",
        f"X.509 certificate of {name}",
        span,
        tuple(fields),
        (window,),
        (*_checks(certificate),),
        algorithm=_text(lambda: _signature_algorithm(certificate)),
        issuer=_text(lambda: name_text(certificate.issuer)),
        subject=_text(lambda: name_text(certificate.subject)),
        identity=f"thumbprint {thumbprint(certificate)}",
        problems=tuple(trouble),
        material=base64.b64encode(_der(certificate)).decode("ascii"),
    )


def _der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def _text(read: Callable[[], str]) -> str:
    try:
        with quietly():
            return read()
    except _PROBLEMS as error:
        return f"not readable: {error}"


def key_text(key: object) -> str:
    """A public key in words: ``RSA 2048 bits``, ``EC secp256r1``."""
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size} bits"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size} bits"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case _:
            return type(key).__name__.removesuffix("PublicKey")


def _signature_algorithm(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid
    known = getattr(oid, "_name", "")
    return known if isinstance(known, str) and known not in {"", "Unknown OID"} else oid.dotted_string


def _extension_fields(certificate: x509.Certificate, trouble: list[str]) -> list[Field]:
    fields: list[Field] = []
    try:
        extensions = certificate.extensions
    except _PROBLEMS as error:
        trouble.append(f"extensions cannot be read: {error}")
        return fields
    for extension in extensions:
        value = extension.value
        critical = "critical" if extension.critical else ""
        if isinstance(value, x509.UnrecognizedExtension):
            if extension.critical:
                fields.append(Field("Extension", extension.oid.dotted_string, note="critical and unknown here"))
            continue
        fields.extend(Field(name, text, note=critical) for name, text in _extension_texts(value))
    return fields


def _extension_texts(value: x509.ExtensionType) -> list[tuple[str, str]]:
    match value:
        case x509.BasicConstraints():
            return [
                (
                    "Certificate authority",
                    "no" if not value.ca else "yes" if value.path_length is None else f"yes, {value.path_length} below",
                )
            ]
        case x509.KeyUsage():
            return [("Key usage", ", ".join(word for name, word in _KEY_USAGES if getattr(value, name)))]
        case x509.ExtendedKeyUsage():
            return [("Extended key usage", ", ".join(_USAGES.get(oid, oid.dotted_string) for oid in value))]
        case x509.SubjectAlternativeName():
            return [("Alternative names", ", ".join(_general_name(name) for name in value))]
        case x509.SubjectKeyIdentifier():
            return [("Subject key identifier", value.digest.hex().upper())]
        case x509.AuthorityKeyIdentifier() if value.key_identifier:
            return [("Authority key identifier", value.key_identifier.hex().upper())]
        case x509.CRLDistributionPoints():
            names = [_general_name(name) for point in value for name in point.full_name or ()]
            return [("Revocation list (not fetched)", name) for name in names]
        case x509.AuthorityInformationAccess():
            return [
                ("OCSP responder (not asked)" if access.access_method == AuthorityInformationAccessOID.OCSP else "Issuer's certificate (not fetched)",
                 _general_name(access.access_location))
                for access in value
            ]  # fmt: skip
        case _:
            return []


def _general_name(name: x509.GeneralName) -> str:
    value = name.value
    return name_text(value) if isinstance(value, x509.Name) else str(value)


def _checks(certificate: x509.Certificate) -> list[Check]:
    length = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    checks = [
        Check("lifetime", Outcome.FAILED, "it ends before it starts", "malformed")
        if length.total_seconds() <= 0
        else Check("lifetime", Outcome.PASSED, f"valid for {in_words(length)}")
    ]
    algorithm = _text(lambda: _hash_name(certificate))
    try:
        key: object = certificate.public_key()
    except _PROBLEMS as error:
        return [*checks, Check("algorithm", Outcome.NOT_POSSIBLE, f"the public key cannot be read: {error}")]
    self_signed = names_readable(certificate) and certificate.issuer == certificate.subject
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < _SMALLEST_RSA:
        checks.append(Check("algorithm", Outcome.FAILED, f"{key_text(key)}: weak, shorter than the 2048 bits that stacks ask for today"))
    elif algorithm in _WEAK_HASHES and not self_signed:
        checks.append(Check("algorithm", Outcome.FAILED, f"signed with {algorithm.upper()}: weak, current stacks may refuse it"))
    else:
        checks.append(Check("algorithm", Outcome.PASSED, f"{key_text(key)}, signed with {algorithm}"))
    return checks


def _hash_name(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    return algorithm.name if algorithm is not None else _signature_algorithm(certificate)


def leaf_first(certificates: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The certificate that issued none of the others first, as bundles come in any order."""
    if not all(map(names_readable, certificates)):
        return tuple(certificates)
    issuers = {one.issuer.public_bytes() for one in certificates if one.issuer != one.subject}
    return tuple(sorted(certificates, key=lambda one: one.subject.public_bytes() in issuers))


def subject_key_identifier(certificate: x509.Certificate) -> bytes:
    """The identifier in the certificate; empty where it carries none."""
    try:
        extension = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_KEY_IDENTIFIER).value
    except (*_PROBLEMS, x509.ExtensionNotFound):
        return b""
    return extension.digest if isinstance(extension, x509.SubjectKeyIdentifier) else b""
