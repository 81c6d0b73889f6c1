package integration

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/waxseal/waxseal"
)

const unseen = " because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"

// [C7.9]: under --strict principals key policies and grants name nobody who does not exist.
func TestKMSStrictPrincipals(t *testing.T) {
	for _, strict := range [][]string{nil, {"principals"}} {
		cloud := start(t, waxseal.Options{Strict: strict})
		c := newClients(t, cloud.Config())
		c.role("real")
		id, _ := c.key()
		const known, ghost = "arn:aws:iam::123456789012:role/real", "arn:aws:iam::123456789012:role/ghost"
		refused := answer{http.StatusBadRequest, "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."}
		for principal, ok := range map[string]bool{known: true, ghost: len(strict) == 0} {
			policy := aws.String(document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": []string{"123456789012", principal}}, "Action": "kms:*", "Resource": "*"}))
			_, created := c.kms.CreateKey(t.Context(), &kms.CreateKeyInput{Policy: policy})
			_, put := c.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: policy})
			_, granted := c.kms.CreateGrant(t.Context(), &kms.CreateGrantInput{KeyId: &id, GranteePrincipal: &principal, Operations: []kmstypes.GrantOperation{"Encrypt"}})
			if ok {
				if created != nil || put != nil || granted != nil {
					t.Errorf("%v, %s: %v, %v, %v", strict, principal, created, put, granted)
				}
				continue
			}
			want(t, "CreateKey", created, refused)
			want(t, "PutKeyPolicy", put, refused)
			want(t, "CreateGrant", granted, answer{http.StatusBadRequest, "InvalidArnException", "ARN does not refer to a valid principal: " + ghost})
		}
	}
}

// What a key policy, a grant and IAM each give a role, as the SDK sees it [C7] [C8].
func TestKMSPermissions(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("plain")
	root.role("iam", allows(t, "kms:*", "*"))
	const session = "arn:aws:sts::123456789012:assumed-role/plain/waxseal"
	plain, powerful := newClients(t, cloud.As("role/plain")), newClients(t, cloud.As("role/iam"))
	id, keyARN := root.key()
	encrypt := func(c *clients, key string, context map[string]string) error {
		_, err := c.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &key, Plaintext: []byte("x"), EncryptionContext: context})
		return err
	}
	noIdentity := answer{http.StatusBadRequest, "AccessDeniedException",
		"User: " + session + " is not authorized to perform: kms:Encrypt on resource: " + keyARN + " because no identity-based policy allows the kms:Encrypt action"}
	want(t, "E4 without a policy of its own", encrypt(plain, id, nil), noIdentity)
	if err := encrypt(powerful, id, nil); err != nil {
		t.Errorf("C7.1 with its own policy, by the default key policy: %v", err)
	}

	// [C8.3]: a grant for one encryption context, at once [C8.4].
	where := map[string]string{"tenant": "a", "more": "b"}
	grant, err := root.kms.CreateGrant(t.Context(), &kms.CreateGrantInput{
		KeyId: &id, GranteePrincipal: aws.String("arn:aws:iam::123456789012:role/plain"), Operations: []kmstypes.GrantOperation{"Encrypt", "RetireGrant"},
		Constraints: &kmstypes.GrantConstraints{EncryptionContextSubset: map[string]string{"tenant": "a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := encrypt(plain, keyARN, where); err != nil {
		t.Errorf("by the grant: %v", err)
	}
	want(t, "C8.3 another context", encrypt(plain, id, map[string]string{"tenant": "A"}), noIdentity)
	if _, err := plain.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x"), EncryptionContext: where, GrantTokens: []string{*grant.GrantToken}}); err != nil {
		t.Errorf("with the grant token: %v", err)
	}
	_, err = plain.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x"), EncryptionContext: where, GrantTokens: []string{"token"}})
	if got := failure(t, err); got.status != http.StatusBadRequest || got.code != "InvalidGrantTokenException" {
		t.Errorf("with a token of nobody: %+v", got)
	}
	// [C8.7]: the grantee may retire it, for the grant says so; revoking is for the policy to allow.
	_, err = plain.kms.RevokeGrant(t.Context(), &kms.RevokeGrantInput{KeyId: &id, GrantId: grant.GrantId})
	if got := failure(t, err); got.code != "AccessDeniedException" {
		t.Errorf("RevokeGrant by the grantee: %+v", got)
	}
	if _, err := plain.kms.RetireGrant(t.Context(), &kms.RetireGrantInput{GrantToken: grant.GrantToken}); err != nil {
		t.Errorf("RetireGrant by the grantee: %v", err)
	}
	want(t, "after the grant is retired", encrypt(plain, id, where), noIdentity)

	// [C7.4]: named by the key's policy; [C7.3]: a policy that leaves the account out stops even its root.
	named, err := root.kms.CreateKey(t.Context(), &kms.CreateKeyInput{BypassPolicyLockoutSafetyCheck: true, Policy: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:role/plain"}, "Action": "kms:*", "Resource": "*",
	}))})
	if err != nil {
		t.Fatal(err)
	}
	namedARN := *named.KeyMetadata.Arn
	if err := encrypt(plain, namedARN, nil); err != nil {
		t.Errorf("C7.4 named by the key policy: %v", err)
	}
	for who, c := range map[string]*clients{"arn:aws:iam::123456789012:root": root, "arn:aws:sts::123456789012:assumed-role/iam/waxseal": powerful} {
		want(t, "C7.3 left out", encrypt(c, namedARN, nil), answer{http.StatusBadRequest, "AccessDeniedException",
			"User: " + who + " is not authorized to perform: kms:Encrypt on resource: " + namedARN + " because no resource-based policy allows the kms:Encrypt action"})
	}
}

// Multi-Region keys: made, replicated, their primary moved, from the outside;
// another account may do none of it [C4], whatever the key's policy says.
func TestKMSMultiRegion(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	in := func(c aws.Config, region string) *kms.Client { c.Region = region; return kms.NewFromConfig(c) }
	here, there := root.kms, in(cloud.Config(), "eu-west-1")
	ctx := t.Context()
	open := aws.String(document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": []string{"123456789012", partner}}, "Action": "kms:*", "Resource": "*"}))
	made, err := here.CreateKey(ctx, &kms.CreateKeyInput{MultiRegion: aws.Bool(true), Policy: open})
	if err != nil {
		t.Fatal(err)
	}
	id, keyARN := made.KeyMetadata.KeyId, *made.KeyMetadata.Arn
	replicaARN := strings.Replace(keyARN, "us-east-1", "eu-west-1", 1)
	_, err = there.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	want(t, "K114", err, answer{http.StatusBadRequest, "NotFoundException", "Key '" + replicaARN + "' does not exist"})

	// CreateKey must be allowed in the replica's region.
	root.role("local", document(t,
		statement{"Effect": "Allow", "Action": "kms:ReplicateKey", "Resource": "*"},
		statement{"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*", "Condition": statement{"StringEquals": statement{"aws:RequestedRegion": "us-east-1"}}}))
	replicate := func(c *kms.Client, key string) error {
		_, err := c.ReplicateKey(ctx, &kms.ReplicateKeyInput{KeyId: &key, ReplicaRegion: aws.String("eu-west-1")})
		return err
	}
	want(t, "ReplicateKey into a region where the role may create no key", replicate(newClients(t, cloud.As("role/local")).kms, *id),
		answer{http.StatusBadRequest, "AccessDeniedException",
			"User: arn:aws:sts::123456789012:assumed-role/local/waxseal is not authorized to perform: kms:CreateKey on resource: * because no identity-based policy allows the kms:CreateKey action"})
	theirs := partnerRole(t, cloud)
	session := "User: arn:aws:sts::" + partner + ":assumed-role/partner/waxseal is not authorized to perform: "
	want(t, "ReplicateKey by another account", replicate(theirs.kms, keyARN), answer{http.StatusBadRequest, "AccessDeniedException", session + "kms:ReplicateKey on this resource" + unseen})
	if err := replicate(here, *id); err != nil {
		t.Fatal(err)
	}
	want(t, "K118", replicate(in(cloud.Config(), "eu-west-1"), *id), answer{http.StatusBadRequest, "UnsupportedOperationException", replicaARN + " is not a multi-region primary key."})

	encrypted, err := here.Encrypt(ctx, &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	opens := func(when string) {
		t.Helper()
		if out, err := there.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob}); err != nil || string(out.Plaintext) != "x" || *out.KeyId != replicaARN {
			t.Errorf("%s the replica opens %+v, %v", when, out, err)
		}
	}
	opens("before")
	move := func(c *kms.Client, key, to string) error {
		_, err := c.UpdatePrimaryRegion(ctx, &kms.UpdatePrimaryRegionInput{KeyId: &key, PrimaryRegion: &to})
		return err
	}
	want(t, "UpdatePrimaryRegion by another account", move(theirs.kms, keyARN, "eu-west-1"), answer{http.StatusBadRequest, "AccessDeniedException", session + "kms:UpdatePrimaryRegion on this resource" + unseen})
	want(t, "UpdatePrimaryRegion from the replica", move(there, *id, "us-east-1"), answer{http.StatusBadRequest, "UnsupportedOperationException", replicaARN + " is not a multi-region primary key."})
	if err := move(here, *id, "eu-west-1"); err != nil {
		t.Fatal(err)
	}
	for region, c := range map[string]*kms.Client{"us-east-1": here, "eu-west-1": there} {
		d, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
		if err != nil {
			t.Fatal(err)
		}
		m := d.KeyMetadata.MultiRegionConfiguration
		kind := kmstypes.MultiRegionKeyTypeReplica
		if region == "eu-west-1" {
			kind = kmstypes.MultiRegionKeyTypePrimary
		}
		if m.MultiRegionKeyType != kind || *m.PrimaryKey.Arn != replicaARN || len(m.ReplicaKeys) != 1 || *m.ReplicaKeys[0].Arn != keyARN || d.KeyMetadata.KeyState != "Enabled" {
			t.Errorf("in %s the key is %+v", region, d.KeyMetadata)
		}
	}
	// A rotation of the new primary reaches the old one.
	if _, err := there.RotateKeyOnDemand(ctx, &kms.RotateKeyOnDemandInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	one, errOne := here.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	two, errTwo := there.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	if errOne != nil || errTwo != nil || *one.KeyMetadata.CurrentKeyMaterialId != *two.KeyMetadata.CurrentKeyMaterialId || *one.KeyMetadata.CurrentKeyMaterialId == *made.KeyMetadata.CurrentKeyMaterialId {
		t.Errorf("after a rotation: %v, %v, %v, %v", one, errOne, two, errTwo)
	}
	opens("after a rotation")
}

// A key that is to be deleted is gone with its day, and what it encrypted with it.
func TestKMSDeletionByTheClock(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("iam", allows(t, "kms:*", "*"))
	id, keyARN := root.key()
	ctx := t.Context()
	encrypted, err := root.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.kms.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	decrypt := func(ctx context.Context, name *string) error {
		_, err := root.kms.Decrypt(ctx, &kms.DecryptInput{KeyId: name, CiphertextBlob: encrypted.CiphertextBlob})
		return err
	}
	want(t, "K046", decrypt(ctx, nil), answer{http.StatusBadRequest, "KMSInvalidStateException", keyARN + " is pending deletion."})
	cloud.Advance(7 * 24 * time.Hour)
	want(t, "by its id", decrypt(ctx, &id), answer{http.StatusBadRequest, "NotFoundException", "Key '" + keyARN + "' does not exist"})
	want(t, "by the ciphertext", decrypt(ctx, nil), answer{http.StatusBadRequest, "AccessDeniedException",
		"User: arn:aws:iam::123456789012:root is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext" + unseen})
}

// The permissions boundary of a role stops it at a key whose
// policy names it [C7.6].
func TestKMSBoundary(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("bounded")
	boundary, err := root.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("no-keys"), PolicyDocument: aws.String(allows(t, "sqs:*", "*"))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("bounded"), PermissionsBoundary: boundary.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	key, err := root.kms.CreateKey(t.Context(), &kms.CreateKeyInput{Policy: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"AWS": []string{"123456789012", "arn:aws:iam::123456789012:role/bounded"}}, "Action": "kms:*", "Resource": "*",
	}))})
	if err != nil {
		t.Fatal(err)
	}
	_, err = newClients(t, cloud.As("role/bounded")).kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: key.KeyMetadata.KeyId, Plaintext: []byte("x")})
	want(t, "D3: the role's ARN in the key policy is under its boundary", err, answer{http.StatusBadRequest, "AccessDeniedException",
		"User: arn:aws:sts::123456789012:assumed-role/bounded/waxseal is not authorized to perform: kms:Encrypt on resource: " + *key.KeyMetadata.Arn +
			" because no permissions boundary allows the kms:Encrypt action"})
}

// A denial for what does not exist says so, and suggests no policy: none helps.
func TestExplainOfWhatIsNotThere(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("iam", allows(t, "*", "*"))
	ctx := t.Context()
	id, _ := root.key()
	encrypted, err := root.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: &id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.kms.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: &id, PendingWindowInDays: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	cloud.Advance(7 * 24 * time.Hour)
	c := newClients(t, cloud.As("role/iam"))
	absent := aws.String("arn:aws:kms:us-east-1:" + partner + ":key/11111111-2222-3333-4444-555555555555")
	for what, call := range map[string]func() error{
		"another account's key": func() error {
			_, err := c.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: absent, Plaintext: []byte("x")})
			return err
		},
		"a ciphertext of a key that is gone": func() error {
			_, err := c.kms.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob})
			return err
		},
		"a role": func() error {
			_, err := assume(t, cloud.As("role/iam"), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/none"), RoleSessionName: aws.String("session")})
			return err
		},
	} {
		err := call()
		if got := failure(t, err); !strings.HasPrefix(got.code, "AccessDenied") {
			t.Errorf("%s: %+v", what, got)
		}
		if text := cloud.Explain(err); !strings.Contains(text, "What the request names does not exist: policies decide only whether the caller is told so.") || strings.Contains(text, "To allow it") {
			t.Errorf("%s:\n%s", what, text)
		}
	}
}
