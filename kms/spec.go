package kms

// Key specs.
const (
	SpecSymmetric = "SYMMETRIC_DEFAULT"
)

// Key usages.
const (
	UsageEncryptDecrypt = "ENCRYPT_DECRYPT"
)

// Origins of key material.
const (
	OriginKMS = "AWS_KMS"
)

// Managers of keys.
const (
	ManagerCustomer = "CUSTOMER"
	ManagerAWS      = "AWS"
)

// Key states.
const (
	StateEnabled  = "Enabled"
	StateDisabled = "Disabled"
)

// Encryption algorithms.
const (
	AlgorithmSymmetric = "SYMMETRIC_DEFAULT"
)

// Specs of data keys, for GenerateDataKey.
const (
	DataKeyAES256 = "AES_256"
	DataKeyAES128 = "AES_128"
)

const (
	aliasPrefix       = "alias/"
	multiRegionPrefix = "mrk-"
)
