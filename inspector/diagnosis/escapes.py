"""Text that was put into JSON, HTML or a web address, read as it was: the same length, so that places keep their meaning."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = re.compile(r"\\+r\\+n|\\+n\\+[nt]|\\+t\\+t|\\+n {2,}|\\+n\\+r|&nbsp;|&#x0?[AaDd9];|&#1[03];|&#9;", re.ASCII)
_WHITE: Final = re.compile(r"\\+[rnt]|&nbsp;|&#x0?[AaDd9];|&#1[03];|&#9;")


_REASON: Final = re.compile(
    r"(?<![A-Za-z])(?:x?oauth_)?(?:\w{0,20}(?:error|message|reason|description|detail|problem)\w{0,12}|msg)=(?P<value>[^&\s\"'<>]{3,2000})",
    re.IGNORECASE,
)
"""A parameter of a web address that tells why something was refused."""
_PERCENT: Final = re.compile(r"%(?P<code>[2-7][0-9A-Fa-f])|\+")


def _told(found: re.Match[str]) -> str:
    code = found["code"]
    if code is None:
        return " "
    character = chr(int(code, 16))
    return character.rjust(3) if found.start() and not found.string[found.start() - 1].isalnum() else character.ljust(3)


def _readable(found: re.Match[str]) -> str:
    value = found["value"]
    return found.group() if "%" not in value and "+" not in value else found.group()[: -len(value)] + _PERCENT.sub(_told, value)


def plain_view(message: str) -> str:
    r"""The message with escaped line breaks, tabs and hard blanks as white space of the same length; untouched where it shows none (a path such as ``C:\new`` is none).

    Reasons that a redirect carries in its address are read too: ``error_description=The+token%20has+expired``.
    """
    if ("%" in message or "+" in message) and "=" in message:
        message = _REASON.sub(_readable, message)
    if "\\" not in message and "&" not in message:
        return message
    if _ESCAPED.search(message) is None:
        return message
    return _WHITE.sub(lambda found: ("\n" if found.group().endswith(("n", "A;", "a;", "10;")) else " ").rjust(len(found.group())), message)
