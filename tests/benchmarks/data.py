"""Makes what is measured: .evtx files, copied Event Viewer text with envelopes, line logs with stack traces, a filled store."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from inspector.events import Source
from inspector.store import EventStore, normalised, write_segment
from tests.builders.evtx import EventSpec, evtx_bytes, write_large_evtx

START = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)

ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
    'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><soap:Header>'
    "<wsa:Action>http://example.test/orders/Fault</wsa:Action><wsa:MessageID>urn:uuid:{message}</wsa:MessageID>"
    "<wsa:RelatesTo>urn:uuid:{request}</wsa:RelatesTo><wsse:Security><wsu:Timestamp><wsu:Created>{created}</wsu:Created>"
    "<wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp></wsse:Security></soap:Header><soap:Body><soap:Fault>"
    "<faultcode>wsse:FailedAuthentication</faultcode><faultstring>The security token could not be authenticated</faultstring>"
    "<detail><order>{number}</order></detail></soap:Fault></soap:Body></soap:Envelope>"
)

TRACE = (
    "Orders.SecurityException: The request from {user} was refused\n"
    "   at Orders.Gateway.Check(Envelope envelope) in Gateway.cs:line {line}\n"
    "   at Orders.Gateway.Receive(Stream stream)\n"
    "   at Orders.Host.Run()\n"
)


def event_viewer_records(count: int) -> Iterator[str]:
    """Records as Event Viewer of Windows 2003 copies them."""
    chance = random.Random(7)
    for number in range(count):
        at = START + timedelta(seconds=number)
        kind = "Error" if number % 5 == 0 else "Information"
        body = f"Order {number} of user{number % 97} was taken by worker {number % 11} after {chance.randrange(3000)} ms"
        if number % 5 == 0:
            body = "Message Dispatch Failure: " + ENVELOPE.format(
                message=f"{chance.getrandbits(64):016x}",
                request=f"{chance.getrandbits(64):016x}",
                created=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                expires=(at + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ"),
                number=number,
            )
            body += "\n" + TRACE.format(user=f"user{number % 97}", line=number % 400)
        yield (
            f"Event Type:\t{kind}\nEvent Source:\tOrder Service {number % 7}\nEvent Category:\tNone\nEvent ID:\t{100 + number % 40}\n"
            f"Date:\t\t{at:%m/%d/%Y}\nTime:\t\t{at:%H:%M:%S}\nUser:\t\tN/A\nComputer:\tAPP{number % 5:02d}\nDescription:\n{body}\n\n"
        )


def line_log_records(count: int) -> Iterator[str]:
    """Records as log4net and its kin write them, some with a stack trace."""
    chance = random.Random(8)
    for number in range(count):
        at = START + timedelta(milliseconds=37 * number)
        level = "ERROR" if number % 12 == 0 else "INFO "
        yield (
            f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} [{number % 16}] {level} Orders.Gateway - order {number} of user{number % 97} "
            f"took {chance.randrange(3000)} ms in step {chance.choice(('accept', 'check', 'store', 'answer'))}\n"
        )
        if number % 12 == 0:
            yield TRACE.format(user=f"user{number % 97}", line=number % 400)


def write(path: Path, records: Callable[[int], Iterator[str]], megabytes: int) -> Path:
    """Fill a file to about the size asked for; a file that is there stays."""
    if path.exists():
        return path
    wanted, size = megabytes * 1_000_000, 0
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\r\n") as out:
        for record in records(1 << 40):
            out.write(record)
            size += len(record) + record.count("\n")
            if size >= wanted:
                break
    part.rename(path)
    return path


def write_rows(path: Path, records: Callable[[int], Iterator[str]], count: int) -> Path:
    """A file of so many records."""
    if path.exists():
        return path
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        out.writelines(records(count))
    part.rename(path)
    return path


def events(count: int) -> Iterator[EventSpec]:
    """Events as a domain controller and a web server write them."""
    chance = random.Random(9)
    for number in range(count):
        at = START + timedelta(seconds=number)
        if number % 3 == 0:
            yield EventSpec(
                provider="Microsoft-Windows-Security-Auditing",
                event_id=4625,
                time=at,
                level=0,
                keywords=0x8010000000000000,
                channel="Security",
                computer="DC01.corp.test",
                data=(
                    ("SubjectUserSid", "S-1-0-0"),
                    ("TargetUserName", f"user{number % 97}"),
                    ("TargetDomainName", "CORP"),
                    ("Status", "0xc000006d"),
                    ("SubStatus", "0xc000006a"),
                    ("LogonType", 3),
                    ("WorkstationName", f"PC{number % 31:03d}"),
                    ("IpAddress", f"192.0.2.{number % 250}"),
                    ("IpPort", str(chance.randrange(1024, 65535))),
                ),
            )
        else:
            yield EventSpec(
                provider="Order Service",
                event_id=100 + number % 40,
                time=at,
                level=2 if number % 5 == 0 else 4,
                channel="Application",
                computer=f"APP{number % 5:02d}.corp.test",
                data=(("", f"Order {number} of user{number % 97} was taken by worker {number % 11} after {chance.randrange(3000)} ms"),),
            )


def large_evtx(path: Path, megabytes: int) -> Path:
    """One .evtx of about the size asked for."""
    if not path.exists():
        write_large_evtx(path, events(4000), megabytes * 1_000_000)
    return path


def small_evtx(folder: Path, count: int) -> Path:
    """A folder of .evtx files of one to some chunks each, as collected from many machines."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        path = folder / f"{number:03d}.evtx"
        if not path.exists():
            path.write_bytes(evtx_bytes(events(20 + number % 180)))
    return folder


def filled_store(folder: Path, rows: int) -> EventStore:
    """A store of so many rows of about 400 characters, in segments of the usual size."""
    chance = random.Random(10)
    words = [f"word{number}" for number in range(500)]
    texts = [" ".join(chance.choices(words, k=55))[:380] for _ in range(5000)]
    store = EventStore()
    store.put_source(Source(0, Path("/logs/bench.log"), "/logs/bench.log", "lines", 1))
    numbers = np.random.default_rng(11)
    for start in range(0, rows, 60_000):
        count = min(60_000, rows - start)
        frame = pl.DataFrame(
            {
                "position": np.arange(start, start + count),
                "offset": np.arange(start, start + count) * 400,
                "length": np.full(count, 400),
                "time": numbers.integers(0, 10**14, count),
                "time_basis": np.full(count, 1),
                "level": numbers.integers(1, 6, count),
                "provider": [f"Provider {number % 40}" for number in range(count)],
                "event_id": numbers.integers(1, 5000, count),
                "computer": [f"HOST{number % 7}" for number in range(count)],
                "user": [f"user{number % 300}" for number in range(count)],
                "channel": ["Security"] * count,
                "message": [
                    f"{chance.choice(texts)} needle{number} in step" if number % 1000 == 0 else f"{chance.choice(texts)} in step"
                    for number in range(count)
                ],
                "flags": numbers.integers(0, 16, count),
            }
        )
        store.adopt(write_segment(normalised(frame, 0), folder / f"{start}.arrow"))
    return store
