package kms

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// checksOf are the decisions that a call needs.
func (w *testbed) checksOf(ctx context.Context, operation string, in any) []api.Check {
	w.t.Helper()
	for _, op := range w.API().Operations {
		if op.Name == operation {
			resolved, err := op.Resolve(ctx, in)
			if err != nil {
				w.t.Fatal(err)
			}
			return resolved.Checks
		}
	}
	w.t.Fatalf("there is no operation %s", operation)
	return nil
}

type keys map[string]any // string or []string

func keysIn(ctx context.Context, check *api.Check) keys {
	found := keys{}
	c := keysOf(ctx, check)
	for key := range c.All() {
		values, multi, _ := c.Get(key)
		if multi {
			found[key] = values
		} else {
			found[key] = values[0]
		}
	}
	return found
}

func merged(maps ...keys) keys {
	all := keys{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// TestConditionKeys has the keys of [C9], operation by operation.
func TestConditionKeys(t *testing.T) {
	always := keys{"kms:calleraccount": testAccount, "kms:keyorigin": OriginKMS, "kms:multiregion": "false"}
	symmetricKeys := merged(always, keys{"kms:keyspec": SpecSymmetric, "kms:keyusage": UsageEncryptDecrypt, "kms:resourcealiases": []string{"alias/one", "alias/two"}})
	crypto := merged(symmetricKeys, keys{"kms:encryptionalgorithm": "SYMMETRIC_DEFAULT"})
	where := map[string]string{"aws:sqs:arn": "q", "Team": "Keys"}
	inContext := keys{
		"kms:encryptioncontext:aws:sqs:arn": "q", "kms:encryptioncontext:team": "Keys",
		"kms:encryptioncontextkeys": []string{"Team", "aws:sqs:arn"},
	}
	signing := merged(always, keys{"kms:keyspec": SpecP256, "kms:keyusage": UsageSignVerify})
	w := newTestbed(t)
	key, sign, primary, external := symmetricKind.make(w), signingKind.make(w), primaryKind.make(w), externalKind.make(w)
	w.name(key.KeyId, "alias/one", "alias/two")
	blob := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x"), EncryptionContext: where})).CiphertextBlob
	validTo := testStart.Add(time.Hour)
	w.clock.Advance(days(3))
	for _, c := range []struct {
		name, operation string
		in              any
		want            []keys
	}{
		{"by id", "Encrypt", &EncryptInput{KeyId: key.KeyId}, []keys{crypto}},
		{"by alias", "Encrypt", &EncryptInput{KeyId: "alias/one", EncryptionContext: where}, []keys{merged(crypto, inContext, keys{"kms:requestalias": "alias/one"})}},
		{"by alias ARN", "DescribeKey", &DescribeKeyInput{KeyId: "arn:aws:kms:us-east-1:123456789012:alias/one"}, []keys{merged(symmetricKeys, keys{"kms:requestalias": "alias/one"})}},
		{"by ciphertext", "Decrypt", &DecryptInput{CiphertextBlob: blob, EncryptionContext: where}, []keys{merged(crypto, inContext)}},
		{"", "GenerateDataKey", &GenerateDataKeyInput{KeyId: key.KeyId, EncryptionContext: where}, []keys{merged(crypto, inContext)}},
		{"", "GenerateDataKeyPair", &GenerateDataKeyPairInput{KeyId: key.KeyId, KeyPairSpec: SpecP256}, []keys{merged(crypto, keys{"kms:datakeypairspec": SpecP256})}},
		{"same key", "ReEncrypt", &ReEncryptInput{CiphertextBlob: blob, SourceEncryptionContext: where, DestinationKeyId: key.Arn}, []keys{
			merged(crypto, inContext, keys{"kms:reencryptonsamekey": "true"}), merged(crypto, keys{"kms:reencryptonsamekey": "true"}),
		}},
		{"other key", "ReEncrypt", &ReEncryptInput{CiphertextBlob: blob, DestinationKeyId: primary.KeyId, DestinationEncryptionContext: where}, []keys{
			merged(crypto, keys{"kms:reencryptonsamekey": "false"}),
			merged(always, inContext, keys{
				"kms:keyspec": SpecSymmetric, "kms:keyusage": UsageEncryptDecrypt, "kms:encryptionalgorithm": "SYMMETRIC_DEFAULT",
				"kms:reencryptonsamekey": "false", "kms:multiregion": "true", "kms:multiregionkeytype": "PRIMARY",
			}),
		}},
		{"", "Sign", &SignInput{KeyId: sign.KeyId, SigningAlgorithm: "ECDSA_SHA_256"}, []keys{merged(signing, keys{"kms:signingalgorithm": "ECDSA_SHA_256", "kms:messagetype": "RAW"})}},
		{"", "Verify", &VerifyInput{KeyId: sign.KeyId, SigningAlgorithm: "ECDSA_SHA_256", MessageType: "DIGEST"}, []keys{merged(signing, keys{"kms:signingalgorithm": "ECDSA_SHA_256", "kms:messagetype": "DIGEST"})}},
		{"", "GetPublicKey", &GetPublicKeyInput{KeyId: sign.KeyId}, []keys{signing}},
		{"defaults", "CreateKey", &CreateKeyInput{}, []keys{merged(always, keys{
			"kms:keyspec": SpecSymmetric, "kms:keyusage": UsageEncryptDecrypt, "kms:bypasspolicylockoutsafetycheck": "false",
		})}},
		{"tags", "CreateKey", &CreateKeyInput{Tags: []Tag{{"Team", "x"}}, MultiRegion: true, BypassPolicyLockoutSafetyCheck: true}, []keys{
			merged(always, keys{
				"kms:keyspec": SpecSymmetric, "kms:keyusage": UsageEncryptDecrypt, "kms:bypasspolicylockoutsafetycheck": "true",
				"kms:multiregion": "true", "kms:multiregionkeytype": "PRIMARY", "aws:requesttag/team": "x", "aws:tagkeys": []string{"Team"},
			}),
			merged(always, keys{
				"kms:keyspec": SpecSymmetric, "kms:keyusage": UsageEncryptDecrypt, "kms:bypasspolicylockoutsafetycheck": "true",
				"kms:multiregion": "true", "kms:multiregionkeytype": "PRIMARY", "aws:requesttag/team": "x", "aws:tagkeys": []string{"Team"},
			}),
		}},
		{"", "TagResource", &TagResourceInput{KeyId: key.KeyId, Tags: []Tag{{"a", "b"}}}, []keys{merged(symmetricKeys, keys{"aws:requesttag/a": "b", "aws:tagkeys": []string{"a"}})}},
		{"", "UntagResource", &UntagResourceInput{KeyId: key.KeyId, TagKeys: []string{"a"}}, []keys{merged(symmetricKeys, keys{"aws:tagkeys": []string{"a"}})}},
		{"", "PutKeyPolicy", &PutKeyPolicyInput{KeyId: key.KeyId}, []keys{merged(symmetricKeys, keys{"kms:bypasspolicylockoutsafetycheck": "false"})}},
		{"", "ScheduleKeyDeletion", &ScheduleKeyDeletionInput{KeyId: key.KeyId}, []keys{merged(symmetricKeys, keys{
			"kms:schedulekeydeletionpendingwindowindays": "30", "kms:trailingdayswithoutkeyusage": "3",
		})}},
		{"", "DisableKey", &DisableKeyInput{KeyId: key.KeyId}, []keys{merged(symmetricKeys, keys{"kms:trailingdayswithoutkeyusage": "3"})}},
		{"", "EnableKeyRotation", &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(90)}, []keys{merged(symmetricKeys, keys{"kms:rotationperiodindays": "90"})}},
		{"", "ReplicateKey", &ReplicateKeyInput{KeyId: primary.KeyId, ReplicaRegion: otherRegion}, []keys{
			merged(always, keys{
				"kms:keyspec": SpecSymmetric, "kms:keyusage": UsageEncryptDecrypt, "kms:multiregion": "true", "kms:multiregionkeytype": "PRIMARY", "kms:replicaregion": otherRegion,
				"kms:bypasspolicylockoutsafetycheck": "false",
			}),
			{"kms:calleraccount": testAccount, "aws:requestedregion": otherRegion, "kms:multiregion": "true", "kms:multiregionkeytype": "REPLICA", "kms:bypasspolicylockoutsafetycheck": "false"},
		}},
		{"", "GetParametersForImport", &GetParametersForImportInput{KeyId: external.KeyId, WrappingAlgorithm: AlgorithmOAEPSHA1, WrappingKeySpec: SpecRSA2048}, []keys{{
			"kms:calleraccount": testAccount, "kms:keyorigin": OriginExternal, "kms:multiregion": "false", "kms:keyspec": SpecSymmetric,
			"kms:keyusage": UsageEncryptDecrypt, "kms:wrappingalgorithm": AlgorithmOAEPSHA1, "kms:wrappingkeyspec": SpecRSA2048,
		}}},
		{"", "ImportKeyMaterial", &ImportKeyMaterialInput{KeyId: external.KeyId, ValidTo: validTo}, []keys{{
			"kms:calleraccount": testAccount, "kms:keyorigin": OriginExternal, "kms:multiregion": "false", "kms:keyspec": SpecSymmetric,
			"kms:keyusage": UsageEncryptDecrypt, "kms:expirationmodel": ExpirationExpires, "kms:validto": "2026-01-15T13:00:00Z",
		}}},
		{"", "CreateGrant", &CreateGrantInput{
			KeyId: key.KeyId, GranteePrincipal: aliceRole, RetiringPrincipal: bobRole, Operations: []string{"Encrypt", "Decrypt"},
			Constraints: &GrantConstraints{EncryptionContextSubset: where},
		}, []keys{merged(symmetricKeys, inContext, keys{
			"kms:grantoperations": []string{"Decrypt", "Encrypt"}, "kms:granteeprincipal": aliceRole, "kms:retiringprincipal": bobRole,
			"kms:grantconstrainttype": "EncryptionContextSubset", "kms:grantisforawsresource": "false",
		})}},
		{"", "ListGrants", &ListGrantsInput{KeyId: key.KeyId}, []keys{merged(symmetricKeys, keys{"kms:grantisforawsresource": "false"})}},
	} {
		t.Run(c.operation+" "+c.name, func(t *testing.T) {
			var got []keys
			for _, check := range w.checksOf(home(), c.operation, c.in) {
				got = append(got, keysIn(home(), &check))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for name, c := range map[string]struct {
		operation string
		in        any
		key       string
		want      string
	}{
		"mac":    {"GenerateMac", &GenerateMacInput{KeyId: macKind.make(w).KeyId, MacAlgorithm: "HMAC_SHA_256"}, "kms:macalgorithm", "HMAC_SHA_256"},
		"agree":  {"DeriveSharedSecret", &DeriveSharedSecretInput{KeyId: agreeKind.make(w).KeyId, KeyAgreementAlgorithm: "ECDH"}, "kms:keyagreementalgorithm", "ECDH"},
		"kem":    {"Encapsulate", &EncapsulateInput{KeyId: kemKind.make(w).KeyId, EncapsulationAlgorithm: "ML_KEM"}, "kms:encapsulationalgorithm", "ML_KEM"},
		"period": {"EnableKeyRotation", &EnableKeyRotationInput{KeyId: key.KeyId}, "kms:rotationperiodindays", "365"},
	} {
		check := w.checksOf(home(), c.operation, c.in)[0]
		if got := keysIn(home(), &check)[c.key]; got != c.want {
			t.Errorf("%s: %s is %v, want %s", name, c.key, got, c.want)
		}
	}
}

// What an operation carries is what policyeval's table of condition keys says
// that it carries, which Lint goes by.
func TestConditionKeysAreInTheTable(t *testing.T) {
	for operation, sample := range samples {
		w := newTestbed(t)
		key := sample.kind.make(w)
		in := sample.prepare(w, key)
		if id := key.KeyId; aliasOperations[operation] {
			w.name(id, "alias/mine")
			in = withKey(in, "alias/mine")
		}
		for _, check := range w.checksOf(home(), operation, in) {
			_, verb, _ := strings.Cut(strings.ToLower(check.Action), ":")
			for name := range keysIn(home(), &check) {
				k, ok := policyeval.LookupKey(name)
				if !ok || k.Actions != nil && !slices.Contains(k.Actions, verb) {
					t.Errorf("%s sets %s for %s, which the table says does not have it", operation, name, check.Action)
				}
			}
		}
	}
}

// TestActionsAreDeclared compares what checks ask for with what the table says.
func TestActionsAreDeclared(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		sample, ok := samples[op.Name]
		if !ok {
			continue
		}
		w := newTestbed(t)
		in := sample.prepare(w, sample.kind.make(w))
		if reflect.TypeOf(in).Elem() != op.In {
			t.Errorf("%s: the sample is a %T", op.Name, in)
		}
		for _, check := range w.checksOf(home(), op.Name, in) {
			declared := false
			for _, action := range op.Actions {
				declared = declared || action == check.Action
			}
			if !declared {
				t.Errorf("%s asks for %s, which it does not declare", op.Name, check.Action)
			}
		}
	}
}

func TestDenials(t *testing.T) { // [E4]
	w := newTestbed(t)
	delegating := w.newKey(CreateKeyInput{})
	closed := w.newKey(CreateKeyInput{Policy: keyPolicy(`{"AWS":"arn:aws:iam::123456789012:role/other"}`, "kms:*"), BypassPolicyLockoutSafetyCheck: true})
	blob := w.encrypt(delegating.KeyId, "x")
	closedBlob := w.encrypt(closed.KeyId, "x")
	gone := newTestbed(t).encryptWithNewKey("x")
	plain := role(testAccount, "plain")
	allowed := role(testAccount, "allowed", allow("kms:*", "*"))
	refused := role(testAccount, "refused", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}`)
	foreign := role(otherAccount, "foreign", allow("kms:*", "*"))
	user := func(c *api.Caller) string { return "User: " + c.ARN + " is not authorized to perform: " }
	const noIdentity = " because no identity-based policy allows the "
	for _, c := range []struct {
		name      string
		caller    *api.Caller
		operation string
		in        any
		want      string
	}{
		{"identity", plain, "Encrypt", &EncryptInput{KeyId: delegating.Arn}, user(plain) + "kms:Encrypt on resource: " + delegating.Arn + noIdentity + "kms:Encrypt action"},
		{"C7.3 key policy", allowed, "Encrypt", &EncryptInput{KeyId: closed.Arn}, user(allowed) + "kms:Encrypt on resource: " + closed.Arn + " because no resource-based policy allows the kms:Encrypt action"},
		{"explicit", refused, "Encrypt", &EncryptInput{KeyId: delegating.Arn}, user(refused) + "kms:Encrypt on resource: " + delegating.Arn + " with an explicit deny in an identity-based policy"},
		{"cross-account", foreign, "Encrypt", &EncryptInput{KeyId: delegating.Arn}, user(foreign) + "kms:Encrypt on this resource " + unseen},
		{"cross-account, absent", foreign, "Encrypt", &EncryptInput{KeyId: "arn:aws:kms:us-east-1:123456789012:key/" + absentKey}, user(foreign) + "kms:Encrypt on this resource " + unseen},
		{"cross-account, absent alias", foreign, "Encrypt", &EncryptInput{KeyId: "arn:aws:kms:us-east-1:123456789012:alias/x"}, user(foreign) + "kms:Encrypt on this resource " + unseen},
		{"absent, without permission", plain, "Encrypt", &EncryptInput{KeyId: absentKey}, user(plain) + "kms:Encrypt on this resource " + unseen},
		{"A8.4 by ciphertext, identity", plain, "Decrypt", &DecryptInput{CiphertextBlob: blob}, user(plain) + "kms:Decrypt on the resource associated with this ciphertext" + noIdentity + "kms:Decrypt action"},
		{"A8.4 by ciphertext, key policy", allowed, "Decrypt", &DecryptInput{CiphertextBlob: closedBlob}, user(allowed) + "kms:Decrypt on the resource associated with this ciphertext " + unseen},
		{"by ciphertext, cross-account", foreign, "Decrypt", &DecryptInput{CiphertextBlob: blob}, user(foreign) + "kms:Decrypt on the resource associated with this ciphertext " + unseen},
		{"by ciphertext, of a key that is gone", plain, "Decrypt", &DecryptInput{CiphertextBlob: gone}, user(plain) + "kms:Decrypt on the resource associated with this ciphertext " + unseen},
		{"by ciphertext, of a key that is gone, with permission", allowed, "Decrypt", &DecryptInput{CiphertextBlob: gone}, user(allowed) + "kms:Decrypt on the resource associated with this ciphertext " + unseen},
		{"by ciphertext, of another account's key that is gone", foreign, "Decrypt", &DecryptInput{CiphertextBlob: gone}, user(foreign) + "kms:Decrypt on the resource associated with this ciphertext " + unseen},
		{"ReEncrypt from a key that is gone", allowed, "ReEncrypt", &ReEncryptInput{CiphertextBlob: gone, DestinationKeyId: delegating.Arn}, user(allowed) + "kms:ReEncryptFrom on the resource associated with this ciphertext " + unseen},
		{"ReEncrypt from", plain, "ReEncrypt", &ReEncryptInput{CiphertextBlob: blob, DestinationKeyId: delegating.Arn}, user(plain) + "kms:ReEncryptFrom on the resource associated with this ciphertext" + noIdentity + "kms:ReEncryptFrom action"},
		{"ReEncrypt to", role(testAccount, "from", allow("kms:ReEncryptFrom", "*")), "ReEncrypt", &ReEncryptInput{CiphertextBlob: blob, DestinationKeyId: delegating.Arn},
			"User: arn:aws:sts::123456789012:assumed-role/from/s is not authorized to perform: kms:ReEncryptTo on resource: " + delegating.Arn + noIdentity + "kms:ReEncryptTo action"},
		{"no resource", plain, "CreateKey", &CreateKeyInput{}, user(plain) + "kms:CreateKey on resource: *" + noIdentity + "kms:CreateKey action"},
		{"tags", role(testAccount, "maker", allow("kms:CreateKey", "*")), "CreateKey", &CreateKeyInput{Tags: []Tag{{"a", "b"}}},
			"User: arn:aws:sts::123456789012:assumed-role/maker/s is not authorized to perform: kms:TagResource" + noIdentity + "kms:TagResource action"},
		{"owner only", foreign, "PutKeyPolicy", &PutKeyPolicyInput{KeyId: delegating.Arn, Policy: "x"}, user(foreign) + "kms:PutKeyPolicy on this resource " + unseen},
		{"alias", role(testAccount, "namer", allow("kms:CreateAlias", "arn:aws:kms:*:*:key/*")), "CreateAlias", &CreateAliasInput{AliasName: "alias/x", TargetKeyId: delegating.Arn},
			"User: arn:aws:sts::123456789012:assumed-role/namer/s is not authorized to perform: kms:CreateAlias on resource: arn:aws:kms:us-east-1:123456789012:alias/x" + noIdentity + "kms:CreateAlias action"},
		{"alias's key", role(testAccount, "namer", allow("kms:CreateAlias", "arn:aws:kms:*:*:alias/*")), "CreateAlias", &CreateAliasInput{AliasName: "alias/x", TargetKeyId: delegating.Arn},
			"User: arn:aws:sts::123456789012:assumed-role/namer/s is not authorized to perform: kms:CreateAlias on resource: " + delegating.Arn + noIdentity + "kms:CreateAlias action"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.call(by(testRegion, c.caller), c.operation, c.in)
			wantError(t, err, ErrAccessDenied, c.want)
		})
	}
	_, err := w.call(by(testRegion, allowed), "Encrypt", &EncryptInput{KeyId: absentKey})
	wantError(t, err, ErrNotFound, "Key 'arn:aws:kms:us-east-1:123456789012:key/"+absentKey+"' does not exist")
}

// TestOwnerOnly has [C4]: which operations other accounts can be let into.
func TestOwnerOnly(t *testing.T) {
	crossAccount := map[string]bool{"CreateGrant": true, "GetKeyRotationStatus": true, "ListGrants": true, "RetireGrant": true, "RevokeGrant": true}
	for name := range aliasOperations {
		crossAccount[name] = true
	}
	for operation, sample := range samples {
		if operation == "DeleteAlias" || operation == "ListAliases" {
			continue // they act on the caller's own account
		}
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			w := newTestbed(t)
			key := sample.kind.make(w)
			in := withKey(sample.prepare(w, key), key.Arn)
			if reencrypt, ok := in.(*ReEncryptInput); ok {
				reencrypt.DestinationKeyId = key.Arn
			}
			open := keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::999888777666:root"]}`, "kms:*")
			w.force(key.Arn, func(k *keyRecord) { k.Policy = open })
			caller := role(otherAccount, "foreign", allow("kms:*", "*"))
			_, err := w.call(by(testRegion, caller), operation, in)
			switch {
			case operation == "RetireGrant": // the grant itself has to let them
				wantError(t, err, ErrAccessDenied, "User: "+caller.ARN+" is not authorized to perform: kms:RetireGrant on this resource "+unseen)
			case crossAccount[operation]:
				if err != nil {
					t.Error(err)
				}
			default:
				if !ErrAccessDenied.Is(api.AsError(err)) {
					t.Errorf("error is %v", err)
				}
			}
		})
	}
}

func TestForeignCiphertextByBareID(t *testing.T) {
	w := newTestbed(t)
	open := keyPolicy(`{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::999888777666:root"]}`, "kms:*")
	key := w.newKey(CreateKeyInput{Policy: open})
	ctx := by(testRegion, role(otherAccount, "foreign", allow("kms:*", "*")))
	in := &DecryptInput{KeyId: key.KeyId, CiphertextBlob: w.encrypt(key.KeyId, "x")}
	out, err := w.call(ctx, "Decrypt", in)
	if err != nil {
		t.Fatal(err)
	}
	if d := out.(*DecryptOutput); string(d.Plaintext) != "x" || d.KeyId != key.Arn {
		t.Errorf("unexpected answer %+v", d)
	}
}

func TestManagedKeys(t *testing.T) { // [C6]
	w := newTestbed(t)
	user := role(testAccount, "user", allow("sqs:* kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy kms:DisableKey kms:ScheduleKeyDeletion kms:CreateAlias kms:TagResource kms:EnableKeyRotation", "*"))
	direct := by(testRegion, user)
	through := func(service string) context.Context {
		ctx := by(testRegion, user)
		api.RequestFrom(ctx).CalledVia = []string{service}
		return ctx
	}
	generate := &GenerateDataKeyInput{KeyId: "alias/aws/sqs", KeySpec: DataKeyAES256}
	_, err := w.call(direct, "GenerateDataKey", generate)
	wantError(t, err, ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/aws/sqs is not found.")
	_, err = w.call(through("sns.amazonaws.com"), "GenerateDataKey", generate)
	wantError(t, err, ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/aws/sqs is not found.")
	out, err := w.call(through("sqs.amazonaws.com"), "GenerateDataKey", generate)
	if err != nil {
		t.Fatal(err)
	}
	arn := out.(*GenerateDataKeyOutput).KeyId
	m := w.describe(home(), "alias/aws/sqs")
	if m.Arn != arn || m.KeyManager != ManagerAWS || m.Description == "" || !m.Enabled {
		t.Errorf("unexpected key %+v", m)
	}
	policy := must[GetKeyPolicyOutput](t)(w.GetKeyPolicy(home(), &GetKeyPolicyInput{KeyId: arn})).Policy
	for _, denied := range []struct {
		ctx       context.Context
		operation string
		in        any
	}{
		{direct, "GenerateDataKey", generate},
		{through("sns.amazonaws.com"), "GenerateDataKey", generate},
		{home(), "GenerateDataKey", generate},
		{home(), "PutKeyPolicy", &PutKeyPolicyInput{KeyId: arn, Policy: policy}},
		{home(), "DisableKey", &DisableKeyInput{KeyId: arn}},
		{home(), "ScheduleKeyDeletion", &ScheduleKeyDeletionInput{KeyId: arn}},
		{home(), "TagResource", &TagResourceInput{KeyId: arn}},
		{home(), "EnableKeyRotation", &EnableKeyRotationInput{KeyId: arn}},
		{home(), "DisableKeyRotation", &DisableKeyRotationInput{KeyId: arn}},
		{home(), "RotateKeyOnDemand", &RotateKeyOnDemandInput{KeyId: arn}},
		{home(), "CreateGrant", &CreateGrantInput{KeyId: arn}},
		{home(), "CreateAlias", &CreateAliasInput{AliasName: "alias/mine", TargetKeyId: arn}},
		{home(), "UpdateKeyDescription", &UpdateKeyDescriptionInput{KeyId: arn}},
	} {
		if _, err := w.call(denied.ctx, denied.operation, denied.in); !ErrAccessDenied.Is(api.AsError(err)) {
			t.Errorf("%s: %v", denied.operation, err)
		}
	}
	status := must[GetKeyRotationStatusOutput](t)(w.GetKeyRotationStatus(home(), &GetKeyRotationStatusInput{KeyId: arn}))
	if !status.KeyRotationEnabled || *status.RotationPeriodInDays != 365 {
		t.Errorf("unexpected rotation %+v", status)
	}
	w.clock.Advance(days(365))
	if n := len(w.rotations(arn, false)); n != 1 {
		t.Errorf("%d rotations in a year", n)
	}
	// Whoever looks at a predefined alias makes its key, once.
	first, err := w.call(direct, "DescribeKey", &DescribeKeyInput{KeyId: "alias/aws/sns"})
	if err != nil {
		t.Fatal(err)
	}
	second := w.describe(home(), "alias/aws/sns")
	if first.(*DescribeKeyOutput).KeyMetadata.Arn != second.Arn || second.Arn == arn {
		t.Error("the keys are mixed up")
	}
	_, err = w.call(direct, "DescribeKey", &DescribeKeyInput{KeyId: "alias/aws/none"})
	wantError(t, err, ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/aws/none is not found.")
	_, err = w.call(as(otherAccount, testRegion), "DescribeKey", &DescribeKeyInput{KeyId: "arn:aws:kms:us-east-1:123456789012:alias/aws/sqs"})
	if !ErrAccessDenied.Is(api.AsError(err)) {
		t.Errorf("another account sees the key: %v", err)
	}
}
