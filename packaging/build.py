"""The one door to packages: builds the program for this platform, collects licences and the bill of materials, tries what it built."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import bundled
import icons
import linux_files
import windows_files
from product import ARCHIVE_LIMIT, CONSOLE, DIST, FOLDER_LIMIT, NAME, ROOT, TITLE, WINDOW, version

WORK: Final = ROOT / "build" / "package"
KINDS: Final = ("folder", "onefile", "deb", "installer", "app")


def say(text: str) -> None:
    """One line to the person who builds."""
    print(text, flush=True)


def moment() -> int:
    """The time that everything built carries, in seconds since 1970: SOURCE_DATE_EPOCH, or that of the last commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    done = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False)
    return int(done.stdout.strip() or 1_767_225_600)


def files_of(folder: Path) -> Iterator[Path]:
    """All files and links below a folder, in the same order everywhere."""
    yield from sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder, links not followed."""
    return sum(path.lstat().st_size for path in files_of(folder))


def settle(folder: Path) -> None:
    """Give all files of a tree the same time, and modes that do not depend on who builds."""
    at = moment()
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or bool(path.stat().st_mode & 0o100)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (at, at), follow_symlinks=not path.is_symlink())


def run_pyinstaller(*, one_file: bool) -> None:
    """Run the one analysis. Raises CalledProcessError."""
    WORK.mkdir(parents=True, exist_ok=True)
    given: dict[str, str] = {}
    if sys.platform == "win32":
        (WORK / "version-info.txt").write_text(windows_files.version_resource(), "utf-8")
        given["INSPECTOR_VERSION_RESOURCE"] = str(WORK / "version-info.txt")
        icons.write_windows_icon(WORK / f"{NAME}.ico")
        given["INSPECTOR_ICON"] = str(WORK / f"{NAME}.ico")
    elif sys.platform == "darwin":
        icons.write_apple_icon(WORK / f"{NAME}.icns")
        given["INSPECTOR_ICON"] = str(WORK / f"{NAME}.icns")
    settings = {
        "INSPECTOR_ONE_FILE": str(int(one_file)),
        "INSPECTOR_WORK": str(WORK),
        "PYTHONHASHSEED": "1",
        "SOURCE_DATE_EPOCH": str(moment()),
    }
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", str(ROOT / "packaging/inspector.spec"), "--noconfirm", "--log-level", "ERROR"),
            *("--distpath", str(DIST / "single" if one_file else DIST), "--workpath", str(WORK)),
        ],
        check=True,
        cwd=ROOT,
        env={**os.environ, **settings, **given},
    )


def build_folder() -> Path:
    """The program as a folder, with licences and bill of materials in it."""
    run_pyinstaller(one_file=False)
    folder = DIST / NAME
    if sys.platform == "linux":
        (folder / WINDOW).symlink_to(CONSOLE)
    found = bundled.contents(WORK / "bundled.json")
    without = bundled.collect_licences(found, folder / "licences")
    say(f"licences of {len(found.distributions)} packages and {len(found.system)} of the system; named only: {bundled.said(without)}")
    if found.unknown:
        say(f"of no package: {bundled.said([str(path) for path in found.unknown])}")
    bill = json.dumps(bundled.bill_of_materials(found, moment()), indent=1) + "\n"
    for target in (folder / "bill-of-materials.cdx.json", DIST / f"{NAME}-{version()}.cdx.json"):
        target.write_text(bill, "utf-8", newline="\n")
    settle(folder)
    return folder


def archive(folder: Path, effort: int) -> Path:
    """The folder as one compressed file: .tar.xz, or .zip on Windows. ``effort``: 1 to 9. Raises CalledProcessError."""
    name = f"{NAME}-{version()}-{sys.platform}-{platform.machine().lower()}"
    if sys.platform == "win32":
        target = DIST / f"{name}-portable.zip"
        at = datetime.fromtimestamp(moment(), UTC).timetuple()[:6]
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=effort) as packed:
            for path in files_of(folder):
                entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), at)
                entry.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(entry, path.read_bytes())
        return target
    plain = DIST / f"{name}.tar"
    with tarfile.open(plain, mode="w") as packed:
        packed.add(folder, folder.name, filter=_owned_by_root)
    # More than one thread, whatever the machine has: what comes out depends on whether there are several, not on how many.
    subprocess.run(["xz", f"-{effort}", "-T2", "--force", str(plain)], check=True)
    return plain.with_name(f"{plain.name}.xz")


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = moment()
    return entry


def build_deb(folder: Path, effort: int) -> Path:
    """The Debian package: the folder under /opt, programs on the path, menu entry, icon, file types and the manual page.

    ``effort``: how hard to compress, 1 to 9. Raises CalledProcessError.
    """
    stage = WORK / "deb"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(folder, stage / "opt" / NAME, symlinks=True)
    (stage / "usr/bin").mkdir(parents=True)
    for program, command in ((CONSOLE, NAME), (WINDOW, f"{NAME}-window")):
        (stage / "usr/bin" / command).symlink_to(f"/opt/{NAME}/{program}")
    texts = {
        f"usr/share/applications/{NAME}.desktop": linux_files.desktop_entry(),
        f"usr/share/mime/packages/{NAME}.xml": linux_files.mime_types(),
        f"usr/share/icons/hicolor/scalable/apps/{NAME}.svg": icons.DRAWING.read_text("utf-8"),
        f"usr/share/man/man1/{NAME}.1": (ROOT / "resources/man/inspector.1").read_text("utf-8"),
        f"usr/share/doc/{NAME}/copyright": (ROOT / "LICENSE").read_text("utf-8")
        + f"\nThe licences of everything bundled are in /opt/{NAME}/licences.\n",
    }
    pictures = {f"usr/share/icons/hicolor/{size}x{size}/apps/{NAME}.png": icons.painted(size) for size in icons.LINUX_SIZES}
    for target, content in {**{name: text.encode() for name, text in texts.items()}, **pictures}.items():
        (stage / target).parent.mkdir(parents=True, exist_ok=True)
        (stage / target).write_bytes(content)
    subprocess.run(["gzip", "-9n", str(stage / f"usr/share/man/man1/{NAME}.1")], check=True)
    machine = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    (stage / "DEBIAN").mkdir()
    (stage / "DEBIAN/control").write_text(linux_files.control(version(), machine, size_of(stage) // 1024), "utf-8")
    settle(stage)
    package = DIST / f"{NAME}_{version()}_{machine}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{effort}", "--build", str(stage), str(package)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(moment())},
    )
    shutil.rmtree(stage)
    return package


def build_one_file() -> Path:
    """The program as a single file, which unpacks itself at every start."""
    run_pyinstaller(one_file=True)
    return DIST / "single" / (f"{NAME}.exe" if sys.platform == "win32" else NAME)


def build_installer(folder: Path) -> Path:
    """The installer for Windows. Raises FileNotFoundError where Inno Setup 6 is not installed."""
    script = WORK / f"{NAME}.iss"
    script.write_text(windows_files.installer_script(folder, DIST, WORK / f"{NAME}.ico", ROOT / "LICENSE"), "utf-8-sig")
    compiler = shutil.which("ISCC") or str(Path(os.environ.get("PROGRAMFILES(X86)", r"C:\Program Files (x86)")) / "Inno Setup 6/ISCC.exe")
    subprocess.run([compiler, "/Qp", str(script)], check=True)
    return DIST / f"{NAME}-{version()}-setup.exe"


def pack_app(folder: Path) -> Path:
    """The application bundle, with licences and bill of materials, as a .zip that keeps links and signatures (macOS)."""
    app = DIST / f"{TITLE}.app"
    for name in ("licences", "bill-of-materials.cdx.json"):
        subprocess.run(["ditto", str(folder / name), str(app / "Contents/Resources" / name)], check=True)
    # What was added has to be under the signature too; ad hoc, see README.md for a real one.
    subprocess.run(["codesign", "--force", "--deep", "--sign", "-", str(app)], check=True)
    target = DIST / f"{NAME}-{version()}-macos-{platform.machine()}.zip"
    subprocess.run(["ditto", "-c", "-k", "--keepParent", str(app), str(target)], check=True)
    return target


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def usual() -> tuple[str, ...]:
    """What is built on this platform when nothing is asked for."""
    if sys.platform == "win32":
        return ("folder", "installer")
    if sys.platform == "darwin":
        return ("folder", "app")
    return ("folder", "deb") if shutil.which("dpkg-deb") else ("folder",)


def within(path: Path, size: int, limit: int) -> bool:
    """Print a size against its limit; whether it holds."""
    say(f"{path.relative_to(ROOT)}: {size / 1e6:.1f} MB of at most {limit / 1e6:.0f} MB{'' if size <= limit else ': TOO LARGE'}")
    return size <= limit


def smoke_test(program: Path) -> bool:
    """Try what was built; whether all held."""
    return subprocess.run([sys.executable, str(ROOT / "packaging/smoke_test.py"), str(program)], check=False).returncode == 0


def main() -> int:
    """Build what the arguments ask for; 1 where a size is beyond its limit or a smoke test fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; default here: {' '.join(usual())}")
    parser.add_argument("--no-smoke-test", action="store_true", help="do not run what was built")
    parser.add_argument("--quick", action="store_true", help="compress little: for trying, not for giving away")
    arguments = parser.parse_args()
    effort = 1 if arguments.quick else 6
    what = arguments.what or usual()
    if strange := sorted(set(what) - set(KINDS)):
        parser.error(f"unknown: {', '.join(strange)}")
    DIST.mkdir(exist_ok=True)
    held = True
    files = []
    if set(what) - {"onefile"}:
        folder = build_folder()
        files.append(archive(folder, effort))
        limited = sys.platform == "linux"
        held &= within(folder, size_of(folder), FOLDER_LIMIT) or not limited
        held &= within(files[0], files[0].stat().st_size, ARCHIVE_LIMIT) or not limited
        if not arguments.no_smoke_test:
            held &= smoke_test(folder)
        if "deb" in what:
            files.append(build_deb(folder, effort))
        if "installer" in what:
            files.append(build_installer(folder))
        if "app" in what:
            files.append(pack_app(folder))
    if "onefile" in what:
        files.append(build_one_file())
        if not arguments.no_smoke_test:
            held &= smoke_test(files[-1])
    for path in files:
        say(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB, sha256 {digest(path)}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
