"""Makes the logs that are measured: copied Event Viewer text with envelopes, and a line log with stack traces."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
