package kms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	aliceRole = "arn:aws:iam::123456789012:role/alice"
	bobRole   = "arn:aws:iam::999888777666:role/bob"
)

func alice() *api.Caller { return role(testAccount, "alice") }
func bob() *api.Caller   { return role(otherAccount, "bob") }

func TestGrantAllowsItsOperations(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	ctx := by(testRegion, alice())
	encrypt := func() error {
		_, err := w.call(ctx, "Encrypt", &EncryptInput{KeyId: key.Arn, Plaintext: []byte("x")})
		return err
	}
	const denial = "User: arn:aws:sts::123456789012:assumed-role/alice/s is not authorized to perform: "
	wantError(t, encrypt(), ErrAccessDenied, denial+"kms:Encrypt on resource: "+key.Arn+" because no identity-based policy allows the kms:Encrypt action")
	g := must[CreateGrantOutput](t)(w.CreateGrant(home(), &CreateGrantInput{KeyId: key.KeyId, GranteePrincipal: aliceRole, Operations: []string{"Encrypt", "DescribeKey"}}))
	if len(g.GrantId) != 64 || !isHex(g.GrantId) || g.GrantToken == "" { // [K110]
		t.Errorf("unexpected answer %+v", g)
	}
	if err := encrypt(); err != nil {
		t.Error(err)
	}
	_, err := w.call(ctx, "Decrypt", &DecryptInput{KeyId: key.Arn, CiphertextBlob: w.encrypt(key.KeyId, "x")})
	wantError(t, err, ErrAccessDenied, denial+"kms:Decrypt on resource: "+key.Arn+" because no identity-based policy allows the kms:Decrypt action")
	ok[RevokeGrantOutput](t)(w.RevokeGrant(home(), &RevokeGrantInput{KeyId: key.KeyId, GrantId: g.GrantId}))
	if encrypt() == nil {
		t.Error("a revoked grant still allows")
	}
}

func TestGrantsTo(t *testing.T) {
	session := "arn:aws:sts::123456789012:assumed-role/alice/s"
	user := &api.Caller{Name: "u", Principal: policyeval.Principal{Type: policyeval.User, Account: testAccount, ARN: "arn:aws:iam::123456789012:user/u"}}
	root := &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: otherAccount, ARN: "arn:aws:iam::999888777666:root"}}
	for _, c := range []struct {
		name, grantee string
		caller        *api.Caller
		want          bool
	}{
		{"the role", aliceRole, alice(), true},
		{"the session", session, alice(), true},
		{"another session", session + "2", alice(), false},
		{"another role", "arn:aws:iam::123456789012:role/carol", alice(), false},
		{"the user", user.ARN, user, true},
		{"the account's root user", root.ARN, root, true},
		{"the account, without IAM", root.ARN, bob(), false},
		{"the account, with IAM", root.ARN, role(otherAccount, "bob", allow("kms:Encrypt", "*")), true},
		{"a role of another account, with IAM", bobRole, role(otherAccount, "bob", allow("kms:Encrypt", "*")), true},
	} {
		t.Run(c.name, func(t *testing.T) { // [C8.2]
			w := newTestbed(t)
			key := w.newKey(CreateKeyInput{Policy: keyPolicy(rootPrincipal, "kms:*")})
			ok[CreateGrantOutput](t)(w.CreateGrant(home(), &CreateGrantInput{KeyId: key.KeyId, GranteePrincipal: c.grantee, Operations: []string{"Encrypt"}}))
			_, err := w.call(by(testRegion, c.caller), "Encrypt", &EncryptInput{KeyId: key.Arn, Plaintext: []byte("x")})
			if (err == nil) != c.want {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestGrantConstraints(t *testing.T) { // [C8.3]
	for _, c := range []struct {
		name        string
		constraints GrantConstraints
		context     map[string]string
		want        bool
	}{
		{"equal", GrantConstraints{EncryptionContextEquals: map[string]string{"a": "1", "b": "2"}}, map[string]string{"b": "2", "a": "1"}, true},
		{"equal, one more", GrantConstraints{EncryptionContextEquals: map[string]string{"a": "1"}}, map[string]string{"b": "2", "a": "1"}, false},
		{"equal, other value", GrantConstraints{EncryptionContextEquals: map[string]string{"a": "1"}}, map[string]string{"a": "2"}, false},
		{"equal, other case", GrantConstraints{EncryptionContextEquals: map[string]string{"a": "1"}}, map[string]string{"A": "1"}, false},
		{"equal, none", GrantConstraints{EncryptionContextEquals: map[string]string{"a": "1"}}, nil, false},
		{"subset", GrantConstraints{EncryptionContextSubset: map[string]string{"a": "1"}}, map[string]string{"b": "2", "a": "1"}, true},
		{"subset, missing", GrantConstraints{EncryptionContextSubset: map[string]string{"a": "1"}}, map[string]string{"b": "2"}, false},
		{"subset, other case of the value", GrantConstraints{EncryptionContextSubset: map[string]string{"a": "x"}}, map[string]string{"a": "X"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			key := w.newKey(CreateKeyInput{})
			ok[CreateGrantOutput](t)(w.CreateGrant(home(), &CreateGrantInput{
				KeyId: key.KeyId, GranteePrincipal: aliceRole, Operations: []string{"Encrypt", "DescribeKey"}, Constraints: &c.constraints,
			}))
			ctx := by(testRegion, alice())
			_, err := w.call(ctx, "Encrypt", &EncryptInput{KeyId: key.Arn, Plaintext: []byte("x"), EncryptionContext: c.context})
			if (err == nil) != c.want {
				t.Errorf("error is %v", err)
			}
			if _, err := w.call(ctx, "DescribeKey", &DescribeKeyInput{KeyId: key.Arn}); err != nil {
				t.Errorf("constraints do not concern DescribeKey: %v", err)
			}
		})
	}
}

// Terraform sends both maps whenever there are constraints.
func TestEmptyConstraintIsNone(t *testing.T) {
	pair := map[string]string{"a": "1"}
	for _, c := range []struct {
		name        string
		constraints GrantConstraints
		want        *GrantConstraints
		kind        string
	}{
		{"equal", GrantConstraints{EncryptionContextEquals: pair, EncryptionContextSubset: map[string]string{}}, &GrantConstraints{EncryptionContextEquals: pair}, "EncryptionContextEquals"},
		{"subset", GrantConstraints{EncryptionContextEquals: map[string]string{}, EncryptionContextSubset: pair}, &GrantConstraints{EncryptionContextSubset: pair}, "EncryptionContextSubset"},
		{"neither", GrantConstraints{EncryptionContextEquals: map[string]string{}, EncryptionContextSubset: map[string]string{}}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			key := w.newKey(CreateKeyInput{})
			in := &CreateGrantInput{KeyId: key.KeyId, GranteePrincipal: aliceRole, Operations: []string{"Encrypt"}, Constraints: &c.constraints}
			checked := policyeval.NewContext(8)
			target, _, err := w.createGrantTarget(home(), in)
			if err != nil {
				t.Fatal(err)
			}
			target.Keys(checked)
			if got, _, _ := checked.Get("kms:grantconstrainttype"); strings.Join(got, "") != c.kind {
				t.Errorf("kms:GrantConstraintType is %q, want %q", got, c.kind)
			}
			ok[CreateGrantOutput](t)(w.CreateGrant(home(), in))
			list := must[ListGrantsOutput](t)(w.ListGrants(home(), &ListGrantsInput{KeyId: key.KeyId}))
			if diff := cmp.Diff(c.want, list.Grants[0].Constraints); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGrantsToServices(t *testing.T) {
	const source = "arn:aws:sns:us-east-1:123456789012:topic"
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	ok[CreateGrantOutput](t)(w.CreateGrant(home(), &CreateGrantInput{
		KeyId: key.KeyId, GranteeServicePrincipal: "sns.amazonaws.com", RetiringPrincipal: aliceRole,
		Operations: []string{"GenerateDataKey"}, Constraints: &GrantConstraints{SourceArn: source},
	}))
	for from, want := range map[string]bool{source: true, source + "2": false, "": false} {
		ctx := by(testRegion, &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "sns.amazonaws.com"}})
		request := api.RequestFrom(ctx)
		request.Account, request.SourceARN = testAccount, from
		_, err := w.call(ctx, "GenerateDataKey", &GenerateDataKeyInput{KeyId: key.Arn, KeySpec: DataKeyAES256})
		if (err == nil) != want {
			t.Errorf("for %q: %v", from, err)
		}
	}
	list := must[ListGrantsOutput](t)(w.ListGrants(home(), &ListGrantsInput{KeyId: key.KeyId, GranteeServicePrincipal: "sns.amazonaws.com"}))
	if len(list.Grants) != 1 || list.Grants[0].GranteePrincipal != "" || list.Grants[0].Constraints.SourceArn != source {
		t.Errorf("unexpected grants %+v", list.Grants)
	}
}

func TestCreateGrantErrors(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.PrincipalExists, c.StrictPrincipals = w0, true })
	key, mac := w.newKey(CreateKeyInput{}), macKind.make(w)
	nine := map[string]string{}
	for i := range 9 {
		nine[fmt.Sprint(i)] = "v"
	}
	for _, c := range []struct {
		name string
		in   CreateGrantInput
		err  *api.Error
		text string
	}{
		{"no grantee", CreateGrantInput{Operations: []string{"Decrypt"}}, ErrValidation, "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both."},
		{"two grantees", CreateGrantInput{GranteePrincipal: aliceRole, GranteeServicePrincipal: "x"}, ErrValidation, "You must specify either GranteePrincipal or GranteeServicePrincipal, but not both."},
		{"two retirers", CreateGrantInput{GranteePrincipal: aliceRole, RetiringPrincipal: aliceRole, RetiringServicePrincipal: "x"}, ErrValidation, "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both."},
		{"service without source", CreateGrantInput{GranteeServicePrincipal: "x", RetiringPrincipal: aliceRole}, ErrValidation, "A grant to a service principal must have a SourceArn constraint and a retiring principal."},
		{"no ARN", CreateGrantInput{GranteePrincipal: "alice"}, ErrInvalidArn, "ARN does not refer to a valid principal: alice"},
		{"a group", CreateGrantInput{GranteePrincipal: "arn:aws:iam::123456789012:group/g"}, ErrInvalidArn, "ARN does not refer to a valid principal: arn:aws:iam::123456789012:group/g"},
		{"nobody", CreateGrantInput{GranteePrincipal: "arn:aws:iam::123456789012:role/none"}, ErrInvalidArn, "ARN does not refer to a valid principal: arn:aws:iam::123456789012:role/none"},
		{"retired by nobody", CreateGrantInput{GranteePrincipal: aliceRole, RetiringPrincipal: "x"}, ErrInvalidArn, "ARN does not refer to a valid principal: x"},
		{"C8.1 unfit operation", CreateGrantInput{GranteePrincipal: aliceRole, Operations: []string{"Sign"}}, ErrValidation,
			"Grant operation Sign is not valid for a KMS key with key spec SYMMETRIC_DEFAULT and key usage ENCRYPT_DECRYPT."},
		{"C8.1 unfit key", CreateGrantInput{KeyId: mac.KeyId, GranteePrincipal: aliceRole, Operations: []string{"Decrypt"}}, ErrValidation,
			"Grant operation Decrypt is not valid for a KMS key with key spec HMAC_256 and key usage GENERATE_VERIFY_MAC."},
		{"constraint on an HMAC key", CreateGrantInput{KeyId: mac.KeyId, GranteePrincipal: aliceRole, Operations: []string{"GenerateMac"},
			Constraints: &GrantConstraints{EncryptionContextSubset: map[string]string{"a": "b"}}}, ErrValidation, "Encryption context grant constraints are not valid for asymmetric or HMAC KMS keys."},
		{"nine pairs", CreateGrantInput{GranteePrincipal: aliceRole, Constraints: &GrantConstraints{EncryptionContextSubset: nine}}, ErrValidation, "A grant constraint can have at most 8 encryption context pairs."},
		{"long value", CreateGrantInput{GranteePrincipal: aliceRole, Constraints: &GrantConstraints{EncryptionContextEquals: map[string]string{"a": strings.Repeat("x", 385)}}}, ErrValidation,
			"An encryption context value in a grant constraint can have at most 384 characters."},
		{"both constraints", CreateGrantInput{GranteePrincipal: aliceRole, Constraints: &GrantConstraints{EncryptionContextEquals: nine, EncryptionContextSubset: nine}}, ErrValidation,
			"More than one constraint supplied"},
		{"dry run", CreateGrantInput{GranteePrincipal: aliceRole, DryRun: true}, ErrDryRun, ErrDryRun.Message},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.in.KeyId == "" {
				c.in.KeyId = key.KeyId
			}
			if c.in.Operations == nil {
				c.in.Operations = []string{"Decrypt"}
			}
			_, err := w.CreateGrant(home(), &c.in)
			wantError(t, err, c.err, c.text)
		})
	}
	if left := w.stored("grant"); len(left) > 0 {
		t.Errorf("refused grants are stored: %q", left)
	}
}

// w0 knows every principal but the role none.
func w0(_ context.Context, principal string) bool { return !strings.Contains(principal, "role/none") }

func TestGrantTokens(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	g := w.grant(key.KeyId)
	ctx := home()
	if _, err := w.call(ctx, "Encrypt", &EncryptInput{KeyId: key.Arn, Plaintext: []byte("x"), GrantTokens: []string{g.GrantToken}}); err != nil {
		t.Error(err)
	}
	tampered := []byte(g.GrantToken)
	tampered[20] ^= 1
	for _, token := range []string{"wrong", string(tampered), "AAAA"} {
		_, err := w.call(ctx, "Encrypt", &EncryptInput{KeyId: key.Arn, Plaintext: []byte("x"), GrantTokens: []string{token}})
		wantError(t, err, ErrInvalidGrantToken, "")
		_, err = w.call(ctx, "RetireGrant", &RetireGrantInput{GrantToken: token})
		wantError(t, err, ErrInvalidGrantToken, "")
	}
}

func TestNamedGrantsAreMadeOnce(t *testing.T) { // [C8.5]
	w := newTestbed(t)
	one, two := w.newKey(CreateKeyInput{}), w.newKey(CreateKeyInput{})
	create := func(in CreateGrantInput) string {
		t.Helper()
		return must[CreateGrantOutput](t)(w.CreateGrant(home(), &in)).GrantId
	}
	in := CreateGrantInput{KeyId: one.KeyId, Name: "n", GranteePrincipal: aliceRole, Operations: []string{"Decrypt", "Encrypt"}}
	first := create(in)
	reordered := in
	reordered.Operations = []string{"Encrypt", "Decrypt"}
	if create(in) != first || create(reordered) != first {
		t.Error("the same named grant was made twice")
	}
	elsewhere, other, nameless := in, in, in
	elsewhere.KeyId, other.GranteePrincipal, nameless.Name = two.KeyId, bobRole, ""
	ids := []string{first, create(elsewhere), create(other), create(nameless), create(nameless)} // [K111]
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 5 {
		t.Error("different grants share an id")
	}
	ok[RevokeGrantOutput](t)(w.RevokeGrant(home(), &RevokeGrantInput{KeyId: one.KeyId, GrantId: first}))
	if create(in) == first {
		t.Error("a revoked grant was found again")
	}
}

func TestListGrants(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	in := &CreateGrantInput{
		KeyId: key.KeyId, GranteePrincipal: aliceRole, RetiringPrincipal: bobRole, Name: "n", Operations: []string{"Encrypt", "Decrypt"},
		Constraints: &GrantConstraints{EncryptionContextSubset: map[string]string{"a": "b"}},
	}
	g := must[CreateGrantOutput](t)(w.CreateGrant(home(), in))
	for range 4 {
		w.grant(key.KeyId)
	}
	list := must[ListGrantsOutput](t)(w.ListGrants(home(), &ListGrantsInput{KeyId: key.KeyId, GranteePrincipal: aliceRole}))
	want := []GrantListEntry{{ // [C8.8]
		KeyId: key.Arn, GrantId: g.GrantId, Name: "n", CreationDate: testStart, GranteePrincipal: aliceRole, RetiringPrincipal: bobRole,
		IssuingAccount: "arn:aws:iam::123456789012:root", Operations: []string{"Decrypt", "Encrypt"}, Constraints: in.Constraints,
	}}
	if diff := cmp.Diff(want, list.Grants); diff != "" {
		t.Error(diff)
	}
	if list := must[ListGrantsOutput](t)(w.ListGrants(home(), &ListGrantsInput{KeyId: key.KeyId, GrantId: g.GrantId})); len(list.Grants) != 1 {
		t.Errorf("%d grants of one id", len(list.Grants))
	}
	seen, marker := 0, ""
	for {
		out := must[ListGrantsOutput](t)(w.ListGrants(home(), &ListGrantsInput{KeyId: key.KeyId, Limit: ptr(2), Marker: marker}))
		seen += len(out.Grants)
		if marker = out.NextMarker; !out.Truncated {
			break
		}
	}
	if seen != 5 {
		t.Errorf("%d grants in all pages", seen)
	}
	bobs := as(otherAccount, testRegion)
	retirable := must[ListRetirableGrantsOutput](t)(w.ListRetirableGrants(bobs, &ListRetirableGrantsInput{RetiringPrincipal: bobRole}))
	if diff := cmp.Diff(want, retirable.Grants); diff != "" {
		t.Error(diff)
	}
	_, err := w.ListRetirableGrants(home(), &ListRetirableGrantsInput{RetiringPrincipal: bobRole})
	wantError(t, err, ErrAccessDenied, "User: arn:aws:iam::123456789012:root is not authorized to perform: kms:ListRetirableGrants on this resource "+unseen)
	for _, in := range []*ListRetirableGrantsInput{{}, {RetiringPrincipal: bobRole, RetiringServicePrincipal: "x"}, {RetiringServicePrincipal: "sqs.amazonaws.com"}} {
		if _, err := w.ListRetirableGrants(bobs, in); !ErrValidation.Is(api.AsError(err)) {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

func TestRetireAndRevoke(t *testing.T) { // [C8.7]
	admin := role(testAccount, "admin", allow("kms:*", "*"))
	nobody := role(testAccount, "nobody")
	retirer := role(testAccount, "retirer")
	owner := policyeval.Principal{Type: policyeval.Root, Account: testAccount, ARN: "arn:aws:iam::123456789012:root"}
	for _, c := range []struct {
		name           string
		caller         *api.Caller
		operations     []string
		retire, revoke bool
	}{
		{"retiring principal", retirer, []string{"Decrypt"}, true, false},
		{"grantee", alice(), []string{"Decrypt"}, false, false},
		{"grantee that may retire", alice(), []string{"Decrypt", "RetireGrant"}, true, false},
		{"nobody", nobody, []string{"Decrypt"}, false, false},
		{"admin", admin, []string{"Decrypt"}, true, true},
		{"the account's root user", &api.Caller{Principal: owner}, []string{"Decrypt"}, true, true},
		{"the other account's root user", &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: otherAccount, ARN: "arn:aws:iam::999888777666:root"}}, []string{"Decrypt"}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			key := w.newKey(CreateKeyInput{})
			for _, way := range []string{"token", "id", "revoke"} {
				g := must[CreateGrantOutput](t)(w.CreateGrant(home(), &CreateGrantInput{
					KeyId: key.KeyId, GranteePrincipal: aliceRole, RetiringPrincipal: "arn:aws:iam::123456789012:role/retirer", Operations: c.operations,
				}))
				ctx := by(testRegion, c.caller)
				var err error
				want := c.retire
				switch way { // [K112]
				case "token":
					_, err = w.call(ctx, "RetireGrant", &RetireGrantInput{GrantToken: g.GrantToken})
				case "id":
					_, err = w.call(ctx, "RetireGrant", &RetireGrantInput{KeyId: key.Arn, GrantId: g.GrantId})
				default:
					want = c.revoke
					_, err = w.call(ctx, "RevokeGrant", &RevokeGrantInput{KeyId: key.Arn, GrantId: g.GrantId})
				}
				if (err == nil) != want {
					t.Errorf("by %s: %v", way, err)
				}
				left := len(must[ListGrantsOutput](t)(w.ListGrants(home(), &ListGrantsInput{KeyId: key.KeyId, GrantId: g.GrantId})).Grants)
				if (left == 0) != want {
					t.Errorf("by %s: %d grants left", way, left)
				}
			}
		})
	}
}

func TestRetireErrors(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	g := w.grant(key.KeyId)
	for _, in := range []*RetireGrantInput{{}, {KeyId: key.KeyId}, {GrantId: g.GrantId}} {
		_, err := w.call(home(), "RetireGrant", in)
		wantError(t, err, ErrValidation, "You must specify either a GrantToken, or a KeyId and a GrantId.")
	}
	for operation, in := range map[string]any{
		"RetireGrant": &RetireGrantInput{KeyId: key.KeyId, GrantId: "none"}, "RevokeGrant": &RevokeGrantInput{KeyId: key.KeyId, GrantId: "none"},
	} {
		_, err := w.call(home(), operation, in)
		wantError(t, err, ErrNotFound, "Grant ID none not found")
	}
	for operation, in := range map[string]any{
		"RetireGrant": &RetireGrantInput{KeyId: key.KeyId, GrantId: g.GrantId, DryRun: true}, "RevokeGrant": &RevokeGrantInput{KeyId: key.KeyId, GrantId: g.GrantId, DryRun: true},
	} {
		_, err := w.call(home(), operation, in)
		wantError(t, err, ErrDryRun, ErrDryRun.Message)
	}
	ok[RetireGrantOutput](t)(w.RetireGrant(home(), &RetireGrantInput{GrantToken: g.GrantToken}))
	_, err := w.call(home(), "RetireGrant", &RetireGrantInput{GrantToken: g.GrantToken})
	wantError(t, err, ErrNotFound, "Grant ID "+g.GrantId+" not found")
	if left := w.stored("grant"); len(left) > 0 {
		t.Errorf("grants are left: %q", left)
	}
	err = w.engine.View(home(), func(r store.Reader) error {
		if n := w.keys.Get(r, testAccount+"/"+testRegion+"/"+key.KeyId).Grants; n != 0 {
			t.Errorf("the key counts %d grants", n)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestChildGrants(t *testing.T) { // [C8.6]
	constrained := func(m map[string]string) *GrantConstraints { return &GrantConstraints{EncryptionContextSubset: m} }
	ab, abc := map[string]string{"a": "b"}, map[string]string{"a": "b", "c": "d"}
	for _, c := range []struct {
		name          string
		parent, child CreateGrantInput
		want          bool
	}{
		{"same", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}}, CreateGrantInput{Operations: []string{"Decrypt"}}, true},
		{"more", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}}, CreateGrantInput{Operations: []string{"Decrypt", "Encrypt"}}, false},
		{"not given", CreateGrantInput{Operations: []string{"Decrypt"}}, CreateGrantInput{Operations: []string{"Decrypt"}}, false},
		{"unconstrained", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}, Constraints: constrained(ab)}, CreateGrantInput{Operations: []string{"Decrypt"}}, false},
		{"as constrained", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}, Constraints: constrained(ab)}, CreateGrantInput{Operations: []string{"Decrypt"}, Constraints: constrained(ab)}, true},
		{"more constrained", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}, Constraints: constrained(ab)}, CreateGrantInput{Operations: []string{"Decrypt"}, Constraints: constrained(abc)}, true},
		{"less constrained", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}, Constraints: constrained(abc)}, CreateGrantInput{Operations: []string{"Decrypt"}, Constraints: constrained(ab)}, false},
		{"equal under subset", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}, Constraints: constrained(ab)}, CreateGrantInput{Operations: []string{"Decrypt"}, Constraints: &GrantConstraints{EncryptionContextEquals: abc}}, true},
		{"subset under equal", CreateGrantInput{Operations: []string{"Decrypt", "CreateGrant"}, Constraints: &GrantConstraints{EncryptionContextEquals: ab}}, CreateGrantInput{Operations: []string{"Decrypt"}, Constraints: constrained(ab)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestbed(t)
			key := w.newKey(CreateKeyInput{})
			c.parent.KeyId, c.parent.GranteePrincipal = key.KeyId, aliceRole
			c.child.KeyId, c.child.GranteePrincipal = key.KeyId, "arn:aws:iam::123456789012:role/carol"
			ok[CreateGrantOutput](t)(w.CreateGrant(home(), &c.parent))
			_, err := w.call(by(testRegion, alice()), "CreateGrant", &c.child)
			if (err == nil) != c.want {
				t.Errorf("error is %v", err)
			}
			// Who may create grants by policy is not limited so.
			if _, err := w.call(by(testRegion, role(testAccount, "alice", allow("kms:CreateGrant", "*"))), "CreateGrant", &c.child); err != nil {
				t.Error(err)
			}
		})
	}
}
