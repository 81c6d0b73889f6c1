package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// SimulatePrincipalPolicyInput is the input of SimulatePrincipalPolicy.
type SimulatePrincipalPolicyInput struct {
	PolicyExclusionList                []PolicyIdentifier
	PolicySourceArn                    string   `check:"required,min=20,max=2048"`
	PolicyInputList                    []string `itemcheck:"min=1,max=131072" itempattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PermissionsBoundaryPolicyInputList []string `itemcheck:"min=1,max=131072" itempattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	ActionNames                        []string `check:"required" itemcheck:"min=3,max=128"`
	ResourceArns                       []string `itemcheck:"min=1,max=2048"`
	ResourcePolicy                     string   `check:"min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	ResourceOwner                      string   `check:"min=1,max=2048"`
	CallerArn                          string   `check:"min=1,max=2048"`
	ContextEntries                     []ContextEntry
	ResourceHandlingOption             string `check:"min=1,max=64"`
	MaxItems                           *int   `check:"min=1,max=1000"`
	Marker                             string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
}

// SimulatePrincipalPolicyOutput is the output of SimulatePrincipalPolicy.
type SimulatePrincipalPolicyOutput struct {
	EvaluationResults []EvaluationResult
	IsTruncated       bool
	Marker            string
}

// PolicyIdentifier names policies that a simulation leaves out: exactly one of
// its members is set.
type PolicyIdentifier struct {
	InlinePolicyIdentifier *InlinePolicyIdentifierType
	PolicyArn              string `check:"min=1,max=2048"`
	PolicyType             string `enum:"inline|aws-managed|user-managed|permission-boundary|scp|rcp"`
}

// InlinePolicyIdentifierType names inline policies. The entity's name may have
// one * and any number of ?.
type InlinePolicyIdentifierType struct {
	AttachmentName string `check:"required"`
	AttachmentType string `check:"required" enum:"user|group|role"`
	PolicyName     string `check:"required"`
}

// SimulatePrincipalPolicy evaluates the policies of a user, group or role, and
// others that are given, for calls that are named, without making any. The keys
// that follow a principal (aws:PrincipalArn, aws:PrincipalTag, aws:username …)
// are those of the principal, unless they are given.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html.
func (s *Service) SimulatePrincipalPolicy(ctx context.Context, in *SimulatePrincipalPolicyInput) (*SimulatePrincipalPolicyOutput, error) {
	account, _ := call(ctx)
	sim := simulation{account: account, actions: in.ActionNames, resources: in.ResourceArns}
	if err := checkExclusions(in.PolicyExclusionList); err != nil {
		return nil, err
	}
	var source holder
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		if source, err = s.source(r, account, in.PolicySourceArn); err != nil {
			return err
		}
		sim.policies.Identity = nil
		s.collect(r, &sim, source, in.PolicyExclusionList)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := s.underOrganization(ctx, &sim, account, in.PolicyExclusionList); err != nil {
		return nil, err
	}
	more, err := sim.compileAll("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	sim.policies.Identity = append(sim.policies.Identity, more...)
	if source.kind == kindGroup && in.ResourcePolicy != "" && in.CallerArn == "" {
		return nil, errInvalidInput.With("CallerArn must be specified when a ResourcePolicy is.")
	}
	callerARN := or(in.CallerArn, source.arn)
	if in.CallerArn == "" && source.kind != kindGroup {
		source.setKeys(&sim.keys)
	}
	if err := sim.prepare(callerARN, in.ResourcePolicy, in.ResourceOwner, in.PermissionsBoundaryPolicyInputList, in.ContextEntries); err != nil {
		return nil, err
	}
	results, err := sim.run()
	if err != nil {
		return nil, err
	}
	part, next, err := page(results, resultKey, in.Marker, in.MaxItems)
	return &SimulatePrincipalPolicyOutput{EvaluationResults: part, Marker: next, IsTruncated: next != ""}, err
}

// source is the user, group or role of that ARN.
func (s *Service) source(r store.Reader, account, sourceARN string) (holder, error) {
	a, err := arn.Parse(sourceARN)
	kind, name, _ := strings.Cut(a.Resource, "/")
	if err != nil || a.Service != "iam" || !slices.Contains([]string{kindUser, kindGroup, kindRole}, kind) {
		return holder{}, errInvalidInput.Withf("Invalid Entity Arn: %s does not clearly define entity type and name.", sourceARN)
	}
	h, err := s.holder(r, account, kind, name[strings.LastIndexByte(name, '/')+1:])
	if err != nil || h.arn != sourceARN {
		return holder{}, noSuch(kind, name)
	}
	return h, nil
}

// collect takes over the policies of an entity, and of the groups of a user.
func (s *Service) collect(r store.Reader, sim *simulation, h holder, without []PolicyIdentifier) {
	s.collectOne(r, sim, h, without)
	if h.kind == kindUser {
		for _, g := range s.groupsOf(r, s.dir.Users.ByID(r, h.entity.ID)) {
			s.collectOne(r, sim, groupHolder(g), without)
		}
	}
	if p := s.dir.Managed(r, h.entity.Account, h.permissions.Boundary); p != nil && !excludes(without, "permission-boundary") {
		sim.policies.Boundary = []*policyeval.Policy{{Name: p.Name, Document: p.Compiled().Document}}
	}
}

func (s *Service) collectOne(r store.Reader, sim *simulation, h holder, without []PolicyIdentifier) {
	add := func(name string, p *policyeval.Policy) {
		sim.policies.Identity = append(sim.policies.Identity, &policyeval.Policy{Name: name, Document: p.Document})
	}
	for i := range h.permissions.Inline {
		inline := &h.permissions.Inline[i]
		if !excludesInline(without, h, inline.Name) {
			add(h.kind+"_"+h.entity.Name+"_"+inline.Name, inline.Compiled())
		}
	}
	for _, a := range h.permissions.Attached {
		p := s.dir.Managed(r, h.entity.Account, a)
		if p == nil {
			continue
		}
		sourceType := "user-managed"
		if p.IsAWS() {
			sourceType = "aws-managed"
		}
		if !excludes(without, sourceType) && !excludesARN(without, a) {
			add(p.Name, p.Compiled())
		}
	}
}

// underOrganization adds the service control policies of the account.
func (s *Service) underOrganization(ctx context.Context, sim *simulation, account string, without []PolicyIdentifier) error {
	m, err := s.dir.Membership(ctx, account)
	if m != nil && !excludes(without, "scp") {
		sim.policies.SCPs = m.SCPs
	}
	return err
}

// setKeys sets the condition keys that follow the principal.
func (h holder) setKeys(c *policyeval.Context) {
	c.Set("aws:principalarn", h.arn)
	c.Set("aws:principalaccount", h.entity.Account)
	for _, t := range h.entity.Tags {
		c.Set("aws:PrincipalTag/"+t.Key, t.Value)
	}
	if h.kind == kindUser {
		c.Set("aws:username", h.entity.Name)
		c.Set("aws:userid", h.entity.ID)
		c.Set("aws:principaltype", "User")
	} else {
		c.Set("aws:principaltype", "AssumedRole")
	}
}

// checkExclusions refuses identifiers of no valid form.
func checkExclusions(without []PolicyIdentifier) error {
	for _, id := range without {
		set, pattern := 0, ""
		for _, s := range []string{id.PolicyArn, id.PolicyType} {
			if s != "" {
				set++
			}
		}
		if id.InlinePolicyIdentifier != nil {
			set++
			pattern = id.InlinePolicyIdentifier.AttachmentName
		}
		if id.PolicyArn != "" {
			a, err := arn.Parse(id.PolicyArn)
			head := a
			head.Resource = ""
			if err != nil || strings.ContainsAny(head.String(), "*?") {
				return errInvalidInput.Withf("Invalid policy identifier: %s", id.PolicyArn)
			}
			pattern = a.Resource
		}
		if set != 1 || strings.Count(pattern, "*") > 1 {
			return errInvalidInput.Withf("Invalid policy identifier: %s", pattern)
		}
	}
	return nil
}

func excludes(without []PolicyIdentifier, policyType string) bool {
	return slices.ContainsFunc(without, func(id PolicyIdentifier) bool { return id.PolicyType == policyType })
}

func excludesARN(without []PolicyIdentifier, policyARN string) bool {
	return slices.ContainsFunc(without, func(id PolicyIdentifier) bool {
		return id.PolicyArn != "" && glob(id.PolicyArn, policyARN)
	})
}

func excludesInline(without []PolicyIdentifier, h holder, name string) bool {
	return excludes(without, "inline") || slices.ContainsFunc(without, func(id PolicyIdentifier) bool {
		i := id.InlinePolicyIdentifier
		return i != nil && i.AttachmentType == h.kind && i.PolicyName == name && glob(i.AttachmentName, h.entity.Name)
	})
}

// glob matches a pattern with one * at most and any number of ?.
func glob(pattern, s string) bool {
	head, tail, star := strings.Cut(pattern, "*")
	if !star {
		return len(pattern) == len(s) && same(pattern, s)
	}
	return len(s) >= len(head)+len(tail) && same(head, s[:len(head)]) && same(tail, s[len(s)-len(tail):])
}

func same(pattern, s string) bool {
	for i := range len(pattern) {
		if pattern[i] != '?' && pattern[i] != s[i] {
			return false
		}
	}
	return true
}

// GetContextKeysForCustomPolicyInput is the input of GetContextKeysForCustomPolicy.
type GetContextKeysForCustomPolicyInput struct {
	PolicyInputList []string `check:"required" itemcheck:"min=1,max=131072" itempattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// GetContextKeysForCustomPolicyOutput is the output of GetContextKeysForCustomPolicy.
type GetContextKeysForCustomPolicyOutput struct {
	ContextKeyNames []string
}

// GetContextKeysForPrincipalPolicyInput is the input of GetContextKeysForPrincipalPolicy.
type GetContextKeysForPrincipalPolicyInput struct {
	PolicySourceArn string   `check:"required,min=20,max=2048"`
	PolicyInputList []string `itemcheck:"min=1,max=131072" itempattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// GetContextKeysForPrincipalPolicyOutput is the output of GetContextKeysForPrincipalPolicy.
type GetContextKeysForPrincipalPolicyOutput struct {
	ContextKeyNames []string
}

// GetContextKeysForCustomPolicy lists the condition keys that policies ask for.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html.
func (s *Service) GetContextKeysForCustomPolicy(_ context.Context, in *GetContextKeysForCustomPolicyInput) (*GetContextKeysForCustomPolicyOutput, error) {
	sim := simulation{}
	policies, err := sim.compileAll("PolicyInputList", in.PolicyInputList)
	return &GetContextKeysForCustomPolicyOutput{ContextKeyNames: contextKeys(policies)}, err
}

// GetContextKeysForPrincipalPolicy lists the condition keys that the policies of
// a user, group or role ask for, and others that are given.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html.
func (s *Service) GetContextKeysForPrincipalPolicy(ctx context.Context, in *GetContextKeysForPrincipalPolicyInput) (*GetContextKeysForPrincipalPolicyOutput, error) {
	account, _ := call(ctx)
	var sim simulation
	err := s.dir.View(ctx, func(r store.Reader) error {
		sim = simulation{}
		h, err := s.source(r, account, in.PolicySourceArn)
		if err == nil {
			s.collect(r, &sim, h, nil)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	more, err := sim.compileAll("PolicyInputList", in.PolicyInputList)
	policies := slices.Concat(sim.policies.Identity, sim.policies.Boundary, more)
	return &GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: contextKeys(policies)}, err
}

// contextKeys are the condition keys of policies, and those of their policy
// variables, each once and in the order in which they appear.
func contextKeys(policies []*policyeval.Policy) []string {
	keys := []string{}
	add := func(key string) {
		if !slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) }) {
			keys = append(keys, key)
		}
	}
	for _, p := range policies {
		for _, s := range p.Document.Statements() {
			if p.Document.Version() == policyeval.Version {
				variables(slices.Concat(s.Resource, s.NotResource), add)
			}
			for _, c := range s.Conditions {
				add(c.Key)
				if p.Document.Version() == policyeval.Version {
					variables(c.Values, add)
				}
			}
		}
	}
	return keys
}

// variables finds the keys of the policy variables in texts: ${key} and
// ${key, 'default'}, but not ${*}, ${?} and ${$}.
func variables(texts []string, found func(key string)) {
	for _, text := range texts {
		for {
			_, rest, ok := strings.Cut(text, "${")
			if !ok {
				break
			}
			name, after, ok := strings.Cut(rest, "}")
			if !ok {
				break
			}
			key, _, _ := strings.Cut(name, ",")
			if key = strings.TrimSpace(key); strings.Contains(key, ":") {
				found(key)
			}
			text = after
		}
	}
}
