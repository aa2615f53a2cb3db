"""Passwords written in other ways than ``name: value``: attributes, switches of a command line, percent-encoded, in other languages, wrapped tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Place = tuple[int, int]

_WORD: Final = r"(?:passwords?|passwd|pwd|passphrase|client[_-]?secret|secret|api[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|(?:access|refresh|id|session|security)[_-]?token)"
_QUOTE: Final = r"(?:[\"']|&(?:amp;){0,3}(?:quot|apos);|\\\")"
_OPEN: Final = r"(?:<|&(?:amp;){0,3}lt;|\\u003c)"
_CLOSE: Final = r"(?:>|&(?:amp;){0,3}gt;|\\u003e)"

_ATTRIBUTE: Final = re.compile(
    rf"\b(?:key|name|type|id)\s?=\s?{_QUOTE}[\w.:\-]{{0,60}}{_WORD}[\w.:\-]{{0,20}}{_QUOTE}[^<>]{{0,200}}?\bvalue\s?=\s?(?P<quote>{_QUOTE})"
    rf"(?P<value>(?:(?!(?P=quote))[^<>\r\n]){{1,2000}})",
    re.IGNORECASE,
)
"""``<add key="Password" value="…"/>`` of .NET's configuration, ``<input type="password" value="…">``."""
_PAIR: Final = re.compile(
    rf"{_OPEN}(?:key|name|string){_CLOSE}\s{{0,20}}[\w.:\-]{{0,60}}{_WORD}\s{{0,20}}{_OPEN}/(?:key|name|string){_CLOSE}\s{{0,40}}"
    rf"{_OPEN}(?:value|string){_CLOSE}\s{{0,20}}(?P<value>(?:(?!{_OPEN})\S){{1,2000}})",
    re.IGNORECASE,
)
"""``<key>password</key><value>…</value>``."""
_CDATA: Final = re.compile(
    rf"{_OPEN}(?:[\w.\-]{{1,40}}:)?(?:{_WORD}|nonce|binarysecret|privatekey|secretaccesskey)\b(?:(?!{_CLOSE}|{_OPEN}).){{0,600}}?{_CLOSE}\s{{0,20}}"
    rf"{_OPEN}!\[CDATA\[\s{{0,20}}(?P<value>(?:(?!\]\]).){{1,20000}})",
    re.IGNORECASE | re.DOTALL,
)
_SWITCH: Final = re.compile(rf"(?<![\w\-])--?{_WORD}[ \t]{{1,4}}(?![-/])(?P<value>[^\s\"']{{1,400}})", re.IGNORECASE)
"""``--password …``."""
_CURL: Final = re.compile(r"\bcurl\b[^\r\n]{0,400}?\s(?:-u|--user)[ =]?[\"']?[^\s:\"']{1,100}:(?P<value>[^\s\"']{1,200})")
_PERCENT: Final = re.compile(rf"(?:(?<![A-Za-z0-9])|(?<=%26)|(?<=%3F)){_WORD}%3D(?P<value>(?:(?!%26)[^\s&\"'<>]){{1,2000}})", re.IGNORECASE)
_ABROAD: Final = re.compile(
    r"(?<!\w)(?:kennw(?:o|ö)rt(?:er)?|passw(?:o|ö)rt(?:er)?|mot\s?de\s?passe|contraseñ?n?a|senha|parola d'ordine|wachtwoord|пароль|hasło|heslo|lösenord)"
    r"[\"']?[ \t\u00a0]{0,3}[:=][ \t\u00a0]{0,3}[\"']?(?P<value>[^\s\"',;<>]{1,400})",
    re.IGNORECASE,
)
_SIGNS: Final = (
    (("value",), _ATTRIBUTE),
    (("value", "string"), _PAIR),
    (("[cdata[",), _CDATA),
    (("-pass", "-pwd", "secret", "-api", "key", "token"), _SWITCH),
    (("curl",), _CURL),
    (("%3d",), _PERCENT),
    (("wort", "wört", "de passe", "contrase", "senha", "parola", "wachtw", "пароль", "hasło", "heslo", "lösenord"), _ABROAD),
)
"""What a text must hold, in lower case, for a pattern to be tried at all."""
_JWT_LINE: Final = re.compile(r"(?<![\w\-])eyJ[\w\-.=]{6,}(?=\r?\n)")
_MORE: Final = re.compile(r"\r?\n[ \t]{0,16}[\w\-.=]{20,}(?=[\s\"',;<]|$)")


def shaped_places(text: str, lowered: str) -> Iterator[Place]:
    """Places of such secrets; ``lowered`` is the text in lower case, of the same length. Linear."""
    for signs, pattern in _SIGNS:
        if any(sign in lowered for sign in signs):
            yield from (match.span("value") for match in pattern.finditer(text))


def wrapped_tokens(text: str) -> Iterator[Place]:
    """Tokens that a mail program or a terminal broke into lines: their rest names nobody, but with a guessed header it is the token."""
    if "eyJ" not in text or "\n" not in text:
        return
    done = 0
    for match in _JWT_LINE.finditer(text):
        if match.start() < done:
            continue
        end = match.end()
        while match_more := _MORE.match(text, end):
            end = match_more.end()
        if end > match.end() and text.count(".", match.start(), end) >= 2:
            yield match.start(), end
        done = end
