package kms

import (
	"cmp"
	"context"
	"runtime"
	"sync"
	"weak"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
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
      "AWS" : "` + p.root() + `"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`
}

// defaults are the documents of the default policies, by the root user that they name,
// while keys in memory have them: nearly all keys of an account share one.
var defaults sync.Map // string -> weak.Pointer[policyeval.Document]

func defaultPolicy(p place, text string) (*policyeval.Document, error) {
	root := p.root()
	if kept, ok := defaults.Load(root); ok {
		if d := kept.(weak.Pointer[policyeval.Document]).Value(); d != nil {
			return d, nil
		}
	}
	d, err := policyeval.Parse(text)
	if err != nil {
		return nil, err
	}
	kept := weak.Make(d)
	defaults.Store(root, kept)
	runtime.AddCleanup(d, func(root string) { defaults.CompareAndDelete(root, kept) }, root)
	return d, nil
}

// compile compiles the key's policy.
func (k *keyRecord) compile() (*policyeval.Policy, error) {
	if k.Policy != defaultPolicyText(k.place()) {
		return resource.Compile(k.arn, k.Policy, k.PolicyEpoch)
	}
	d, err := defaultPolicy(k.place(), k.Policy)
	if err != nil {
		return nil, err
	}
	k.Policy = d.Text() // which is one for all
	return &policyeval.Policy{Name: k.arn, Document: d, Epoch: k.PolicyEpoch}, nil
}

// root is the ARN of the account's root user.
func (p place) root() string { return arn.Global("iam", p.region, p.account, "root").String() }

// newPolicies is how KMS checks and words problems of key policies. For a text that is
// no policy at all AWS gives no reason.
func newPolicies(c *Config) resource.Policies {
	return resource.Policies{
		Kind: policyeval.KeyPolicy, Names: c.Names,
		Principals: resource.Principals{Exists: c.PrincipalExists, Strict: c.StrictPrincipals, Log: c.Log},
		Syntax:     ErrMalformedPolicy,
		Problem:    policyError,
	}
}

// policyError words a problem of a key policy.
func policyError(p policyeval.Problem) *api.Error {
	switch {
	case p.Code == policyeval.TooLarge:
		return ErrLimitExceeded.With(p.Message)
	case p.Code == policyeval.MissingElement && p.Value == "Principal":
		return ErrMalformedPolicy.With("Policy contains a statement with no principal.")
	case p.Code == policyeval.BadPrincipal, p.Code == policyeval.UnknownPrincipal:
		return ErrMalformedPolicy.With("Policy contains a statement with one or more invalid principals.")
	default:
		return ErrMalformedPolicy.With(p.Message)
	}
}

// owner is the key as the owner of a policy.
func (k *keyRecord) owner() resource.Owner {
	return resource.Owner{ARN: k.place().arn("key/" + k.ID), Account: k.Account, Partition: arn.Partition(k.Region)}
}

// checkPolicy reports why text cannot become the policy of a key, and logs what is
// allowed but probably a mistake.
func (s *Service) checkPolicy(ctx context.Context, k *keyRecord, text string, bypass bool) error {
	document, err := s.policies.Check(ctx, k.owner(), text)
	if err != nil {
		return err
	}
	if !bypass && !mayPutPolicy(ctx, k, document) {
		return ErrMalformedPolicy.With("The new key policy will not allow you to update the key policy in the future.")
	}
	if text != defaultPolicyText(k.place()) {
		s.policies.Lint(ctx, k.owner(), document)
	}
	return nil
}

// mayPutPolicy is the lockout safety check: whether the caller could put
// another policy once this one is in force.
func mayPutPolicy(ctx context.Context, k *keyRecord, document *policyeval.Document) bool {
	request := api.RequestFrom(ctx)
	caller := request.Caller
	c := policyeval.NewContext(16)
	c.Set("aws:principalaccount", caller.Account)
	c.Set("aws:principalarn", caller.PrincipalARN())
	c.Set("aws:userid", caller.UserID)
	c.SetBool("aws:securetransport", request.SecureTransport)
	c.SetBool("aws:principalisawsservice", caller.Type == policyeval.Service)
	c.SetBool("aws:viaawsservice", false)
	c.Set("aws:requestedregion", k.Region)
	c.Set("aws:resourceaccount", k.Account)
	if caller.OrgID != "" {
		c.Set("aws:principalorgid", caller.OrgID)
		c.SetList("aws:principalorgpaths", []string{caller.OrgPath})
	}
	c.Set("kms:calleraccount", request.Account)
	c.SetTime(request.Time)
	for name, value := range caller.Tags {
		c.Set("aws:principaltag/"+name, value)
	}
	if request.SourceIP != "" {
		c.Set("aws:sourceip", request.SourceIP)
	}
	k.setKeys(c)
	policies := caller.Policies
	policies.Resource = &policyeval.Policy{Name: "new policy", Document: document, Epoch: policyeval.Latest}
	return policyeval.Decide(&policyeval.Request{
		Principal: caller.Principal, Action: "kms:PutKeyPolicy",
		Resource: k.place().arn("key/" + k.ID), ResourceAccount: k.Account, Context: c,
	}, &policies).Allowed
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

// GetKeyPolicy answers a key's policy as it was put, except that deleted users and
// roles are shown as their unique ids.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html.
func (s *Service) GetKeyPolicy(ctx context.Context, in *GetKeyPolicyInput) (*GetKeyPolicyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GetKeyPolicyInput).use), s.getKeyPolicy)
}

func (s *Service) getKeyPolicy(ctx context.Context, k *key, in *GetKeyPolicyInput) (*GetKeyPolicyOutput, error) {
	if err := checkPolicyName(in.PolicyName); err != nil {
		return nil, err
	}
	out := &GetKeyPolicyOutput{PolicyName: policyName}
	return out, s.read(ctx, func(r store.Reader) error {
		out.Policy = s.shownPolicy(r, k.keyRecord)
		return nil
	})
}

// ListKeyPoliciesInput is the input of ListKeyPolicies.
type ListKeyPoliciesInput struct {
	KeyId  string `check:"required,min=1,max=2048"`
	Limit  *int32 `check:"min=1,max=1000"`
	Marker string `check:"min=1,max=1024"`
}

// ListKeyPoliciesOutput is the output of ListKeyPolicies.
type ListKeyPoliciesOutput struct {
	NextMarker  string
	PolicyNames []string
	Truncated   bool
}

func (in *ListKeyPoliciesInput) use() keyUse { return byID(in.KeyId) }

// ListKeyPolicies lists the names of a key's policies, of which there is one.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html.
func (s *Service) ListKeyPolicies(ctx context.Context, in *ListKeyPoliciesInput) (*ListKeyPoliciesOutput, error) {
	return api.Do(ctx, in, onKey(s, (*ListKeyPoliciesInput).use), s.listKeyPolicies)
}

func (s *Service) listKeyPolicies(_ context.Context, _ *key, in *ListKeyPoliciesInput) (*ListKeyPoliciesOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	list := newPage[string](start, pageSize(in.Limit, 100, 1000))
	list.add(policyName, policyName)
	out := &ListKeyPoliciesOutput{}
	out.PolicyNames, out.NextMarker, out.Truncated = list.result()
	return out, nil
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
		c.SetBool("kms:bypasspolicylockoutsafetycheck", in.BypassPolicyLockoutSafetyCheck)
	})
}

// PutKeyPolicy replaces a key's policy.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html.
func (s *Service) PutKeyPolicy(ctx context.Context, in *PutKeyPolicyInput) (*PutKeyPolicyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*PutKeyPolicyInput).use), s.putKeyPolicy)
}

func (s *Service) putKeyPolicy(ctx context.Context, k *key, in *PutKeyPolicyInput) (*PutKeyPolicyOutput, error) {
	if err := checkPolicyName(in.PolicyName); err != nil {
		return nil, err
	}
	if err := s.checkPolicy(ctx, k.keyRecord, in.Policy, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	return &PutKeyPolicyOutput{}, s.change(ctx, "PutKeyPolicy", k, func(tx store.Tx, k key) error {
		k.Policy, k.PolicyEpoch = in.Policy, s.policies.Epoch(tx)
		return nil
	})
}

// shownPolicy is the key's policy as it is read back.
func (s *Service) shownPolicy(r store.Reader, k *keyRecord) string {
	return s.policies.Shown(r, k.compiled, nil).Text()
}

// PoliciesInForce are the policies of keys, without default policies and those of AWS
// managed keys, as requests are decided with them.
func (s *Service) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	return resource.InForce(ctx, s.engine, s.keys, func(k *keyRecord) (string, *policyeval.Policy) {
		if k.Manager != ManagerCustomer || k.Policy == defaultPolicyText(k.place()) {
			return k.arn, nil
		}
		return k.arn, k.compiled
	})
}

// Reuse implements store.Reuser.
func (k *keyRecord) Reuse(old *keyRecord) {
	k.compiled = resource.SamePolicy(k.compiled, old.compiled)
}
