"""Text columns made of memory that is there already: offered to polars through the Arrow C data interface, without a copy."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl


def texts_of(data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> pl.Series:
    """Texts that lie one behind the other in valid UTF-8; text ``n`` from ``offsets[n]`` to ``offsets[n + 1]``."""
    kept = data if len(data) else np.zeros(1, np.uint8)  # an empty buffer may have no address
    return pl.Series(LentTexts((kept, offsets), len(offsets) - 1, (None, offsets.ctypes.data, kept.ctypes.data)))


class _ArrowSchema(ctypes.Structure):
    """struct ArrowSchema of the Arrow C data interface."""


class _ArrowArray(ctypes.Structure):
    """struct ArrowArray of the Arrow C data interface."""


_ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(_ArrowSchema))
_ReleaseArray = ctypes.CFUNCTYPE(None, ctypes.POINTER(_ArrowArray))

_ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", _ReleaseSchema),
    ("private_data", ctypes.c_void_p),
]
_ArrowArray._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", _ReleaseArray),
    ("private_data", ctypes.c_void_p),
]

_lent: dict[int, tuple[object, ...]] = {}
"""What has been handed to polars and must stay alive until it gives it back; keyed by the number in ``private_data``."""


def _give_back_schema(schema: Any) -> None:  # noqa: ANN401 - a ctypes pointer
    schema.contents.release = _ReleaseSchema()


def _give_back_array(array: Any) -> None:  # noqa: ANN401 - a ctypes pointer
    _lent.pop(array.contents.private_data, None)
    array.contents.release = _ReleaseArray()


_release_schema = _ReleaseSchema(_give_back_schema)
_release_array = _ReleaseArray(_give_back_array)

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]

NULLABLE: Final = 2
"""ARROW_FLAG_NULLABLE."""


class LentTexts:
    """A text column in memory that stays as it is, offered through the Arrow PyCapsule interface."""

    def __init__(self, owner: object, rows: int, addresses: tuple[int | None, int, int]) -> None:
        """``owner`` keeps the memory of validity (None: every cell has a value), offsets and data."""
        pointers = (ctypes.c_void_p * 3)(*addresses)
        self._schema = _ArrowSchema(format=b"U", name=b"", flags=NULLABLE, release=_release_schema)
        self._array = _ArrowArray(
            length=rows,
            null_count=0 if addresses[0] is None else -1,
            offset=0,
            n_buffers=3,
            buffers=pointers,
            release=_release_array,
            private_data=id(pointers),
        )
        self._kept = (pointers, owner, self._schema)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """The column as schema and array capsules; meant to be called once."""
        del requested_schema
        _lent[self._array.private_data] = self._kept
        return (
            _new_capsule(ctypes.addressof(self._schema), b"arrow_schema", None),
            _new_capsule(ctypes.addressof(self._array), b"arrow_array", None),
        )
