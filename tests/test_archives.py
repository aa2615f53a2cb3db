"""Tests of archives: what comes out, under which names, within which limits, and what damaged or crafted ones give."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cabarchive import CabArchive, CabFile
from hypothesis import given
from hypothesis import strategies as st

from inspector.archives import ArchiveError, Limits, Unpacked, is_archive, unpack


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def cabinet(members: dict[str, bytes], *, compress: bool = True) -> bytearray:
    archive = CabArchive()
    for name, content in members.items():
        archive[name] = CabFile(content)
    return bytearray(archive.save(compress=compress, sort=False))


Opener = Callable[..., Unpacked]


@pytest.fixture
def opened(tmp_path: Path) -> Opener:
    def run(content: bytes, name: str = "logs.zip", limits: Limits | None = None) -> Unpacked:
        path = tmp_path / name
        path.write_bytes(content)
        into = tmp_path / "into"
        into.mkdir(exist_ok=True)
        return unpack(path, name, into, limits=limits)

    return run


def contents(unpacked: Unpacked) -> dict[str, bytes]:
    return {member.name: member.path.read_bytes() for member in unpacked.members}


MEMBERS = {"a.log": b"first", "deep/b.evtx": b"second"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logs.zip", zipped(MEMBERS)),
        ("logs.tar", tarred(MEMBERS)),
        ("logs.tar.gz", tarred(MEMBERS, "w:gz")),
        ("logs.tgz", tarred(MEMBERS, "w:gz")),
        ("logs.tar.bz2", tarred(MEMBERS, "w:bz2")),
        ("logs.tar.xz", tarred(MEMBERS, "w:xz")),
    ],
)
def test_members_come_out_in_order(opened: Opener, name: str, content: bytes) -> None:
    assert is_archive(content[:512])
    unpacked = opened(content, name)
    assert contents(unpacked) == {f"{name}!a.log": b"first", f"{name}!deep/b.evtx": b"second"}
    assert unpacked.problems == ()
    assert [member.path.suffix for member in unpacked.members] == [".log", ".evtx"]
    assert all(stat.S_IMODE(member.path.stat().st_mode) == 0o600 for member in unpacked.members)


@pytest.mark.parametrize(("name", "packed"), [("a.log.gz", gzip.compress), ("a.log.bz2", bz2.compress), ("a.log.xz", lzma.compress)])
def test_a_single_compressed_file(opened: Opener, name: str, packed: Callable[[bytes], bytes]) -> None:
    assert contents(opened(packed(b"text"), name)) == {f"{name}!a.log": b"text"}


def test_archives_inside_archives(opened: Opener) -> None:
    inner = zipped({"in.log": b"inner"})
    assert contents(opened(zipped({"inner.zip": inner, "x.log.gz": gzip.compress(b"x")}))) == {
        "logs.zip!inner.zip!in.log": b"inner",
        "logs.zip!x.log.gz!x.log": b"x",
    }


def test_nesting_is_bounded(opened: Opener) -> None:
    content = b"deep"
    for level in range(5):
        content = zipped({f"{level}.zip" if level else "deep.log": content})
    unpacked = opened(content)
    assert unpacked.members == ()
    assert [problem.reason for problem in unpacked.problems] == ["archives lie too deep inside each other; unpack this one yourself"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(files=1), "it holds more than 1 files"),
        (Limits(size=3_000_000), "it unpacks to more than 3,000,000 bytes"),
        (Limits(ratio=10, free=1000), "it unpacks to more than 10 times its size"),
    ],
)
def test_limits_stop_and_keep_what_came_before(opened: Opener, limits: Limits, reason: str) -> None:
    unpacked = opened(zipped({"a.log": b"first", "bomb.log": bytes(5_000_000)}), limits=limits)
    assert contents(unpacked) == {"logs.zip!a.log": b"first"}
    (problem,) = unpacked.problems
    assert problem.reason.startswith(reason)


def test_names_that_climb_out_stay_inside(opened: Opener, tmp_path: Path) -> None:
    unpacked = opened(zipped({"../../evil.log": b"a", "/etc/passwd": b"b", "C:\\windows\\x.log": b"c"}))
    assert sorted(contents(unpacked).values()) == [b"a", b"b", b"c"]
    assert all(member.path.parent == tmp_path / "into" for member in unpacked.members)
    assert len(unpacked.problems) == 3
    assert not (tmp_path.parent / "evil.log").exists()


def test_links_and_devices_in_a_tar_are_left_out(opened: Opener) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.CHRTYPE, "device"), (tarfile.DIRTYPE, "folder")):
            info = tarfile.TarInfo(name)
            info.type = kind
            info.linkname = "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.log")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    unpacked = opened(out.getvalue(), "logs.tar")
    assert contents(unpacked) == {"logs.tar!a.log": b"x"}
    assert [problem.position for problem in unpacked.problems] == ["link", "device"]


def test_a_damaged_member_of_a_zip_costs_only_itself(opened: Opener) -> None:
    content = bytearray(zipped({"a.log": b"first" * 100, "b.log": b"second" * 100, "c.log": b"third" * 100}, zipfile.ZIP_STORED))
    at = content.index(b"secondsecond")
    content[at] ^= 0xFF
    unpacked = opened(bytes(content))
    assert list(contents(unpacked)) == ["logs.zip!a.log", "logs.zip!c.log"]
    ((position, reason),) = [(problem.position, problem.reason) for problem in unpacked.problems]
    assert position == "b.log"
    assert reason.startswith("the member is damaged: Bad CRC-32")


@pytest.mark.parametrize(("ending", "packed"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_cut_file_gives_what_was_copied_of_it(opened: Opener, ending: str, packed: Callable[[bytes], bytes]) -> None:
    content = "".join(f"{hashlib.sha256(b'%d' % number).hexdigest()}\n" for number in range(40_000)).encode()
    unpacked = opened(packed(content)[:-5000], f"a.log.{ending}")
    (came,) = contents(unpacked).values()
    assert len(content) // 4 < len(came) < len(content)
    assert content.startswith(came)
    (problem,) = unpacked.problems
    assert "is cut off or damaged" in problem.reason
    assert problem.reason.endswith("; what came before that place is open")
    assert not problem.notice


def test_what_stands_behind_a_gzip_file_costs_nothing_of_it(opened: Opener) -> None:
    unpacked = opened(gzip.compress(b"one\n") + gzip.compress(b"two\n") + b"no gzip", "a.log.gz")
    assert contents(unpacked) == {"a.log.gz!a.log": b"one\ntwo\n"}
    assert [problem.reason.partition(" (")[0] for problem in unpacked.problems] == ["the gzip file is cut off or damaged"]


def test_a_gzip_file_that_was_padded_is_whole(opened: Opener) -> None:
    assert opened(gzip.compress(b"padded\n") + bytes(512), "a.log.gz").problems == ()


def test_a_gzip_file_of_which_nothing_comes_says_so(opened: Opener) -> None:
    with pytest.raises(ArchiveError, match="the gzip archive is damaged or locked"):
        opened(gzip.compress(b"text")[:10], "a.log.gz")


def test_a_locked_member_is_named(opened: Opener) -> None:
    content = bytearray(zipped({"a.log": b"secret"}))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + flags] |= 1
    unpacked = opened(bytes(content))
    assert unpacked.members == ()
    assert [problem.reason for problem in unpacked.problems] == ["the member is locked with a password; unpack it and open the log"]


@pytest.mark.parametrize(("magic", "kind"), [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!\x1a\x07\x00", "rar")])
def test_archives_that_cannot_be_read_are_named(opened: Opener, magic: bytes, kind: str) -> None:
    assert is_archive(magic + bytes(600))
    with pytest.raises(ArchiveError, match=f"{kind} archives cannot be read; unpack it and open the logs in it"):
        opened(magic + bytes(600))


def test_display_information_goes_beside_its_log(opened: Opener) -> None:
    members = {
        "in/LocaleMetaData/security_1033.mta": b"texts",
        "in/Security.evtx": b"log",
        "localemetadata/a_b_2057.MTA": b"more",
        "a_b.evtx": b"other",
        "LocaleMetaData/gone_1033.MTA": b"alone",
    }
    unpacked = opened(zipped(members))
    assert contents(unpacked) == {
        "logs.zip!in/Security.evtx": b"log",
        "logs.zip!a_b.evtx": b"other",
        "logs.zip!LocaleMetaData/gone_1033.MTA": b"alone",
    }
    for member, lcid, text in zip(unpacked.members, (1033, 2057), (b"texts", b"more"), strict=False):
        beside = member.path.parent / "LocaleMetaData" / f"{member.path.stem}_{lcid}.MTA"
        assert beside.read_bytes() == text


@pytest.mark.parametrize("compress", [True, False])
def test_members_of_a_cabinet(opened: Opener, compress: bool) -> None:
    large = bytes(range(256)) * 400  # several blocks, each with the one before as its dictionary
    unpacked = opened(bytes(cabinet({"a.log": b"first", "deep\\b.evtx": large}, compress=compress)), "logs.cab")
    assert contents(unpacked) == {"logs.cab!a.log": b"first", "logs.cab!deep/b.evtx": large}
    assert unpacked.problems == ()


def test_two_files_of_one_name_in_a_cabinet(opened: Opener) -> None:
    content = cabinet({"a.log": b"first", "b.log": b"second"})
    content = content.replace(b"b.log", b"a.log")
    unpacked = opened(bytes(content), "logs.cab")
    assert [member.path.read_bytes() for member in unpacked.members] == [b"first", b"second"]


def test_names_and_dates_of_a_cabinet_that_the_library_cannot_read(opened: Opener) -> None:
    content = cabinet({"p_r.log": b"a", "..\\up.log": b"b"}).replace(b"p_r.log", b"p\xe9r.log")
    at = content.index(b"p\xe9r.log")
    content[at - 6 : at - 2] = b"\0\0\xff\xff"  # day 0, hour 31
    unpacked = opened(bytes(content), "logs.cab")
    assert contents(unpacked) == {"logs.cab!pér.log": b"a", "logs.cab!up.log": b"b"}
    assert [problem.position for problem in unpacked.problems] == ["..\\up.log"]


def changed(at: int, layout: str, value: int) -> bytes:
    content = cabinet(MEMBERS)
    struct.pack_into(layout, content, at, value)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (changed(42, "<H", 3 | 21 << 8), r"compressed in a way that cannot be read here \(LZX\); unpack it"),
        (changed(30, "<H", 2), "one part of a set"),
        (changed(44 + 8, "<H", 0xFFFE), "a file of this cabinet goes on in another one"),
        (changed(40, "<H", 0xFFFF), "it has more blocks than fit into it"),
        (changed(-6, "<H", 0x3333), "the checksum of the block at byte [0-9]+ does not hold"),
        (changed(44, "<I", 0x7FFF_FFFF), "unpacks to more than 512 MB"),
        (changed(44, "<I", 77), "the cab archive is damaged"),
        (changed(28, "<H", 9), "the cab archive is damaged|goes on in another one"),
        (bytes(cabinet(MEMBERS)[:-4]), "the cab archive is damaged"),
        (b"MSCF\0\0\0\0" + bytes(600), "the cab archive is damaged"),
    ],
)
def test_cabinets_that_cannot_be_read_say_why(opened: Opener, content: bytes, reason: str) -> None:
    assert is_archive(content)
    with pytest.raises(ArchiveError, match=reason):
        opened(content, "logs.cab")


def test_a_cabinet_of_too_many_files_is_left_alone(opened: Opener) -> None:
    with pytest.raises(ArchiveError, match="it holds more than 1 files"):
        opened(bytes(cabinet(MEMBERS)), "logs.cab", Limits(files=1))


@pytest.mark.parametrize("content", [b"", b"PK", b"plain text", b"\x1f\x8b", b"<xml/>", b"ElfFile\0"])
def test_what_is_no_archive(content: bytes) -> None:
    assert not is_archive(content)


@given(
    st.sampled_from([zipped(MEMBERS), tarred(MEMBERS), tarred(MEMBERS, "w:gz"), bytes(cabinet(MEMBERS))]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    st.integers(0, 500),
)
def test_mutated_archives_never_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    mutated = bytearray(content)
    for at, value in changes:
        mutated[at % len(mutated)] = value
    mutated = mutated[: max(1, len(mutated) - cut)] if cut % 2 else mutated
    folder = tmp_path_factory.mktemp("mutated")
    path = folder / "x"
    path.write_bytes(mutated)
    if not is_archive(bytes(mutated[:512])):
        return
    into = folder / "into"
    into.mkdir()
    try:
        unpacked = unpack(path, "x", into)
    except ArchiveError:
        return
    assert {member.path for member in unpacked.members} == set(into.iterdir())
