"""XML signatures: what is signed, and whether that is what will be read."""

from __future__ import annotations

from tests.tokens.material import SAML, WSSE, WSU, assertion, check, field, only, response, self_signed, signed, tokens_in

DS = "http://www.w3.org/2000/09/xmldsig#"


def signature(uri: str, *, method: str = f"{DS}rsa-sha1", digest: str = f"{DS}sha1", key_info: str = "") -> str:
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="{uri}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue>YQ==</ds:DigestValue></ds:Reference></ds:SignedInfo>'
        f"<ds:SignatureValue>c2lnbmF0dXJl</ds:SignatureValue>{key_info}</ds:Signature>"
    )


def test_signed_parts_algorithms_and_key_are_named() -> None:
    token = only(tokens_in(signed(assertion(), identifier="_a1"), "signature"))
    assert token.title == "Signature over Assertion (rsa-sha256)"
    assert field(token, "Signed part") == "Assertion #_a1"
    assert next(one.note for one in token.fields if one.name == "Signed part").startswith(
        "sha256; transforms: enveloped signature, exclusive C14N"
    )
    assert only(token.inner).title == "X.509 certificate of idp0.example"
    assert [one.name for one in token.fields if one.secret] == ["Signature value"]
    assert check(token, "wrapping")[0] == "passed"


def test_security_token_reference_is_followed() -> None:
    from tests.tokens.material import der_base64

    key_info = '<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI="#B-1"/></wsse:SecurityTokenReference></ds:KeyInfo>'
    xml = (
        f'<e xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"><wsse:BinarySecurityToken wsu:Id="B-1">{der_base64(self_signed())}</wsse:BinarySecurityToken>'
        f'<b wsu:Id="body"/>{signature("#body", key_info=key_info)}</e>'
    )
    token = only(tokens_in(xml, "signature"))
    assert field(token, "Key reference") == "#B-1"
    assert only(token.inner).subject == token.subject


def test_weak_algorithms_are_named_and_prove_nothing() -> None:
    token = only(tokens_in(f'<a Id="x">{signature("#x")}</a>', "signature"))
    assert check(token, "algorithm") == ("failed", "", "rsa-sha1: weak, current stacks may refuse it")
    mixed = signature("#x", method="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
    assert "digests with SHA-1" in check(only(tokens_in(f'<a Id="x">{mixed}</a>', "signature")), "algorithm")[2]


def test_shortened_hmac_is_an_attack() -> None:
    xml = signature("#x", method=f"{DS}hmac-sha1").replace(
        'hmac-sha1"/>', 'hmac-sha1"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>'
    )
    assert check(only(tokens_in(f'<a Id="x">{xml}</a>', "signature")), "algorithm")[:2] == ("failed", "unsupported")


def test_two_elements_of_one_id() -> None:
    token = only(tokens_in(f'<a><b Id="x"/><c Id="x"/>{signature("#x")}</a>', "signature"))
    assert check(token, "wrapping")[1:] == (
        "signature_mismatch",
        "2 elements carry the id #x: which one is signed is left to chance, an attack",
    )


def test_a_missing_part() -> None:
    assert "is not in this document" in check(only(tokens_in(f"<a>{signature('#x')}</a>", "signature")), "wrapping")[2]


def test_the_signature_of_another_element_in_a_forged_one() -> None:
    real = signed(assertion("_real"), identifier="_real")
    start, end = real.index("<ds:Signature"), real.index("</ds:Signature>") + len("</ds:Signature>")
    stolen, bare = real[start:end], real[:start] + real[end:]
    forged = assertion("_forged").replace("</saml:Issuer>", f"</saml:Issuer>{stolen}", 1)
    found = [check(token, "wrapping") for token in tokens_in(response(forged + bare), "signature")]
    assert [one[:2] for one in found] == [("failed", "signature_mismatch")]
    assert "signature wrapping" in found[0][2]


def test_a_signed_part_in_a_hiding_place() -> None:
    real = signed(assertion("_real"), identifier="_real")
    xml = response(f"<samlp:Extensions>{real}</samlp:Extensions>{assertion('_forged')}")
    assert "hides inside Extensions" in check(only(tokens_in(xml, "signature")), "wrapping")[2]


def test_dtd_in_a_signed_document() -> None:
    token = only(tokens_in(f'<!DOCTYPE a><a Id="x">{signature("#x")}</a>', "signature"))
    assert check(token, "wrapping")[:2] == ("failed", "malformed")


def test_a_business_element_called_signature_is_none() -> None:
    assert tokens_in(f'<saml:x xmlns:saml="{SAML}"><Signature>Alice Example</Signature></saml:x>', "signature") == []
