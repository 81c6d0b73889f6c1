package kms

import (
	"crypto"
	"crypto/elliptic"
	"slices"
)

// Key specs.
const (
	SpecSymmetric = "SYMMETRIC_DEFAULT"
	SpecRSA2048   = "RSA_2048"
	SpecRSA3072   = "RSA_3072"
	SpecRSA4096   = "RSA_4096"
	SpecP256      = "ECC_NIST_P256"
	SpecP384      = "ECC_NIST_P384"
	SpecP521      = "ECC_NIST_P521"
	SpecSecp256k1 = "ECC_SECG_P256K1"
	SpecEd25519   = "ECC_NIST_EDWARDS25519"
	SpecHMAC224   = "HMAC_224"
	SpecHMAC256   = "HMAC_256"
	SpecHMAC384   = "HMAC_384"
	SpecHMAC512   = "HMAC_512"
	SpecMLDSA44   = "ML_DSA_44"
	SpecMLDSA65   = "ML_DSA_65"
	SpecMLDSA87   = "ML_DSA_87"
	SpecMLKEM512  = "ML_KEM_512"
	SpecMLKEM768  = "ML_KEM_768"
	SpecMLKEM1024 = "ML_KEM_1024"
)

// Key usages.
const (
	UsageEncryptDecrypt    = "ENCRYPT_DECRYPT"
	UsageSignVerify        = "SIGN_VERIFY"
	UsageGenerateVerifyMac = "GENERATE_VERIFY_MAC"
	UsageKeyAgreement      = "KEY_AGREEMENT"
	UsageEncapsulate       = "ENCAPSULATE_DECAPSULATE"
)

// Origins of key material.
const (
	OriginKMS              = "AWS_KMS"
	OriginExternal         = "EXTERNAL"
	OriginCloudHSM         = "AWS_CLOUDHSM"
	OriginExternalKeyStore = "EXTERNAL_KEY_STORE"
)

// Managers of keys.
const (
	ManagerCustomer = "CUSTOMER"
	ManagerAWS      = "AWS"
)

// Algorithms, as KMS names them.
const (
	AlgorithmSymmetric  = "SYMMETRIC_DEFAULT"
	AlgorithmOAEPSHA1   = "RSAES_OAEP_SHA_1"
	AlgorithmOAEPSHA256 = "RSAES_OAEP_SHA_256"
	AlgorithmECDH       = "ECDH"
	AlgorithmMLKEM      = "ML_KEM"
	algorithmMLDSA      = "ML_DSA_SHAKE_256"
	algorithmEd25519    = "ED25519_SHA_512"
	algorithmEd25519ph  = "ED25519_PH_SHA_512"
)

// Specs of data keys, for GenerateDataKey.
const (
	DataKeyAES256 = "AES_256"
	DataKeyAES128 = "AES_128"
)

const (
	aliasPrefix       = "alias/"
	awsAliasPrefix    = "alias/aws/"
	multiRegionPrefix = "mrk-"
)

// family is the kind of mathematics behind a spec.
type family uint8

const (
	symmetric family = iota
	hmacKey
	rsaKey
	nistCurve
	secp256k1Curve
	edwardsCurve
	mldsaKey
	mlkemKey
)

// keySpec is what is known of a KeySpec.
type keySpec struct {
	family family
	// size is of the material in bytes (symmetric, HMAC), of the modulus in
	// bits (RSA), or names the parameter set (ML-DSA, ML-KEM).
	size  int
	curve elliptic.Curve
	// algorithms are those of each usage that the spec has.
	algorithms map[string][]string
}

var rsaAlgorithms = map[string][]string{
	UsageEncryptDecrypt: {AlgorithmOAEPSHA1, AlgorithmOAEPSHA256},
	UsageSignVerify: {
		"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
		"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
	},
}

func nist(curve elliptic.Curve, signing string) keySpec {
	return keySpec{family: nistCurve, curve: curve, algorithms: map[string][]string{
		UsageSignVerify:   {signing},
		UsageKeyAgreement: {AlgorithmECDH},
	}}
}

func of(f family, size int, usage string, algorithms ...string) keySpec {
	return keySpec{family: f, size: size, algorithms: map[string][]string{usage: algorithms}}
}

// specs are the key specs of which keys can be made. SM2, which AWS offers only in
// China, is left out.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html.
var specs = map[string]keySpec{
	SpecSymmetric: of(symmetric, 32, UsageEncryptDecrypt, AlgorithmSymmetric),
	SpecRSA2048:   {family: rsaKey, size: 2048, algorithms: rsaAlgorithms},
	SpecRSA3072:   {family: rsaKey, size: 3072, algorithms: rsaAlgorithms},
	SpecRSA4096:   {family: rsaKey, size: 4096, algorithms: rsaAlgorithms},
	SpecP256:      nist(elliptic.P256(), "ECDSA_SHA_256"),
	SpecP384:      nist(elliptic.P384(), "ECDSA_SHA_384"),
	SpecP521:      nist(elliptic.P521(), "ECDSA_SHA_512"),
	SpecSecp256k1: of(secp256k1Curve, 0, UsageSignVerify, "ECDSA_SHA_256"),
	SpecEd25519:   of(edwardsCurve, 0, UsageSignVerify, algorithmEd25519, algorithmEd25519ph),
	SpecHMAC224:   of(hmacKey, 28, UsageGenerateVerifyMac, "HMAC_SHA_224"),
	SpecHMAC256:   of(hmacKey, 32, UsageGenerateVerifyMac, "HMAC_SHA_256"),
	SpecHMAC384:   of(hmacKey, 48, UsageGenerateVerifyMac, "HMAC_SHA_384"),
	SpecHMAC512:   of(hmacKey, 64, UsageGenerateVerifyMac, "HMAC_SHA_512"),
	SpecMLDSA44:   of(mldsaKey, 44, UsageSignVerify, algorithmMLDSA),
	SpecMLDSA65:   of(mldsaKey, 65, UsageSignVerify, algorithmMLDSA),
	SpecMLDSA87:   of(mldsaKey, 87, UsageSignVerify, algorithmMLDSA),
	SpecMLKEM512:  of(mlkemKey, 512, UsageEncapsulate, AlgorithmMLKEM),
	SpecMLKEM768:  of(mlkemKey, 768, UsageEncapsulate, AlgorithmMLKEM),
	SpecMLKEM1024: of(mlkemKey, 1024, UsageEncapsulate, AlgorithmMLKEM),
}

// hashOf is the hash that an algorithm's name ends in.
func hashOf(algorithm string) crypto.Hash {
	switch algorithm[max(0, len(algorithm)-3):] {
	case "224":
		return crypto.SHA224
	case "256":
		return crypto.SHA256
	case "384":
		return crypto.SHA384
	case "512":
		return crypto.SHA512
	default:
		return crypto.SHA1
	}
}

// spec is the key's KeySpec.
func (k *keyRecord) spec() keySpec { return specs[k.Spec] }

// algorithms are those that the key can do.
func (k *keyRecord) algorithms() []string { return k.spec().algorithms[k.Usage] }

// checkUsage reports that the key is not made for an operation of the usage.
func (k *keyRecord) checkUsage(operation, usage string) error {
	if k.Usage == usage {
		return nil
	}
	return ErrInvalidKeyUsage.Withf("%s key usage is %s which is not valid for %s.", k.arn, k.Usage, operation)
}

// checkAlgorithm reports that the key cannot do an algorithm.
func (k *keyRecord) checkAlgorithm(algorithm string) error {
	if slices.Contains(k.algorithms(), algorithm) {
		return nil
	}
	return ErrInvalidKeyUsage.Withf("Algorithm %s is incompatible with key spec %s.", algorithm, k.Spec)
}

// isSymmetric reports whether the key makes ciphertexts that name their key.
func (k *keyRecord) isSymmetric() bool { return k.Spec == SpecSymmetric }
