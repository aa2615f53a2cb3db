"""The keys in what the user supplies: PEM, JWKS and federation metadata, each with the names by which a token may ask for it."""

from __future__ import annotations

import binascii
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import jwt as pyjwt
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, load_pem_public_key

from inspector.tokens.base import Trust
from inspector.tokens.reading.certificates import (
    common_name,
    key_text,
    load_certificate,
    names_readable,
    subject_key_identifier,
    thumbprint,
)
from inspector.tokens.reading.encodings import decode_base64, decode_base64url, encode_base64url
from inspector.tokens.reading.markup import read_markup

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey | DSAPublicKey

_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----.{1,200000}?-----END \1-----", re.DOTALL)
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """One key that a signature may be checked with."""

    key: PublicKey | bytes
    """A public key, or the bytes of a shared secret."""
    origin: str
    """Where it came from, for a person: ``JWKS key 'abc'``, ``certificate of sts.example``."""
    kid: str = ""
    certificate: x509.Certificate | None = None
    algorithm: str = ""
    """The only algorithm it is meant for (JWK ``alg``); empty for any."""
    signing: bool = True
    """False for keys that are marked for encryption only."""
    source: bytes = field(default=b"", repr=False)
    """Its text as supplied, to recognise it misused as a shared secret."""

    @property
    def thumbprint(self) -> str:
        """SHA-1 thumbprint of its certificate, as Windows shows it; empty without certificate."""
        return thumbprint(self.certificate) if self.certificate is not None else ""

    @property
    def names(self) -> frozenset[str]:
        """Every name a token may use for it: kid, thumbprints in hex and base64url, subject key identifier."""
        names = {self.kid} if self.kid else set()
        if self.certificate is not None:
            sha1 = self.certificate.fingerprint(hashes.SHA1())  # noqa: S303 - a name, no protection
            sha256 = self.certificate.fingerprint(hashes.SHA256())
            names |= {sha1.hex().upper(), encode_base64url(sha1), encode_base64url(sha256), sha256.hex().upper()}
            if identifier := subject_key_identifier(self.certificate):
                names.add(identifier.hex().upper())
        return frozenset(names)

    @property
    def words(self) -> str:
        """What it is and what it is called."""
        return self.origin + (f", thumbprint {self.thumbprint}" if self.certificate is not None else "")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Everything supplied, read once."""

    keys: tuple[VerificationKey, ...]
    problems: tuple[str, ...]
    """What was supplied and could not be read."""

    @property
    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Every certificate among them whose names can be read: one without can be no link of a chain."""
        return tuple(key.certificate for key in self.keys if key.certificate is not None and names_readable(key.certificate))

    @property
    def public(self) -> tuple[VerificationKey, ...]:
        """The keys that are no shared secrets."""
        return tuple(key for key in self.keys if not isinstance(key.key, bytes))

    @property
    def secrets(self) -> tuple[VerificationKey, ...]:
        """The shared secrets."""
        return tuple(key for key in self.keys if isinstance(key.key, bytes))


def key_ring(trust: Trust) -> KeyRing:
    """The keys of a trust, kept for the next token."""
    return _read(trust.pem, trust.jwks, trust.metadata, trust.secrets)


@lru_cache(maxsize=8)
def _read(pem: tuple[bytes, ...], jwks: tuple[str, ...], metadata: tuple[bytes, ...], secrets: tuple[bytes, ...]) -> KeyRing:
    keys: list[VerificationKey] = []
    problems: list[str] = []
    for blob in pem:
        found = _from_pem(blob, problems)
        keys.extend(found)
        if not found:
            problems.append("a PEM file holds no certificate or public key that can be read")
    for text in jwks:
        keys.extend(_from_jwks(text, problems))
    for blob in metadata:
        found = _from_metadata(blob)
        keys.extend(found)
        if not found:
            problems.append("a metadata document holds no signing certificate")
    keys.extend(VerificationKey(secret, "shared secret", source=secret) for secret in secrets)
    return KeyRing(tuple(keys), tuple(problems))


def key_of_certificate(certificate: x509.Certificate, origin: str = "") -> VerificationKey | None:
    """The key in a certificate; None where it is of a kind that signs nothing or cannot be read."""
    try:
        key = certificate.public_key()
    except _UNREADABLE:
        return None
    if not isinstance(key, PublicKey):
        return None
    return VerificationKey(key, origin or f"certificate of {common_name(certificate)}", certificate=certificate)


def _from_pem(blob: bytes, problems: list[str]) -> list[VerificationKey]:
    keys: list[VerificationKey] = []
    blocks = list(_BLOCK.finditer(blob))
    if not blocks:
        certificate = load_certificate(blob)
        if certificate is None:
            packed, _ = decode_base64(blob.decode("ascii", "replace"))
            certificate = load_certificate(packed) if packed else None
        key = key_of_certificate(certificate) if certificate is not None else None
        return [key] if key is not None else []
    for block in blocks:
        label, source = block.group(1), block.group()
        try:
            if label.endswith(b"CERTIFICATE"):
                body = source.split(b"-----")[2]
                data, _ = decode_base64(body.decode("ascii", "replace"))
                certificate = load_certificate(data) if data else None
                key = key_of_certificate(certificate) if certificate is not None else None
            elif label.endswith(b"PUBLIC KEY"):
                public = load_pem_public_key(source)
                key = VerificationKey(public, f"public key ({key_text(public)})", source=source) if isinstance(public, PublicKey) else None
            elif label.endswith(b"PRIVATE KEY"):
                public = load_pem_private_key(source, None).public_key()
                key = (
                    VerificationKey(public, f"public half of a private key ({key_text(public)})") if isinstance(public, PublicKey) else None
                )
            else:
                continue
        except _UNREADABLE as error:
            problems.append(f"a PEM block cannot be read: {error}")
            continue
        if key is None:
            problems.append(f"a PEM block ({label.decode('ascii')}) cannot be read")
        else:
            keys.append(VerificationKey(key.key, key.origin, certificate=key.certificate, source=source))
    return keys


def _from_jwks(text: str, problems: list[str]) -> list[VerificationKey]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        problems.append("a JSON Web Key Set is not JSON")
        return []
    entries = document.get("keys", [document] if "kty" in document else None) if isinstance(document, dict) else document
    if not isinstance(entries, list):
        problems.append("a JSON Web Key Set has no 'keys'")
        return []
    keys = []
    for entry in entries:
        if not isinstance(entry, dict):
            problems.append("a JSON Web Key Set holds something that is no key")
            continue
        key = _from_jwk(entry)
        if key is None:
            problems.append(f"the JSON Web Key '{entry.get('kid', 'without kid')}' (kty {entry.get('kty')}) cannot be read")
        else:
            keys.append(key)
    return keys


def _from_jwk(entry: dict[str, object]) -> VerificationKey | None:
    kid = entry.get("kid")
    name = kid if isinstance(kid, str) else ""
    operations = entry.get("key_ops")
    signing = entry.get("use") in {None, "sig"} and (not isinstance(operations, list) or "verify" in operations or "sign" in operations)
    algorithm = entry.get("alg")
    certificate = _certificate_of(entry.get("x5c"))
    key: PublicKey | bytes
    if entry.get("kty") == "oct":
        data, problem = decode_base64url(str(entry.get("k", "")))
        if not data or problem:
            return None
        key = data
    elif "n" in entry or "x" in entry:
        found = _public_key(entry)
        if found is None:
            return None
        key = found
    else:
        own = key_of_certificate(certificate) if certificate is not None else None
        if own is None:
            return None
        key = own.key
    origin = f"JWKS key '{name}'" if name else "JWKS key without kid"
    return VerificationKey(key, origin, name, certificate, algorithm if isinstance(algorithm, str) else "", signing)


def _public_key(entry: dict[str, object]) -> PublicKey | None:
    public = {name: value for name, value in entry.items() if name in {"kty", "crv", "x", "y", "n", "e"}}
    guessed = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}.get(str(entry.get("kty")), "")
    try:
        key = pyjwt.PyJWK(public, algorithm=guessed).key
    except (pyjwt.PyJWTError, *_UNREADABLE, KeyError, OverflowError):
        return None
    return key if isinstance(key, PublicKey) else None


def _certificate_of(chain: object) -> x509.Certificate | None:
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    data, _ = decode_base64(chain[0])
    return load_certificate(data) if data else None


def _from_metadata(blob: bytes) -> list[VerificationKey]:
    """Signing certificates of SAML 2.0 and WS-Federation metadata (SAML 2.0 Metadata 2.4.1.1)."""
    markup = read_markup(blob.decode("utf-16" if blob[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig", "replace"))
    keys: dict[str, VerificationKey] = {}
    entity = next((element.get("entityID") for element in markup.named("EntityDescriptor")), "")
    for descriptor in markup.named("KeyDescriptor"):
        if descriptor.get("use") == "encryption":
            continue
        for element in descriptor.descendants("X509Certificate"):
            data, _ = decode_base64(markup.value(element))
            certificate = load_certificate(data) if data else None
            key = key_of_certificate(certificate) if certificate is not None else None
            if key is not None and certificate is not None:
                origin = f"metadata of {entity or 'an entity'}, {key.origin}"
                keys.setdefault(thumbprint(certificate), VerificationKey(key.key, origin, certificate=certificate))
    return list(keys.values())


def misused_forms(key: VerificationKey) -> tuple[bytes, ...]:
    """The byte strings that a verifier would use as a secret if it took this public key for one (RFC 8725 section 2.1)."""
    if isinstance(key.key, bytes):
        return ()
    pem = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forms = [pem, pem.strip(), key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)]
    if isinstance(key.key, RSAPublicKey):
        forms.append(key.key.public_bytes(Encoding.PEM, PublicFormat.PKCS1))
    if key.certificate is not None:
        certificate = key.certificate.public_bytes(Encoding.PEM)
        forms += [certificate, certificate.strip()]
    if key.source:
        forms += [key.source, key.source.strip() + b"\n"]
    return tuple(dict.fromkeys(forms))
