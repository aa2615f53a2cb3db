"""XML encryption: what is encrypted, and for whom."""

from __future__ import annotations

from tests.tokens.material import check, der_base64, envelope, field, leaf, only, tokens_in

XENC = "http://www.w3.org/2001/04/xmlenc#"
DS = "http://www.w3.org/2000/09/xmldsig#"


def data(method: str = "http://www.w3.org/2009/xmlenc11#aes256-gcm") -> str:
    return (
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Type="{XENC}Content"><xenc:EncryptionMethod Algorithm="{method}"/><ds:KeyInfo><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="{XENC}rsa-oaep-mgf1p"/><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der_base64(leaf())}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>'
        "<xenc:CipherData><xenc:CipherValue>a2V5</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        "<xenc:CipherData><xenc:CipherValue>Y2lwaGVy</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
    )


def test_encrypted_body() -> None:
    token = only(tokens_in(envelope("", data()), "encryption"))
    assert token.title == "Encrypted SOAP body (aes256-gcm)"
    assert field(token, "Key encryption") == "rsa-oaep-mgf1p"
    assert field(token, "Encrypted") == "the content of an element"
    assert only(token.inner).title == "X.509 certificate of sts.example"
    assert {one.name for one in token.fields if one.secret} == {"Cipher value"}
    assert check(token, "algorithm")[0] == "passed"
    assert check(token, "lifetime")[0] == "not possible"


def test_weak_encryption_is_named() -> None:
    assert "Triple DES: weak" in check(only(tokens_in(envelope("", data(f"{XENC}tripledes-cbc")), "encryption")), "algorithm")[2]


def test_a_key_by_itself() -> None:
    key = f'<xenc:EncryptedKey xmlns:xenc="{XENC}"><xenc:ReferenceList><xenc:DataReference URI="#E-1"/></xenc:ReferenceList></xenc:EncryptedKey>'
    token = only(tokens_in(envelope(key), "encryption"))
    assert token.title == "Encrypted key (no algorithm stated)"
    assert field(token, "Encrypts") == "#E-1"


def test_near_miss() -> None:
    assert tokens_in("<EncryptionMethod>none</EncryptionMethod>", "encryption") == []
