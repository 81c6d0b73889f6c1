package kms

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateKeyMetadata(t *testing.T) {
	w := newTestbed(t)
	for _, c := range []struct {
		name string
		in   CreateKeyInput
		want KeyMetadata
	}{
		{"K017 symmetric", CreateKeyInput{}, KeyMetadata{
			KeySpec: SpecSymmetric, KeyUsage: UsageEncryptDecrypt, EncryptionAlgorithms: []string{"SYMMETRIC_DEFAULT"},
		}},
		{"K019 HMAC", CreateKeyInput{KeySpec: SpecHMAC256, KeyUsage: UsageGenerateVerifyMac}, KeyMetadata{
			KeySpec: SpecHMAC256, KeyUsage: UsageGenerateVerifyMac, MacAlgorithms: []string{"HMAC_SHA_256"},
		}},
		{"K020 P256", CreateKeyInput{KeySpec: SpecP256, KeyUsage: UsageSignVerify}, KeyMetadata{
			KeySpec: SpecP256, KeyUsage: UsageSignVerify, SigningAlgorithms: []string{"ECDSA_SHA_256"},
		}},
		{"K020 P384", CreateKeyInput{KeySpec: SpecP384, KeyUsage: UsageSignVerify}, KeyMetadata{
			KeySpec: SpecP384, KeyUsage: UsageSignVerify, SigningAlgorithms: []string{"ECDSA_SHA_384"},
		}},
		{"K020 P521", CreateKeyInput{KeySpec: SpecP521, KeyUsage: UsageSignVerify}, KeyMetadata{
			KeySpec: SpecP521, KeyUsage: UsageSignVerify, SigningAlgorithms: []string{"ECDSA_SHA_512"},
		}},
		{"K020 secp256k1", CreateKeyInput{KeySpec: SpecSecp256k1, KeyUsage: UsageSignVerify}, KeyMetadata{
			KeySpec: SpecSecp256k1, KeyUsage: UsageSignVerify, SigningAlgorithms: []string{"ECDSA_SHA_256"},
		}},
		{"K021 RSA encryption, K027 the legacy parameter", CreateKeyInput{CustomerMasterKeySpec: SpecRSA2048, KeyUsage: UsageEncryptDecrypt}, KeyMetadata{
			KeySpec: SpecRSA2048, KeyUsage: UsageEncryptDecrypt, EncryptionAlgorithms: []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"},
		}},
		{"key agreement", CreateKeyInput{KeySpec: SpecP256, KeyUsage: UsageKeyAgreement}, KeyMetadata{
			KeySpec: SpecP256, KeyUsage: UsageKeyAgreement, KeyAgreementAlgorithms: []string{"ECDH"},
		}},
		{"ML-KEM", CreateKeyInput{KeySpec: SpecMLKEM512, KeyUsage: UsageEncapsulate}, KeyMetadata{
			KeySpec: SpecMLKEM512, KeyUsage: UsageEncapsulate, EncapsulationAlgorithms: []string{"ML_KEM"},
		}},
		{"description", CreateKeyInput{Description: "d"}, KeyMetadata{
			KeySpec: SpecSymmetric, KeyUsage: UsageEncryptDecrypt, EncryptionAlgorithms: []string{"SYMMETRIC_DEFAULT"}, Description: "d",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.newKey(c.in)
			c.want.KeyId, c.want.CurrentKeyMaterialId = got.KeyId, got.CurrentKeyMaterialId
			c.want.AWSAccountId, c.want.Arn = testAccount, "arn:aws:kms:us-east-1:123456789012:key/"+got.KeyId
			c.want.CreationDate, c.want.Enabled, c.want.KeyState = testStart, true, StateEnabled
			c.want.KeyManager, c.want.Origin = ManagerCustomer, OriginKMS
			c.want.CustomerMasterKeySpec = c.want.KeySpec
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Error(diff)
			}
			if material := got.CurrentKeyMaterialId; c.want.KeySpec == SpecSymmetric != (len(material) == 64 && isHex(material)) { // [K018]
				t.Errorf("CurrentKeyMaterialId is %q", material)
			}
			if diff := cmp.Diff(got, w.describe(home(), got.KeyId)); diff != "" { // [K022]
				t.Errorf("DescribeKey answers otherwise: %s", diff)
			}
		})
	}
}

func TestCreateKeyJSON(t *testing.T) {
	w := newTestbed(t)
	out, err := w.json(home(), "CreateKey", `{"Description":"","Tags":[{"TagKey":"a","TagValue":""}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Description":""`, `"MultiRegion":false`, `"Enabled":true`, `"CreationDate":1.7684784E9`} { // [K023]
		if !strings.Contains(out, want) {
			t.Errorf("%s is not in %s", want, out)
		}
	}
	for _, unwanted := range []string{"DeletionDate", "MultiRegionConfiguration", "ValidTo", "ExpirationModel", "MacAlgorithms", "CustomKeyStoreId"} {
		if strings.Contains(out, unwanted) {
			t.Errorf("%s is in %s", unwanted, out)
		}
	}
}

func TestCreateKeyErrors(t *testing.T) {
	w := newTestbed(t)
	for _, c := range []struct{ name, body, code, message string }{
		{"K028 no usage", `{"KeySpec":"RSA_2048"}`, "ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."},
		{"K031 incompatible", `{"KeySpec":"RSA_2048","KeyUsage":"KEY_AGREEMENT"}`, "ValidationException", "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"},
		{"symmetric signing", `{"KeyUsage":"SIGN_VERIFY"}`, "ValidationException", "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"},
		{"SM2", `{"KeySpec":"SM2","KeyUsage":"SIGN_VERIFY"}`, "UnsupportedOperationException", "SM2 is not supported in this Region."},
		{"two specs", `{"KeySpec":"RSA_2048","CustomerMasterKeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY"}`, "ValidationException",
			"You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated."},
		{"K035 reserved tag", `{"Tags":[{"TagKey":"AWS:x","TagValue":"v"}]}`, "TagException", "Tags beginning with aws: are reserved"},
		{"duplicate tag", `{"Tags":[{"TagKey":"x","TagValue":"v"},{"TagKey":"x","TagValue":"w"}]}`, "TagException", "Duplicate tag keys"},
		{"K037 long tag key", `{"Tags":[{"TagKey":"` + strings.Repeat("k", 129) + `","TagValue":"v"}]}`, "ValidationException",
			"1 validation error detected: Value '" + strings.Repeat("k", 129) + "' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128"},
		{"custom store missing", `{"CustomKeyStoreId":"cks-1","Origin":"AWS_CLOUDHSM"}`, "CustomKeyStoreNotFoundException", "Custom key store 'cks-1' does not exist"},
		{"no policy", `{"Policy":"not a policy"}`, "MalformedPolicyDocumentException", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.json(home(), "CreateKey", c.body)
			if err == nil || err.Error() != c.code+": "+c.message {
				t.Errorf("error is\n\t%v, want\n\t%s: %s", err, c.code, c.message)
			}
		})
	}
	for _, c := range []struct{ name, body, start string }{
		{"K029 unknown spec", `{"KeySpec":"HMAC_random"}`, "1 validation error detected: Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: ["},
		{"K030 unknown usage", `{"KeyUsage":"RANDOM"}`, "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: ["},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.json(home(), "CreateKey", c.body)
			if err == nil || !strings.HasPrefix(err.Error(), "ValidationException: "+c.start) {
				t.Errorf("error is %v", err)
			}
		})
	}
	if keys := w.stored(""); len(keys) > 0 {
		t.Errorf("refused calls left something behind: %q", keys)
	}
}

func TestTooManyTags(t *testing.T) { // [K034]
	w := newTestbed(t)
	var tags []Tag
	for i := range 51 {
		tags = append(tags, Tag{fmt.Sprint(i), "v"})
	}
	_, err := w.CreateKey(home(), &CreateKeyInput{Tags: tags})
	wantError(t, err, ErrTag, "Too many tags")
	key := w.newKey(CreateKeyInput{Tags: tags[:50]})
	_, err = w.TagResource(home(), &TagResourceInput{KeyId: key.KeyId, Tags: []Tag{{"new", "v"}}})
	wantError(t, err, ErrTag, "Too many tags")
	ok[TagResourceOutput](t)(w.TagResource(home(), &TagResourceInput{KeyId: key.KeyId, Tags: []Tag{{"7", "other"}}})) // [K039]
	list := must[ListResourceTagsOutput](t)(w.ListResourceTags(home(), &ListResourceTagsInput{KeyId: key.KeyId}))
	if len(list.Tags) != 50 || list.Truncated || !slices.Contains(list.Tags, Tag{"7", "other"}) {
		t.Errorf("unexpected tags: %+v", list)
	}
}

func TestListResourceTags(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	out, err := w.json(home(), "ListResourceTags", `{"KeyId":"`+key.KeyId+`"}`)
	if want := `{"Tags":[],"Truncated":false}`; err != nil || out != want { // [K040]
		t.Errorf("answer is %s, %v; want %s", out, err, want)
	}
	ok[TagResourceOutput](t)(w.TagResource(home(), &TagResourceInput{KeyId: key.KeyId, Tags: []Tag{{"b", "1"}, {"a", "2"}, {"c", ""}}}))
	ok[UntagResourceOutput](t)(w.UntagResource(home(), &UntagResourceInput{KeyId: key.KeyId, TagKeys: []string{"b", "none"}}))
	first := must[ListResourceTagsOutput](t)(w.ListResourceTags(home(), &ListResourceTagsInput{KeyId: key.KeyId, Limit: ptr(1)}))
	second := must[ListResourceTagsOutput](t)(w.ListResourceTags(home(), &ListResourceTagsInput{KeyId: key.KeyId, Limit: ptr(1), Marker: first.NextMarker}))
	if diff := cmp.Diff([]Tag{{"a", "2"}, {"c", ""}}, append(first.Tags, second.Tags...)); diff != "" || !first.Truncated || second.Truncated {
		t.Error(diff, first, second)
	}
}

func TestListKeysPages(t *testing.T) {
	w := newTestbed(t)
	want := map[string]bool{}
	for range 5 {
		want[w.newKey(CreateKeyInput{}).KeyId] = true
	}
	w.other()
	marker, pages := "", 0
	for {
		out := must[ListKeysOutput](t)(w.ListKeys(home(), &ListKeysInput{Limit: ptr(2), Marker: marker}))
		pages++
		for _, k := range out.Keys {
			if !want[k.KeyId] || k.KeyArn != "arn:aws:kms:us-east-1:123456789012:key/"+k.KeyId { // [K032]
				t.Errorf("unexpected entry %+v", k)
			}
			delete(want, k.KeyId)
		}
		if marker = out.NextMarker; !out.Truncated {
			break
		}
	}
	if pages != 3 || len(want) > 0 || marker != "" {
		t.Errorf("%d pages, %d keys missing, marker %q", pages, len(want), marker)
	}
	_, err := w.ListKeys(home(), &ListKeysInput{Marker: "bm90IGEgbWFya2Vy"})
	wantError(t, err, ErrInvalidMarker, "Could not deserialize marker.")
	_, err = w.ListKeys(home(), &ListKeysInput{Marker: "?"})
	wantError(t, err, ErrInvalidMarker, "Could not deserialize marker.")
}

// other makes a key in another region and one in another account, which no list shows.
func (w *testbed) other() {
	w.t.Helper()
	ok[CreateKeyOutput](w.t)(w.CreateKey(as(testAccount, otherRegion), &CreateKeyInput{}))
	ok[CreateKeyOutput](w.t)(w.CreateKey(as(otherAccount, testRegion), &CreateKeyInput{}))
}
