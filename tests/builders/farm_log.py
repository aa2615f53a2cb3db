"""A log of a small farm: 1,000 messages to two hosts, of which one has a clock that is more than twelve minutes ahead."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.builders.evtx import EventSpec

MESSAGES: Final = 1000
AHEAD: Final = timedelta(minutes=12, seconds=12)
"""How far the clock of WEB02 is ahead: a time stamp that holds five minutes expired 7 min 12 s before it is checked there."""
_START: Final = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
_REQUEST: Final = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" '
    'xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><soap:Header>'
    "<wsa:Action>urn:orders/place</wsa:Action><wsa:MessageID>urn:uuid:{number:08x}-7d1c-4f0e-9a55-3c2b1a000000</wsa:MessageID>"
    '<wsse:Security soap:mustUnderstand="1"><wsu:Timestamp wsu:Id="ts-{number}"><wsu:Created>{created}</wsu:Created>'
    "<wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp><wsse:UsernameToken><wsse:Username>shop-{user}</wsse:Username></wsse:UsernameToken>"
    '</wsse:Security></soap:Header><soap:Body><placeOrder xmlns="urn:orders"><number>{number}</number></placeOrder></soap:Body></soap:Envelope>'
)
_REFUSAL: Final = (
    "Microsoft.Web.Services3.Security.SecurityFault: The message has expired\n"
    "   at Microsoft.Web.Services3.Design.UsernameOverTransportAssertion.ServiceInputFilter.ValidateMessageSecurity(SoapEnvelope envelope)\n"
    "   at Microsoft.Web.Services3.Pipeline.ProcessInputMessage(SoapEnvelope envelope)\n"
    "   at Tailwind.Orders.OrderEndpoint.Receive(SoapEnvelope envelope)\n"
    "Request was: {request}"
)


def farm_events() -> Iterator[EventSpec]:
    """The events of both hosts, in the order of their own clocks' start."""
    chance = random.Random(12)
    sent = _START
    for number in range(MESSAGES):
        sent += timedelta(seconds=chance.expovariate(1 / 20) * (0.4 if 300 < number < 520 else 1.2))
        delay = timedelta(seconds=0.15 + chance.expovariate(1 / 0.6))
        ahead = number % 4 == 3
        created = sent.replace(microsecond=sent.microsecond // 1000 * 1000)
        request = _REQUEST.format(
            number=number,
            user=number % 7,
            created=f"{created:%Y-%m-%dT%H:%M:%S}Z",
            expires=f"{created + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}Z",
        )
        slow = not ahead and number % 45 == 0
        yield EventSpec(
            provider="Order Service",
            event_id=401 if ahead else 120 if slow else 100,
            time=created + delay + (AHEAD if ahead else timedelta(0)),
            level=2 if ahead else 3 if slow else 4,
            channel="Application",
            computer="WEB02.tailwind.example" if ahead else "WEB01.tailwind.example",
            data=(("", _REFUSAL.format(request=request) if ahead else f"Order {number} {'took long' if slow else 'accepted'}: {request}"),),
        )
