"""What went into a package, told from the collected files themselves: licences of all of it, and the bill of materials."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution
from pathlib import Path
from typing import Final

from product import NAME, ROOT, TITLE, version

LOCK: Final = ROOT / "requirements.lock"
NOTICES: Final = ROOT / "packaging/licences"
ALWAYS: Final = ("pyinstaller",)
"""Bundled without being a file of the analysis: the part of PyInstaller that starts the program."""
FONTS_AND_ICONS: Final = (
    ("Inter", "OFL-1.1", "resources/fonts/Inter-OFL.txt"),
    ("JetBrains Mono", "OFL-1.1", "resources/fonts/JetBrainsMono-OFL.txt"),
    ("Lucide icons", "ISC", "resources/icons/LICENSE.txt"),
)
"""Name, licence (SPDX) and its text, of what lies among the resources and is not ours."""


@dataclass(frozen=True, slots=True)
class SystemPackage:
    """A package of the Debian system that a library was copied from."""

    name: str
    version: str
    architecture: str

    @property
    def licence(self) -> Path:
        """The text that names authors and licences (Debian Policy 12.5)."""
        return Path("/usr/share/doc", self.name, "copyright")


@dataclass(frozen=True, slots=True)
class Contents:
    """Where everything in the package comes from. ``unknown``: files that no package owns up to."""

    distributions: tuple[Distribution, ...]
    system: tuple[SystemPackage, ...]
    unknown: tuple[Path, ...]


def contents(collected: Path) -> Contents:
    """Read what the analysis collected (written by inspector.spec) and find the owner of every file."""
    listed = json.loads(collected.read_text("utf-8"))
    sources = {Path(source) for _, source, *_ in listed["modules"] + listed["files"] if source and source != "-"}
    owners = _owners()
    distributions = {name: importlib.metadata.distribution(name) for name in ALWAYS}
    foreign = []
    for source in sorted(sources):
        owner = owners.get(source) or owners.get(source.resolve())
        if owner is not None:
            distributions[_key(owner)] = owner
        elif not any(
            source.resolve().is_relative_to(place) for place in (ROOT, Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve())
        ):
            foreign.append(source)
    system, unknown = system_packages(foreign)
    distributions.pop(NAME, None)
    return Contents(tuple(distributions[name] for name in sorted(distributions)), system, unknown)


def _owners() -> dict[Path, Distribution]:
    return {
        Path(str(distribution.locate_file(file))): distribution
        for distribution in importlib.metadata.distributions()
        for file in distribution.files or ()
    }


def _key(distribution: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", str(distribution.metadata["Name"])).lower()


def system_packages(files: Iterable[Path]) -> tuple[tuple[SystemPackage, ...], tuple[Path, ...]]:
    """The Debian packages that files belong to, and the files that belong to none."""
    packages, unknown = {}, []
    for file in files:
        # With a merged /usr the database may know the file by either of its names.
        names = {str(file), str(file.resolve()), str(file).removeprefix("/usr"), f"/usr{file}"}
        shown = _output("dpkg-query", "-S", *sorted(names)) if shutil.which("dpkg-query") else ""
        name = shown.partition(": ")[0].partition(",")[0]
        if not name:
            unknown.append(file)
        elif name not in packages:
            number, architecture, plain = _output("dpkg-query", "-W", "-f", "${Version} ${Architecture} ${Package}", name).split()
            packages[name] = SystemPackage(plain, number, architecture)
    return tuple(packages[name] for name in sorted(packages)), tuple(unknown)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def licence_name(distribution: Distribution) -> tuple[str, bool]:
    """The licence that a package names in its metadata, empty where it names none, and whether it is an SPDX expression."""
    fields = distribution.metadata.json
    if expression := fields.get("license_expression"):
        return str(expression), True
    named = str(fields.get("license") or "")
    if not named or len(named) > 80:
        classifiers = [str(one).rpartition(" :: ")[2] for one in fields.get("classifier", ()) if str(one).startswith("License ::")]
        named = ", ".join(classifiers)
    return named, False


def collect_licences(found: Contents, target: Path) -> list[str]:
    """Write the licence texts of everything in the package; returns the names of packages that bring no text of their own."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / "LICENSE", target / f"{TITLE.replace(' ', '-')}.txt")
    for place in (Path(sys.base_prefix), Path(sys.base_prefix) / f"lib/python3.{sys.version_info.minor}"):
        if (place / "LICENSE.txt").exists():
            shutil.copyfile(place / "LICENSE.txt", target / "Python.txt")
    for name, _, text in FONTS_AND_ICONS:
        shutil.copyfile(ROOT / text, target / f"{name.replace(' ', '-')}.txt")
    import PySide6
    from PySide6.QtCore import qVersion

    for path in NOTICES.glob("*.txt"):
        text = path.read_text("utf-8")
        (target / path.name).write_text(text.replace("@QT@", qVersion()).replace("@PYSIDE@", PySide6.__version__), "utf-8", newline="\n")
    without = []
    for distribution in found.distributions:
        folder = target / _key(distribution)
        wanted = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$|/sboms?/|/licenses?/", re.IGNORECASE)
        for file in distribution.files or ():
            source = Path(str(distribution.locate_file(file)))
            if wanted.search(file.as_posix()) and source.is_file() and source.suffix not in {".py", ".pyc"}:
                folder.mkdir(exist_ok=True)
                shutil.copyfile(source, _free(folder / file.name))
        if not folder.exists():
            named, _ = licence_name(distribution)
            folder.mkdir()
            (folder / "LICENSE-NAME.txt").write_text(
                f"{distribution.metadata['Name']} {distribution.version}: {named}\n", "utf-8", newline="\n"
            )
            without.append(f"{distribution.metadata['Name']} ({named})")
    for package in found.system:
        (target / "system").mkdir(exist_ok=True)
        shutil.copyfile(package.licence, target / "system" / f"{package.name}.txt")
    return without


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def bill_of_materials(found: Contents, moment: int) -> dict[str, object]:
    """CycloneDX 1.5: the program and everything in its package. ``moment``: seconds since 1970."""
    from PySide6.QtCore import qVersion

    components = [_of_distribution(one) for one in found.distributions]
    components += [_of_system(one) for one in found.system]
    components.append(_component("framework", "Qt", qVersion(), f"pkg:generic/qt@{qVersion()}", {"license": {"id": "LGPL-3.0-only"}}))
    components.append(
        _component(
            "platform",
            "CPython",
            platform.python_version(),
            f"pkg:generic/python@{platform.python_version()}",
            {"license": {"id": "PSF-2.0"}},
        )
    )
    components += [
        _component("data", name, "", f"pkg:generic/{name.lower().replace(' ', '-')}", {"license": {"id": licence}})
        for name, licence, _ in FONTS_AND_ICONS
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{NAME} {version()} {sys.platform} {platform.machine()}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": NAME,
                "name": TITLE,
                "version": version(),
                "licenses": [{"license": {"id": "MIT"}}],
            },
            "properties": [{"name": "lock:sha256", "value": hashlib.sha256(LOCK.read_bytes()).hexdigest()}],
        },
        "components": components,
        "dependencies": [{"ref": NAME, "dependsOn": [str(component["bom-ref"]) for component in components]}],
    }


def _component(kind: str, name: str, number: str, reference: str, licence: Mapping[str, object] | None) -> dict[str, object]:
    return {
        "type": kind,
        "bom-ref": reference,
        "name": name,
        **({"version": number} if number else {}),
        "purl": reference,
        **({"licenses": [dict(licence)]} if licence else {}),
    }


def _of_distribution(distribution: Distribution) -> dict[str, object]:
    named, is_expression = licence_name(distribution)
    licence = ({"expression": named} if is_expression else {"license": {"name": named}}) if named else None
    reference = f"pkg:pypi/{_key(distribution)}@{distribution.version}"
    return _component("library", str(distribution.metadata["Name"]), distribution.version, reference, licence)


def _of_system(package: SystemPackage) -> dict[str, object]:
    number = package.version.replace("+", "%2B").replace(":", "%3A")
    reference = f"pkg:deb/debian/{package.name}@{number}?arch={package.architecture}"
    return _component("library", package.name, package.version, reference, None)


def said(names: Sequence[str]) -> str:
    """Names in one line."""
    return ", ".join(names) or "none"
