"""The other side of TestPython: one JSON task a line in, one JSON result a line out.

Everything here is Python's `cryptography`, so that what KMS makes is judged by
other people's code, and what other people's code makes is put to KMS.
"""
import base64
import json
import sys

from cryptography.hazmat.primitives import hashes, hmac, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

HASHES = {"1": hashes.SHA1, "224": hashes.SHA224, "256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1, "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1, "ECC_SECG_P256K1": ec.SECP256K1,
}
DER = serialization.Encoding.DER
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def digest(algorithm):
    return HASHES[algorithm.split("_")[-1]]()


def oaep(h):
    return padding.OAEP(mgf=padding.MGF1(h), algorithm=h, label=None)


def verify(task):
    key = serialization.load_der_public_key(task["public"])
    algorithm, message, signature = task["algorithm"], task["message"], task["signature"]
    if algorithm.startswith("RSASSA_PSS"):
        h = digest(algorithm)
        key.verify(signature, message, padding.PSS(mgf=padding.MGF1(h), salt_length=h.digest_size), h)
    elif algorithm.startswith("RSASSA"):
        key.verify(signature, message, padding.PKCS1v15(), digest(algorithm))
    elif algorithm.startswith("ECDSA"):
        key.verify(signature, message, ec.ECDSA(digest(algorithm)))
    else:
        key.verify(signature, message)
    return {}


def generate(spec):
    if spec.startswith("RSA"):
        return rsa.generate_private_key(65537, int(spec.split("_")[1]))
    if spec == "ECC_NIST_EDWARDS25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(CURVES[spec]())


def wrap(task):
    """Makes or takes key material and wraps it for ImportKeyMaterial."""
    result = {}
    material = task.get("material")
    if material is None:
        key = generate(task["spec"])
        material = key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        result["public"] = key.public_key().public_bytes(DER, SPKI)
    wrapping = serialization.load_der_public_key(task["wrapping"])
    algorithm = task["algorithm"]
    pad = oaep(digest(algorithm))
    if algorithm.startswith("RSAES"):
        result["wrapped"] = wrapping.encrypt(material, pad)
    else:
        aes = b"k" * 32
        result["wrapped"] = wrapping.encrypt(aes, pad) + keywrap.aes_key_wrap_with_padding(aes, material)
    return result


def encrypt(task):
    key = serialization.load_der_public_key(task["public"])
    return {"ciphertext": key.encrypt(task["message"], oaep(digest(task["algorithm"])))}


def sign(task):
    """Signs with a private key that KMS made, and names its public key."""
    key = serialization.load_der_private_key(task["private"], None)
    result = {"public": key.public_key().public_bytes(DER, SPKI)}
    if isinstance(key, rsa.RSAPrivateKey):
        result["signature"] = key.sign(task["message"], padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        result["signature"] = key.sign(task["message"], ec.ECDSA(hashes.SHA256()))
    elif isinstance(key, ed25519.Ed25519PrivateKey):
        result["signature"] = key.sign(task["message"])
    return result


def agree(task):
    theirs = serialization.load_der_public_key(task["public"])
    mine = ec.generate_private_key(theirs.curve)
    return {"public": mine.public_key().public_bytes(DER, SPKI), "secret": mine.exchange(ec.ECDH(), theirs)}


def mac(task):
    h = hmac.HMAC(task["material"], digest(task["algorithm"]))
    h.update(task["message"])
    return {"mac": h.finalize()}


def encapsulate(task):
    secret, ciphertext = serialization.load_der_public_key(task["public"]).encapsulate()
    return {"secret": secret, "ciphertext": ciphertext}


BINARY = {"public", "private", "message", "signature", "wrapping", "material"}
TASKS = {f.__name__: f for f in (verify, wrap, encrypt, sign, agree, mac, encapsulate)}

for line in sys.stdin:
    task = {k: base64.b64decode(v) if k in BINARY else v for k, v in json.loads(line).items()}
    try:
        result = {k: base64.b64encode(v).decode() for k, v in TASKS[task["task"]](task).items()}
    except Exception as e:  # the test says what it means
        result = {"error": type(e).__name__ + ": " + str(e)}
    print(json.dumps(result), flush=True)
