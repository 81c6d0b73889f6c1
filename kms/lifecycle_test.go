package kms

import (
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

func TestDisableEnable(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	ok[DisableKeyOutput](t)(w.DisableKey(home(), &DisableKeyInput{KeyId: key.KeyId}))
	if m := w.describe(home(), key.KeyId); m.Enabled || m.KeyState != StateDisabled { // [K041]
		t.Errorf("state is %s, enabled %v", m.KeyState, m.Enabled)
	}
	_, err := w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.KeyId, KeySpec: DataKeyAES256})
	wantError(t, err, ErrDisabled, key.Arn+" is disabled.") // [K044]
	ok[EnableKeyOutput](t)(w.EnableKey(home(), &EnableKeyInput{KeyId: key.KeyId}))
	w.encrypt(key.KeyId, "x")
}

func TestDeletion(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	blob := w.encrypt(key.KeyId, "x")
	ok[CreateAliasOutput](t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/a", TargetKeyId: key.KeyId}))
	w.grant(key.KeyId)
	out := must[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(7)}))
	gone := testStart.Add(7 * 24 * time.Hour)
	if out.KeyId != key.Arn || out.KeyState != StatePendingDeletion || out.PendingWindowInDays != 7 || !out.DeletionDate.Equal(gone) {
		t.Errorf("unexpected answer %+v", out)
	}
	if m := w.describe(home(), key.KeyId); m.Enabled || m.KeyState != StatePendingDeletion || !m.DeletionDate.Equal(gone) { // [K042]
		t.Errorf("unexpected state %+v", m)
	}
	_, err := w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId})
	wantError(t, err, ErrInvalidState, key.Arn+" is pending deletion.") // [K047]

	w.clock.Advance(7*24*time.Hour - time.Millisecond)
	_, err = w.decrypt(home(), blob)
	wantError(t, err, ErrInvalidState, key.Arn+" is pending deletion.") // [K046]
	w.clock.Advance(time.Millisecond)
	_, err = w.DescribeKey(home(), &DescribeKeyInput{KeyId: key.KeyId})
	wantError(t, err, ErrNotFound, "Key '"+key.Arn+"' does not exist")
	if left := w.stored(""); len(left) > 0 {
		t.Errorf("the key left something behind: %q", left)
	}
	if w.backings.get(backingName{testAccount + "/" + testRegion + "/" + key.KeyId, key.CurrentKeyMaterialId}) != nil {
		t.Error("its material is still in memory")
	}
	_, err = w.call(home(), "Decrypt", &DecryptInput{CiphertextBlob: blob})
	wantError(t, err, ErrAccessDenied, "User: arn:aws:iam::123456789012:root is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext "+unseen)
}

// A key that is due is not seen by whatever operation comes first.
func TestDeletedKeysAreNotListed(t *testing.T) {
	for name, look := range map[string]func(w *testbed, id string) bool{
		"ListKeys": func(w *testbed, _ string) bool {
			return len(must[ListKeysOutput](w.t)(w.ListKeys(home(), &ListKeysInput{})).Keys) > 0
		},
		"ListAliases": func(w *testbed, _ string) bool {
			return len(must[ListAliasesOutput](w.t)(w.ListAliases(home(), &ListAliasesInput{})).Aliases) > len(managedKeys)
		},
		"ListRetirableGrants": func(w *testbed, _ string) bool {
			return len(must[ListRetirableGrantsOutput](w.t)(w.ListRetirableGrants(home(), &ListRetirableGrantsInput{RetiringPrincipal: "arn:aws:iam::123456789012:role/r"})).Grants) > 0
		},
		"DeleteAlias": func(w *testbed, _ string) bool {
			_, err := w.DeleteAlias(home(), &DeleteAliasInput{AliasName: "alias/a"})
			wantError(w.t, err, ErrNotFound, "Alias arn:aws:kms:us-east-1:123456789012:alias/a is not found.")
			return false
		},
		"CreateAlias": func(w *testbed, _ string) bool { // the name is free again
			ok[CreateAliasOutput](w.t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/a", TargetKeyId: w.newKey(CreateKeyInput{}).KeyId}))
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
			key := w.newKey(CreateKeyInput{})
			ok[CreateAliasOutput](t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/a", TargetKeyId: key.KeyId}))
			ok[CreateGrantOutput](t)(w.CreateGrant(home(), &CreateGrantInput{
				KeyId: key.KeyId, GranteePrincipal: "arn:aws:iam::123456789012:role/r", RetiringPrincipal: "arn:aws:iam::123456789012:role/r", Operations: []string{"Decrypt"},
			}))
			ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId}))
			w.clock.Advance(days(30))
			if look(w, key.KeyId) {
				t.Error("the key is still there")
			}
			if left := w.stored(key.KeyId); len(left) > 0 {
				t.Errorf("the key left something behind: %q", left)
			}
		})
	}
}

func TestCancelDeletion(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	blob := w.encrypt(key.KeyId, "x")
	ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId}))
	if out := must[CancelKeyDeletionOutput](t)(w.CancelKeyDeletion(home(), &CancelKeyDeletionInput{KeyId: key.KeyId})); out.KeyId != key.Arn {
		t.Errorf("unexpected answer %+v", out)
	}
	if m := w.describe(home(), key.KeyId); m.Enabled || m.KeyState != StateDisabled || !m.DeletionDate.IsZero() { // [K043]
		t.Errorf("unexpected state %+v", m)
	}
	w.clock.Advance(days(31))
	ok[EnableKeyOutput](t)(w.EnableKey(home(), &EnableKeyInput{KeyId: key.KeyId}))
	if text, err := w.decrypt(home(), blob); err != nil || text != "x" {
		t.Errorf("decrypts to %q, %v", text, err)
	}
}

func TestPendingWindow(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	for _, n := range []int32{1, 6, 31, 365} {
		_, err := w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: &n})
		wantError(t, err, ErrValidation, "PendingWindowInDays must be between 7 and 30")
	}
	out := must[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId}))
	if out.PendingWindowInDays != 30 {
		t.Errorf("the default window is %d days", out.PendingWindowInDays)
	}
}

func TestUpdateKeyDescription(t *testing.T) { // [K033]
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{Description: "old"})
	out, err := w.json(home(), "UpdateKeyDescription", `{"KeyId":"`+key.KeyId+`","Description":""}`)
	if err != nil || out != "{}" {
		t.Errorf("answer is %s, %v", out, err)
	}
	if d := w.describe(home(), key.KeyId).Description; d != "" {
		t.Errorf("description is %q", d)
	}
	_, err = w.json(home(), "UpdateKeyDescription", `{"KeyId":"`+key.KeyId+`"}`)
	if err == nil || !strings.Contains(err.Error(), "at 'description' failed to satisfy constraint: Member must not be null") {
		t.Errorf("error is %v", err)
	}
}

func TestLastUsage(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	last := func() *GetKeyLastUsageOutput {
		t.Helper()
		return must[GetKeyLastUsageOutput](t)(w.GetKeyLastUsage(home(), &GetKeyLastUsageInput{KeyId: key.Arn}))
	}
	if out, err := w.json(home(), "GetKeyLastUsage", `{"KeyId":"`+key.KeyId+`"}`); err != nil || !strings.Contains(out, `"KeyLastUsage":{}`) {
		t.Errorf("an unused key's answer is %s, %v", out, err)
	}
	blob := w.encrypt(key.KeyId, "x")
	if u := last(); u.KeyLastUsage.Operation != "Encrypt" || !u.KeyLastUsage.Timestamp.Equal(testStart) || u.KeyLastUsage.KmsRequestId == "" || !u.TrackingStartDate.Equal(testStart) {
		t.Errorf("unexpected usage %+v", u)
	}
	w.clock.Advance(time.Minute)
	if _, err := w.decrypt(home(), blob); err != nil {
		t.Fatal(err)
	}
	if u := last(); u.KeyLastUsage.Operation != "Decrypt" || !u.KeyLastUsage.Timestamp.Equal(testStart.Add(time.Minute)) {
		t.Errorf("unexpected usage %+v", u.KeyLastUsage)
	}
	w.clock.Advance(time.Minute)
	if _, err := w.Decrypt(home(), &DecryptInput{CiphertextBlob: blob, DryRun: true}); err == nil {
		t.Error("no error")
	}
	if u := last(); !u.KeyLastUsage.Timestamp.Equal(testStart.Add(time.Minute)) {
		t.Errorf("a dry run counts as use: %+v", u.KeyLastUsage)
	}

	// After a restart what the store holds counts: at most an hour old.
	w.Close()
	again := New(Config{Engine: w.engine, Clock: w.clock, IDs: w.ids, HSM: w.hsm})
	u := must[GetKeyLastUsageOutput](t)(again.GetKeyLastUsage(home(), &GetKeyLastUsageInput{KeyId: key.Arn}))
	if u.KeyLastUsage.Operation != "Encrypt" {
		t.Errorf("unexpected usage after a restart: %+v", u.KeyLastUsage)
	}
	w.clock.Advance(time.Hour)
	must[DecryptOutput](t)(again.Decrypt(home(), &DecryptInput{CiphertextBlob: blob}))
	again.Close()
	again = New(Config{Engine: w.engine, Clock: w.clock, IDs: w.ids, HSM: w.hsm})
	u = must[GetKeyLastUsageOutput](t)(again.GetKeyLastUsage(home(), &GetKeyLastUsageInput{KeyId: key.Arn}))
	if u.KeyLastUsage.Operation != "Decrypt" {
		t.Errorf("unexpected usage an hour later: %+v", u.KeyLastUsage)
	}
}

// A key with many grants is gone at its date, and takes no long transaction.
func TestDeletionOfManyGrants(t *testing.T) {
	engine := &storetest.Largest{Engine: rerun.New()}
	w := newTestbed(t, func(c *Config) { c.Engine = engine })
	key := w.newKey(CreateKeyInput{})
	for range 3 * store.SweepSize / 4 {
		w.grant(key.KeyId)
	}
	must[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(7)}))
	w.clock.Advance(7 * 24 * time.Hour)
	engine.Writes()
	_, err := w.DescribeKey(home(), &DescribeKeyInput{KeyId: key.KeyId})
	wantError(t, err, ErrNotFound, "Key '"+key.Arn+"' does not exist")
	if most := engine.Writes(); most == 0 || most > store.SweepSize+10 {
		t.Errorf("one update wrote %d keys", most)
	}
	if left := w.stored(""); len(left) > 0 {
		t.Errorf("the key left something behind: %q", left)
	}
}
