package provision_test

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/provision"
)

func (w *world) key(id string) map[string]any {
	w.t.Helper()
	return w.ask("kms", "DescribeKey", map[string]any{"KeyId": id})["KeyMetadata"].(map[string]any)
}

func (w *world) keyPolicy(id string) string {
	w.t.Helper()
	return w.ask("kms", "GetKeyPolicy", map[string]any{"KeyId": id})["Policy"].(string)
}

// rotation is whether a key rotates, and how often.
func (w *world) rotation(id string) map[string]any {
	w.t.Helper()
	return w.ask("kms", "GetKeyRotationStatus", map[string]any{"KeyId": id})
}

const ownKey = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}`

func TestKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.createTagged("AWS::KMS::Key", "Key", `{"Description":"mine","EnableKeyRotation":"true","RotationPeriodInDays":"100","KeyPolicy":`+ownKey+`,"PendingWindowInDays":7,"MultiRegion":true}`,
		map[string]string{"team": "a", "old": "1"})
	wants(t, k.get("KeyId"), k.PhysicalID)
	wants(t, k.get("Arn"), "arn:aws:kms:us-east-1:123456789012:key/"+k.PhysicalID)
	shown := w.key(k.PhysicalID)
	has(t, shown, "Description", `"mine"`)
	has(t, shown, "KeySpec", `"SYMMETRIC_DEFAULT"`)
	has(t, shown, "KeyState", `"Enabled"`)
	has(t, shown, "MultiRegion", `true`)
	wants(t, w.keyPolicy(k.PhysicalID), ownKey)
	has(t, w.rotation(k.PhysicalID), "KeyRotationEnabled", "true")
	has(t, w.rotation(k.PhysicalID), "RotationPeriodInDays", "100")
	tags := func() map[string]any { return w.ask("kms", "ListResourceTags", map[string]any{"KeyId": k.PhysicalID}) }
	has(t, tags(), "Tags", `[{"TagKey":"old","TagValue":"1"},{"TagKey":"team","TagValue":"a"}]`)

	k.updateTagged(`{"Description":"ours","EnableKeyRotation":true,"RotationPeriodInDays":200,"PendingWindowInDays":7,"MultiRegion":true}`, map[string]string{"team": "b"})
	has(t, w.key(k.PhysicalID), "Description", `"ours"`)
	has(t, w.rotation(k.PhysicalID), "RotationPeriodInDays", "200")
	has(t, tags(), "Tags", `[{"TagKey":"team","TagValue":"b"}]`)
	fresh := w.create("AWS::KMS::Key", "Fresh", `{}`)
	wants(t, w.keyPolicy(k.PhysicalID), w.keyPolicy(fresh.PhysicalID))
	wants(t, k.get("Arn"), "arn:aws:kms:us-east-1:123456789012:key/"+k.PhysicalID)

	k.update(`{"Enabled":false,"PendingWindowInDays":7,"MultiRegion":true}`)
	has(t, w.key(k.PhysicalID), "KeyState", `"Disabled"`)
	has(t, w.key(k.PhysicalID), "Description", `""`)
	has(t, w.rotation(k.PhysicalID), "KeyRotationEnabled", "false")
	if got := k.cannotUpdate(`{"Enabled":false,"EnableKeyRotation":true,"MultiRegion":true}`); !strings.Contains(got, "You cannot change the EnableKeyRotation property while the Enabled property is false.") {
		t.Error(got)
	}
	k.update(`{"EnableKeyRotation":true,"PendingWindowInDays":7,"MultiRegion":true}`)
	has(t, w.key(k.PhysicalID), "KeyState", `"Enabled"`)
	has(t, w.rotation(k.PhysicalID), "KeyRotationEnabled", "true")

	k.delete()
	has(t, w.key(k.PhysicalID), "KeyState", `"PendingDeletion"`)
	if got := k.cannotUpdate(`{"Description":"late"}`); got == "" {
		t.Error("a key that is to be deleted was changed")
	}
	disabled := w.create("AWS::KMS::Key", "Disabled", `{"Enabled":false,"EnableKeyRotation":true}`)
	has(t, w.key(disabled.PhysicalID), "KeyState", `"Disabled"`)
	has(t, w.rotation(disabled.PhysicalID), "KeyRotationEnabled", "true")
}

// Nothing of a key replaces it: what cannot change fails instead.
func TestKeyRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sign := w.create("AWS::KMS::Key", "Sign", `{"KeySpec":"ECC_NIST_P256","KeyUsage":"SIGN_VERIFY"}`)
	has(t, w.key(sign.PhysicalID), "KeyUsage", `"SIGN_VERIFY"`)
	has(t, w.key(sign.PhysicalID), "KeySpec", `"ECC_NIST_P256"`)
	const fixed = `Resource handler returned message: "Invalid request provided: You cannot change the values of the KeySpec, KeyUsage, Origin, or MultiRegion properties of an AWS::KMS::Key resource." (RequestToken: TOKEN, HandlerErrorCode: InvalidRequest)`
	wants(t, sign.cannotUpdate(`{"KeySpec":"ECC_NIST_P384","KeyUsage":"SIGN_VERIFY"}`), fixed)
	wants(t, sign.cannotUpdate(`{}`), fixed)
	k := w.create("AWS::KMS::Key", "Key", `{"Origin":"EXTERNAL"}`)
	has(t, w.key(k.PhysicalID), "Origin", `"EXTERNAL"`)
	wants(t, k.cannotUpdate(`{}`), fixed)
	k = w.create("AWS::KMS::Key", "Plain", `{}`)
	k.update(`{"KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","Origin":"AWS_KMS","MultiRegion":false}`)
	wants(t, k.cannotUpdate(`{"MultiRegion":true}`), fixed)
	if got := k.cannotUpdate(`{"PendingWindowInDays":0}`); !strings.Contains(got, "keyword [minimum]") {
		t.Error(got)
	}

	for properties, want := range map[string]string{
		`{"KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY","EnableKeyRotation":true}`: "You cannot set the EnableKeyRotation property to true on asymmetric or external keys.",
		`{"KeyPolicy":{"Version":"2012-10-17","Statement":[]}}`:                    "HandlerErrorCode: InvalidRequest",
		`{"PendingWindowInDays":6}`:                                                "#/PendingWindowInDays: failed validation constraint for keyword [minimum]",
		`{"PendingWindowInDays":31}`:                                               "keyword [maximum]",
		`{"EnableKeyRotation":true,"RotationPeriodInDays":10}`:                     "HandlerErrorCode: InvalidRequest",
	} {
		if got := w.refuses("AWS::KMS::Key", "Bad", properties); !strings.Contains(got, want) {
			t.Errorf("%s: %s", properties, got)
		}
	}
	// The caller must be able to change the policy again, unless that is waived.
	locked := strings.Replace(ownKey, `"kms:*"`, `"kms:Encrypt"`, 1)
	if got := w.refuses("AWS::KMS::Key", "Locked", `{"KeyPolicy":`+locked+`}`); !strings.Contains(got, "will not allow you to update the key policy in the future") {
		t.Error(got)
	}
	bypassed := w.create("AWS::KMS::Key", "Bypassed", `{"KeyPolicy":`+locked+`,"BypassPolicyLockoutSafetyCheck":true}`)
	if bypassed.PhysicalID == "" {
		t.Error("no key")
	}
}

func TestAlias(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.create("AWS::KMS::Key", "A", `{}`), w.create("AWS::KMS::Key", "B", `{}`)
	alias := w.create("AWS::KMS::Alias", "Alias", `{"AliasName":"alias/x","TargetKeyId":"`+a.PhysicalID+`"}`)
	wants(t, alias.PhysicalID, "alias/x")
	has(t, w.key("alias/x"), "KeyId", `"`+a.PhysicalID+`"`)
	alias.update(`{"AliasName":"alias/x","TargetKeyId":"` + b.get("Arn") + `"}`)
	has(t, w.key("alias/x"), "KeyId", `"`+b.PhysicalID+`"`)
	if got := w.refuses("AWS::KMS::Alias", "Again", `{"AliasName":"alias/x","TargetKeyId":"`+a.PhysicalID+`"}`); !strings.Contains(got, "HandlerErrorCode: AlreadyExists") {
		t.Error(got)
	}
	has(t, w.key("alias/x"), "KeyId", `"`+b.PhysicalID+`"`)
	alias.delete()
	if _, err := w.Call(t.Context(), "kms", "DescribeKey", map[string]any{"KeyId": "alias/x"}); err == nil {
		t.Error("the alias is still there")
	}
}

func TestReplicaKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out, err := w.Call(provision.In(t.Context(), "eu-west-1"), "kms", "CreateKey", map[string]any{"MultiRegion": true})
	if err != nil {
		t.Fatal(err)
	}
	primary := out["KeyMetadata"].(map[string]any)["Arn"].(string)
	properties := `{"PrimaryKeyArn":"` + primary + `","KeyPolicy":` + ownKey
	k := w.createTagged("AWS::KMS::ReplicaKey", "Replica", properties+`,"Description":"near","Enabled":false,"PendingWindowInDays":8}`, map[string]string{"team": "a"})
	wants(t, k.get("Arn"), "arn:aws:kms:us-east-1:123456789012:key/"+k.PhysicalID)
	wants(t, k.get("KeyId"), k.PhysicalID)
	shown := w.key(k.PhysicalID)
	has(t, shown, "Description", `"near"`)
	has(t, shown, "KeyState", `"Disabled"`)
	has(t, shown, "Arn", `"`+k.get("Arn")+`"`)
	wants(t, w.keyPolicy(k.PhysicalID), ownKey)
	changed := strings.Replace(properties, "kms:*", "KMS:*", 1)
	k.updateTagged(changed+`}`, nil)
	shown = w.key(k.PhysicalID)
	has(t, shown, "Description", `""`)
	has(t, shown, "KeyState", `"Enabled"`)
	has(t, w.ask("kms", "ListResourceTags", map[string]any{"KeyId": k.PhysicalID}), "Tags", `[]`)
	wants(t, w.keyPolicy(k.PhysicalID), strings.Replace(ownKey, "kms:*", "KMS:*", 1))
	k.delete()
	has(t, w.key(k.PhysicalID), "KeyState", `"PendingDeletion"`)
	if got := w.refuses("AWS::KMS::ReplicaKey", "Bad", `{"PrimaryKeyArn":"nothing","KeyPolicy":{}}`); !strings.Contains(got, "is not the ARN of a key") {
		t.Error(got)
	}
}
