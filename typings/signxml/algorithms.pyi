import enum
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.hashes import HashAlgorithm

class SignatureConstructionMethod(enum.Enum):
    enveloped = ...

    enveloping = "enveloping-signature"
    detached = "detached-signature"

class DigestAlgorithm(enum.Enum):
    SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
    SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

class SignatureMethod(enum.Enum):
    RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    HMAC_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"

class CanonicalizationMethod(enum.Enum):
    CANONICAL_XML_1_0 = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    CANONICAL_XML_1_1 = "http://www.w3.org/2006/12/xml-c14n11"
    EXCLUSIVE_XML_CANONICALIZATION_1_0 = "http://www.w3.org/2001/10/xml-exc-c14n#"

digest_algorithm_implementations: Mapping[SignatureMethod | DigestAlgorithm, Callable[[], HashAlgorithm]]
