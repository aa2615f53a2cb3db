"""Clocks: how much clock difference each stack allows, what offset a log's wall clock has, and durations in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median_low
from typing import Final

QUARTER: Final = timedelta(minutes=15)
"""Every zone offset in use is a whole number of these."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The clock difference one stack allows by default when it judges a validity window."""

    stack: str
    """Short name shown to a person."""
    late: timedelta
    """Allowed after the end of the window."""
    early: timedelta
    """Allowed before its start."""
    source: str
    """Where the figure is from."""
    confirmed: bool = True
    """False where the figure was not seen in the stack's own source or a real log; such a figure is always named as assumed."""
    lifetime: timedelta | None = None
    """How old a message may get by default whatever its own end says; None where the stack has no such limit."""
    setting: str = ""
    """The setting that changes it."""


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _same(
    stack: str, allowed: timedelta, source: str, *, confirmed: bool = True, lifetime: timedelta | None = None, setting: str = ""
) -> Tolerance:
    return Tolerance(stack, allowed, allowed, source, confirmed, lifetime, setting)


_ZERO = timedelta(0)

TOLERANCES: Final[Mapping[str, Tolerance]] = {
    tolerance.stack: tolerance
    for tolerance in (
        _same(
            "WSE",
            _minutes(5),
            "WSE timeToleranceInSeconds, default 300 (learn.microsoft.com aa528784, ms824668)",
            lifetime=_minutes(5),
            setting="timeToleranceInSeconds",
        ),
        _same(
            "WCF",
            _minutes(5),
            "System.ServiceModel SecurityProtocolFactory: maxClockSkew 00:05:00",
            lifetime=_minutes(5),
            setting="LocalServiceSettings.MaxClockSkew",
        ),
        _same(
            "WIF",
            _minutes(5),
            "WIF SecurityTokenHandlerConfiguration.MaxClockSkew, default 5 min",
            confirmed=False,
            setting="maximumClockSkew",
        ),
        _same(
            "AD FS",
            _minutes(5),
            "AD FS judges with WIF; its relying party trusts add NotBeforeSkew, default 0",
            confirmed=False,
            setting="Set-AdfsRelyingPartyTrust -NotBeforeSkew",
        ),
        _same("SharePoint", _minutes(5), "SharePoint judges with WIF", confirmed=False),
        _same(
            "IdentityModel",
            _minutes(5),
            "Microsoft.IdentityModel TokenValidationParameters.DefaultClockSkew 300 s",
            setting="TokenValidationParameters.ClockSkew",
        ),
        _same("Entra ID", _minutes(5), "customary five minutes; the service does not publish its own", confirmed=False),
        Tolerance(
            "WSS4J",
            _ZERO,
            _minutes(1),
            "WSS4J RequestData: Timestamp TTL 300 s, future TTL 60 s",
            True,
            _minutes(5),
            "ws-security.timestamp.timeToLive / futureTimeToLive",
        ),
        Tolerance("Rampart", _minutes(5), _minutes(5), "Rampart timestampMaxSkew, default 300 s", False, _minutes(5), "timestampMaxSkew"),
        _same(
            "Metro", _minutes(5), "Metro/WSIT maxClockSkew, default 300 s", confirmed=False, lifetime=_minutes(5), setting="maxClockSkew"
        ),
        _same("WebSphere", _minutes(5), "WebSphere Application Server receiver time stamp, 5 min (product documentation 9.0)"),
        _same("Spring SAML", timedelta(seconds=60), "Spring SAML WebSSOProfileConsumer.responseSkew 60 s", setting="responseSkew"),
        _same(
            "Spring Security",
            timedelta(seconds=60),
            "Spring Security JwtTimestampValidator, default 60 s",
            confirmed=False,
            setting="JwtTimestampValidator(clockSkew)",
        ),
        _same("python3-saml", _minutes(5), "python3-saml constants ALLOWED_CLOCK_DRIFT 300 s"),
        _same("node-saml", _ZERO, "node-saml acceptedClockSkewMs 0", setting="acceptedClockSkewMs"),
        _same("saml2 (Clever)", timedelta(seconds=1), "saml2-js notbefore_skew, default 1 s", setting="notbefore_skew"),
        _same("jjwt", _ZERO, "jjwt allowedClockSkewMillis 0", setting="clockSkewSeconds"),
        _same("java-jwt", _ZERO, "java-jwt acceptLeeway 0", confirmed=False, setting="acceptLeeway"),
        _same("PyJWT", _ZERO, "PyJWT leeway 0", confirmed=False, setting="leeway"),
        _same("jsonwebtoken", _ZERO, "node jsonwebtoken clockTolerance 0", confirmed=False, setting="clockTolerance"),
        Tolerance(
            "DotNetOpenAuth",
            _ZERO,
            _minutes(10),
            "DotNetOpenAuth MessagingElement: lifetime 3 min and clockSkew 10 min together make the end that it prints",
            True,
            _minutes(13),
            "messaging lifetime, clockSkew",
        ),
        _same("Clerk", timedelta(seconds=5), "Clerk clockSkewInMs 5000", confirmed=False, setting="clockSkewInMs"),
        _same("Keycloak", _ZERO, "Keycloak judges without skew unless the adapter or provider allows one", confirmed=False),
        _same("AWS", _minutes(5), "AWS Signature Version 4: 5 min for most services, printed in the refusal"),
        _same("AWS S3", _minutes(15), "S3 MaxAllowedSkewMilliseconds 900000"),
        _same("Azure Storage", _minutes(15), "learn.microsoft.com on shared access signatures: allow 15 min", setting="signed start (st)"),
        _same(
            "Kerberos",
            _minutes(5),
            "Kerberos policy: maximum tolerance for clock synchronisation 5 min",
            confirmed=False,
            setting="MaxClockSkew in the domain's Kerberos policy",
        ),
        _same("X.509", _ZERO, "RFC 5280 section 6.1.3: a certificate's validity has no tolerance"),
    )
}
"""Default tolerance by the name of the judging stack."""

CUSTOMARY: Final = Tolerance(
    "customary", _minutes(5), _minutes(5), "most stacks allow five minutes; which one judged is not known here", False
)
"""What is assumed where the judging stack is not known."""


def tolerance_of(stack: str, chosen: timedelta | None = None) -> Tolerance:
    """Tolerance of a stack by its name in ``TOLERANCES``; ``chosen`` is what the user set and replaces the default."""
    default = TOLERANCES.get(stack, CUSTOMARY)
    if chosen is None:
        return default
    return Tolerance(default.stack, chosen, chosen, "set by the user", True, default.lifetime, default.setting)


def in_words(delta: timedelta, parts: int = 3) -> str:
    """A duration for a person: ``6 min 3 s``, ``18 h 14 min 15 s``, ``2.378 s``, ``116 d 22 h``; a leading ``-`` where negative. ``parts`` is how many units at most."""
    if delta < _ZERO:
        return f"-{in_words(-delta, parts)}"
    if delta < timedelta(minutes=1):
        seconds = delta / timedelta(seconds=1)
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    total = round(delta / timedelta(seconds=1))
    amounts = ((total // 86400, "d"), (total % 86400 // 3600, "h"), (total % 3600 // 60, "min"), (total % 60, "s"))
    first = next(place for place, (amount, _) in enumerate(amounts) if amount)
    shown = amounts[first : first + (min(parts, 2) if first == 0 else parts)]
    return " ".join(f"{amount} {unit}" for amount, unit in shown if amount)


def offset_text(offset: timedelta) -> str:
    """An offset from UTC as ISO 8601 writes it: ``+05:30``, ``-03:00``, ``+00:00``."""
    minutes = round(offset / timedelta(minutes=1))
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours:02}:{rest:02}"


_PARTIAL: Final = frozenset(timedelta(minutes=minutes) for minutes in (-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825))
"""Offsets in use or in use in this century that are no whole hour (IANA time zone database), +13:45 as Chatham's summer time."""
_LOWEST, _HIGHEST = timedelta(hours=-12), timedelta(hours=14)


def in_use(offset: timedelta) -> bool:
    """Whether some place on earth keeps this offset from UTC (IANA time zone database)."""
    return _LOWEST <= offset <= _HIGHEST and (offset % timedelta(hours=1) == _ZERO or offset in _PARTIAL)


def split_offset(difference: timedelta) -> tuple[timedelta, timedelta] | None:
    """Split ``wall clock - UTC`` into a zone offset, rounded to 15 minutes, and the remainder that only a clock explains.

    Where no place keeps the rounded offset, the nearest one in use is taken, so that a clock that is 20 minutes ahead in
    UTC+01:00 does not become a zone of UTC+01:15. None where the difference is beyond every zone: the pair does not belong together.
    """
    rounded = QUARTER * round(difference / QUARTER)
    if in_use(rounded):
        return rounded, difference - rounded
    near = [rounded + QUARTER * step for step in (-2, -1, 1, 2) if in_use(rounded + QUARTER * step)]
    if not near or not _LOWEST - QUARTER <= rounded <= _HIGHEST + QUARTER:
        return None
    zone = min(near, key=lambda offset: abs(difference - offset))
    return zone, difference - zone


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What pairs of wall clock and UTC tell about a log's clock."""

    offset: timedelta
    """Offset from UTC of the wall clock, a zone in use."""
    skew: timedelta
    """Median of what the zone does not explain; positive when the wall clock is ahead."""
    spread: timedelta
    """Largest distance of one agreeing pair's remainder from ``skew``."""
    pairs: int
    """Pairs that could be used."""
    agreeing: int
    """Pairs that say this offset."""
    others: Mapping[timedelta, int]
    """Other offsets and how many pairs say them: a second one an hour away is daylight saving."""

    @property
    def is_certain(self) -> bool:
        """Whether at least nine in ten pairs say the same."""
        return self.agreeing * 10 >= self.pairs * 9


def infer_offset(pairs: Iterable[tuple[datetime, datetime]]) -> ClockReading | None:
    """Offset of a wall clock from pairs (wall clock as written, the same moment in UTC).

    The wall clock may be naive or carry a zone, which is ignored; the other must be aware, or naive and UTC. Each
    difference is rounded to a zone in use, the most frequent offset wins, and the smaller remainder decides a tie.
    None where no pair can be used.
    """
    remainders: dict[timedelta, list[timedelta]] = {}
    for wall, moment in pairs:
        utc = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        found = split_offset(wall.replace(tzinfo=None) - utc)
        if found is not None:
            remainders.setdefault(found[0], []).append(found[1])
    if not remainders:
        return None
    counts = Counter({offset: len(found) for offset, found in remainders.items()})
    best = max(counts, key=lambda offset: (counts[offset], -abs(median_low(remainders[offset]))))
    skew = median_low(remainders[best])
    return ClockReading(
        best,
        skew,
        max(abs(remainder - skew) for remainder in remainders[best]),
        counts.total(),
        counts[best],
        {offset: count for offset, count in counts.most_common() if offset != best},
    )


def quarter_shape(delta: timedelta, allowed: timedelta = timedelta(seconds=90)) -> timedelta | None:
    """The whole half hours that a difference is close to, where it is at least one; None otherwise.

    A difference of 59 min 43 s is an hour (daylight saving set by hand, or a zone) and 17 s of clock.
    """
    half = QUARTER * 2
    whole = half * round(delta / half)
    return whole if whole and abs(delta - whole) <= allowed else None
