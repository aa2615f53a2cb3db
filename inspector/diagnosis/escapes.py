"""Text that was put into JSON or HTML once or twice more, read as it was: the same length, so that places keep their meaning."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = re.compile(r"\\+r\\+n|\\+n\\+[nt]|\\+t\\+t|\\+n {2,}|\\+n\\+r|&nbsp;|&#x0?[AaDd9];|&#1[03];|&#9;", re.ASCII)
_WHITE: Final = re.compile(r"\\+[rnt]|&nbsp;|&#x0?[AaDd9];|&#1[03];|&#9;")


def plain_view(message: str) -> str:
    r"""The message with escaped line breaks, tabs and hard blanks as white space of the same length; untouched where it shows none (a path such as ``C:\new`` is none)."""
    if "\\" not in message and "&" not in message:
        return message
    if _ESCAPED.search(message) is None:
        return message
    return _WHITE.sub(lambda found: ("\n" if found.group().endswith(("n", "A;", "a;", "10;")) else " ").rjust(len(found.group())), message)
