"""wsse:BinarySecurityToken with every content it may carry, among them Kerberos tickets."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7

from tests.tokens.material import check, der_base64, envelope, field, leaf, only, root, tokens_in

X509 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#"
KERBEROS = "http://docs.oasis-open.org/wss/oasis-wss-kerberos-token-profile-1.1#"


def tlv(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    size = bytes([len(body)]) if len(body) < 128 else bytes([0x82, *len(body).to_bytes(2, "big")])
    return bytes([tag]) + size + body


def integer(value: int) -> bytes:
    return tlv(2, value.to_bytes(1 if value < 128 else 2, "big"))


def text(value: str) -> bytes:
    return tlv(0x1B, value.encode())


def ap_req(etype: int = 18, *, gss: bool = True) -> bytes:
    """A Kerberos AP-REQ as RFC 4120 5.5.1 lays it out, with made-up ciphers."""
    names = tlv(0x30, text("HTTP"), text("sp.example"))
    encrypted = tlv(0x30, tlv(0xA0, integer(etype)), tlv(0xA1, integer(5)), tlv(0xA2, tlv(4, b"c" * 200)))
    ticket = tlv(
        0x61,
        tlv(
            0x30,
            tlv(0xA0, integer(5)),
            tlv(0xA1, text("EXAMPLE")),
            tlv(0xA2, tlv(0x30, tlv(0xA0, integer(2)), tlv(0xA1, names))),
            tlv(0xA3, encrypted),
        ),
    )
    proof = tlv(0x30, tlv(0xA0, integer(etype)), tlv(0xA2, tlv(4, b"a" * 50)))
    request = tlv(
        0x6E, tlv(0x30, tlv(0xA0, integer(5)), tlv(0xA1, integer(14)), tlv(0xA2, tlv(3, b"\0" * 5)), tlv(0xA3, ticket), tlv(0xA4, proof))
    )
    if not gss:
        return request
    return tlv(0x60, bytes.fromhex("06092a864886f71201020201 00".replace(" ", "")), request)


def token_of(content: bytes | str, value_type: str) -> str:
    value = content if isinstance(content, str) else base64.b64encode(content).decode()
    return envelope(
        f'<wsse:BinarySecurityToken wsu:Id="B-1" ValueType="{value_type}" EncodingType="x#Base64Binary">{value}</wsse:BinarySecurityToken>'
    )


def test_certificate() -> None:
    token = only(tokens_in(token_of(der_base64(leaf()), X509 + "X509v3")))
    assert token.title == "BinarySecurityToken (X.509 certificate of sts.example)"
    assert check(token, "format") == ("passed", "", "X509v3 as stated")
    assert token.windows == token.inner[0].windows
    assert token.identity == token.inner[0].identity


def test_bundle_and_path() -> None:
    bundle = pkcs7.serialize_certificates([leaf(), root()], serialization.Encoding.DER)
    assert len(only(tokens_in(token_of(bundle, X509 + "PKCS7"))).inner) == 2
    path = tlv(0x30, *(one.public_bytes(serialization.Encoding.DER) for one in (root(), leaf())))
    token = only(tokens_in(token_of(path, X509 + "X509PKIPathv1")))
    assert [inner.title for inner in token.inner] == ["X.509 certificate of sts.example", "X.509 certificate of Root"]


@pytest.mark.parametrize("gss", [True, False])
def test_kerberos_header_is_read_as_far_as_it_is_in_clear(*, gss: bool) -> None:
    token = only(tokens_in(token_of(ap_req(gss=gss), KERBEROS + "GSS_Kerberosv5_AP_REQ")))
    ticket = only(token.inner)
    assert ticket.title == "Kerberos service ticket for HTTP/sp.example in EXAMPLE"
    assert field(ticket, "Ticket encryption") == "AES256-CTS-HMAC-SHA1-96"
    assert field(ticket, "Key version") == "5"
    assert check(ticket, "lifetime")[0] == "not possible"
    assert check(token, "format")[0] == "passed"
    assert [one.secret for one in token.fields if one.name == "Value"] == [True]


def test_rc4_is_named_as_switched_off() -> None:
    (ticket,) = only(tokens_in(token_of(ap_req(23), KERBEROS + "GSS_Kerberosv5_AP_REQ"))).inner
    assert check(ticket, "algorithm")[:2] == ("failed", "unsupported")


@pytest.mark.parametrize(
    ("content", "value_type", "outcome", "words"),
    [
        (b"nonsense", X509 + "X509v3", "failed", "the content is something else"),
        ("a", X509 + "X509v3", "failed", "no base64"),
        (ap_req(), X509 + "X509v3", "failed", "the content is Kerberos"),
        ("*****", X509 + "X509v3", "not possible", "the log hides the value"),
        (b"jwt", "urn:ietf:params:oauth:token-type:jwt", "not possible", "not one whose content is known"),
    ],
)
def test_form(content: bytes | str, value_type: str, outcome: str, words: str) -> None:
    found = check(only(tokens_in(token_of(content, value_type))), "format")
    assert found[0] == outcome
    assert words in found[2]
