"""Defects of what an event holds that no code names: recognised by the structure of the message alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from inspector.tokens.base import Span

_OPEN, _CLOSE = r"(?:<|&(?:amp;)?lt;)", r"(?:>|&(?:amp;)?gt;)"
_STAMP: Final = re.compile(
    rf"{_OPEN}(?:[\w.-]{{1,40}}:)?Timestamp\b[^<>&]{{0,400}}{_CLOSE}(?P<content>.{{0,1200}}?){_OPEN}/(?:[\w.-]{{1,40}}:)?Timestamp\s*{_CLOSE}",
    re.DOTALL,
)
_CREATED: Final = re.compile(r"\bCreated\b")
_EXPIRES: Final = re.compile(r"\bExpires\b")
_NEXT: Final = re.compile(rf"{_OPEN}(?:[\w.-]{{1,40}}:)?(?P<name>Envelope|Fault)\b")
_ADDRESS: Final = re.compile(
    rf"{_OPEN}(?:[\w.-]{{1,40}}:)?Address\b[^<>&]{{0,300}}{_CLOSE}\s*(?P<value>[^<>&]{{1,500}}?)\s*{_OPEN}/(?:[\w.-]{{1,40}}:)?Address\s*{_CLOSE}"
)
_HEADER: Final = re.compile(
    rf"{_OPEN}(?:[\w.-]{{1,40}}:)?(?:ReplyTo|FaultTo|From|EndpointReference)\b[^<>]{{0,400}}?{_CLOSE}\s*\Z", re.DOTALL
)
_SCHEME: Final = re.compile(r"\W{0,2}[A-Za-z][A-Za-z0-9+.-]{1,30}:")


def timestamps_without_expires(message: str) -> Iterable[Span]:
    """Security time stamps of requests that have Created but no Expires; a fault reply's own stamp is left alone."""
    for stamp in _STAMP.finditer(message):
        content = stamp["content"]
        if not _CREATED.search(content) or _EXPIRES.search(content):
            continue
        following = _NEXT.search(message, stamp.end())
        if following is None or following["name"] != "Fault":
            yield Span(stamp.start(), stamp.end())


def addresses_without_scheme(message: str) -> Iterable[Span]:
    """Addresses of WS-Addressing headers that are no absolute URI (markup that a forum added around them is no defect)."""
    for address in _ADDRESS.finditer(message):
        if not _SCHEME.match(address["value"]) and _HEADER.search(message, max(0, address.start() - 500), address.start()):
            yield Span(address.start("value"), address.end("value"))


STRUCTURES: Final[Mapping[str, Callable[[str], Iterable[Span]]]] = {
    "timestamp-without-expires": timestamps_without_expires,
    "address-not-uri": addresses_without_scheme,
}
"""By the name that a dictionary entry's ``structure`` uses."""
