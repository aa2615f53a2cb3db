"""Reads what the user supplies to judge tokens with: certificates, key sets, metadata, revocation lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from inspector.small_file import TooLargeError, read_small
from inspector.tokens.base import Trust

SUPPLIED_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of one supplied file that are read at most; Microsoft's largest federation metadata is about 1 MB."""


_HEX: Final = re.compile(r"[0-9A-Fa-f]{2,}")


class SuppliedError(ValueError):
    """A supplied file is none of what can be used; the message names file, reason and what would do."""


def trust_of(
    *,
    trust: Sequence[Path] = (),
    revoked: Sequence[Path] = (),
    secrets: Sequence[Path] = (),
    passwords: Sequence[Path] = (),
    audiences: Sequence[str] = (),
    issuers: Sequence[str] = (),
    skew: timedelta | None = None,
) -> Trust:
    """A Trust out of files and values. Raises SuppliedError for a file that cannot be used."""
    pem: list[bytes] = []
    jwks: list[str] = []
    metadata: list[bytes] = []
    crls: list[bytes] = []
    serials: set[str] = set()
    for path in trust:
        content = _read(path)
        stripped = content.lstrip(b"\xef\xbb\xbf \t\r\n")
        if b"-----BEGIN " in content:
            (crls if b"-----BEGIN X509 CRL-----" in content else pem).append(content)
        elif stripped.startswith(b"{"):
            jwks.append(_key_set(path, stripped))
        elif stripped.startswith(b"<"):
            metadata.append(content)
        elif _is_der(content):
            pem.append(content)
        else:
            msg = f"{path}: neither PEM nor DER certificate, nor a JSON key set, nor metadata XML; give one of these"
            raise SuppliedError(msg)
    for path in revoked:
        content = _read(path)
        if b"-----BEGIN X509 CRL-----" in content or _is_der(content):
            crls.append(content)
        else:
            serials.update(_listed(path, content))
    return Trust(
        pem=tuple(pem),
        jwks=tuple(jwks),
        metadata=tuple(metadata),
        crls=tuple(crls),
        revoked=frozenset(serials),
        secrets=tuple(_read(path).rstrip(b"\r\n") for path in secrets),
        passwords={user: password for path in passwords for user, password in _passwords(path)},
        audiences=tuple(audiences),
        issuers=tuple(issuers),
        skew=skew,
    )


def _is_der(content: bytes) -> bool:
    # A SEQUENCE (X.690 8.9) too long for the short form of length: a list of serial numbers may begin with the digit 0, which is 0x30 too.
    return len(content) > 1 and content[0] == 0x30 and content[1] > 0x80


def _read(path: Path) -> bytes:
    try:
        content = read_small(path, SUPPLIED_LIMIT)
    except TooLargeError as error:
        msg = f"{path}: larger than {SUPPLIED_LIMIT // 1024 // 1024} MB, which no key set or list needs; give the right file"
        raise SuppliedError(msg) from error
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check the path and the rights"
        raise SuppliedError(msg) from error
    if not content.strip():
        msg = f"{path}: empty"
        raise SuppliedError(msg)
    return content


def _key_set(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
        document = json.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        msg = f'{path}: begins as JSON but is not ({error}); a key set (RFC 7517) looks like {{"keys": [...]}}'
        raise SuppliedError(msg) from error
    if not isinstance(document, dict) or not ("keys" in document or "kty" in document):
        msg = f'{path}: JSON without keys; a key set (RFC 7517) looks like {{"keys": [...]}}'
        raise SuppliedError(msg)
    return text


def _passwords(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = _read(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        msg = f"{path}: not UTF-8 text; write one user:password a line"
        raise SuppliedError(msg) from error
    for number, line in enumerate(lines, 1):
        user, colon, password = line.partition(":")
        if line.strip() and not colon:
            msg = f"{path}, line {number}: no colon; write one user:password a line"
            raise SuppliedError(msg)
        if line.strip():
            yield user.strip(), password


def _listed(path: Path, content: bytes) -> set[str]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        msg = f"{path}: neither a revocation list (PEM or DER) nor text with one jti or serial number a line"
        raise SuppliedError(msg) from error
    values = {value for line in lines if (value := line.split("#", 1)[0].strip())}
    return values | {
        hexadecimal.lower().lstrip("0") for value in values if _HEX.fullmatch(hexadecimal := value.replace(":", "").replace(" ", ""))
    }
