package kms

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// managedKey is an AWS managed key: one that a service has made for itself in
// the account when it is first needed. Its policy lets the account's
// principals use it through that service and look at it, and nobody change
// it: every change to it is denied by that policy.
type managedKey struct {
	service     string // such as sqs
	description string
	id, sid     string // of its policy
	actions     []string
}

var managedKeys = map[string]managedKey{
	awsAliasPrefix + "sqs": {
		service: "sqs", description: "Default key that protects my SQS messages when no other key is defined",
		id:      "auto-sqs-1",
		sid:     "Allow access through Simple Queue Service (SQS) for all principals in the account that are authorized to use SQS",
		actions: []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"},
	},
	awsAliasPrefix + "sns": {
		service: "sns", description: "Default key that protects my SNS data when no other key is defined",
		id:      "auto-sns-1",
		sid:     "Allow access through SNS for all principals in the account that are authorized to use SNS",
		actions: []string{"kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey"},
	},
}

// predefinedAliases are the names of the AWS managed keys, in order.
func predefinedAliases() []string { return slices.Sorted(maps.Keys(managedKeys)) }

func (m managedKey) policy(p place) string {
	return `{
  "Version" : "2012-10-17",
  "Id" : "` + m.id + `",
  "Statement" : [ {
    "Sid" : "` + m.sid + `",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "` + strings.Join(m.actions, `", "`) + `" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:ViaService" : "` + m.service + `.` + p.region + `.amazonaws.com",
        "kms:CallerAccount" : "` + p.account + `"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "` + p.root() + `"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}`
}

// managedPeriod is how often AWS managed keys rotate, in days.
const managedPeriod = 365

// provide makes the AWS managed key that a use names by its alias, if it is
// the key's own service that asks, or somebody who wants to see it.
func (s *Service) provide(ctx context.Context, u keyUse) error {
	if !u.aliases || !strings.Contains(u.name, awsAliasPrefix) {
		return nil
	}
	l, err := parseKeyID(ctx, u.name, true)
	if err != nil || l.place != here(ctx) {
		return nil // whoever looks for the key will say what is wrong
	}
	m, ok := managedKeys[l.alias]
	if !ok || !u.predefined && !slices.Contains(api.RequestFrom(ctx).CalledVia, m.service+".amazonaws.com") {
		return nil
	}
	var exists bool
	err = s.engine.View(ctx, func(r store.Reader) error {
		exists = s.aliases.Get(r, l.key(l.alias)) != nil
		return nil
	})
	if err != nil || exists {
		return err
	}
	return s.createManaged(ctx, l.place, l.alias, m)
}

func (s *Service) createManaged(ctx context.Context, p place, alias string, m managedKey) error {
	now := s.clock.Now()
	k := &keyRecord{
		Account: p.account, Region: p.region, ID: s.ids.UUID(),
		Created: now, Description: m.description,
		Spec: SpecSymmetric, Usage: UsageEncryptDecrypt, Origin: OriginKMS, Manager: ManagerAWS,
		Policy:   m.policy(p),
		Rotation: rotation{Enabled: true, Period: managedPeriod, Next: now.Add(days(managedPeriod))},
	}
	first := newSecret(k.ID, randomBytes(32))
	k.Materials, k.Current = []material{first.record()}, first.id
	if err := k.Load(); err != nil {
		return err
	}
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if s.aliases.Get(tx, p.key(alias)) != nil {
			return nil // somebody else was faster
		}
		k.Aliases = nil // this closure may run again
		s.addAlias(tx, k, alias)
		s.putSecret(tx, k, first)
		s.keys.Put(tx, k.key(), k)
		return nil
	})
}
