"""The signature of a JWT against the keys supplied: right key, wrong key, altered content, or an attack."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import jwt as pyjwt
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from inspector.tokens.base import Check, Outcome, Token
from inspector.tokens.reading.encodings import decode_base64, decode_base64url, decode_json_object
from inspector.tokens.verification.keys import KeyRing, VerificationKey, misused_forms

_NAME: Final = "signature"
_CURVES: Final = {"ES256": "secp256r1", "ES384": "secp384r1", "ES512": "secp521r1", "ES256K": "secp256k1"}
_HASHES: Final = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512(), "ES256K": hashes.SHA256()}
_HMACS: Final = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
_SMALLEST_RSA: Final = 2048


def verify_jws(token: Token, ring: KeyRing) -> Check:
    """Check the signature of a compact JWS."""
    segments = token.material.split(".")
    if token.problems:
        return _not_possible(f"the log altered the token: {'; '.join(token.problems)}")
    if len(segments) == 5:
        return _not_possible("the token is encrypted; its signature, if any, is inside")
    if len(segments) != 3:
        return _failed(f"a token of {len(segments)} parts cannot be verified", "malformed")
    header_bytes, header_problem = decode_base64url(segments[0])
    signature, signature_problem = decode_base64url(segments[2])
    _, payload_problem = decode_base64url(segments[1])
    header, json_problem = decode_json_object(header_bytes) if header_bytes is not None else (None, header_problem)
    if header is None or signature is None or header_problem or signature_problem or payload_problem or json_problem:
        reason = header_problem or json_problem or payload_problem or signature_problem
        return _failed(f"not in the form that can be verified: {reason}", "malformed")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str):
        return _failed("the header names no algorithm", "malformed")
    if algorithm.lower() == "none":
        return _failed("alg is 'none': there is no signature, anybody can write such a token (attack)", "unsupported")
    if not signature:
        return _failed(f"the header says {algorithm}, but the signature is empty (attack)", "signature_mismatch")
    if "crit" in header:
        return _critical(header)
    message = f"{segments[0]}.{segments[1]}".encode()
    if algorithm in _HMACS:
        return _with_secrets(algorithm, message, signature, ring, header)
    if algorithm not in pyjwt.algorithms.get_default_algorithms() and algorithm not in {"Ed25519", "Ed448"}:
        return _failed(f"'{algorithm[:60]}' is no signature algorithm known here", "unsupported")
    return _with_public_keys(algorithm, message, signature, ring, header)


def _not_possible(reason: str) -> Check:
    return Check(_NAME, Outcome.NOT_POSSIBLE, reason)


def _failed(reason: str, cause: str = "signature_mismatch") -> Check:
    return Check(_NAME, Outcome.FAILED, reason, cause)


def _critical(header: dict[str, object]) -> Check:
    critical = header.get("crit")
    if not isinstance(critical, list) or not critical or not all(isinstance(name, str) and name in header for name in critical):
        return _failed("the list of critical extensions (crit) is not well formed (RFC 7515 section 4.1.11)", "malformed")
    if critical == ["b64"]:
        return _not_possible("its content is not base64url (b64, RFC 7797) and stands outside the token")
    return _failed(f"it demands extensions unknown here: {', '.join(map(str, critical))[:100]}", "unsupported")


def _fitting(algorithm: str, key: VerificationKey) -> bool:
    if not key.signing:
        return False
    match key.key:
        case RSAPublicKey():
            return algorithm[:2] in {"RS", "PS"}
        case EllipticCurvePublicKey():
            return _CURVES.get(algorithm) == key.key.curve.name
        case Ed25519PublicKey():
            return algorithm in {"EdDSA", "Ed25519"}
        case Ed448PublicKey():
            return algorithm in {"EdDSA", "Ed448"}
        case _:
            return False


def _header_names(header: dict[str, object]) -> tuple[str, ...]:
    return tuple(value for name in ("kid", "x5t", "x5t#S256") if isinstance(value := header.get(name), str) and value)


def _with_public_keys(algorithm: str, message: bytes, signature: bytes, ring: KeyRing, header: dict[str, object]) -> Check:
    names = _header_names(header)
    fitting = [key for key in ring.public if _fitting(algorithm, key)]
    called = [key for key in ring.keys if key.names & set(names)]
    if not ring.public:
        return _not_possible("no public key, certificate, JWKS or metadata was supplied")
    for key in called:
        if key.algorithm and key.algorithm != algorithm:
            return _failed(f"the key it names is for {key.algorithm} only, the token says {algorithm}", "unsupported")
        if not key.signing:
            return _failed("the key it names is marked for encryption, not for signatures", "unsupported")
        if key not in fitting:
            return _failed(f"the key it names ({key.words}) does not fit {algorithm} (attack or wrong key)", "unsupported")
    if not fitting:
        kinds = ", ".join(sorted({key.origin for key in ring.public})[:4])
        return _not_possible(f"none of the keys supplied fits {algorithm}: {kinds}")
    for key in [*called, *(key for key in fitting if key not in called)]:
        if key.algorithm and key.algorithm != algorithm:
            continue
        if _holds(algorithm, message, signature, key):
            return _right_key(algorithm, key, names)
    return _no_key_fits(algorithm, message, signature, called, fitting, names)


def _right_key(algorithm: str, key: VerificationKey, names: Sequence[str]) -> Check:
    note = ""
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < _SMALLEST_RSA:
        note = f"; its RSA key of {key.key.key_size} bits is shorter than RFC 7518 section 3.3 demands, many readers refuse it"
    if names and key.names and not key.names & set(names):
        note += f"; the token calls its key '{names[0]}', which is not this key's name: readers that look keys up by name will not find it"
    return Check(_NAME, Outcome.PASSED, f"{algorithm} verified with {key.words}{note}")


def _no_key_fits(
    algorithm: str,
    message: bytes,
    signature: bytes,
    called: Sequence[VerificationKey],
    fitting: Sequence[VerificationKey],
    names: Sequence[str],
) -> Check:
    if any(_in_der(algorithm, message, signature, key) for key in fitting):
        return _failed("the signature is right but written in DER; RFC 7518 section 3.4 demands the two numbers side by side", "malformed")
    if called:
        return _failed(
            f"the key it names was supplied ({called[0].words}) and does not verify it: header, claims or signature were changed after signing"
        )
    if names:
        known = ", ".join(sorted(name for key in fitting for name in key.names if len(name) < 60)[:6]) or "keys without a name"
        return _failed(
            f"wrong key: the token was signed with '{names[0]}', supplied are {known}; fetch the issuer's current keys", "untrusted_issuer"
        )
    count = "the only fitting key" if len(fitting) == 1 else f"none of the {len(fitting)} fitting keys"
    tail = "does not verify it" if len(fitting) == 1 else "verifies it"
    return _failed(f"{count} supplied {tail}: another key signed it, or it was changed; the token does not name its key")


def _holds(algorithm: str, message: bytes, signature: bytes, key: VerificationKey) -> bool:
    public = key.key
    try:
        match public:
            case Ed25519PublicKey() | Ed448PublicKey():
                public.verify(signature, message)
                return True
            case bytes():
                return False
            case EllipticCurvePublicKey() if len(signature) != 2 * ((public.curve.key_size + 7) // 8):
                return False
            case _:
                return bool(pyjwt.algorithms.get_default_algorithms()[algorithm].verify(message, public, signature))
    except (InvalidSignature, ValueError, UnsupportedAlgorithm, pyjwt.PyJWTError):
        return False


def _in_der(algorithm: str, message: bytes, signature: bytes, key: VerificationKey) -> bool:
    if not isinstance(key.key, EllipticCurvePublicKey) or signature[:1] != b"\x30":
        return False
    try:
        key.key.verify(signature, message, ec.ECDSA(_HASHES[algorithm]))
    except (InvalidSignature, ValueError, KeyError, UnsupportedAlgorithm):
        return False
    return True


def _with_secrets(algorithm: str, message: bytes, signature: bytes, ring: KeyRing, header: dict[str, object]) -> Check:
    for key in ring.public:
        if any(_mac(algorithm, form, message, signature) for form in misused_forms(key)):
            reason = f"attack: signed with {algorithm} using the public {key.words} as if it were the secret (RFC 8725 section 2.1)"
            return _failed(reason)
    if not ring.secrets:
        if ring.public:
            return _not_possible(
                f"{algorithm} needs the shared secret; supplied are public keys only. A reader that expects public keys must refuse it"
            )
        return _not_possible("no shared secret was supplied")
    names = _header_names(header)
    for key in ring.secrets:
        secret = key.key
        if not isinstance(secret, bytes) or not key.signing:
            continue
        if key.algorithm and key.algorithm != algorithm:
            if _mac(algorithm, secret, message, signature):
                return _failed(f"the key is for {key.algorithm} only, the token says {algorithm}", "unsupported")
            continue
        if _mac(algorithm, secret, message, signature):
            weak = (
                ""
                if len(secret) * 8 >= int(algorithm[2:])
                else f"; the secret is shorter than the {algorithm[2:]} bits that RFC 7518 section 3.2 demands"
            )
            return Check(_NAME, Outcome.PASSED, f"{algorithm} verified with the {key.origin}{weak}")
        for form, words in _other_forms(secret):
            if _mac(algorithm, form, message, signature):
                return Check(_NAME, Outcome.PASSED, f"{algorithm} verified with the {key.origin} {words}: both sides must treat it alike")
    called = any(key.kid in names for key in ring.secrets if key.kid)
    if called or not names:
        return _failed("the shared secret does not verify it: another secret signed it, or the token was changed")
    return _failed(f"the shared secret supplied does not verify it; the token names the key '{names[0]}'")


def _other_forms(secret: bytes) -> list[tuple[bytes, str]]:
    """A secret is often base64 on one side and its bytes on the other, or carries a line end."""
    forms = [(secret.strip(), "without the white space around it")] if secret.strip() != secret else []
    text = secret.decode("ascii", "ignore").strip()
    for decode in (decode_base64, decode_base64url):
        data, _ = decode(text)
        if data:
            forms.append((data, "after decoding it from base64"))
    with suppress(ValueError):
        forms.append((bytes.fromhex(text), "after decoding it from hexadecimal"))
    return forms


def _mac(algorithm: str, secret: bytes, message: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.digest(secret, message, _HMACS[algorithm]), signature)
