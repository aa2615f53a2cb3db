"""Decides which of the collected files go into the package: what nothing of ours asks for stays out, symbols are taken off."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import icu

Entry = tuple[str, str, str]
"""What PyInstaller calls a TOC entry: name in the package, path of the source, kind."""

EXCLUDED_MODULES: Final = (
    # Qt's bindings that the window does not import.
    *("PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"),
    *("PySide6.QtDBus", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtXml", "PySide6.QtDesigner", "PySide6.QtHelp", "PySide6.QtUiTools"),
    *("PySide6.QtConcurrent", "PySide6.QtPrintSupport", "PySide6.scripts"),
    # What the hooks of large libraries drag in where it is installed.
    *("pyarrow", "pandas", "matplotlib", "scipy", "torch", "jax", "duckdb", "IPython", "sqlalchemy", "deltalake", "connectorx"),
    *("adbc_driver_manager", "fsspec", "boto3", "azure", "google", "altair", "great_tables", "openpyxl", "xlsx2csv", "fastexcel"),
    *("xlsxwriter", "pytest", "_pytest", "hypothesis", "setuptools", "pip", "mypy", "attr", "attrs", "yaml"),
    # Parts of libraries without a caller.
    *("numpy.f2py", "numpy.testing", "numpy.distutils", "numpy.random", "numpy.fft", "numpy.polynomial", "numpy.ctypeslib"),
    *("lxml.html", "lxml.isoschematron", "lxml.objectify", "lxml.sax", "lxml.usedoctest", "lxml.cssselect"),
    # Parts of Python without a caller, those that reach another machine first of all.
    *("ssl", "_ssl", "ftplib", "smtplib", "poplib", "imaplib", "nntplib", "telnetlib", "xmlrpc", "http.server", "socketserver", "wsgiref"),
    *("asyncio", "_asyncio", "tkinter", "_tkinter", "unittest", "doctest", "pydoc", "pydoc_data", "lib2to3", "ensurepip", "idlelib"),
    *("turtledemo", "pdb", "curses", "_curses", "readline", "webbrowser"),
)

# Names of Qt's libraries for network, QML, OpenGL widgets, printing, and screens without a desktop.
UNWANTED_LIBRARIES: Final = re.compile(
    r"(Qt6?|lib)(Network|Qml|Quick|OpenGLWidgets|Sql|Test|Designer|Help|PrintSupport|Pdf|VirtualKeyboard|ShaderTools|Concurrent|UiTools|"
    r"WlShellIntegration|EglFS|EglFs)"
)
UNWANTED_FILES: Final = re.compile(
    r"plugins/(networkinformation|tls|qmltooling|qmllint|qmlls|sqldrivers|printsupport|virtualkeyboard|designer|scxmldatamodel|"
    r"egldeviceintegrations|generic|vectorimageformats|wayland-graphics-integration-server)/"
    r"|plugins/platforms/(lib)?q(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl|minimal\b)"
    r"|plugins/wayland-shell-integration/libwl-shell|plugins/platformthemes/libqgtk3|plugins/platforminputcontexts/libqtvirtualkeyboard"
    r"|plugins/imageformats/(lib)?q(pdf|tiff|webp|tga|wbmp|icns|gif)"
    r"|PySide6/(Qt/)?(qml|translations/(?!qtbase_it\.qm))"
    r"|\.pyi$|/tests?/|\.dist-info/(?!METADATA$)|certifi/cacert\.pem"
)

STRIPPED: Final = ("_polars_runtime*.so", "_rust.abi3.so", "_native.abi3.so", "_pydantic_core*.so", "libpython3*.so*", "libicu*.so.*")
"""Libraries whose symbols come off. Those that auditwheel patched (numpy, lxml) break by it."""
AS_THEY_ARE: Final = ("zlib.*", "_struct.*")
"""PyInstaller adds these a second time, by their own paths: two different copies would make the package depend on their order."""


def slim(entries: Iterable[Entry], work: Path) -> list[Entry]:
    """The binaries that go into the package, some of them replaced by smaller copies below ``work``."""
    kept = [entry for entry in entries if is_wanted(entry)]
    if sys.platform != "linux":
        return kept
    return [smaller(entry, work) for entry in without_orphans(kept)]


def is_wanted(entry: Entry) -> bool:
    """Whether a file has a use here, judged by its name."""
    name = entry[0].replace("\\", "/")
    return not UNWANTED_LIBRARIES.search(name.rpartition("/")[2]) and not UNWANTED_FILES.search(name)


def without_orphans(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out shared libraries that were collected for files that are left out themselves."""
    by_file = {Path(entry[0]).name: entry for entry in entries if entry[2] != "SYMLINK"}
    roots = [entry for entry in entries if entry[2] == "EXTENSION" or "/plugins/" in entry[0] or entry[0].startswith("libpython3")]
    needed = {entry[0] for entry in roots}
    waiting = deque(roots)
    while waiting:
        for file in needs(Path(waiting.popleft()[1])):
            entry = by_file.get(file)
            if entry is not None and entry[0] not in needed:
                needed.add(entry[0])
                waiting.append(entry)
    # Links in the package's root to libraries of a subfolder go with their target.
    return [entry for entry in entries if entry[0] in needed or (entry[2] == "SYMLINK" and Path(entry[0]).name in map(_file, needed))]


def needs(library: Path) -> list[str]:
    """Names of the shared libraries that one asks the loader for. Raises OSError and CalledProcessError."""
    shown = subprocess.run(["readelf", "-dW", str(library)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"\(NEEDED\)\s+Shared library: \[([^]]+)\]", shown)


def smaller(entry: Entry, work: Path) -> Entry:
    """The entry with a smaller copy as its source, where there is one to be had."""
    name, source, kind = entry
    file, copy = Path(name).name, work / "smaller" / name
    if kind == "SYMLINK":
        return entry
    if file.startswith("libicudata.so"):
        return (name, str(copy), kind) if icu.trim_library(Path(source), copy) else entry
    if not shutil.which("strip") or not (any(fnmatch(file, one) for one in STRIPPED) or "/lib-dynload/" in name):
        return entry
    if any(fnmatch(file, one) for one in AS_THEY_ARE):
        return entry
    copy.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["strip", "--strip-unneeded", "-o", str(copy), source], check=True)
    return (name, str(copy), kind) if loads_as_before(copy) else entry


def loads_as_before(library: Path) -> bool:
    """Whether the loader can map a stripped library: every segment lies in the file as it will lie in memory (System V ABI, program header)."""
    content = library.read_bytes()
    (first,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    for number in range(count):
        kind, _, offset, address, _, _, _, alignment = struct.unpack_from("<IIQQQQQQ", content, first + size * number)
        if kind == 1 and alignment and (offset - address) % alignment:
            return False
    return True


def _file(name: str) -> str:
    return Path(name).name
