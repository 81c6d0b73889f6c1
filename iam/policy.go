package iam

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The limits of managed policies.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html.
const (
	maxPolicySize = 6144 // characters, white space aside
	maxVersions   = 5
)

// CreatePolicyInput is the input of CreatePolicy.
type CreatePolicyInput struct {
	PolicyName     string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Path           string `check:"min=1,max=512" pattern:"((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"`
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	Description    string `check:"max=1000"`
	Tags           []Tag  `check:"max=50"`
}

// CreatePolicyOutput is the output of CreatePolicy.
type CreatePolicyOutput struct {
	Policy *Policy
}

// CreatePolicy makes a managed policy with its first version.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html.
func (s *Service) CreatePolicy(ctx context.Context, in *CreatePolicyInput) (*CreatePolicyOutput, error) {
	if err := s.checkManaged(ctx, in.PolicyName, in.PolicyDocument); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreatePolicyOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Policies.Get(tx, account, in.PolicyName) != nil {
			return errExists.Withf("A policy called %s already exists. Duplicate names are not allowed.", in.PolicyName)
		}
		if err := checkQuota("Policies", s.dir.Policies.All(tx, account, "")); err != nil {
			return err
		}
		p := &identity.Policy{
			Entity:      s.dir.NewEntity(tx, identity.PolicyPrefix, account, region, in.Path, in.PolicyName),
			Description: in.Description,
		}
		p.Updated = p.Created
		addVersion(p, in.PolicyDocument, true, p.Created)
		p.SetTags(tagRecords(in.Tags))
		s.dir.Policies.Put(tx, p)
		out.Policy = policyShape(p, nil)
		out.Policy.Description, out.Policy.Tags = "", tagShapes(p.Tags) // [I004]
		return nil
	})
	return out, err
}

func (s *Service) checkManaged(ctx context.Context, policy, document string) error {
	if err := s.checkDocument(ctx, policyeval.ManagedPolicy, policy, document); err != nil {
		return err
	}
	if policySize(document) > maxPolicySize {
		return exceeds("PolicySize", maxPolicySize)
	}
	return nil
}

// GetPolicyInput is the input of GetPolicy.
type GetPolicyInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
}

// GetPolicyOutput is the output of GetPolicy.
type GetPolicyOutput struct {
	Policy *Policy
}

// GetPolicy describes a managed policy.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html.
func (s *Service) GetPolicy(ctx context.Context, in *GetPolicyInput) (*GetPolicyOutput, error) {
	account, _ := call(ctx)
	out := new(GetPolicyOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		p, err := s.policy(r, account, in.PolicyArn)
		if err != nil {
			return err
		}
		out.Policy = policyShape(p, s.usage(r, account))
		out.Policy.Tags = append([]Tag{}, tagShapes(p.Tags)...)
		return nil
	})
	return out, err
}

// policy is the managed policy of that ARN.
func (s *Service) policy(r store.Reader, account, policyARN string) (*identity.Policy, error) {
	if err := checkPolicyARN(policyARN); err != nil {
		return nil, err
	}
	p := s.dir.Managed(r, account, policyARN)
	if p == nil {
		return nil, noSuchPolicy(policyARN)
	}
	return p, nil
}

// checkPolicyARN refuses what is not an ARN [I005].
func checkPolicyARN(policyARN string) error {
	if _, err := arn.Parse(policyARN); err != nil {
		return errValidation.With("Invalid ARN:  Could not be parsed!")
	}
	return nil
}

// ListPoliciesInput is the input of ListPolicies.
type ListPoliciesInput struct {
	Scope             string `enum:"All|AWS|Local"`
	OnlyAttached      bool
	PathPrefix        string `check:"min=1,max=512" pattern:"((/[A-Za-z0-9\\.,\\+@=_-]+)*)/"`
	PolicyUsageFilter string `enum:"PermissionsPolicy|PermissionsBoundary"`
	Marker            string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems          *int   `check:"min=1,max=1000"`
}

// ListPoliciesOutput is the output of ListPolicies.
type ListPoliciesOutput struct {
	Policies    []Policy
	IsTruncated bool
	Marker      string
}

// ListPolicies lists managed policies: the account's, AWS's or both, by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html.
func (s *Service) ListPolicies(ctx context.Context, in *ListPoliciesInput) (*ListPoliciesOutput, error) {
	account, region := call(ctx)
	var policies []Policy
	err := s.dir.View(ctx, func(r store.Reader) error {
		policies = policies[:0]
		used := s.usage(r, account)
		add := func(p *identity.Policy) {
			if strings.HasPrefix(p.Path, in.PathPrefix) && used.matches(p.ARN(), in.OnlyAttached, in.PolicyUsageFilter) {
				shape := policyShape(p, used)
				shape.Description = ""
				policies = append(policies, *shape)
			}
		}
		if in.Scope != "Local" {
			for p := range identity.AWSPolicies(region) {
				add(p)
			}
		}
		if in.Scope != "AWS" {
			for p := range s.dir.Policies.All(r, account, "") {
				add(p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(policies, func(p Policy) string { return p.PolicyName + "\x00" + p.Arn }, in.Marker, in.MaxItems)
	return &ListPoliciesOutput{Policies: part, Marker: next, IsTruncated: next != ""}, err
}

// DeletePolicyInput is the input of DeletePolicy.
type DeletePolicyInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
}

// DeletePolicyOutput is the output of DeletePolicy.
type DeletePolicyOutput struct{}

// DeletePolicy deletes a managed policy that is attached to nothing and has no
// version left but the one in force.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html.
func (s *Service) DeletePolicy(ctx context.Context, in *DeletePolicyInput) (*DeletePolicyOutput, error) {
	account, _ := call(ctx)
	return new(DeletePolicyOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		p, err := s.ownPolicy(tx, account, in.PolicyArn)
		if err != nil {
			return err
		}
		used := s.usage(tx, account)
		switch {
		case used.attached[in.PolicyArn]+used.boundaries[in.PolicyArn] > 0:
			return errDeleteConflict.With("Cannot delete a policy attached to entities.")
		case len(p.Versions) > 1:
			return errDeleteConflict.With("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		s.dir.Policies.Delete(tx, p)
		return nil
	})
}

// ownPolicy is the account's own managed policy of that ARN: AWS's cannot be changed.
func (s *Service) ownPolicy(r store.Reader, account, policyARN string) (*identity.Policy, error) {
	p, err := s.policy(r, account, policyARN)
	if err == nil && p.IsAWS() {
		return nil, errInvalidInput.Withf("ARN %s is not valid.", policyARN)
	}
	return p, err
}

// editPolicy changes a managed policy of the account.
func (s *Service) editPolicy(ctx context.Context, policyARN string, edit func(store.Tx, *identity.Policy) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		p, err := s.ownPolicy(tx, account, policyARN)
		if err != nil {
			return err
		}
		p = s.dir.Policies.Edit(tx, account, p.Name)
		if err := edit(tx, p); err != nil {
			return err
		}
		s.dir.Policies.Put(tx, p)
		return nil
	})
}

// CreatePolicyVersionInput is the input of CreatePolicyVersion.
type CreatePolicyVersionInput struct {
	PolicyArn      string `check:"required,min=20,max=2048"`
	PolicyDocument string `check:"required,min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	SetAsDefault   bool
}

// CreatePolicyVersionOutput is the output of CreatePolicyVersion.
type CreatePolicyVersionOutput struct {
	PolicyVersion *PolicyVersion
}

// CreatePolicyVersion adds a version to a managed policy.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *CreatePolicyVersionInput) (*CreatePolicyVersionOutput, error) {
	if err := s.checkManaged(ctx, in.PolicyArn, in.PolicyDocument); err != nil {
		return nil, err
	}
	out := new(CreatePolicyVersionOutput)
	err := s.editPolicy(ctx, in.PolicyArn, func(_ store.Tx, p *identity.Policy) error {
		if len(p.Versions) >= maxVersions {
			return errLimitExceeded.Withf("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
		}
		v := addVersion(p, in.PolicyDocument, in.SetAsDefault, now(ctx))
		out.PolicyVersion = versionShape(p, v)
		out.PolicyVersion.Document = ""
		return nil
	})
	return out, err
}

func addVersion(p *identity.Policy, document string, inForce bool, at time.Time) *identity.PolicyVersion {
	p.Last++
	p.Versions = append(p.Versions, identity.PolicyVersion{ID: "v" + strconv.Itoa(p.Last), Document: document, Created: at})
	v := &p.Versions[len(p.Versions)-1]
	p.Updated = at
	if inForce {
		p.Default = v.ID
	}
	return v
}

// GetPolicyVersionInput is the input of GetPolicyVersion.
type GetPolicyVersionInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
	VersionId string `check:"required" pattern:"v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"`
}

// GetPolicyVersionOutput is the output of GetPolicyVersion.
type GetPolicyVersionOutput struct {
	PolicyVersion *PolicyVersion
}

// GetPolicyVersion shows a version of a managed policy with its document.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html.
func (s *Service) GetPolicyVersion(ctx context.Context, in *GetPolicyVersionInput) (*GetPolicyVersionOutput, error) {
	account, _ := call(ctx)
	out := new(GetPolicyVersionOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		p, err := s.policy(r, account, in.PolicyArn)
		if err != nil {
			return err
		}
		v := p.Version(in.VersionId)
		if v == nil {
			return noSuchVersion(in.PolicyArn, in.VersionId)
		}
		out.PolicyVersion = versionShape(p, v)
		return nil
	})
	return out, err
}

func noSuchVersion(policyARN, id string) error {
	return errNoSuchEntity.Withf("Policy %s version %s does not exist or is not attachable.", policyARN, id)
}

// ListPolicyVersionsInput is the input of ListPolicyVersions.
type ListPolicyVersionsInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
	Marker    string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems  *int   `check:"min=1,max=1000"`
}

// ListPolicyVersionsOutput is the output of ListPolicyVersions.
type ListPolicyVersionsOutput struct {
	Versions    []PolicyVersion
	IsTruncated bool
	Marker      string
}

// ListPolicyVersions lists the versions of a managed policy, newest first.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html.
func (s *Service) ListPolicyVersions(ctx context.Context, in *ListPolicyVersionsInput) (*ListPolicyVersionsOutput, error) {
	account, _ := call(ctx)
	var versions []PolicyVersion
	err := s.dir.View(ctx, func(r store.Reader) error {
		versions = versions[:0]
		p, err := s.policy(r, account, in.PolicyArn)
		if err != nil {
			return err
		}
		for i := range p.Versions {
			shape := versionShape(p, &p.Versions[i])
			shape.Document = ""
			versions = append(versions, *shape)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(versions, newestFirst, in.Marker, in.MaxItems)
	return &ListPolicyVersionsOutput{Versions: part, Marker: next, IsTruncated: next != ""}, err
}

// newestFirst is a key that orders versions by falling number.
func newestFirst(v PolicyVersion) string {
	n, _ := strconv.Atoi(strings.TrimPrefix(v.VersionId, "v"))
	return strconv.Itoa(1_000_000_000 - n)
}

// DeletePolicyVersionInput is the input of DeletePolicyVersion.
type DeletePolicyVersionInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
	VersionId string `check:"required" pattern:"v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"`
}

// DeletePolicyVersionOutput is the output of DeletePolicyVersion.
type DeletePolicyVersionOutput struct{}

// DeletePolicyVersion deletes a version of a managed policy that is not in force.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *DeletePolicyVersionInput) (*DeletePolicyVersionOutput, error) {
	return new(DeletePolicyVersionOutput), s.editPolicy(ctx, in.PolicyArn, func(_ store.Tx, p *identity.Policy) error {
		switch {
		case p.Version(in.VersionId) == nil:
			return noSuchVersion(in.PolicyArn, in.VersionId)
		case p.Default == in.VersionId:
			return errDeleteConflict.With("Cannot delete the default version of a policy.")
		}
		p.Versions = slices.DeleteFunc(p.Versions, func(v identity.PolicyVersion) bool { return v.ID == in.VersionId })
		return nil
	})
}

// SetDefaultPolicyVersionInput is the input of SetDefaultPolicyVersion.
type SetDefaultPolicyVersionInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
	VersionId string `check:"required" pattern:"v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?"`
}

// SetDefaultPolicyVersionOutput is the output of SetDefaultPolicyVersion.
type SetDefaultPolicyVersionOutput struct{}

// SetDefaultPolicyVersion puts a version of a managed policy in force.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in *SetDefaultPolicyVersionInput) (*SetDefaultPolicyVersionOutput, error) {
	return new(SetDefaultPolicyVersionOutput), s.editPolicy(ctx, in.PolicyArn, func(_ store.Tx, p *identity.Policy) error {
		if p.Version(in.VersionId) == nil {
			return noSuchVersion(in.PolicyArn, in.VersionId)
		}
		p.Default, p.Updated = in.VersionId, now(ctx)
		return nil
	})
}
