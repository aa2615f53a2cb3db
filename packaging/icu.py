"""Leaves out of Qt's copy of the ICU data what the program never asks for: 29 of its 32 MB.

Qt asks ICU on Linux for comparing texts by language and for old encodings; names of currencies, zones and units, hyphenation and
spelled numbers it never asks for, and old encodings are read by Python here. Package format: unicode.org, "ICU data", udata/ucmndata.h.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("root", "en", "it")
"""Those the window speaks, and what all others fall back to."""

_HEAD: Final = struct.Struct("<HBB")
_MAGIC: Final = (0xDA, 0x27)
_PAIR: Final = struct.Struct("<II")
_FORMAT_AT: Final = 12


class NotIcuData(Exception):
    """The file is not the package of ICU data that was expected; the message says what is different."""


def wanted(name: str) -> bool:
    """Whether an item stays: all small tables, collation of our languages, no converters and no names of things."""
    folder, _, file = name.rpartition("/")
    stem, _, kind = file.rpartition(".")
    if folder == "coll":
        return kind == "icu" or stem in {*LANGUAGES, "res_index", "pool"}
    if folder:
        return False
    if kind == "res":
        # Languages are codes, "it" or "zh_Hant_TW"; tables are words: "likelySubtags", "numberingSystems", "res_index".
        return stem in LANGUAGES or not re.fullmatch(r"[a-z]{2,3}(_[A-Z0-9][A-Za-z0-9]*)*", stem)
    return kind != "cnv"


def trimmed(package: bytes, keep: Callable[[str], bool] = wanted) -> bytes:
    """The same package with fewer items. Raises NotIcuData."""
    size, *magic = _HEAD.unpack_from(package, 0)
    if tuple(magic) != _MAGIC or package[_FORMAT_AT : _FORMAT_AT + 4] != b"CmnD" or package[8] != 0:
        raise NotIcuData("no little-endian package of common data")
    (count,) = struct.unpack_from("<I", package, size)
    pairs = [_PAIR.unpack_from(package, size + 4 + 8 * number) for number in range(count)]
    ends = [data for _, data in pairs[1:]] + [len(package) - size]
    items = []
    for (name_at, data_at), end in zip(pairs, ends, strict=True):
        name = package[size + name_at : package.index(b"\0", size + name_at)]
        if keep(name.decode("ascii").partition("/")[2]):
            items.append((name, package[size + data_at : size + end]))
    names_at = 4 + 8 * len(items)
    data_at = _aligned(names_at + sum(len(name) + 1 for name, _ in items))
    table, names, data = [struct.pack("<I", len(items))], [], []
    for name, item in items:
        table.append(_PAIR.pack(names_at, data_at))
        names.append(name + b"\0")
        data.append(item.ljust(_aligned(len(item)), b"\0"))
        names_at += len(name) + 1
        data_at += len(data[-1])
    head = b"".join([*table, *names])
    return package[:size] + head.ljust(_aligned(len(head)), b"\0") + b"".join(data)


def trim_library(source: Path, target: Path) -> bool:
    """Write a smaller libicudata; False where the tools for it (binutils) are missing. Raises NotIcuData and CalledProcessError."""
    if not all(shutil.which(tool) for tool in ("ld", "objcopy", "readelf")):
        return False
    listed = subprocess.run(["readelf", "--dyn-syms", "-W", str(source)], capture_output=True, text=True, check=True).stdout
    symbol = re.search(r"\b(icudt\d+_dat)\b", listed)
    content = source.read_bytes()
    at = content.find(b"CmnD") - _FORMAT_AT
    if symbol is None or at < 0:
        raise NotIcuData(f"{source.name} has no symbol icudt.._dat")
    # What follows the package in the file belongs to the linker; the size of the symbol says where it ends.
    length = re.search(r"(\S+)\s+OBJECT\s+GLOBAL\s+DEFAULT\s+\S+\s+icudt", listed)
    if length is None:
        raise NotIcuData(f"{source.name} does not say how long its data is")
    target.parent.mkdir(parents=True, exist_ok=True)
    (target.parent / "icudata").write_bytes(trimmed(content[at : at + int(length[1], 0)]))
    alias = [f"--defsym={symbol[1]}=_binary_icudata_start"]
    section = ".data=.rodata,alloc,load,readonly,data,contents"
    for command in (
        ["ld", "-r", "-b", "binary", "-o", "icudata.o", "icudata"],
        ["objcopy", "--rename-section", section, "--set-section-alignment", ".data=16", "icudata.o"],
        ["ld", "-shared", "-z", "noexecstack", "-soname", source.name, "-o", target.name, *alias, "icudata.o"],
        ["strip", "--strip-unneeded", target.name],
    ):
        subprocess.run(command, cwd=target.parent, check=True)
    for left in ("icudata", "icudata.o"):
        (target.parent / left).unlink()
    return True


def _aligned(number: int) -> int:
    return number + -number % 16
