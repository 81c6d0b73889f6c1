package integration

import (
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// What infrastructure tools ask of every key, whatever its kind.
func TestToolsAskForTheRotationOfEveryKey(t *testing.T) {
	w := newKMSTestbed(t)
	for name, key := range map[string]*kmstypes.KeyMetadata{"symmetric": w.symmetric, "signing": w.signing, "MAC": w.mac, "agreement": w.agree} {
		status, err := w.kms.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: key.KeyId})
		if err != nil || status.KeyRotationEnabled || status.NextRotationDate != nil || status.RotationPeriodInDays != nil {
			t.Errorf("%s: %+v, %v", name, status, err)
		}
	}
}

// They send both maps of a grant's constraints, one of them empty.
func TestToolsSendBothConstraintsOfAGrant(t *testing.T) {
	w := newKMSTestbed(t)
	create := func(equals, subset map[string]string) error {
		_, err := w.kms.CreateGrant(t.Context(), &kms.CreateGrantInput{
			KeyId: w.symmetric.KeyId, GranteePrincipal: aws.String("arn:aws:iam::123456789012:root"), Operations: []kmstypes.GrantOperation{"Encrypt"},
			Constraints: &kmstypes.GrantConstraints{EncryptionContextEquals: equals, EncryptionContextSubset: subset},
		})
		return err
	}
	pair, none := map[string]string{"a": "b"}, map[string]string{}
	for name, err := range map[string]error{"equals": create(pair, none), "subset": create(none, pair), "neither": create(none, none)} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	want(t, "both", create(pair, pair), answer{http.StatusBadRequest, "ValidationException", "More than one constraint supplied"})
	list, err := w.kms.ListGrants(t.Context(), &kms.ListGrantsInput{KeyId: w.symmetric.KeyId})
	if err != nil || len(list.Grants) != 3 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, g := range list.Grants {
		if c := g.Constraints; c != nil && len(c.EncryptionContextEquals)+len(c.EncryptionContextSubset) != 1 {
			t.Errorf("unexpected constraints %+v", c)
		}
	}
}

// They look for a service's default key by its alias, and then describe it.
func TestToolsLookUpAServicesDefaultKey(t *testing.T) {
	w := newKMSTestbed(t)
	list, err := w.kms.ListAliases(t.Context(), &kms.ListAliasesInput{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list.Aliases, func(a kmstypes.AliasListEntry) bool { return *a.AliasName == "alias/aws/ebs" })
	if i < 0 || list.Aliases[i].TargetKeyId != nil {
		t.Fatalf("the alias is not announced: %+v", list.Aliases)
	}
	described, err := w.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: list.Aliases[i].AliasName})
	if err != nil {
		t.Fatal(err)
	}
	if m := described.KeyMetadata; m.KeyManager != "AWS" || *m.Description != "Default key that protects my EBS volumes when no other key is defined" {
		t.Errorf("unexpected key %+v", m)
	}
	list, err = w.kms.ListAliases(t.Context(), &kms.ListAliasesInput{})
	if err != nil || aws.ToString(list.Aliases[i].TargetKeyId) != *described.KeyMetadata.KeyId {
		t.Errorf("the alias has the target %v, %v", aws.ToString(list.Aliases[i].TargetKeyId), err)
	}
}
