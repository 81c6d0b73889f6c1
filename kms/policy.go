package kms

import (
	"cmp"
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// defaultPolicyText is the policy of a key that was created without one: it
// leaves every decision to the account's IAM policies.
func defaultPolicyText(p place) string {
	return `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "` + arn.Global("iam", p.region, p.account, "root").String() + `"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

// defaultPolicy guards what does not exist.
func defaultPolicy(p place) *policyeval.Policy {
	document, err := policyeval.Parse(defaultPolicyText(p))
	if err != nil {
		panic("kms: the default policy: " + err.Error())
	}
	return &policyeval.Policy{Name: "default", Document: document}
}

// maxPolicySize is the largest key policy in bytes.
const maxPolicySize = 32768

// checkPolicy reports why text cannot become the policy of key.
func checkPolicy(request *api.Request, key *keyRecord, text string, bypass bool) error {
	if len(text) > maxPolicySize {
		return ErrLimitExceeded.Withf("The key policy exceeds the maximum size of %d bytes.", maxPolicySize)
	}
	document, err := policyeval.Parse(text)
	if err != nil {
		return ErrMalformedPolicy.With(err.Error())
	}
	if !bypass && !mayPutPolicy(request, key, document) {
		return ErrMalformedPolicy.With("The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}

// mayPutPolicy is the lockout safety check: whether under the policy alone the
// caller, or the account's root user and so whomever IAM lets, could put another one.
func mayPutPolicy(request *api.Request, key *keyRecord, document *policyeval.Document) bool {
	root := policyeval.Principal{
		Type: policyeval.Root, Account: request.Account,
		ARN: arn.Global("iam", request.Region, request.Account, "root").String(),
	}
	policies := policyeval.Policies{Resource: &policyeval.Policy{Name: key.place().arn("key/" + key.ID), Document: document}}
	for _, principal := range []policyeval.Principal{request.Caller.Principal, root} {
		var c policyeval.Context
		c.Set("aws:PrincipalAccount", principal.Account)
		c.Set("aws:PrincipalArn", cmp.Or(principal.IssuerARN, principal.ARN))
		c.Set("kms:CallerAccount", request.Account)
		r := policyeval.Request{
			Principal: principal, Action: "kms:PutKeyPolicy",
			Resource: policies.Resource.Name, ResourceAccount: key.Account, Context: &c,
		}
		if policyeval.Decide(&r, &policies).Allowed {
			return true
		}
	}
	return false
}

// GetKeyPolicyInput is the input of GetKeyPolicy.
type GetKeyPolicyInput struct {
	KeyId      string `check:"required,min=1,max=2048"`
	PolicyName string `check:"min=1,max=128" pattern:"[\\w]+"`
}

// GetKeyPolicyOutput is the output of GetKeyPolicy.
type GetKeyPolicyOutput struct {
	Policy, PolicyName string
}

func (in *GetKeyPolicyInput) use() keyUse { return byID(in.KeyId) }

// policyName is the only name that a key policy can have.
const policyName = "default"

func checkPolicyName(name string) error {
	if cmp.Or(name, policyName) != policyName {
		return ErrNotFound.With("No such policy exists")
	}
	return nil
}

// GetKeyPolicy answers a key's policy as it was put.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html.
func (s *Service) GetKeyPolicy(ctx context.Context, in *GetKeyPolicyInput) (*GetKeyPolicyOutput, error) {
	key, err := s.view(ctx, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	if err := checkPolicyName(in.PolicyName); err != nil {
		return nil, err
	}
	return &GetKeyPolicyOutput{key.Policy, policyName}, nil
}

// PutKeyPolicyInput is the input of PutKeyPolicy.
type PutKeyPolicyInput struct {
	BypassPolicyLockoutSafetyCheck bool
	KeyId                          string `check:"required,min=1,max=2048"`
	Policy                         string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PolicyName                     string `check:"min=1,max=128" pattern:"[\\w]+"`
}

// PutKeyPolicyOutput is the output of PutKeyPolicy.
type PutKeyPolicyOutput struct{}

func (in *PutKeyPolicyInput) use() keyUse {
	return byID(in.KeyId).with(func(c *policyeval.Context) {
		setBool(c, "kms:BypassPolicyLockoutSafetyCheck", in.BypassPolicyLockoutSafetyCheck)
	})
}

// PutKeyPolicy replaces a key's policy.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html.
func (s *Service) PutKeyPolicy(ctx context.Context, in *PutKeyPolicyInput) (*PutKeyPolicyOutput, error) {
	if err := checkPolicyName(in.PolicyName); err != nil {
		return nil, err
	}
	return &PutKeyPolicyOutput{}, s.edit(ctx, in.KeyId, func(_ store.Tx, key *keyRecord) error {
		if err := checkPolicy(api.RequestFrom(ctx), key, in.Policy, in.BypassPolicyLockoutSafetyCheck); err != nil {
			return err
		}
		key.Policy = in.Policy
		return nil
	})
}
