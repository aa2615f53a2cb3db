"""The packages' own files: what is written for each system holds together, and names nothing that is not there."""

from __future__ import annotations

import ast
import configparser
import importlib.metadata
import plistlib
import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from PySide6.QtGui import QImage

import build
import bundled
import dev
import icons
import icu
import linux_files
import macos_files
import product
import slimming
import smoke_test
import windows_files

ROOT = Path(__file__).resolve().parent.parent
WORKFLOW = ROOT / ".github/workflows/packages.yml"
MIMES = [kind.mime for kind in product.FILE_KINDS]


def answer(*command: str | Path) -> str:
    """What a program prints; skips the test where the system does not have it."""
    if not shutil.which(str(command[0])):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


# --- Linux --------------------------------------------------------------------------------------------------------------


def test_the_menu_entry_names_the_installed_program_and_every_file_kind() -> None:
    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read_string(linux_files.desktop_entry())
    section = entry["Desktop Entry"]
    assert section["Exec"] == "token-log-inspector-window %F"
    assert section["MimeType"].split(";")[:-1] == MIMES
    assert section["Icon"] == product.NAME


def test_the_menu_entry_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "token-log-inspector.desktop"
    path.write_text(linux_files.desktop_entry(), "utf-8")
    assert not answer("desktop-file-validate", path)


def test_the_file_kinds_tell_every_extension(tmp_path: Path) -> None:
    space = {"m": linux_files.MIME_SPACE}
    root = ET.fromstring(linux_files.mime_types())
    globs = {one.get("type"): [glob.get("pattern") for glob in one.findall("m:glob", space)] for one in root.findall("m:mime-type", space)}
    assert globs == {kind.mime: [f"*.{kind.extension}"] for kind in product.FILE_KINDS}
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages/token-log-inspector.xml").write_text(linux_files.mime_types(), "utf-8")
    answer("update-mime-database", tmp_path)
    assert "application/x-ms-evtx:*.evtx" in (tmp_path / "globs").read_text("utf-8")
    assert b"ElfFile\0" in (tmp_path / "magic").read_bytes()


def test_the_description_of_the_debian_package_is_whole() -> None:
    text = linux_files.control("1.2.3", "amd64", 300_000)
    fields = dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(" "))
    assert (fields["Package"], fields["Version"], fields["Architecture"]) == (product.NAME, "1.2.3", "amd64")
    assert fields["Depends"].startswith("libc6 (>= 2.34), ")
    assert text.endswith("leaves the machine.\n")


# --- Windows ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def script() -> str:
    return windows_files.installer_script(Path("D:/dist/x"), Path("D:/dist"), Path("D:/build/x.ico"), ROOT / "LICENSE")


def lines_of(script: str, section: str) -> list[dict[str, str]]:
    """The entries of a section of an Inno Setup script, parameter to value."""
    body = script.partition(f"[{section}]\n")[2].partition("\n[")[0]
    entries = []
    for line in filter(None, body.splitlines()):
        parts = re.findall(r'(\w+): ("(?:[^"]|"")*"|[^;]*)(?:; |$)', line)
        assert "; ".join(f"{name}: {value}" for name, value in parts) == line
        entries.append({name: value.removeprefix('"').removesuffix('"').replace('""', '"') for name, value in parts})
    return entries


def test_the_installer_asks_no_rights_and_takes_what_was_built(script: str) -> None:
    setup = dict(line.split("=", 1) for line in script.partition("[Setup]\n")[2].partition("\n\n")[0].splitlines())
    assert setup["AppId"] == "{{" + product.INSTALLER_ID + "}"
    assert setup["PrivilegesRequired"] == "lowest"
    assert Path(setup["LicenseFile"]).is_file()
    assert [entry["Source"] for entry in lines_of(script, "Files")] == [str(Path("D:/dist/x")) + r"\*"]
    assert {entry["Filename"] for name in ("Icons", "Run") for entry in lines_of(script, name)} == {r"{app}\inspector-window.exe"}
    tasks = {entry["Name"] for entry in lines_of(script, "Tasks")}
    assert {entry["Tasks"] for entry in lines_of(script, "Icons") if "Tasks" in entry} <= tasks


def test_constants_of_the_installer_are_those_that_inno_setup_knows(script: str) -> None:
    used = set(re.findall(r"(?<!\{)\{([a-z]+)[:}]", script))
    assert used <= {"app", "autopf", "autoprograms", "autodesktop", "localappdata", "cm"}


def test_the_installer_offers_every_kind_and_seizes_none(script: str) -> None:
    entries = lines_of(script, "Registry")
    assert {entry["Root"] for entry in entries} == {"HKA"}
    for kind in product.FILE_KINDS:
        of_extension = [entry for entry in entries if entry["Subkey"].startswith(rf"Software\Classes\.{kind.extension}" + "\\")]
        assert [(entry["Subkey"].rpartition("\\")[2], entry["ValueName"]) for entry in of_extension] == [("OpenWithProgids", kind.prog_id)]
        assert any(entry["Subkey"].endswith(r"\FileAssociations") and entry["ValueData"] == kind.prog_id for entry in entries)
    commands = [entry["ValueData"] for entry in entries if entry["Subkey"].endswith(r"shell\open\command")]
    assert set(commands) == {r'"{app}\inspector-window.exe" "%1"'}


def test_what_the_installer_registers_goes_with_it(script: str) -> None:
    entries = lines_of(script, "Registry")
    removed = [entry["Subkey"] for entry in entries if "uninsdeletekey" in entry.get("Flags", "").split()]
    for entry in entries:
        kept = not any(entry["Subkey"] == key or entry["Subkey"].startswith(key + "\\") for key in removed)
        assert not kept or "uninsdeletevalue" in entry["Flags"].split(), entry


def test_the_version_resource_is_one_expression() -> None:
    tree = ast.parse(windows_files.version_resource(), mode="eval")
    assert isinstance(tree.body, ast.Call)
    assert product.version() in windows_files.version_resource()


# --- macOS --------------------------------------------------------------------------------------------------------------


def test_the_description_of_the_bundle_declares_what_it_opens() -> None:
    content: dict[str, Any] = plistlib.loads(plistlib.dumps(macos_files.info_plist()))
    declared = {one["UTTypeIdentifier"]: one for name in ("Exported", "Imported") for one in content[f"UT{name}TypeDeclarations"]}
    opened = {kind for one in content["CFBundleDocumentTypes"] for kind in one["LSItemContentTypes"]}
    assert set(declared) == {kind for kind in opened if not kind.startswith("public.")}
    extensions = [one["UTTypeTagSpecification"]["public.filename-extension"] for one in declared.values()]
    assert sorted(extensions) == sorted([kind.extension] for kind in product.FILE_KINDS)
    owned = [one["CFBundleTypeName"] for one in content["CFBundleDocumentTypes"] if one["LSHandlerRank"] == "Owner"]
    assert owned == ["Token Log Inspector case"]


# --- icons --------------------------------------------------------------------------------------------------------------


def test_the_windows_icon_holds_every_size() -> None:
    content = icons.windows_icon({size: icons.painted(size) for size in (16, 256)})
    _, kind, count = struct.unpack_from("<HHH", content, 0)
    assert (kind, count) == (1, 2)
    for number, size in enumerate((16, 256)):
        width, height, _, _, _, bits, length, at = struct.unpack_from("<BBBBHHII", content, 6 + 16 * number)
        picture = QImage.fromData(content[at : at + length])
        assert (width, height, bits) == (size % 256, size % 256, 32)
        assert (picture.width(), picture.height()) == (size, size)
        assert picture.pixelColor(size // 2, size // 2).alpha() == 255
        assert picture.pixelColor(0, 0).alpha() == 0


def test_the_apple_icon_is_a_row_of_entries() -> None:
    content = icons.apple_icon({"icp4": b"small", "ic07": b"larger"})
    assert content == b"icns\0\0\0\x23icp4\0\0\0\x0dsmallic07\0\0\0\x0elarger"


# --- what stays out -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PySide6/Qt/lib/libQt6Core.so.6", True),
        ("PySide6/Qt/lib/libQt6Network.so.6", False),
        ("PySide6/Qt6Network.dll", False),
        ("PySide6\\Qt6Core.dll", True),
        ("PySide6/Qt/lib/QtNetwork.framework/Versions/A/QtNetwork", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/plugins/tls/qschannelbackend.dll", False),
        ("PySide6/Qt/translations/qtbase_it.qm", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6/translations/qt_it.qm", False),
        ("certifi/cacert.pem", False),
        ("resources/icons/app.svg", True),
        ("cryptography-50.0.2.dist-info/METADATA", True),
        ("cryptography-50.0.2.dist-info/sboms/x.json", False),
    ],
)
def test_files_are_judged_by_their_names(name: str, stays: bool) -> None:
    assert slimming.is_wanted((name, "", "BINARY")) == stays


def test_libraries_that_only_left_out_files_asked_for_go_too(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"/a/x.so": ["libone.so.1"], "/a/libone.so.1": ["libtwo.so.2", "libc.so.6"]}
    monkeypatch.setattr(slimming, "needs", lambda path: asked.get(path.as_posix(), []))
    entries = [("x.so", "/a/x.so", "EXTENSION")]
    entries += [(f"lib/{name}", f"/a/{name}", "BINARY") for name in ("libone.so.1", "libtwo.so.2", "libgtk.so.3")]
    entries += [("libone.so.1", "lib/libone.so.1", "SYMLINK"), ("libgtk.so.3", "lib/libgtk.so.3", "SYMLINK")]
    assert [name for name, _, _ in slimming.without_orphans(entries)] == ["x.so", "lib/libone.so.1", "lib/libtwo.so.2", "libone.so.1"]


def test_modules_left_out_are_not_imported_by_ours() -> None:
    imported = {
        name
        for path in (ROOT / "inspector").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [one.name for one in node.names]
            if isinstance(node, ast.Import)
            else [f"{node.module}.{one.name}" for one in node.names] + [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & set(slimming.EXCLUDED_MODULES)


def test_the_program_uses_no_part_of_numpy_that_is_left_out() -> None:
    """numpy loads its parts when they are named, without an import that could be seen."""
    left_out = {name.removeprefix("numpy.") for name in slimming.EXCLUDED_MODULES if name.startswith("numpy.")}
    used = {
        node.attr
        for path in (ROOT / "inspector").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np"
    }
    assert {"array", "unique"} <= used
    assert not used & left_out


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("root.res", True),
        ("it.res", True),
        ("de_AT.res", False),
        ("zh_Hant_TW.res", False),
        ("likelySubtags.res", True),
        ("res_index.res", True),
        ("coll/ucadata.icu", True),
        ("coll/it.res", True),
        ("coll/sv.res", False),
        ("curr/it.res", False),
        ("ibm-37_P100-1995.cnv", False),
        ("cnvalias.icu", True),
        ("uts46.nrm", True),
    ],
)
def test_the_items_of_icu_that_stay(name: str, stays: bool) -> None:
    assert icu.wanted(name) == stays


def icu_package(items: dict[str, bytes]) -> bytes:
    """A package of ICU data: head, table of places, names, items at multiples of sixteen."""
    head = struct.pack("<HBBHHBBBB4s4s4s", 32, 0xDA, 0x27, 20, 0, 0, 0, 2, 0, b"CmnD", b"\1\0\0\0", b"\3\0\0\0").ljust(32, b"\0")
    names = [f"icudt73l/{name}".encode() + b"\0" for name in items]
    at = 4 + 8 * len(items)
    data = at + sum(map(len, names))
    data += -data % 16
    table, body = struct.pack("<I", len(items)), b""
    for name, item in zip(names, items.values(), strict=True):
        table += struct.pack("<II", at, data + len(body))
        at += len(name)
        body += item.ljust(len(item) + -len(item) % 16, b"\0")
    front = table + b"".join(names)
    return head + front.ljust(len(front) + -len(front) % 16, b"\0") + body


def test_the_data_of_icu_keeps_its_items_whole() -> None:
    items = {"cnvalias.icu": b"aliases", "coll/it.res": b"0123456789abcdefg", "curr/it.res": b"money", "root.res": b"root"}
    kept = {name: item for name, item in items.items() if name != "curr/it.res"}
    assert icu.trimmed(icu_package(items)) == icu_package(kept)


@pytest.mark.parametrize("content", [b"\0" * 64, icu_package({"root.res": b"r"}).replace(b"CmnD", b"ResB")])
def test_what_is_no_data_of_icu_is_refused(content: bytes) -> None:
    with pytest.raises(icu.NotIcuData):
        icu.trimmed(content)


# --- licences and bill of materials -------------------------------------------------------------------------------------


def found() -> bundled.Contents:
    names = ("polars", "lxml", "PySide6_Essentials")
    return bundled.Contents(
        tuple(map(importlib.metadata.distribution, names)), (bundled.SystemPackage("libx11-6", "2:1.8+b1", "amd64"),), ()
    )


def test_the_bill_of_materials_names_everything_once() -> None:
    bill: dict[str, Any] = bundled.bill_of_materials(found(), 0)
    references = [one["bom-ref"] for one in bill["components"]]
    assert len(references) == len(set(references))
    assert bill["dependencies"] == [{"ref": product.NAME, "dependsOn": references}]
    assert "pkg:deb/debian/libx11-6@2%3A1.8%2Bb1?arch=amd64" in references
    assert bill["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"
    assert {one["name"] for one in bill["components"]} >= {"polars", "lxml", "Qt", "CPython", "Inter", "Lucide icons"}
    assert bill == bundled.bill_of_materials(found(), 0)


def test_licences_of_everything_are_collected(tmp_path: Path) -> None:
    without = bundled.collect_licences(bundled.Contents(found().distributions, (), ()), tmp_path)
    assert [one.partition(" ")[0] for one in without] == ["PySide6_Essentials"]
    assert (tmp_path / "Token-Log-Inspector.txt").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    assert any((tmp_path / "lxml").iterdir())
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (tmp_path / "LGPL-3.0.txt").read_text("utf-8")
    notice = (tmp_path / "Qt.txt").read_text("utf-8")
    assert importlib.metadata.version("pyside6-essentials") in notice
    assert "@" not in notice


# --- the workflow -------------------------------------------------------------------------------------------------------


def steps() -> Iterator[dict[str, Any]]:
    for job in yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"].values():
        yield from job["steps"]


def test_actions_are_pinned_to_commits() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one) for one in used)


def test_the_workflow_runs_what_there_is() -> None:
    commands = [line for step in steps() for line in step.get("run", "").splitlines()]
    doors = [command.split()[2:] for command in commands if command.startswith("python dev.py")]
    assert {door[0] for door in doors} == {"test", "package"} <= {command.__name__ for command in dev.COMMANDS}
    assert {kind for door in doors for kind in door[1:]} <= set(build.KINDS)
    scripts = [part for command in commands for part in command.split() if part.startswith("packaging/")]
    assert scripts
    assert all((ROOT / one).is_file() for one in scripts)


def test_the_documents_of_the_packages_name_what_there_is() -> None:
    text = (ROOT / "packaging/README.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+\.(?:py|spec)|[a-z]+/|resources/[\w/.]+)`", text)) - {"dist/"}
    assert named
    assert [one for one in named if not (ROOT / one).exists() and not (ROOT / "packaging" / one).exists()] == []


# --- trying what was built ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "unwanted"),
    [
        ("_internal/PySide6/Qt/lib/libQt6Network.so.6", True),
        ("_internal/PySide6/QtNetwork.abi3.so", True),
        ("_internal/libssl.so.3", True),
        ("_internal/python3.11/lib-dynload/_ssl.cpython-311.so", True),
        ("_internal/certifi/cacert.pem", True),
        ("_internal/libcrypto.so.3", False),
        ("_internal/PySide6/QtCore.abi3.so", False),
    ],
)
def test_network_modules_are_seen_in_a_package(path: str, unwanted: bool) -> None:
    assert bool(smoke_test.NETWORK.search(path)) == unwanted


def test_a_package_without_its_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(smoke_test.Failed, match="has no"):
        smoke_test.check_contents(tmp_path)
