"""The log formats that can be opened, in the order in which they are asked."""

from __future__ import annotations

from typing import Final

from inspector.formats.base import Format
from inspector.formats.lines import LINES

FORMATS: Final[tuple[Format, ...]] = (LINES,)
"""Every format; of equal scores the file name's ending decides, then the earlier one."""
