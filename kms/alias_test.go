package kms

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (w *testbed) name(id string, aliases ...string) {
	w.t.Helper()
	for _, alias := range aliases {
		ok[CreateAliasOutput](w.t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: alias, TargetKeyId: id}))
	}
}

func (w *testbed) aliasesOf(id string) []AliasListEntry {
	w.t.Helper()
	return must[ListAliasesOutput](w.t)(w.ListAliases(home(), &ListAliasesInput{KeyId: id})).Aliases
}

func TestAliases(t *testing.T) {
	w := newTestbed(t)
	one, two := w.newKey(CreateKeyInput{}), w.newKey(CreateKeyInput{})
	w.name(one.KeyId, "alias/b", "alias/a")
	want := []AliasListEntry{
		{"arn:aws:kms:us-east-1:123456789012:alias/a", "alias/a", testStart, testStart, one.KeyId},
		{"arn:aws:kms:us-east-1:123456789012:alias/b", "alias/b", testStart, testStart, one.KeyId},
	}
	if diff := cmp.Diff(want, w.aliasesOf(one.KeyId)); diff != "" { // [K105]
		t.Error(diff)
	}
	_, err := w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/a", TargetKeyId: two.KeyId})
	wantError(t, err, ErrAlreadyExists, "An alias with the name arn:aws:kms:us-east-1:123456789012:alias/a already exists")

	w.clock.Advance(time.Hour)
	ok[UpdateAliasOutput](t)(w.UpdateAlias(home(), &UpdateAliasInput{AliasName: "alias/a", TargetKeyId: two.Arn})) // [K106]
	want[0].TargetKeyId, want[0].LastUpdatedDate = two.KeyId, testStart.Add(time.Hour)
	if diff := cmp.Diff(want[:1], w.aliasesOf(two.KeyId)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want[1:], w.aliasesOf(one.KeyId)); diff != "" {
		t.Error(diff)
	}
	ok[UpdateAliasOutput](t)(w.UpdateAlias(home(), &UpdateAliasInput{AliasName: "alias/a", TargetKeyId: two.Arn}))
	if out := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: "alias/a", Plaintext: []byte("x")})); out.KeyId != two.Arn {
		t.Errorf("the alias means %s", out.KeyId)
	}

	ok[DeleteAliasOutput](t)(w.DeleteAlias(home(), &DeleteAliasInput{AliasName: "alias/a"}))
	if list := w.aliasesOf(two.KeyId); len(list) != 0 {
		t.Errorf("the alias is still there: %+v", list)
	}
	for operation, in := range map[string]any{
		"DeleteAlias": &DeleteAliasInput{AliasName: "alias/a"}, "UpdateAlias": &UpdateAliasInput{AliasName: "alias/a", TargetKeyId: one.KeyId},
	} {
		_, err := w.call(home(), operation, in)
		wantError(t, err, ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/a is not found.")
		wantError(t, w.run(home(), operation, in), ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/a is not found.")
	}
}

func TestAliasNames(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	const prefix = `Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`
	for name, want := range map[string]struct {
		err     *api.Error
		message string
	}{
		"a": {ErrValidation, prefix}, "alias": {ErrValidation, prefix}, "alias/": {ErrValidation, prefix}, "Alias/a": {ErrValidation, prefix}, // [K104]
		"alias/aws/mine": {ErrNotAuthorized, ""}, "alias/aws/sqs": {ErrNotAuthorized, ""}, "alias/aws/ebs": {ErrNotAuthorized, ""},
		"alias/a:b": {ErrValidation, "alias/a:b contains invalid characters for an alias"},
	} {
		for operation, in := range map[string]any{
			"CreateAlias": &CreateAliasInput{AliasName: name, TargetKeyId: key.KeyId},
			"UpdateAlias": &UpdateAliasInput{AliasName: name, TargetKeyId: key.KeyId},
			"DeleteAlias": &DeleteAliasInput{AliasName: name},
		} {
			_, err := w.call(home(), operation, in)
			wantError(t, err, want.err, want.message)
			wantError(t, w.run(home(), operation, in), want.err, want.message)
		}
	}
	_, err := w.json(home(), "CreateAlias", `{"AliasName":"alias/a b","TargetKeyId":"`+key.KeyId+`"}`)
	if err == nil || err.Error() != "ValidationException: 1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$" {
		t.Errorf("error is %v", err)
	}
}

// A decision is explained with the aliases of keys, whatever one of the keys is like.
func TestADamagedKeyHidesNoAlias(t *testing.T) {
	w := newTestbed(t)
	whole, damaged := w.newKey(CreateKeyInput{}), w.newKey(CreateKeyInput{})
	w.name(whole.KeyId, "alias/whole")
	w.name(damaged.KeyId, "alias/damaged")
	err := w.engine.Update(t.Context(), func(tx store.Tx) error {
		for _, key := range w.stored("kms.key") {
			if strings.Contains(key, damaged.KeyId) {
				tx.Put(key, []byte("{"))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	names, err := w.AliasNames(t.Context())
	if err != nil || len(names) != 1 || names[whole.Arn] != "alias/whole" {
		t.Errorf("aliases are %v, %v", names, err)
	}
}

func TestAliasesReferToKeysAlone(t *testing.T) {
	w := newTestbed(t)
	w.name(w.newKey(CreateKeyInput{}).KeyId, "alias/a")
	for _, target := range []string{"alias/a", "alias/none", "arn:aws:kms:us-east-1:123456789012:alias/a"} {
		for operation, in := range map[string]any{
			"CreateAlias": &CreateAliasInput{AliasName: "alias/b", TargetKeyId: target},
			"UpdateAlias": &UpdateAliasInput{AliasName: "alias/a", TargetKeyId: target},
		} {
			_, err := w.call(home(), operation, in)
			wantError(t, err, ErrValidation, "Aliases must refer to keys. Not aliases")
			wantError(t, w.run(home(), operation, in), ErrValidation, "Aliases must refer to keys. Not aliases")
		}
	}
}

func TestAliasesPerKey(t *testing.T) {
	w := newTestbed(t)
	key, other := w.newKey(CreateKeyInput{}), w.newKey(CreateKeyInput{})
	for i := range 50 {
		w.name(key.KeyId, fmt.Sprintf("alias/%02d", i))
	}
	_, err := w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/50", TargetKeyId: key.KeyId})
	wantError(t, err, ErrLimitExceeded, key.Arn+" has reached the limit of 50 aliases.")
	w.name(other.KeyId, "alias/50")
	_, err = w.UpdateAlias(home(), &UpdateAliasInput{AliasName: "alias/50", TargetKeyId: key.KeyId})
	wantError(t, err, ErrLimitExceeded, key.Arn+" has reached the limit of 50 aliases.")
}

func TestAliasesStayOfOneKind(t *testing.T) {
	w := newTestbed(t)
	kinds := map[string]*KeyMetadata{
		"symmetric": symmetricKind.make(w), "signing": signingKind.make(w), "agreement": agreeKind.make(w), "mac": macKind.make(w),
	}
	for from, a := range kinds {
		w.name(a.KeyId, "alias/"+from)
		for to, b := range kinds {
			_, err := w.UpdateAlias(home(), &UpdateAliasInput{AliasName: "alias/" + from, TargetKeyId: b.KeyId})
			if from == to != (err == nil) {
				t.Errorf("from %s to %s: %v", from, to, err)
			}
		}
	}
}

func TestListAliases(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	w.name(key.KeyId, "alias/a", "alias/b", "alias/zz")
	var names []string
	marker := ""
	for {
		out := must[ListAliasesOutput](t)(w.ListAliases(home(), &ListAliasesInput{Limit: ptr(2), Marker: marker}))
		for _, a := range out.Aliases {
			names = append(names, a.AliasName)
		}
		if marker = out.NextMarker; !out.Truncated {
			break
		}
	}
	want := slices.Concat([]string{"alias/a"}, predefinedAliases(), []string{"alias/b", "alias/zz"})
	if diff := cmp.Diff(want, names); diff != "" { // [C6]
		t.Error(diff)
	}
	for _, service := range []string{"dynamodb", "ebs", "lambda", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm"} {
		if !slices.Contains(names, "alias/aws/"+service) {
			t.Errorf("the alias of %s is missing", service)
		}
	}
	out, err := w.json(as(otherAccount, testRegion), "ListAliases", `{"Limit":1}`)
	first := predefinedAliases()[0]
	if want := `{"Aliases":[{"AliasArn":"arn:aws:kms:us-east-1:999888777666:` + first + `","AliasName":"` + first + `"}],`; err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("answer is %s, %v", out, err)
	}
}

// The keys of services that are not emulated are there for whoever looks them
// up, as tools do that want to name the default key of a volume or a bucket.
func TestPredefinedAliasOfEveryService(t *testing.T) {
	w := newTestbed(t)
	for _, alias := range predefinedAliases() {
		t.Run(alias, func(t *testing.T) {
			out, err := w.call(home(), "DescribeKey", &DescribeKeyInput{KeyId: alias})
			if err != nil {
				t.Fatal(err)
			}
			m := out.(*DescribeKeyOutput).KeyMetadata
			if m.KeyManager != ManagerAWS || !strings.HasPrefix(m.Description, "Default key that protects my ") {
				t.Errorf("unexpected key %+v", m)
			}
			if list := w.aliasesOf(m.KeyId); len(list) != 1 || list[0].AliasName != alias {
				t.Errorf("its aliases are %+v", list)
			}
			if _, err := w.call(home(), "Encrypt", &EncryptInput{KeyId: alias, Plaintext: []byte("x")}); !ErrAccessDenied.Is(api.AsError(err)) {
				t.Errorf("it can be used directly: %v", err)
			}
			through := home()
			api.RequestFrom(through).CalledVia = []string{managedKeys[alias].service + ".amazonaws.com"}
			if _, err := w.call(through, "GenerateDataKey", &GenerateDataKeyInput{KeyId: alias, KeySpec: DataKeyAES256}); err != nil {
				t.Errorf("its service cannot use it: %v", err)
			}
		})
	}
	if m := w.describe(home(), "alias/aws/s3"); m.Description != "Default key that protects my S3 objects when no other key is defined" { // [S192]
		t.Errorf("it is described as %q", m.Description)
	}
}
