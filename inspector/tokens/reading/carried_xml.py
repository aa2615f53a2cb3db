"""XML that a text carries in another coat: base64, deflated, URL-encoded, as browsers carry SAML and WS-Federation messages."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import Final
from urllib.parse import unquote, unquote_plus

from inspector.tokens.base import Span
from inspector.tokens.reading.encodings import decode_base64
from inspector.tokens.reading.markup import Markup, read_markup
from inspector.tokens.reading.places import lowered, matches_at, places_of

_MAX_XML: Final = 5_000_000
"""Characters of one decoded document; deflated data may grow without measure."""
_MAX_FOUND: Final = 50
_PARAMETER: Final = re.compile(
    r"\b(SAMLResponse|SAMLRequest|LogoutResponse|wresult)\b(?:\"|'|&quot;)?\s{0,3}(?:=|:|%3D|value=)\s{0,3}(?:\"|'|&quot;)?",
    re.IGNORECASE,
)
# no possessive groups here and where the last turn of one can fail half-way: Python before 3.11.5 loses characters then (gh-106052)
_BASE64: Final = re.compile(
    r"(?:[A-Za-z0-9+/_-]++|% ?2[BbFf]|% ?3[Dd]|% ?0[AaDd]|\\[rn]|\r?\n(?=[A-Za-z0-9+/=]{2})|&#(?:13|10|x[dDaA]);)+={0,2}+",
)
_NAMES: Final = ("samlresponse", "samlrequest", "logoutresponse", "wresult")
_BARE_STARTS: Final = (
    "PD94", "PHNh", "PHNv", "PFJl", "PFNB", "PFNl", "PEFz", "PEF1", "PExv", "PEVu", "PG5z", "PHRy", "PHQ6", "PHdz", "PHM6", "PHA6", "77u/P",
)  # fmt: skip
"""Base64 of ``<?xm``, ``<sa``, ``<so``, ``<Re``, ``<SA``, ``<Se``, ``<As``, ``<Au``, ``<Lo``, ``<En``, ``<ns``, ``<tr``, ``<t:``, ``<ws``, ``<s:``, ``<p:``, and of a byte order mark."""
_BARE: Final = re.compile(
    r"(?<![A-Za-z0-9+/%])(?:P[DEFGH]|77u/P[DEFGH])[A-Za-z0-9+/]{60,}+(?:(?:\\r\\n|\\n|\r?\n)[A-Za-z0-9+/]{20,}+)*={0,2}+"
)
"""Base64 of text that starts with ``<``, with or without a byte order mark."""
_LONE: Final = re.compile(r"\s*+[A-Za-z0-9+/\r\n]{60,}+={0,2}+\s*+")
"""A text that is one base64 value and nothing else, as somebody pastes it; only then deflated data is looked for without a name."""
_RUN: Final = re.compile(r"(?<![A-Za-z0-9+/%_.-])[A-Za-z0-9+/](?:[A-Za-z0-9+/]|%2[BbFf]|%0[AaDd]){90,}+(?:=|%3[Dd]){0,2}+")
"""Base64 of some length, URL-encoded or not, that is no part of a JWT."""
_MAX_TRIED: Final = 200
_TRIED: Final = 240
"""Characters of a value by which it is seen whether it is deflated XML."""
_ENCODED_XML: Final = re.compile(r"(?:%3C|%253C)[A-Za-z][^\s\"'<>&]{40,}+", re.IGNORECASE)
_BREAKS: Final = re.compile(r"\\[rn]|&#(?:13|10|x[dDaA]);|\s+|% ?0[AaDd]")
_SPACED_PERCENT: Final = re.compile(r"% (?=[0-9A-Fa-f]{2})")


def carried_documents(text: str) -> tuple[Markup, ...]:
    """Every document of a SAML, WS-Federation or session-cookie message that the text carries encoded, in order."""
    found: dict[int, Markup] = {}
    if _LONE.fullmatch(text):
        whole = _decode(text, Span(len(text) - len(text.lstrip()), len(text.rstrip())), "", deflated=True)
        return (whole,) if whole is not None else ()
    for match in _starts(text):
        name, start = match
        named = _BASE64.match(text, start) if name.lower() != "wresult" else None
        if named is not None and named.end() - named.start() >= 60:
            document = _decode(named.group(), Span(*named.span()), name, deflated=True)
            if document is not None:
                found[named.start()] = document
    for value, deflated in chain(((one, False) for one in matches_at(_BARE, text, _BARE_STARTS)), ((one, True) for one in _deflated(text))):
        if len(found) >= _MAX_FOUND:
            break
        if not any(document.locate(0, 0).start <= value.start() < document.locate(0, 0).end for document in found.values()):
            document = _decode(value.group(), Span(*value.span()), "", deflated=deflated)
            if document is not None:
                found[value.start()] = document
    for encoded in matches_at(_ENCODED_XML, text, ("%3C", "%3c", "%253C", "%253c")):
        if len(found) >= _MAX_FOUND:
            break
        found[encoded.start()] = _url_decoded(encoded.group(), Span(*encoded.span()))
    return tuple(document for _, document in sorted(found.items(), key=lambda item: item[0]))


def _deflated(text: str) -> Iterator[re.Match[str]]:
    """Values that inflate to XML, which no name announces: only in texts that speak of SAML, for any base64 could be one."""
    if "saml" not in text and "SAML" not in text:
        return
    for match, _ in zip(_RUN.finditer(text), range(_MAX_TRIED), strict=False):
        head = unquote(match.group()[:_TRIED])
        data, _ = decode_base64(head[: len(head) // 4 * 4])
        if data and _xml_text(_inflate(data)) is not None:
            yield match


def _starts(text: str) -> list[tuple[str, int]]:
    found = (_PARAMETER.match(text, place) for place in places_of(lowered(text), _NAMES))
    return [(match.group(1), match.end()) for match in found if match is not None][:_MAX_FOUND]


def _decode(value: str, span: Span, name: str, *, deflated: bool) -> Markup | None:
    problems: list[str] = []
    if _SPACED_PERCENT.search(value):
        problems.append("the log put a space behind '%'; it was not sent so")
        value = _SPACED_PERCENT.sub("%", value)
    packed = _BREAKS.sub("", unquote(value))
    data, problem = decode_base64(packed)
    if data is None:
        cut = packed.rstrip("=")
        data, _ = decode_base64(cut[: len(cut) // 4 * 4])
        if data is None:
            return None
        problems.append(f"the base64 is cut or altered: {problem}")
    coat = "base64"
    document = _xml_text(data)
    if document is None and deflated:
        inflated = _inflate(data)
        document = _xml_text(inflated) if inflated else None
        coat = "deflated base64"
    if document is None:
        return None
    markup = read_markup(document, lambda _start, _end: span, f"{coat}{f' {name}' if name else ''}")
    markup.problems += tuple(problems)
    return markup


def _xml_text(data: bytes) -> str | None:
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe<\x00") else "utf-8-sig", "replace")
    head = text.lstrip()[:2]
    return text[:_MAX_XML] if len(head) == 2 and head[0] == "<" and (head[1].isalpha() or head[1] in "?!") else None


def _inflate(data: bytes) -> bytes:
    """Raw deflate (SAML 2.0 Bindings 3.4.4.1); what a cut stream still gives is kept."""
    reader = zlib.decompressobj(-zlib.MAX_WBITS)
    result = bytearray()
    try:
        for start in range(0, len(data), 1024):
            result += reader.decompress(data[start : start + 1024], _MAX_XML - len(result))
            if len(result) >= _MAX_XML or reader.eof:
                break
            if reader.unconsumed_tail:
                break
    except zlib.error:
        return bytes(result)
    return bytes(result)


def _url_decoded(value: str, span: Span) -> Markup:
    document = unquote_plus(value)
    if document.startswith("%3"):
        document = unquote_plus(document)
    return read_markup(document[:_MAX_XML], lambda _start, _end: span, "URL-encoded XML")
