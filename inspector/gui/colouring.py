"""Which characters of a line of code get which colour of the theme: XML, stack traces, JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

Run = tuple[int, int, str]
"""Start, length and the name of a theme colour."""
LINE_LIMIT: Final = 4000
"""Characters of one line that are coloured; a whole document on one line stays readable and fast."""

_XML: Final = re.compile(
    r"(?P<comment><!--.*?(?:-->|$))|(?P<declaration><[?!][^>]{0,400}>?)|(?P<tag></?[\w:.-]+|/?>)|(?P<name>[\w:.-]{1,200})(?==[\"'])"
    r"|(?P<value>(?<==)(?:\"[^\"]*\"?|'[^']*'?))|(?P<entity>&#?\w{1,12};)"
)
_XML_COLOURS: Final = {
    "comment": "code_comment", "declaration": "code_comment", "tag": "code_tag", "name": "code_name", "value": "code_value", "entity": "code_name",
}  # fmt: skip
_JSON: Final = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<value>"(?:[^"\\]|\\.)*"?)|(?P<word>\b(?:true|false|null|-?\d[\d.eE+-]*)\b)'
)
_JSON_COLOURS: Final = {"name": "code_tag", "value": "code_value", "word": "code_name"}
_PLACE: Final = re.compile(r"(?: in | at |\()[^()]*?[:\s](?:line |Zeile |ligne |riga |строка )?\d+\)?\s*$")
_EXCEPTION: Final = re.compile(r"(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Fault|Throwable)\b")


def xml_runs(line: str) -> Iterator[Run]:
    """Colours of one line of XML."""
    for found in _XML.finditer(line[:LINE_LIMIT]):
        yield found.start(), found.end() - found.start(), _XML_COLOURS[str(found.lastgroup)]


def json_runs(line: str) -> Iterator[Run]:
    """Colours of one line of JSON."""
    for found in _JSON.finditer(line[:LINE_LIMIT]):
        yield found.start(), found.end() - found.start(), _JSON_COLOURS[str(found.lastgroup)]


def trace_runs(line: str) -> Iterator[Run]:
    """Colours of one line of a stack trace."""
    line = line[:LINE_LIMIT]
    for found in _EXCEPTION.finditer(line):
        yield found.start(), found.end() - found.start(), "error"
    if place := _PLACE.search(line):
        yield place.start(), place.end() - place.start(), "code_name"


def mixed_runs(line: str) -> Iterator[Run]:
    """Colours of one line of a log, which may hold any of them."""
    if "</" in line or "/>" in line or "<" in line:
        yield from xml_runs(line)
    else:
        yield from trace_runs(line)


COLOURINGS: Final[dict[str, Callable[[str], Iterator[Run]]]] = {
    "soap": xml_runs, "xml": xml_runs, "saml": xml_runs, "json": json_runs, "stack_trace": trace_runs, "text": mixed_runs,
}  # fmt: skip
"""Kind of payload to its colouring; what is not here is coloured as text."""
