package kms

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// aliasOperations take alias names and alias ARNs [C4].
var aliasOperations = map[string]bool{
	"Encrypt": true, "Decrypt": true, "ReEncrypt": true, "GenerateDataKey": true, "GenerateDataKeyWithoutPlaintext": true,
	"GenerateDataKeyPair": true, "GenerateDataKeyPairWithoutPlaintext": true, "Sign": true, "Verify": true, "GetPublicKey": true,
	"GenerateMac": true, "VerifyMac": true, "DeriveSharedSecret": true, "Encapsulate": true, "Decapsulate": true, "DescribeKey": true,
}

// refusedAlias is the answer of an operation that takes no aliases to an alias's name or ARN.
func refusedAlias(operation, name string) (code *api.Error, message string) {
	switch {
	case operation == "CreateAlias" || operation == "UpdateAlias":
		return ErrValidation, "Aliases must refer to keys. Not aliases"
	case isAlias(name):
		return ErrNotFound, "Invalid keyId '" + name + "'"
	default:
		return ErrInvalidArn, "Key Aliases are not supported for this operation."
	}
}

const absentKey = "11111111-2222-3333-4444-555555555555"

// wrongNames are KeyId parameters that name no key, and the answer to each.
var wrongNames = []struct {
	name    string
	keyID   string
	code    *api.Error
	message string
}{
	{"K008 absent id", absentKey, ErrNotFound, "Key 'arn:aws:kms:us-east-1:123456789012:key/" + absentKey + "' does not exist"},
	{"K009 absent ARN", "arn:aws:kms:us-east-1:123456789012:key/" + absentKey, ErrNotFound, "Key 'arn:aws:kms:us-east-1:123456789012:key/" + absentKey + "' does not exist"},
	{"K010 absent multi-Region id", "mrk-11111111222233334444555555555555", ErrNotFound, "Key 'arn:aws:kms:us-east-1:123456789012:key/mrk-11111111222233334444555555555555' does not exist"},
	{"K011 malformed", "fake-key-id", ErrNotFound, "Invalid keyId 'fake-key-id'"},
	{"K012 no dashes", "134f2428cec14b25a1ae9048164dba47", ErrNotFound, "Invalid keyId '134f2428cec14b25a1ae9048164dba47'"},
	{"K013 malformed multi-Region id", "mrk-fake-key-id", ErrNotFound, "Invalid keyId 'mrk-fake-key-id'"},
	{"K014 other region", "arn:aws:kms:us-west-2:123456789012:key/" + absentKey, ErrNotFound, "Invalid arn us-west-2"},
	{"upper case", "11111111-2222-3333-4444-55555555555A", ErrNotFound, "Invalid keyId '11111111-2222-3333-4444-55555555555A'"},
	{"ARN of another service", "arn:aws:sqs:us-east-1:123456789012:q", ErrNotFound, "Invalid arn arn:aws:sqs:us-east-1:123456789012:q"},
	{"ARN without account", "arn:aws:kms:us-east-1::key/" + absentKey, ErrNotFound, "Invalid arn arn:aws:kms:us-east-1::key/" + absentKey},
	{"ARN of something else", "arn:aws:kms:us-east-1:123456789012:store/x", ErrNotFound, "Invalid arn arn:aws:kms:us-east-1:123456789012:store/x"},
	{"broken ARN", "arn:aws", ErrNotFound, "Invalid arn arn:aws"},
	{"ARN with a malformed id", "arn:aws:kms:us-east-1:123456789012:key/x", ErrNotFound, "Invalid keyId 'arn:aws:kms:us-east-1:123456789012:key/x'"},
	{"other partition", "arn:aws-cn:kms:us-east-1:123456789012:key/" + absentKey, ErrNotFound, "Invalid arn us-east-1"},
	{"absent alias ARN", "arn:aws:kms:us-east-1:123456789012:alias/none", ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found."},
	{"absent alias", "alias/none", ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found."},
}

func TestWrongNames(t *testing.T) {
	for operation, sample := range samples {
		if operation == "DeleteAlias" {
			continue // it names a key by an alias alone
		}
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			w := newTestbed(t)
			in := sample.prepare(w, sample.kind.make(w))
			for _, c := range wrongNames {
				t.Run(c.name, func(t *testing.T) {
					code, message := c.code, c.message
					if strings.HasSuffix(c.keyID, "alias/none") && !aliasOperations[operation] {
						code, message = refusedAlias(operation, c.keyID)
					}
					_, err := w.call(home(), operation, withKey(in, c.keyID))
					wantError(t, err, code, message)
					// What the resolver says the operation itself says too.
					wantError(t, w.run(home(), operation, withKey(in, c.keyID)), code, message)
				})
			}
		})
	}
}

func TestRightNames(t *testing.T) {
	for operation, sample := range samples {
		if operation == "DeleteAlias" {
			continue
		}
		for _, form := range []string{"id", "ARN", "alias", "alias ARN"} {
			t.Run(operation+" "+form, func(t *testing.T) {
				t.Parallel()
				w := newTestbed(t)
				key := sample.kind.make(w)
				in := sample.prepare(w, key)
				ok[CreateAliasOutput](t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/mine", TargetKeyId: key.KeyId}))
				name := map[string]string{
					"id": key.KeyId, "ARN": key.Arn, "alias": "alias/mine",
					"alias ARN": "arn:aws:kms:us-east-1:123456789012:alias/mine",
				}[form]
				if operation == "CancelKeyDeletion" {
					ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId}))
				}
				_, err := w.call(home(), operation, withKey(in, name))
				if aliasOperations[operation] || form == "id" || form == "ARN" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				code, message := refusedAlias(operation, name)
				wantError(t, err, code, message)
			})
		}
	}
}
