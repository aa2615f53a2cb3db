"""Certificates anywhere in a text, and how the reading of binary_security_token, kerberos and key material copes with them."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from inspector.tokens import find_tokens
from inspector.tokens.base import Trust
from inspector.tokens.verify import verified
from tests.tokens.material import NOW, certificate, check, der_base64, ec_key, field, leaf, only, pem, root, rsa_key, tokens_in

FULL = (
    (x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=True, data_encipherment=False, key_agreement=False,
                   key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    (x509.SubjectAlternativeName([x509.DNSName("sts.example")]), False),
    (x509.CRLDistributionPoints([x509.DistributionPoint([x509.UniformResourceIdentifier("http://pki.example/ca.crl")], None, None, None)]), False),
    (x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example"))]), False),
)  # fmt: skip


def test_everything_a_person_asks_of_a_certificate() -> None:
    made = certificate("sts.example", rsa_key(), extensions=FULL)
    token = only(find_tokens(f"cert: {der_base64(made)}"))
    assert token.title == "X.509 certificate of sts.example"
    assert field(token, "Public key") == "RSA 2048 bits"
    assert field(token, "Key usage") == "signature, key encipherment"
    assert field(token, "Extended key usage") == "TLS client"
    assert field(token, "Alternative names") == "sts.example"
    assert field(token, "Revocation list (not fetched)") == "http://pki.example/ca.crl"
    assert field(token, "OCSP responder (not asked)") == "http://ocsp.example"
    assert len(field(token, "Thumbprint (SHA-1)")) == 40
    assert len(field(token, "Thumbprint (SHA-256)")) == 64
    assert token.windows[0].not_after == made.not_valid_after_utc
    assert token.windows[0].kind == "certificate"
    assert not [one for one in token.fields if one.secret]


@pytest.mark.parametrize(
    "text",
    [
        pem(leaf()).decode(),
        f'{{"x5c":["{der_base64(leaf())}"]}}',
        json.dumps({"certificate": pem(leaf()).decode()}),
        pem(leaf()).decode().replace("\n", "\r\n"),
        f"<a>{pem(leaf()).decode().replace(chr(10), '&#xA;')}</a>",
        f"thumb {der_base64(leaf())} and words behind it",
    ],
)
def test_found_in_every_spelling(text: str) -> None:
    token = only([one for one in find_tokens(text) if one.kind == "x509"])
    assert field(token, "Serial number") == "abc"
    assert text[token.span.start :].startswith("MII")


def test_bundle() -> None:
    made = pkcs7.serialize_certificates([leaf(), root()], serialization.Encoding.DER)
    import base64

    token = only(find_tokens(f"chain {base64.b64encode(made).decode()}"))
    assert token.title == "PKCS#7 bundle of 2 certificates"
    assert [one.kind for one in token.inner] == ["x509", "x509"]


def test_a_private_key_in_a_log_is_an_alarm_and_secret() -> None:
    key = ec_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    token = only(find_tokens(f"loaded {key} ok"))
    assert check(token, "exposure")[0] == "failed"
    assert [one.name for one in token.fields if one.secret] == ["Key"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [("AAAA\n-----END CERTIFICATE-----", "failed"), ("MIIB", "not possible"), ("***********\n-----END CERTIFICATE-----", "not possible")],
)
def test_a_block_that_cannot_be_read(body: str, outcome: str) -> None:
    assert check(only(find_tokens(f"-----BEGIN CERTIFICATE-----\n{body}")), "format")[0] == outcome


@pytest.mark.parametrize("text", ["MII" * 60, "MIIDBTCCAe2g" * 40, "MIDI MISSING MISTAKE " * 10])
def test_near_misses(text: str) -> None:
    assert find_tokens(text) == ()


def test_a_certificate_inside_another_token_is_not_told_twice() -> None:
    xml = f'<wsse:Security xmlns:wsse="urn:x"><wsse:BinarySecurityToken ValueType="x#X509v3">{der_base64(leaf())}</wsse:BinarySecurityToken></wsse:Security>'
    assert [one.kind for one in tokens_in(xml)] == ["binary_security_token"]


def test_weakness_is_no_reason_for_a_refusal() -> None:
    import warnings

    from cryptography.hazmat.primitives.asymmetric import rsa

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        small = certificate("old.example", rsa.generate_private_key(65537, 1024))
    assert check(only(find_tokens(der_base64(small))), "algorithm")[:2] == ("failed", "")


def test_a_name_that_cannot_be_read_costs_nothing_but_the_name() -> None:
    """Names are parsed when they are asked for, so a damaged one fails late."""
    der = leaf().public_bytes(serialization.Encoding.DER).replace(b"sts.example", b"sts.\xffxample")
    text = base64.b64encode(der).decode()
    token = only(find_tokens(f"cert: {text}"))
    assert field(token, "Subject").startswith("not readable: ")
    assert field(token, "Public key") == "RSA 2048 bits"
    trust = Trust(pem=(pem(root()), b"-----BEGIN CERTIFICATE-----\n" + text.encode() + b"\n-----END CERTIFICATE-----\n"))
    judged = verified(token, trust, NOW)
    assert check(judged, "chain") == ("not possible", "", "the names of its subject and issuer cannot be read")
