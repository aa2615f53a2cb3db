"""Works around a fault of the Qt binding that would end the program after a few hundred signals."""

from __future__ import annotations

import ctypes
import sys
from typing import Final

import PySide6

FAULTY: Final = (6, 12, 0)
"""The version that gives away references to ``True`` and ``None`` that it does not own, as ``SignalInstance.emit`` does (measured: 6.10.3 and 6.11.3 do not)."""
SPARE: Final = 1 << 40
"""References added: more than any run can use up."""


def keep_constants_alive() -> bool:
    """Give ``True``, ``False`` and ``None`` references to spare where the binding eats them; whether that was needed.

    From Python 3.12 on they cannot be deallocated (PEP 683) and nothing is done. Calling it again changes nothing.
    """
    if sys.version_info >= (3, 12) or PySide6.__version_info__[:3] != FAULTY:
        return False
    for constant in (True, False, None):
        if sys.getrefcount(constant) < SPARE // 2:
            # The count of references is the first field of every object (PyObject.ob_refcnt).
            ctypes.c_ssize_t.from_address(id(constant)).value += SPARE
    return True
