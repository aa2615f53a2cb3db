"""Undoing what loggers do to text (entities, JSON escapes, HTML tags, line prefixes), with the way back to every character."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Final


class Undone:
    """A text with one layer of escapes undone, and the way back into the text it was taken from.

    The map back is only built when it is first asked for: most finds are never traced.
    """

    __slots__ = ("_back", "_pattern", "_replace", "_source", "base", "text")

    def __init__(
        self,
        source: str,
        base: int,
        pattern: re.Pattern[str] | None = None,
        replace: Callable[[re.Match[str]], str] | None = None,
        text: str | None = None,
    ) -> None:
        """``source`` starts at ``base`` of the outer text; every match of ``pattern`` is replaced by ``replace``. ``text`` is the result where the caller has it already."""
        self.base = base
        self._source = source
        self._pattern = pattern
        self._replace = replace
        self._back: tuple[list[int], list[int], list[int], list[int]] | None = None
        if text is not None:
            self.text = text
        elif pattern is None or replace is None:
            self.text = source
        else:
            self.text = pattern.sub(replace, source)

    @classmethod
    def without(cls, source: str, spans: Sequence[tuple[int, int]], mark: str) -> Undone:
        """``source`` with ``mark`` in the place of each of ``spans``, which are in order and apart."""
        pieces: list[str] = []
        made_from, made_to = [], []
        position = length = 0
        for start, end in spans:
            pieces += (source[position:start], mark)
            length += start - position
            made_from.append(length)
            length += len(mark)
            made_to.append(length)
            position = end
        pieces.append(source[position:])
        layer = cls(source, 0, text="".join(pieces))
        layer._back = (made_from, made_to, [start for start, _ in spans], [end for _, end in spans])
        return layer

    def _pieces(self) -> tuple[list[int], list[int], list[int], list[int]]:
        if self._back is None:
            made_from, made_to, source_from, source_to = [], [], [], []
            shift = 0
            if self._pattern is not None and self._replace is not None:
                for match in self._pattern.finditer(self._source):
                    begin, end = match.span()
                    length = len(self._replace(match))
                    made_from.append(begin + shift)
                    made_to.append(begin + shift + length)
                    source_from.append(begin)
                    source_to.append(end)
                    shift += length - (end - begin)
            self._back = (made_from, made_to, source_from, source_to)
        return self._back

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """Place in the outer text of the characters ``start`` to ``end`` (exclusive) of ``text``. A part of an escape stands for the whole escape."""
        made_from, made_to, source_from, source_to = self._pieces()

        def begin_of(at: int) -> int:
            i = bisect_right(made_from, at) - 1
            if i < 0:
                return at
            return source_from[i] if at < made_to[i] else source_to[i] + at - made_to[i]

        begin = begin_of(start)
        if end <= start:
            return self.base + begin, self.base + begin
        last = end - 1
        i = bisect_right(made_from, last) - 1
        stop = end if i < 0 else source_to[i] if last < made_to[i] else source_to[i] + end - made_to[i]
        return self.base + begin, self.base + stop


_ENTITY: Final = re.compile(r"&(?:lt|gt|quot|apos|amp|nbsp|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_NUMERIC: Final = re.compile(r"&#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});")
_NAMED: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&", "&nbsp;": " "}


def _entity(match: re.Match[str]) -> str:
    whole = match.group()
    named = _NAMED.get(whole)
    if named is not None:
        return named
    number = int(whole[3:-1], 16) if whole[2] in "xX" else int(whole[2:-1])
    if number == 0 or 0xD800 <= number < 0xE000 or number > 0x10FFFF:
        return whole
    return chr(number)


def undo_entities(source: str, base: int = 0) -> Undone:
    """One layer of XML and HTML entities undone: the five of XML, ``&nbsp;`` (as a plain space) and numeric references."""
    text = _NUMERIC.sub(_entity, source) if "&#" in source else source
    for name, character in _NAMED.items():
        if name != "&amp;":
            text = text.replace(name, character)
    # an ampersand made out of &#38; must not start an entity of its own
    text = _ENTITY.sub(_entity, source) if "&#38;" in source or "&#x26;" in source else text.replace("&amp;", "&")
    return Undone(source, base, _ENTITY, _entity, text)


_JSON_ESCAPE: Final = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\"\\/bfnrt'])")
_JSON_NAMED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _json_escape(match: re.Match[str]) -> str:
    whole = match.group()
    if whole[1] != "u":
        return _JSON_NAMED.get(whole[1], whole[1])
    if len(whole) == 12:
        return chr(0x10000 + ((int(whole[2:6], 16) & 0x3FF) << 10) + (int(whole[8:], 16) & 0x3FF))
    number = int(whole.removeprefix("\\u"), 16)
    return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)


def undo_json_escapes(source: str, base: int = 0) -> Undone:
    """One layer of the escapes of a JSON or programming-language string undone (RFC 8259 section 7)."""
    return Undone(source, base, _JSON_ESCAPE, _json_escape)


HTML_NAMES: Final = (
    "html|head|body|title|meta|link|style|script|div|span|p|br|hr|font|b|i|u|s|em|strong|small|big|center|pre|code|tt|kbd|samp|blockquote|a|img|"
    "table|thead|tbody|tfoot|tr|td|th|caption|col|colgroup|ul|ol|li|dl|dt|dd|h[1-6]|form|input|button|label|select|option|textarea|nobr|wbr|sup|sub"
)
"""Names of HTML elements, as an alternative of a regular expression; only in all lower or all upper case they mean HTML."""
_HTML_TAG: Final = re.compile(rf"</?({HTML_NAMES})(?=[\s/>])[^<>]*>", re.IGNORECASE)


def _html_tag(match: re.Match[str]) -> str:
    name = match.group(1).lower()
    closing = match.group()[1] == "/"
    return "\n" if name == "br" or (closing and name in _HTML_LINES) else ""


_HTML_LINES: Final = frozenset({"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})


def undo_html_tags(source: str, base: int = 0) -> Undone:
    """HTML tags taken out of a text that was copied from a page; what breaks a line becomes a line break."""
    return Undone(source, base, _HTML_TAG, _html_tag)


_LINE_PREFIX: Final = re.compile(
    r"[A-Za-z0-9][\w.\-]{0,80}[ ]{0,40}\|[ ]?"  # docker compose: `service_1  | `
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}Z (?:##\[[a-z]{1,12}\])?"  # build and container logs: a time stamp on every line
)


def line_prefix(text: str, at: int) -> re.Pattern[str] | None:
    """Pattern of the prefix that a log driver put on every line from the line of ``at`` on; None where the next line does not carry one, too."""
    begin = text.rfind("\n", max(0, at - 400), at) + 1
    first = _LINE_PREFIX.match(text, begin)
    if first is None or first.end() > at:
        return None
    following = text.find("\n", at)
    if following < 0:
        return None
    second = _LINE_PREFIX.match(text, following + 1)
    if second is None:
        return None
    if "|" in first.group():
        if first.group().rstrip(" ") != second.group().rstrip(" "):
            return None
        return re.compile(r"(?<=\n)" + re.escape(first.group().rstrip(" ")) + " ?")
    return re.compile(r"(?<=\n)[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}Z (?:##\[[a-z]{1,12}\])?")


def undo_line_prefixes(source: str, prefix: re.Pattern[str], base: int = 0) -> Undone:
    """The prefix of a log driver taken off every line but the first."""
    return Undone(source, base, prefix, lambda _match: "")
