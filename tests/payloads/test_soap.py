"""SOAP envelopes and faults: every version, both fault shapes, whole, wrapped and damaged."""

from __future__ import annotations

import pytest

from inspector.payloads.namespaces import ADDRESSING_VERSIONS, CONVERSATION_VERSIONS, SECURITY_VERSIONS, SOAP_VERSIONS, TRUST_VERSIONS
from inspector.payloads.soap import Envelope, Soap
from inspector.xmltext import find_xml
from tests.xmltext.messages import FAULT_11, FAULT_12, MESSAGES, REQUEST, WRAPPINGS, WSSE

BARE_FAULT = (
    '<Fault xmlns="http://schemas.microsoft.com/ws/2005/05/envelope/none"><Code><Value>Sender</Value><Subcode><Value xmlns:a="urn:a">a:Gone</Value></Subcode>'
    "</Code><Reason><Text xml:lang='en'>not there</Text></Reason></Fault>"
)


def envelopes(text: str) -> list[Envelope]:
    found = Soap().find(text, find_xml(text), frozenset())
    return [payload for payload in found if isinstance(payload, Envelope)]


def envelope(text: str) -> Envelope:
    (found,) = envelopes(text)
    return found


def test_a_request_with_addressing_and_security() -> None:
    text = f"Refused: {REQUEST}"
    found = envelope(text)
    assert found.version == "SOAP 1.2"
    assert found.title == "SOAP 1.2 message Place"
    assert not found.is_fault
    assert text[found.span.start : found.span.end] == REQUEST
    assert found.addressing is not None
    assert found.addressing.version == "WS-Addressing 1.0"
    assert (found.addressing.action, found.addressing.message_id) == ("urn:orders/Place", "urn:uuid:1111")
    assert found.addressing.reply_to == "http://www.w3.org/2005/08/addressing/anonymous"
    assert found.security is not None
    assert (found.security.version, found.security.must_understand, found.security.parts) == (
        "WS-Security 1.0",
        True,
        ("Timestamp", "UsernameToken"),
    )
    assert found.security.created_span is not None
    assert found.security.expires_span is not None
    assert text[found.security.created_span.start : found.security.created_span.end] == found.security.created == "2024-05-01T10:00:00.000Z"
    assert text[found.security.expires_span.start : found.security.expires_span.end] == found.security.expires == "2024-05-01T10:05:00.000Z"
    assert [str(name) for name in found.body] == ["Place"]
    assert found.body[0].namespace == "urn:orders"
    assert [found.pretty[secret.start : secret.end] for secret in found.secrets] == ["open sesame"]


def test_a_fault_of_soap_11() -> None:
    fault = envelope(FAULT_11).fault
    assert fault is not None
    assert fault.code is not None
    assert (str(fault.code), fault.code.local, fault.code.namespace) == ("code:FailedAuthentication", "FailedAuthentication", WSSE)
    assert fault.decisive is fault.code
    assert fault.reason.startswith("Contoso.Security.SecurityFault: The token could not be checked\n   at ")
    assert fault.actor == "http://orders.example/svc.ashx"
    assert fault.detail_text == "no such user"
    assert fault.detail_xml == '<why xmlns="urn:d">no such user</why>'
    assert fault.span is not None
    assert FAULT_11[fault.span.start : fault.span.end].startswith("<soap:Fault>")
    addressing = envelope(FAULT_11).addressing
    assert addressing is not None
    assert addressing.relates_to == ("uuid:2222", "uuid:3333"), "every one of them"
    assert envelope(FAULT_11).body_kind == "fault"


def test_a_fault_of_soap_12_with_nested_subcodes_and_two_languages() -> None:
    fault = envelope(FAULT_12).fault
    assert fault is not None
    assert [str(code) for code in (fault.code, *fault.subcodes)] == ["s:Sender", "a:BadContextToken", "x:Idle"]
    assert [code.namespace for code in fault.subcodes] == ["http://schemas.xmlsoap.org/ws/2005/02/sc", "urn:x"]
    assert str(fault.decisive) == "x:Idle"
    assert [(reason.language, reason.text) for reason in fault.reasons] == [("de", "abgelaufen"), ("en-GB", "expired")]
    assert fault.reason == "expired", "English first, wherever it stands"
    assert (fault.node, fault.role) == ("urn:node", "urn:role")
    assert envelope(FAULT_12).title == "SOAP 1.2 fault x:Idle: expired"


@pytest.mark.parametrize("uri", SOAP_VERSIONS)
def test_every_version_of_soap(uri: str) -> None:
    found = envelope(f'<e:Envelope xmlns:e="{uri}"><e:Body><e:Fault><faultcode>e:X</faultcode></e:Fault></e:Body></e:Envelope>')
    assert found.version == SOAP_VERSIONS[uri]
    assert found.fault is not None
    assert found.fault.code is not None
    assert found.fault.code.namespace == uri


@pytest.mark.parametrize("uri", ADDRESSING_VERSIONS)
def test_every_version_of_addressing(uri: str) -> None:
    found = envelope(
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header xmlns:a="{uri}"><a:From><a:Address>urn:me</a:Address></a:From>'
        "<a:FaultTo><a:Address>urn:f</a:Address></a:FaultTo></e:Header><e:Body/></e:Envelope>"
    )
    assert found.addressing is not None
    assert (found.addressing.version, found.addressing.from_, found.addressing.fault_to) == (ADDRESSING_VERSIONS[uri], "urn:me", "urn:f")
    assert found.body_kind == "empty"


@pytest.mark.parametrize("uri", SECURITY_VERSIONS)
def test_every_version_of_security(uri: str) -> None:
    security = envelope(
        f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><w:Security xmlns:w="{uri}"/></e:Header><e:Body/></e:Envelope>'
    ).security
    assert security is not None
    assert security.version == SECURITY_VERSIONS[uri]


@pytest.mark.parametrize("uri", TRUST_VERSIONS)
@pytest.mark.parametrize(("element", "short"), [("RequestSecurityToken", "RST"), ("RequestSecurityTokenResponse", "RSTR"), ("RequestSecurityTokenResponseCollection", "RSTRC")])  # fmt: skip
def test_bodies_of_ws_trust(uri: str, element: str, short: str) -> None:
    found = envelope(
        f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><t:{element} xmlns:t="{uri}"><t:RequestType>{uri}/Issue</t:RequestType>'
        f"</t:{element}></e:Body></e:Envelope>"
    )
    assert found.body_kind == f"{short} Issue ({TRUST_VERSIONS[uri]})"


def test_a_request_for_a_security_context_says_so() -> None:
    uri = next(iter(CONVERSATION_VERSIONS))
    found = envelope(
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><RequestSecurityToken '
        f'xmlns="http://docs.oasis-open.org/ws-sx/ws-trust/200512"><TokenType>{uri}/sct</TokenType></RequestSecurityToken></e:Body></e:Envelope>'
    )
    assert found.body_kind == "RST (WS-Trust 1.3, WS-SecureConversation 1.3)"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('<x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#"/>', "encrypted"),
        ('<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"/>', "SAML 2.0 Response"),
        ('<p:Response xmlns:p="urn:oasis:names:tc:SAML:1.0:protocol"/>', "SAML 1.1 Response"),
        ("... stream ...", "stream, not logged"),
        ("<Anything/>", "Anything"),
    ],
)
def test_other_bodies(body: str, kind: str) -> None:
    found = envelope(f'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>{body}</e:Body></e:Envelope>')
    assert found.body_kind == kind


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        (BARE_FAULT, "a:Gone", "not there"),
        ("<Fault><faultcode>Client</faultcode><faultstring>bad</faultstring></Fault>", "Client", "bad"),
        ("<soap:Fault><faultcode>soap:Server.userException</faultcode></soap:Fault>", "soap:Server.userException", ""),
        ("only <faultstring>this was logged</faultstring>", "", "this was logged"),
        ("only <faultcode xmlns:w='urn:w'>w:This</faultcode>", "w:This", ""),
        ("<log x='1'><Fault><faultstring>carried</faultstring></Fault></log>", "", "carried"),
    ],
)  # fmt: skip
def test_faults_without_an_envelope(text: str, code: str, reason: str) -> None:
    found = envelope(text)
    assert found.fragment
    assert found.fault is not None
    assert str(found.fault.decisive or "") == code
    assert found.fault.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "<Fault><line>3</line></Fault>",  # a fault of another kind
        '<g:Envelope xmlns:g="http://www.gesmes.org/xml/2002-08-01"><g:Cube/></g:Envelope>',
        "<Event><Data Name='Envelope'>Fault</Data></Event>",
        "Envelope, Fault, faultstring: just words",
    ],
)
def test_what_only_sounds_like_soap(text: str) -> None:
    assert envelopes(text) == []


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("message", MESSAGES)
def test_every_message_is_read_the_same_under_every_wrapping(wrapping: str, message: str) -> None:
    plain, wrapped = envelope(message), envelope(WRAPPINGS[wrapping](message))
    assert (wrapped.version, wrapped.addressing, wrapped.body_kind, wrapped.is_fault) == (
        plain.version, plain.addressing, plain.body_kind, plain.is_fault,
    )  # fmt: skip
    assert wrapped.pretty == plain.pretty
    if plain.fault and wrapped.fault:
        assert [reason.text for reason in wrapped.fault.reasons] == [reason.text for reason in plain.fault.reasons]


def test_an_envelope_inside_a_trace_record_is_found_in_its_place() -> None:
    text = f'<E2ETraceEvent xmlns="http://schemas.microsoft.com/2004/06/E2ETraceEvent"><ApplicationData>{REQUEST}</ApplicationData></E2ETraceEvent>'
    found = envelope(text)
    assert text[found.span.start : found.span.end] == REQUEST
    assert found.pretty.startswith("<s:Envelope")


def test_a_cut_envelope_keeps_what_is_there_and_marks_where_it_breaks() -> None:
    cut = FAULT_11[: FAULT_11.index("<faultactor>") + 6]
    found = envelope(cut)
    assert not found.well_formed
    assert found.fault is not None
    assert str(found.fault.code) == "code:FailedAuthentication"
    assert found.break_at is not None
    assert found.pretty[found.break_at :] == "<fault"
    assert any("cut at the end" in problem for problem in found.problems)


def test_a_lost_end_tag_is_marked_where_it_is_missed() -> None:
    broken = REQUEST.replace("</a:Action>", "")
    found = envelope(broken)
    assert found.break_at is not None
    assert found.pretty[found.break_at :].startswith("</s:Header>")
    assert found.addressing is not None
    assert found.fault is None


def test_what_the_logger_hid_is_said() -> None:
    masked = REQUEST.replace("open sesame", "******").replace("<number>17</number>", "<!-- Removed-->")
    problems = " ".join(envelope(masked).problems)
    assert "masked before it was logged" in problems
    assert "removed an element" in problems
