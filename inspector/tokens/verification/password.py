"""The password of a UsernameToken recomputed from what the user supplies; the known ways to get the digest wrong are told apart."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from typing import Final

from inspector.tokens.base import Check, Outcome, Token
from inspector.tokens.reading.encodings import decode_base64, masked

_NAME: Final = "password"


def verify_password(token: Token, passwords: Mapping[str, str]) -> Check:
    """Compare password or digest (UsernameToken Profile 1.0 section 3.1: Base64(SHA-1(nonce + created + password)))."""
    fields = {field.name: field.value for field in token.fields}
    sent = fields.get("Password", "")
    if not passwords:
        return _not_possible("no password was supplied")
    if token.subject not in passwords:
        near = next((name for name in passwords if name.lower() == token.subject.lower()), "")
        return _not_possible(f"no password was supplied for '{token.subject}'" + (f"; one was for '{near}'" if near else ""))
    if not sent:
        return _not_possible("the token carries no password")
    if mask := masked(sent):
        return _not_possible(f"the log hides the password ('{mask}')")
    password = passwords[token.subject]
    kind = fields.get("Password type", "")
    if kind == "digest":
        return _digest(sent, fields.get("Nonce", ""), fields.get("Created", ""), password)
    if hmac.compare_digest(sent.encode(), password.encode()):
        return Check(_NAME, Outcome.PASSED, "the password is the one supplied")
    if any(_same(sent, password, nonce, fields.get("Created", "")) for nonce in _nonces(fields.get("Nonce", ""))):
        return Check(
            _NAME,
            Outcome.FAILED,
            "the value is a digest, but its type says that it is plain text: the receiver compares it as text",
            "malformed",
        )
    if sent.strip() == password.strip():
        return Check(_NAME, Outcome.FAILED, "the password differs from the one supplied by white space at an end only", "bad_credentials")
    return Check(_NAME, Outcome.FAILED, "the password is not the one supplied", "bad_credentials")


def _not_possible(reason: str) -> Check:
    return Check(_NAME, Outcome.NOT_POSSIBLE, reason)


def _nonces(nonce: str) -> list[bytes]:
    decoded, _ = decode_base64(nonce)
    return [decoded] if decoded is not None else []


def _same(sent: str, password: str, nonce: bytes, created: str) -> bool:
    return hmac.compare_digest(_sha1(nonce, created.encode(), password.encode()), sent.encode())


def _sha1(*parts: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(b"".join(parts)).digest())  # noqa: S324 - the profile prescribes SHA-1


def _digest(sent: str, nonce: str, created: str, password: str) -> Check:
    if masked(nonce) or masked(created):
        return _not_possible("the log hides the nonce or the creation time, which the digest is made of")
    decoded, problem = decode_base64(nonce)
    if nonce and decoded is None:
        return Check(_NAME, Outcome.FAILED, f"the nonce is {problem}", "malformed")
    if hmac.compare_digest(_sha1(decoded or b"", created.encode(), password.encode()), sent.encode()):
        missing = [name for name, value in (("nonce", nonce), ("creation time", created)) if not value]
        note = f"; it was made without {' and '.join(missing)}, so it can be replayed" if missing else ""
        return Check(_NAME, Outcome.PASSED, f"the digest is that of the password supplied{note}")
    for digest, reason in _wrong_variants(nonce, decoded or b"", created, password):
        if hmac.compare_digest(digest, sent.encode()):
            return Check(_NAME, Outcome.FAILED, f"right password, wrong digest: {reason}", "malformed")
    return Check(_NAME, Outcome.FAILED, "the digest is not that of the password supplied", "bad_credentials")


def _wrong_variants(nonce: str, decoded: bytes, created: str, password: str) -> Iterator[tuple[bytes, str]]:
    """Digests that senders compute by mistake, with the mistake."""
    text, when, word = nonce.encode(), created.encode(), password.encode()
    yield _sha1(text, when, word), "made from the base64 text of the nonce instead of its bytes"
    yield _sha1(decoded, word), "the creation time was left out"
    yield _sha1(when, word), "the nonce was left out"
    yield _sha1(word), "made from the password alone, without nonce and creation time"
    yield _sha1(decoded, when, hashlib.sha1(word).digest()), "made from the SHA-1 of the password instead of the password"  # noqa: S324
    yield _sha1(decoded, when, _sha1(word)), "made from the base64 of the password's SHA-1, as a store that keeps hashed passwords does"
    yield _sha1(decoded, when, base64.b64encode(word)), "made from the base64 of the password"
    yield _sha1(word, when, decoded), "put together in the wrong order"
    yield _sha1(when, decoded, word), "creation time and nonce changed places"
    yield _sha1(decoded, when, password.encode("utf-16-le")), "made from the password in UTF-16 instead of UTF-8"
    yield _sha1(decoded, when, password.strip().encode()), "the password supplied has white space at an end that the sender does not have"
    yield base64.b64encode(hashlib.sha256(decoded + when + word).digest()), "made with SHA-256; the profile prescribes SHA-1"
    hexadecimal = hashlib.sha1(decoded + when + word).hexdigest()  # noqa: S324
    yield hexadecimal.encode(), "written in hexadecimal instead of base64"
    yield base64.b64encode(hexadecimal.encode()), "the base64 of the hexadecimal text instead of the base64 of the bytes"
    try:
        twice = base64.b64decode(decoded, validate=True)
    except (binascii.Error, ValueError):
        return
    yield _sha1(twice, when, word), "the nonce is encoded in base64 twice"
