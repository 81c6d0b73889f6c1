package integration

import (
	"context"
	"crypto/x509"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/waxseal/waxseal"
)

// kmsTestbed is the account of the tests with keys of each kind.
type kmsTestbed struct {
	*clients
	cloud                                 *waxseal.Server
	symmetric, signing, mac, agree, other *kmstypes.KeyMetadata // other: in us-west-2
}

func newKMSTestbed(t *testing.T) *kmsTestbed {
	t.Helper()
	cloud := start(t)
	w := &kmsTestbed{clients: newClients(t, cloud.Config()), cloud: cloud}
	w.symmetric = w.make(w.kms, &kms.CreateKeyInput{})
	w.signing = w.make(w.kms, &kms.CreateKeyInput{KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY"})
	w.mac = w.make(w.kms, &kms.CreateKeyInput{KeySpec: "HMAC_224", KeyUsage: "GENERATE_VERIFY_MAC"})
	w.agree = w.make(w.kms, &kms.CreateKeyInput{KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT"})
	w.other = w.make(w.in("us-west-2"), &kms.CreateKeyInput{})
	return w
}

// in is a client in another region.
func (w *kmsTestbed) in(region string) *kms.Client {
	c := w.cloud.Config()
	c.Region = region
	return kms.NewFromConfig(c)
}

func (w *kmsTestbed) make(c *kms.Client, in *kms.CreateKeyInput) *kmstypes.KeyMetadata {
	w.t.Helper()
	out, err := c.CreateKey(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out.KeyMetadata
}

// The errors of KMS as an SDK sees them: all of status 400 [K001], with their text [K002] [K003].
func TestKMSErrors(t *testing.T) {
	w := newKMSTestbed(t)
	ctx, c := t.Context(), w.kms
	const absent = "11111111-2222-3333-4444-555555555555"
	absentText := "Key 'arn:aws:kms:us-east-1:123456789012:key/" + absent + "' does not exist"
	disabled := w.make(c, &kms.CreateKeyInput{})
	if _, err := c.DisableKey(ctx, &kms.DisableKeyInput{KeyId: disabled.KeyId}); err != nil {
		t.Fatal(err)
	}
	pending := w.make(c, &kms.CreateKeyInput{})
	if _, err := c.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: pending.KeyId}); err != nil {
		t.Fatal(err)
	}
	external := w.make(c, &kms.CreateKeyInput{Origin: "EXTERNAL"})
	externalMac := w.make(c, &kms.CreateKeyInput{Origin: "EXTERNAL", KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC"})
	encrypted, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: w.symmetric.KeyId, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("k", 129)
	dataKey := func(id *string) error {
		_, err := c.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: id, KeySpec: "AES_256"})
		return err
	}
	tag := func(key, value string) error {
		_, err := c.TagResource(ctx, &kms.TagResourceInput{KeyId: w.symmetric.KeyId, Tags: []kmstypes.Tag{{TagKey: &key, TagValue: &value}}})
		return err
	}
	rotate := func(id *string) error {
		_, err := c.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: id})
		return err
	}
	for name, test := range map[string]struct {
		call          func() error
		code, message string
	}{
		"K008": {func() error { return dataKey(aws.String(absent)) }, "NotFoundException", absentText},
		"K015 the id of another region's key": {func() error { return dataKey(w.other.KeyId) }, "NotFoundException",
			"Key 'arn:aws:kms:us-east-1:123456789012:key/" + *w.other.KeyId + "' does not exist"},
		"K014": {func() error { return dataKey(w.other.Arn) }, "NotFoundException", "Invalid arn us-west-2"},
		"K016 GenerateMac": {func() error {
			_, err := c.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: aws.String(absent), Message: []byte("m"), MacAlgorithm: "HMAC_SHA_256"})
			return err
		}, "NotFoundException", absentText},
		"K016 VerifyMac": {func() error {
			_, err := c.VerifyMac(ctx, &kms.VerifyMacInput{KeyId: aws.String(absent), Message: []byte("m"), Mac: []byte("m"), MacAlgorithm: "HMAC_SHA_256"})
			return err
		}, "NotFoundException", absentText},
		"K016 ListGrants": {func() error {
			_, err := c.ListGrants(ctx, &kms.ListGrantsInput{KeyId: aws.String(absent)})
			return err
		}, "NotFoundException", absentText},
		"K016 RotateKeyOnDemand": {func() error { return rotate(aws.String(absent)) }, "NotFoundException", absentText},
		"K113 CreateGrant": {func() error {
			_, err := c.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: aws.String("fake-key-id"), GranteePrincipal: aws.String("arn:aws:iam::123456789012:root"), Operations: []kmstypes.GrantOperation{"Encrypt"}})
			return err
		}, "NotFoundException", "Invalid keyId 'fake-key-id'"},
		"K037": {func() error { return tag(long, "v") }, "ValidationException",
			"1 validation error detected: Value '" + long + "' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128"},
		"K038": {func() error { return tag("k", long+long) }, "ValidationException",
			"1 validation error detected: Value '" + long + long + "' at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256"},
		"K035": {func() error { return tag("AWS:x", "v") }, "TagException", "Tags beginning with aws: are reserved"},
		"K044": {func() error { return dataKey(disabled.KeyId) }, "DisabledException", *disabled.Arn + " is disabled."},
		"K045": {func() error { return rotate(disabled.KeyId) }, "DisabledException", *disabled.Arn + " is disabled."},
		"K046": {func() error { return dataKey(pending.KeyId) }, "KMSInvalidStateException", *pending.Arn + " is pending deletion."},
		"K047": {func() error {
			_, err := c.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: pending.KeyId})
			return err
		}, "KMSInvalidStateException", *pending.Arn + " is pending deletion."},
		"K048": {func() error { return rotate(external.KeyId) }, "KMSInvalidStateException", *external.Arn + " is pending import."},
		"K049 pending import comes before the spec": {func() error { return rotate(externalMac.KeyId) }, "KMSInvalidStateException", *externalMac.Arn + " is pending import."},
		"K050": {func() error {
			_, err := c.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: w.symmetric.KeyId, Message: []byte("m"), MacAlgorithm: "HMAC_SHA_256"})
			return err
		}, "InvalidKeyUsageException", *w.symmetric.Arn + " key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."},
		"K052": {func() error {
			_, err := c.Decrypt(ctx, &kms.DecryptInput{KeyId: w.mac.KeyId, CiphertextBlob: encrypted.CiphertextBlob})
			return err
		}, "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation."},
		"K055": {func() error {
			_, err := c.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: w.mac.KeyId, Message: []byte("m"), MacAlgorithm: "HMAC_SHA_256"})
			return err
		}, "InvalidKeyUsageException", "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."},
		"K063": {func() error {
			_, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob, EncryptionContext: map[string]string{"a": "b"}})
			return err
		}, "InvalidCiphertextException", ""},
		"K076": {func() error {
			_, err := c.Sign(ctx, &kms.SignInput{KeyId: w.signing.KeyId, Message: []byte("short"), MessageType: "DIGEST", SigningAlgorithm: "RSASSA_PSS_SHA_256"})
			return err
		}, "ValidationException", "Digest is invalid length for algorithm RSASSA_PSS_SHA_256."},
		"K084: the SDK's word for no message": {func() error {
			_, err := c.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: w.agree.KeyId, PublicKey: []byte("none"), KeyAgreementAlgorithm: "ECDH"})
			return err
		}, "ValidationException", "UnknownError"},
		"K102": {func() error { return rotate(w.signing.KeyId) }, "UnsupportedOperationException", ""},
		"C5 a message of 4,097 bytes to sign": {func() error {
			_, err := c.Sign(ctx, &kms.SignInput{KeyId: w.signing.KeyId, Message: make([]byte, 4097), SigningAlgorithm: "RSASSA_PSS_SHA_256"})
			return err
		}, "ValidationException", "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096"},
		"C5 a message of 4,097 bytes for a MAC": {func() error {
			_, err := c.GenerateMac(ctx, &kms.GenerateMacInput{KeyId: w.mac.KeyId, Message: make([]byte, 4097), MacAlgorithm: "HMAC_SHA_224"})
			return err
		}, "ValidationException", "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length less than or equal to 4096"},
		"a Limit of none": {func() error { _, err := c.ListKeys(ctx, &kms.ListKeysInput{Limit: aws.Int32(0)}); return err }, "ValidationException",
			"1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		"a Limit of 1,001": {func() error {
			_, err := c.ListGrants(ctx, &kms.ListGrantsInput{KeyId: w.symmetric.KeyId, Limit: aws.Int32(1001)})
			return err
		}, "ValidationException",
			"1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000"},
	} {
		want(t, name, test.call(), answer{http.StatusBadRequest, test.code, test.message})
	}
	for operation, list := range map[string]func(marker *string) error{
		"ListKeys":    func(m *string) error { _, err := c.ListKeys(ctx, &kms.ListKeysInput{Marker: m}); return err },
		"ListAliases": func(m *string) error { _, err := c.ListAliases(ctx, &kms.ListAliasesInput{Marker: m}); return err },
		"ListGrants": func(m *string) error {
			_, err := c.ListGrants(ctx, &kms.ListGrantsInput{KeyId: w.symmetric.KeyId, Marker: m})
			return err
		},
		"ListRetirableGrants": func(m *string) error {
			_, err := c.ListRetirableGrants(ctx, &kms.ListRetirableGrantsInput{RetiringPrincipal: aws.String("arn:aws:iam::123456789012:root"), Marker: m})
			return err
		},
		"ListResourceTags": func(m *string) error {
			_, err := c.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: w.symmetric.KeyId, Marker: m})
			return err
		},
		"ListKeyPolicies": func(m *string) error {
			_, err := c.ListKeyPolicies(ctx, &kms.ListKeyPoliciesInput{KeyId: w.symmetric.KeyId, Marker: m})
			return err
		},
		"ListKeyRotations": func(m *string) error {
			_, err := c.ListKeyRotations(ctx, &kms.ListKeyRotationsInput{KeyId: w.symmetric.KeyId, Marker: m})
			return err
		},
		"DescribeCustomKeyStores": func(m *string) error {
			_, err := c.DescribeCustomKeyStores(ctx, &kms.DescribeCustomKeyStoresInput{Marker: m})
			return err
		},
	} {
		if got := failure(t, list(aws.String("no marker"))); got.status != http.StatusBadRequest || got.code != "InvalidMarkerException" {
			t.Errorf("%s with a marker that is none: %+v", operation, got)
		}
	}
}

// [K005] [K007]: a key by each of its names; the answer's KeyId is always its ARN.
func TestKMSNames(t *testing.T) {
	w := newKMSTestbed(t)
	ctx, c := t.Context(), w.kms
	if _, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/mine"), TargetKeyId: w.symmetric.KeyId}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{*w.symmetric.KeyId, *w.symmetric.Arn, "alias/mine", "arn:aws:kms:us-east-1:123456789012:alias/mine"} {
		encrypted, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: &name, Plaintext: []byte("x")})
		if err != nil || *encrypted.KeyId != *w.symmetric.Arn {
			t.Errorf("Encrypt with %s: %+v, %v", name, encrypted, err)
			continue
		}
		described, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
		if err != nil || *described.KeyMetadata.Arn != *w.symmetric.Arn {
			t.Errorf("DescribeKey of %s: %+v, %v", name, described, err)
		}
		opened, err := c.Decrypt(ctx, &kms.DecryptInput{KeyId: &name, CiphertextBlob: encrypted.CiphertextBlob})
		if err != nil || string(opened.Plaintext) != "x" || *opened.KeyId != *w.symmetric.Arn {
			t.Errorf("Decrypt with %s: %+v, %v", name, opened, err)
		}
	}
	// [K026]: neither the id nor the metadata of an ordinary key is a multi-Region one's.
	if strings.HasPrefix(*w.symmetric.KeyId, "mrk-") || w.symmetric.MultiRegionConfiguration != nil || *w.symmetric.MultiRegion {
		t.Errorf("the key is %+v", w.symmetric)
	}
	public, err := c.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: w.signing.KeyId}) // [K080]
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x509.ParsePKIXPublicKey(public.PublicKey); err != nil || *public.KeyId != *w.signing.Arn || public.KeySpec != "RSA_2048" || public.KeyUsage != "SIGN_VERIFY" || len(public.SigningAlgorithms) != 6 {
		t.Errorf("the public key is %+v, %v", public, err)
	}
}

// Lists are walked page by page with the SDK's paginators.
func TestKMSPages(t *testing.T) {
	w := newKMSTestbed(t)
	ctx, c := t.Context(), w.kms
	for i := range 7 {
		if _, err := c.CreateGrant(ctx, &kms.CreateGrantInput{
			KeyId: w.symmetric.KeyId, GranteePrincipal: aws.String("arn:aws:iam::123456789012:role/r"), RetiringPrincipal: aws.String("arn:aws:iam::123456789012:root"),
			Operations: []kmstypes.GrantOperation{"Encrypt"}, Name: aws.String(strings.Repeat("n", i+1)),
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/" + strings.Repeat("n", i+1)), TargetKeyId: w.symmetric.KeyId}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.TagResource(ctx, &kms.TagResourceInput{KeyId: w.symmetric.KeyId, Tags: []kmstypes.Tag{{TagKey: aws.String(strings.Repeat("n", i+1)), TagValue: aws.String("")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: w.symmetric.KeyId}); err != nil {
			t.Fatal(err)
		}
	}
	id := w.symmetric.KeyId
	grants := kms.NewListGrantsPaginator(c, &kms.ListGrantsInput{KeyId: id}, func(o *kms.ListGrantsPaginatorOptions) { o.Limit = 3 })
	listPages(t, "ListGrants", grants.HasMorePages, func(ctx context.Context) (int, error) {
		out, err := grants.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		return len(out.Grants), nil
	})
	aliases := kms.NewListAliasesPaginator(c, &kms.ListAliasesInput{KeyId: id}, func(o *kms.ListAliasesPaginatorOptions) { o.Limit = 3 })
	listPages(t, "ListAliases", aliases.HasMorePages, func(ctx context.Context) (int, error) {
		out, err := aliases.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		return len(out.Aliases), nil
	})
	tags := kms.NewListResourceTagsPaginator(c, &kms.ListResourceTagsInput{KeyId: id}, func(o *kms.ListResourceTagsPaginatorOptions) { o.Limit = 3 })
	listPages(t, "ListResourceTags", tags.HasMorePages, func(ctx context.Context) (int, error) {
		out, err := tags.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		return len(out.Tags), nil
	})
	rotations := kms.NewListKeyRotationsPaginator(c, &kms.ListKeyRotationsInput{KeyId: id}, func(o *kms.ListKeyRotationsPaginatorOptions) { o.Limit = 3 })
	listPages(t, "ListKeyRotations", rotations.HasMorePages, func(ctx context.Context) (int, error) {
		out, err := rotations.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		return len(out.Rotations), nil
	})
	retirable := kms.NewListRetirableGrantsPaginator(c, &kms.ListRetirableGrantsInput{RetiringPrincipal: aws.String("arn:aws:iam::123456789012:root")}, func(o *kms.ListRetirableGrantsPaginatorOptions) { o.Limit = 3 })
	listPages(t, "ListRetirableGrants", retirable.HasMorePages, func(ctx context.Context) (int, error) {
		out, err := retirable.NextPage(ctx)
		if err != nil {
			return 0, err
		}
		return len(out.Grants), nil
	})
}

// listPages walks a list of seven by threes.
func listPages(t *testing.T, what string, more func() bool, next func(context.Context) (int, error)) {
	t.Helper()
	var sizes []int
	for more() && len(sizes) < 10 {
		n, err := next(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		sizes = append(sizes, n)
	}
	if !slices.Equal(sizes, []int{3, 3, 1}) {
		t.Errorf("%s answers pages of %v", what, sizes)
	}
}
