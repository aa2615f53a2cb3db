from signxml.algorithms import CanonicalizationMethod as CanonicalizationMethod
from signxml.algorithms import DigestAlgorithm as DigestAlgorithm
from signxml.algorithms import SignatureConstructionMethod as SignatureConstructionMethod
from signxml.algorithms import SignatureMethod as SignatureMethod
from signxml.signer import XMLSigner as XMLSigner
from signxml.verifier import SignatureConfiguration as SignatureConfiguration
from signxml.verifier import XMLVerifier as XMLVerifier

methods = SignatureConstructionMethod
