package kms

import (
	"fmt"
	"sync"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// Keys are used, rotated, disabled, granted and deleted at the same time, and
// no ciphertext of a key that is there is ever lost.
func TestConcurrentUse(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	w.replicate(key.KeyId, otherRegion)
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(90)}))
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for i := range 50 {
				text := fmt.Sprint(worker, i)
				e, err := w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte(text)})
				if err != nil {
					t.Error(err)
					return
				}
				for _, ctx := range []func() (string, error){
					func() (string, error) { return w.decrypt(home(), e.CiphertextBlob) },
					func() (string, error) { return w.decrypt(there(), e.CiphertextBlob) },
				} {
					if got, err := ctx(); err != nil || got != text {
						t.Errorf("%q decrypts to %q, %v", text, got, err)
					}
				}
			}
		})
	}
	group.Go(func() {
		for range 20 {
			w.clock.Advance(days(90))
			if _, err := w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.KeyId}); err != nil {
				t.Error(err)
			}
		}
	})
	group.Go(func() {
		for i := range 50 {
			short, err := w.CreateKey(home(), &CreateKeyInput{})
			if err != nil {
				t.Error(err)
				return
			}
			id := short.KeyMetadata.KeyId
			name := fmt.Sprintf("alias/%d", i)
			_, err = w.CreateAlias(home(), &CreateAliasInput{AliasName: name, TargetKeyId: id})
			if err == nil {
				_, err = w.CreateGrant(home(), &CreateGrantInput{KeyId: id, GranteePrincipal: aliceRole, Operations: []string{"Decrypt"}})
			}
			if err == nil {
				_, err = w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: id, PendingWindowInDays: ptr(7)})
			}
			if err != nil && !ErrNotFound.Is(api.AsError(err)) && !ErrInvalidState.Is(api.AsError(err)) {
				t.Error(err)
			}
			if _, err := w.ListAliases(home(), &ListAliasesInput{}); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()
	w.clock.Advance(days(7))
	keys := must[ListKeysOutput](t)(w.ListKeys(home(), &ListKeysInput{})).Keys
	if len(keys) != 1 || keys[0].KeyId != key.KeyId {
		t.Errorf("keys at the end: %+v", keys)
	}
	if left := w.stored("alias/"); len(left) > 0 {
		t.Errorf("aliases at the end: %q", left)
	}
	here, away := w.rotations(key.KeyId, true), w.describe(there(), key.KeyId)
	if len(here) < 41 || here[len(here)-1].KeyMaterialId != away.CurrentKeyMaterialId {
		t.Errorf("%d pieces of material, the replica has %s", len(here), away.CurrentKeyMaterialId)
	}
}

// AWS managed keys are made once, however many ask for them at once.
func TestManagedKeysAreMadeOnce(t *testing.T) {
	w := newTestbed(t)
	arns := make([]string, 16)
	var group sync.WaitGroup
	for i := range arns {
		group.Go(func() {
			out, err := w.call(home(), "DescribeKey", &DescribeKeyInput{KeyId: "alias/aws/sqs"})
			if err != nil {
				t.Error(err)
				return
			}
			arns[i] = out.(*DescribeKeyOutput).KeyMetadata.Arn
		})
	}
	group.Wait()
	for _, arn := range arns {
		if arn != arns[0] {
			t.Errorf("keys are %q", arns)
			break
		}
	}
	if n := len(must[ListKeysOutput](t)(w.ListKeys(home(), &ListKeysInput{})).Keys); n != 1 {
		t.Errorf("%d keys were made", n)
	}
}
