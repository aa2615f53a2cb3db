"""The one door to packages: builds the program for this platform, collects licences and the bill of materials, tries what it built."""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
WORK = ROOT / "build" / "package"
NAME = "token-log-inspector"
FOLDER_LIMIT = 320_000_000
ARCHIVE_LIMIT = 120_000_000

# Rust and CPython keep symbols that nobody reads in a release; libraries that auditwheel patched break when stripped.
STRIPPED = ("_polars_runtime*.so", "_rust.abi3.so", "_native.abi3.so", "libpython3*.so*")


def version() -> str:
    """The version that the package says it is."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "inspector/__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def say(text: str) -> None:
    """One line to the person who builds."""
    print(text, flush=True)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() or path.is_symlink())


def run_pyinstaller(*, one_file: bool) -> None:
    """Run the one analysis; Raises CalledProcessError."""
    if sys.platform == "win32":
        write_version_info()
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", str(ROOT / "packaging/inspector.spec"), "--noconfirm", "--log-level", "ERROR"),
            *("--distpath", str(DIST), "--workpath", str(WORK)),
        ],
        check=True,
        cwd=ROOT,
        env={**os.environ, "INSPECTOR_ONE_FILE": "1" if one_file else "0", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1767225600"},
    )


def write_version_info() -> None:
    """The version resource of the Windows programs, out of the package's version."""
    numbers = [*version().split("+")[0].split("."), "0", "0", "0"][:3]
    four = ", ".join([*(re.sub(r"\D.*", "", one) or "0" for one in numbers), "0"])
    template = (ROOT / "packaging/windows/version-info.txt").read_text("utf-8")
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build/version-info.txt").write_text(template.replace("@FOUR@", four).replace("@VERSION@", version()), "utf-8")


def strip(folder: Path) -> None:
    """Take the symbols out of the libraries that survive it."""
    if sys.platform != "linux" or not shutil.which("strip"):
        return
    for pattern in STRIPPED:
        for path in folder.rglob(pattern):
            subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def bundled_distributions(lock: Path) -> Iterator[importlib.metadata.Distribution]:
    """What the lock for running brings into the package, as far as it is for this platform."""
    for line in lock.read_text("utf-8").splitlines():
        found = re.match(r"([A-Za-z0-9_.-]+)==", line)
        if found:
            try:
                yield importlib.metadata.distribution(found[1])
            except importlib.metadata.PackageNotFoundError:
                continue


def runtime_lock() -> Path:
    """The lock file of what the program needs to run."""
    found = sorted(ROOT.glob("requirements*.lock")) + sorted(ROOT.glob("*.lock"))
    wanted = [path for path in found if "dev" not in path.stem]
    return (wanted or found)[0]


def licence_name(distribution: importlib.metadata.Distribution) -> str:
    """The licence that a package names in its metadata; empty where it names none."""
    fields = distribution.metadata.json
    return str(fields.get("license_expression") or fields.get("license") or "")


def collect_licences(target: Path) -> int:
    """Copy the licence texts of everything bundled, ours and Python's included; returns how many packages have one."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ROOT / "LICENSE", target / "Token-Log-Inspector.txt")
    for place in (Path(sys.base_prefix) / "LICENSE.txt", Path(sys.base_prefix) / f"lib/python3.{sys.version_info.minor}/LICENSE.txt"):
        if place.exists():
            shutil.copy2(place, target / "Python.txt")
    count = 0
    for distribution in bundled_distributions(runtime_lock()):
        texts = [file for file in distribution.files or () if re.search(r"licen[cs]e|copying|notice|authors", file.name, re.IGNORECASE)]
        folder = target / distribution.metadata["Name"]
        for file in texts:
            source = Path(str(distribution.locate_file(file)))
            if source.is_file() and source.suffix not in {".py", ".pyc"}:
                folder.mkdir(exist_ok=True)
                shutil.copy2(source, folder / file.name)
        if not folder.exists():
            folder.mkdir()
            named = licence_name(distribution) or "see the project's own site"
            (folder / "LICENSE-NAME.txt").write_text(f"{distribution.metadata['Name']} {distribution.version}: {named}\n", "utf-8")
        count += 1
    for path in (*ROOT.glob("resources/icons/LICENSE*"), *ROOT.glob("resources/fonts/*OFL*")):
        shutil.copy2(path, target / f"{path.parent.name}-{path.name}")
    return count


def bill_of_materials() -> dict[str, object]:
    """CycloneDX 1.5: the program and every package bundled with it, with versions, licences and the lock's hashes."""
    hashes = locked_hashes(runtime_lock())
    components = []
    for distribution in bundled_distributions(runtime_lock()):
        name, number = distribution.metadata["Name"], distribution.version
        licence = licence_name(distribution)
        component: dict[str, object] = {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name.lower()}@{number}",
            "name": name,
            "version": number,
            "purl": f"pkg:pypi/{name.lower()}@{number}",
        }
        if licence and len(licence) < 100:
            component["licenses"] = [{"license": {"name": licence}}]
        known = hashes.get(re.sub(r"[-_.]+", "-", name).lower(), [])
        if known:
            component["properties"] = [{"name": "lock:sha256", "value": value} for value in known]
        components.append(component)
    components.append({"type": "platform", "bom-ref": "python", "name": "CPython", "version": platform.python_version()})
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{NAME} {version()} {sys.platform}')}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": NAME, "name": "Token Log Inspector", "version": version()}},
        "components": components,
        "dependencies": [{"ref": NAME, "dependsOn": [component["bom-ref"] for component in components]}],
    }


def locked_hashes(lock: Path) -> dict[str, list[str]]:
    """Package name (normalised) to the SHA-256 digests that the lock allows."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.read_text("utf-8").splitlines():
        if start := re.match(r"([A-Za-z0-9_.-]+)==", line):
            name = re.sub(r"[-_.]+", "-", start[1]).lower()
        found.setdefault(name, []).extend(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))
    return found


def archive(folder: Path) -> Path:
    """The folder as one compressed file: .tar.xz, or .zip on Windows."""
    name = f"{NAME}-{version()}-{sys.platform}-{platform.machine().lower()}"
    if sys.platform == "win32":
        return Path(shutil.make_archive(str(DIST / name), "zip", folder.parent, folder.name))
    target = DIST / f"{name}.tar.xz"
    with tarfile.open(target, mode="w:xz", preset=6) as packed:
        packed.add(folder, folder.name, filter=_owned_by_root)
    return target


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = 1_767_225_600
    return entry


def build_deb(folder: Path) -> Path:
    """The Debian package: the folder under /opt, programs on the path, menu entry, icon, file types and the manual page."""
    stage = WORK / "deb"
    shutil.rmtree(stage, ignore_errors=True)
    linux = ROOT / "packaging/linux"
    shutil.copytree(folder, stage / "opt" / NAME, symlinks=True)
    (stage / "usr/bin").mkdir(parents=True)
    for program in ("inspector", "inspector-window"):
        (stage / "usr/bin" / f"{NAME}{program.removeprefix('inspector')}").symlink_to(f"/opt/{NAME}/{program}")
    for source, target in (
        (linux / f"{NAME}.desktop", f"usr/share/applications/{NAME}.desktop"),
        (linux / f"{NAME}.xml", f"usr/share/mime/packages/{NAME}.xml"),
        (ROOT / "resources/icons/app.svg", f"usr/share/icons/hicolor/scalable/apps/{NAME}.svg"),
        (ROOT / "resources/man/inspector.1", f"usr/share/man/man1/{NAME}.1"),
        (ROOT / "LICENSE", f"usr/share/doc/{NAME}/copyright"),
    ):
        (stage / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, stage / target)
    subprocess.run(["gzip", "-9n", str(stage / f"usr/share/man/man1/{NAME}.1")], check=True)
    control = stage / "DEBIAN"
    control.mkdir()
    machine = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    text = (linux / "control").read_text("utf-8")
    values = {"@VERSION@": version(), "@ARCHITECTURE@": machine, "@SIZE@": str(size_of(stage) // 1024)}
    for mark, value in values.items():
        text = text.replace(mark, value)
    (control / "control").write_text(text, "utf-8")
    package = DIST / f"{NAME}_{version()}_{machine}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(stage), str(package)], check=True, stdout=subprocess.DEVNULL)
    return package


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def main() -> int:
    """Build what the arguments ask for; 1 where a size is beyond its limit or the smoke test fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "what", nargs="*", choices=["folder", "onefile", "deb", []], default=[], help="default: folder, and deb where dpkg-deb is"
    )
    parser.add_argument("--no-smoke-test", action="store_true", help="do not run what was built")
    arguments = parser.parse_args()
    what = arguments.what or ["folder", *(["deb"] if shutil.which("dpkg-deb") else [])]
    DIST.mkdir(exist_ok=True)
    failed = False
    if "folder" in what or "deb" in what:
        run_pyinstaller(one_file=False)
        folder = DIST / NAME
        strip(folder)
        say(f"licences of {collect_licences(folder / 'licences')} packages collected")
        bill = json.dumps(bill_of_materials(), indent=1) + "\n"
        (folder / "bill-of-materials.cdx.json").write_text(bill, "utf-8")
        (DIST / f"{NAME}-{version()}.cdx.json").write_text(bill, "utf-8")
        packed = archive(folder)
        for built, size, limit in ((folder, size_of(folder), FOLDER_LIMIT), (packed, packed.stat().st_size, ARCHIVE_LIMIT)):
            say(f"{built.relative_to(ROOT)}: {size / 1e6:.0f} MB of at most {limit / 1e6:.0f} MB")
            failed |= size > limit
        if "deb" in what:
            package = build_deb(folder)
            say(f"{package.relative_to(ROOT)}: {package.stat().st_size / 1e6:.0f} MB, sha256 {digest(package)}")
    if "onefile" in what:
        run_pyinstaller(one_file=True)
        single = next(DIST.glob("inspector*[!.json]"))
        say(f"{single.relative_to(ROOT)}: {single.stat().st_size / 1e6:.0f} MB")
    if not arguments.no_smoke_test and "folder" in what:
        failed |= subprocess.run([sys.executable, str(ROOT / "packaging/smoke_test.py"), str(DIST / NAME)], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
