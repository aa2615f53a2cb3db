"""Base64 and JSON out of log text: decoded where possible, and what the text does to deserve a refusal."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from typing import Final

_SPACE: Final = re.compile(r"\s+")
_URL_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*+")
MASK: Final = re.compile(
    r"\*{3,}|\[PII[^\]]{0,60}\]|System\.(?:DateTime|String|Byte\[\])|<(?:redacted|hidden|masked|removed)>|\[(?:redacted|hidden|masked|removed|filtered)\]"
    r"|#{4,}|[Xx]{6,}|\u2022{3,}|(?:REDACTED|MASKED|FILTERED)|\u2026|\.{3}",
    re.IGNORECASE,
)
"""What loggers write in place of a value: their doing, never the sender's."""


def masked(text: str) -> str:
    """The mask that a logger put into a text; empty where there is none."""
    match = MASK.search(text[:20_000])
    return match.group() if match is not None else ""


def decode_base64(text: str) -> tuple[bytes | None, str]:
    """Standard base64 (RFC 4648 section 4), white space ignored; bytes or None, and what is wrong with the text."""
    packed = _SPACE.sub("", text)
    problem = ""
    if "-" in packed or "_" in packed:
        packed, problem = packed.replace("-", "+").replace("_", "/"), "base64url where base64 is expected"
    bare = packed.rstrip("=")
    if len(bare) % 4 == 1:
        return None, f"no base64: {len(bare)} characters cannot be right"
    if len(packed) % 4:
        problem = problem or "base64 without its padding"
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True), problem
    except (binascii.Error, ValueError):
        return None, "no base64"


def decode_base64url(text: str) -> tuple[bytes | None, str]:
    """Base64url without padding (RFC 7515 section 2); what deviates is read where its meaning is clear, and said."""
    problem = ""
    if not _URL_ALPHABET.fullmatch(text):
        foreign = sorted({character for character in text if not (character.isascii() and (character.isalnum() or character in "-_"))})
        if any(character not in "+/=" for character in foreign):
            shown = " ".join(repr(character) for character in foreign[:5])
            return None, f"characters that base64url does not have: {shown}"
        problem = "padding '=' where base64url has none" if foreign == ["="] else "base64 ('+', '/') where base64url is expected"
    bare = text.rstrip("=").replace("+", "-").replace("/", "_")
    if len(bare) % 4 == 1:
        return None, f"length {len(bare)} is impossible for base64url: a character is missing or too many"
    try:
        data = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return None, "no base64url"
    if not problem and encode_base64url(data) != bare:
        problem = "the last character carries bits that mean nothing: strict readers refuse it"
    return data, problem


def encode_base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class _DuplicateNames(list[str]):
    """Names that occurred twice in one object while reading."""


def decode_json_object(data: bytes) -> tuple[dict[str, object] | None, str]:
    """A JSON object; its content or None, and what is wrong: no UTF-8, no JSON, no object, a name twice."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, f"not UTF-8 at byte {error.start}"
    twice = _DuplicateNames()

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        result = dict(items)
        if len(result) != len(items):
            seen: set[str] = set()
            for name, _ in items:
                if name in seen:
                    twice.append(name)
                seen.add(name)
        return result

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except RecursionError:
        return None, "JSON nested too deep"
    except ValueError as error:
        place = f" at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else ""
        return None, f"not JSON{place}"
    if not isinstance(value, dict):
        return None, "JSON, but not an object"
    return value, f"the name '{twice[0][:40]}' stands twice in one object" if twice else ""


def fingerprint(data: bytes | str) -> str:
    """SHA-256 in hex: names a secret without giving it away."""
    return hashlib.sha256(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data).hexdigest()
