package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal"
	"github.com/waxseal/waxseal/internal/trail"
)

// kmsEvents are the records of KMS calls, newest first.
func kmsEvents(t *testing.T, cloud *waxseal.Server, query string) []trail.Event {
	t.Helper()
	var list struct{ Events []trail.Event }
	if err := json.Unmarshal([]byte(fetch(t, cloud.URL()+"/_waxseal/events?event-source=kms.amazonaws.com&"+query)), &list); err != nil {
		t.Fatal(err)
	}
	return list.Events
}

// partnerRole makes a role of another account that its own policies let do anything with keys.
func partnerRole(t *testing.T, cloud *waxseal.Server) *clients {
	t.Helper()
	theirs := newClients(t, cloud.As("arn:aws:iam::"+partner+":root"))
	if _, err := theirs.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("partner"), AssumeRolePolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": partner}, "Action": "sts:AssumeRole",
	}))}); err != nil {
		t.Fatal(err)
	}
	if _, err := theirs.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("partner"), PolicyName: aws.String("keys"), PolicyDocument: aws.String(allows(t, "kms:*", "*")),
	}); err != nil {
		t.Fatal(err)
	}
	return newClients(t, cloud.As("arn:aws:iam::"+partner+":role/partner"))
}

// Denied and dry calls are recorded: the denied one without what it asked for
// [F8], the dry one with its parameters and the error that says so.
func TestKMSRecordsOfDeniedAndDryCalls(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("plain")
	id, keyARN := root.key()
	where := map[string]string{"purpose": "test"}
	encrypted, err := root.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x"), EncryptionContext: where})
	if err != nil {
		t.Fatal(err)
	}
	in := &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob, EncryptionContext: where, DryRun: aws.Bool(true)}
	for _, c := range []struct {
		as         *clients
		code, text string
		parameters string
		resources  []trail.Resource
	}{
		{newClients(t, cloud.As("role/plain")), "AccessDenied", // [A8.4]: the key is not named
			"User: arn:aws:sts::123456789012:assumed-role/plain/waxseal is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no identity-based policy allows the kms:Decrypt action",
			"null", nil},
		{root, "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.",
			`{"dryRun":true,"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"purpose":"test"}}`,
			[]trail.Resource{{AccountID: "123456789012", Type: "AWS::KMS::Key", ARN: keyARN}}},
	} {
		if _, err := c.as.kms.Decrypt(t.Context(), in); err == nil {
			t.Fatal("a dry run answers")
		}
		e := kmsEvents(t, cloud, "event-name=Decrypt&limit=1")[0]
		if e.ErrorCode != c.code || e.ErrorMessage != c.text || string(e.RequestParameters) != c.parameters || string(e.ResponseElements) != "null" {
			t.Errorf("the record is %+v", e)
		}
		if diff := cmp.Diff(c.resources, e.Resources); diff != "" {
			t.Errorf("%s: resources\n%s", c.code, diff)
		}
	}
}

// [F8]: what one account does with another's key both find in their records,
// under a shared id; what is denied the caller alone.
func TestKMSRecordsAcrossAccounts(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	key, err := root.kms.CreateKey(t.Context(), &kms.CreateKeyInput{Policy: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": []string{"123456789012", partner}}, "Action": "kms:*", "Resource": "*",
	}))})
	if err != nil {
		t.Fatal(err)
	}
	theirs := partnerRole(t, cloud)
	id := key.KeyMetadata.Arn
	if _, err := theirs.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	events := kmsEvents(t, cloud, "event-name=Encrypt")
	if len(events) != 2 {
		t.Fatalf("%d records", len(events))
	}
	owners, callers := events[0], events[1]
	if owners.RecipientAccountID != "123456789012" || callers.RecipientAccountID != partner || owners.SharedEventID == "" ||
		owners.SharedEventID != callers.SharedEventID || owners.EventID == callers.EventID || owners.RequestID != callers.RequestID {
		t.Errorf("the records are\n%+v\n%+v", owners, callers)
	}
	if diff := cmp.Diff(trail.UserIdentity{Type: "AWSAccount", PrincipalID: callers.UserIdentity.PrincipalID, AccountID: partner}, owners.UserIdentity); diff != "" {
		t.Errorf("the owner sees of the caller\n%s", diff)
	}
	if callers.UserIdentity.ARN != "arn:aws:sts::"+partner+":assumed-role/partner/waxseal" || callers.UserIdentity.PrincipalID == "" {
		t.Errorf("the caller's own record names %+v", callers.UserIdentity)
	}
	// No policy opens DisableKey to other accounts [C4].
	if _, err := theirs.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: id}); err == nil {
		t.Fatal("another account disables the key")
	}
	denied := kmsEvents(t, cloud, "event-name=DisableKey")
	if len(denied) != 1 || denied[0].RecipientAccountID != partner || denied[0].SharedEventID != "" || denied[0].Resources != nil {
		t.Errorf("the records of the denial are %+v", denied)
	}
	if _, err := root.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	if own := kmsEvents(t, cloud, "event-name=Encrypt"); len(own) != 3 || own[0].SharedEventID != "" {
		t.Errorf("the records of the owner's own call are %+v", own)
	}
}

// What becomes of a key is found by the key: CreateKey's record has it among
// its resources, those of changes in responseElements.keyId.
func TestKMSRecordsNameTheKey(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config()).kms
	ctx := t.Context()
	made, err := c.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	id, keyARN := made.KeyMetadata.KeyId, *made.KeyMetadata.Arn
	grant, err := c.CreateGrant(ctx, &kms.CreateGrantInput{KeyId: id, GranteePrincipal: aws.String("arn:aws:iam::123456789012:root"), Operations: []kmstypes.GrantOperation{"Encrypt"}})
	if err != nil {
		t.Fatal(err)
	}
	alias := aws.String("alias/mine")
	for name, call := range []func() error{
		func() error {
			_, err := c.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: alias, TargetKeyId: id})
			return err
		},
		func() error { _, err := c.DeleteAlias(ctx, &kms.DeleteAliasInput{AliasName: alias}); return err },
		func() error { _, err := c.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id}); return err },
		func() error {
			_, err := c.TagResource(ctx, &kms.TagResourceInput{KeyId: id, Tags: []kmstypes.Tag{{TagKey: aws.String("a"), TagValue: aws.String("b")}}})
			return err
		},
		func() error {
			_, err := c.RevokeGrant(ctx, &kms.RevokeGrantInput{KeyId: id, GrantId: grant.GrantId})
			return err
		},
		func() error { _, err := c.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: id}); return err },
		func() error { _, err := c.DisableKey(ctx, &kms.DisableKeyInput{KeyId: id}); return err },
	} {
		if err := call(); err != nil {
			t.Fatalf("call %d: %v", name, err)
		}
	}
	events := kmsEvents(t, cloud, "resource="+keyARN)
	var names []string
	for _, e := range events {
		names = append(names, e.EventName)
		var response struct{ KeyID, GrantID string }
		if err := json.Unmarshal(e.ResponseElements, &response); err != nil {
			t.Fatal(err)
		}
		if named := response.KeyID == keyARN; named == (e.EventName == "CreateKey" || e.EventName == "RevokeGrant") {
			t.Errorf("%s answered %s", e.EventName, e.ResponseElements)
		}
		if e.EventName == "CreateGrant" && response.GrantID != *grant.GrantId {
			t.Errorf("CreateGrant answered %s", e.ResponseElements)
		}
	}
	if got := strings.Join(names, " "); got != "DisableKey RotateKeyOnDemand RevokeGrant TagResource EnableKeyRotation DeleteAlias CreateAlias CreateGrant CreateKey" {
		t.Errorf("the key's records are %s", got)
	}
}

// AssumeRole is recorded as reading, with its role and without the secret; in
// the role's account too, where a caller of another one assumes it.
func TestSTSRecords(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	theirs := newClients(t, cloud.As("arn:aws:iam::"+partner+":root"))
	if _, err := theirs.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("open"), AssumeRolePolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": "123456789012"}, "Action": []string{"sts:AssumeRole", "sts:TagSession"},
	}))}); err != nil {
		t.Fatal(err)
	}
	root.role("own")
	for role, account := range map[string]string{"own": "123456789012", "open": partner} {
		arn := "arn:aws:iam::" + account + ":role/" + role
		if _, err := assume(t, cloud.Config(), &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: aws.String("session")}); err != nil {
			t.Fatal(err)
		}
		var list struct{ Events []trail.Event }
		text := fetch(t, cloud.URL()+"/_waxseal/events?event-name=AssumeRole&resource="+arn)
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		want := []string{"123456789012"}
		if account == partner {
			want = []string{partner, "123456789012"}
		}
		var recipients []string
		for _, e := range list.Events {
			recipients = append(recipients, e.RecipientAccountID)
			if diff := cmp.Diff([]trail.Resource{{AccountID: account, Type: "AWS::IAM::Role", ARN: arn}}, e.Resources); diff != "" || !e.ReadOnly ||
				!strings.Contains(string(e.ResponseElements), `"accessKeyId":"ASIA`) || strings.Contains(string(e.ResponseElements), "secretAccessKey") {
				t.Errorf("%s: the record is %+v\n%s", role, e, diff)
			}
		}
		if diff := cmp.Diff(want, recipients); diff != "" {
			t.Errorf("%s: recorded in\n%s", role, diff)
		}
	}
}

// The last use of a key names the record of the call that used it.
func TestLastUseNamesItsRecord(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	id, _ := root.key()
	if _, err := root.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	used, err := root.kms.GetKeyLastUsage(t.Context(), &kms.GetKeyLastUsageInput{KeyId: &id})
	if err != nil {
		t.Fatal(err)
	}
	if event := kmsEvents(t, cloud, "event-name=Encrypt")[0]; aws.ToString(used.KeyLastUsage.CloudTrailEventId) != event.EventID {
		t.Errorf("the last use is %+v, the record %+v", used.KeyLastUsage, event)
	}
}
