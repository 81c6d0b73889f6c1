package organizations

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// PolicyTypeSummary says whether a type of policy is enabled.
type PolicyTypeSummary struct {
	Type   string
	Status string
}

// Organization is an organization.
type Organization struct {
	Id                   string
	Arn                  string
	FeatureSet           string
	MasterAccountArn     string
	MasterAccountId      string
	MasterAccountEmail   string `sensitive:"true"`
	AvailablePolicyTypes []PolicyTypeSummary
}

// Root is the root of an organization.
type Root struct {
	Id          string
	Arn         string
	Name        string
	PolicyTypes []PolicyTypeSummary
}

func organizationShape(o *identity.Organization, managementEmail string) *Organization {
	shape := &Organization{
		Id: o.ID, Arn: o.ARN(), FeatureSet: o.FeatureSet, MasterAccountArn: o.AccountARN(o.Management), MasterAccountId: o.Management,
		MasterAccountEmail: managementEmail, AvailablePolicyTypes: []PolicyTypeSummary{},
	}
	if o.FeatureSet == identity.AllFeatures {
		shape.AvailablePolicyTypes = append(shape.AvailablePolicyTypes, PolicyTypeSummary{identity.SCP, "ENABLED"})
	}
	return shape
}

func rootShape(o *identity.Organization) *Root {
	shape := &Root{Id: o.RootID, Arn: o.RootARN(), Name: "Root", PolicyTypes: []PolicyTypeSummary{}}
	for _, kind := range o.Enabled {
		shape.PolicyTypes = append(shape.PolicyTypes, PolicyTypeSummary{kind, "ENABLED"})
	}
	return shape
}

// CreateOrganizationInput is the input of CreateOrganization.
type CreateOrganizationInput struct {
	FeatureSet string `enum:"ALL|CONSOLIDATED_BILLING"`
}

// CreateOrganizationOutput is the output of CreateOrganization.
type CreateOrganizationOutput struct {
	Organization *Organization
}

// CreateOrganization creates an organization with the calling account as its
// management account.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganization.html.
func (s *Service) CreateOrganization(ctx context.Context, in *CreateOrganizationInput) (*CreateOrganizationOutput, error) {
	r := api.RequestFrom(ctx)
	out := new(CreateOrganizationOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Member(tx, r.Account) != nil {
			return errAlreadyIn
		}
		o := &identity.Organization{
			ID: "o-" + s.ids.Hex(10), RootID: "r-" + s.ids.Hex(4), Management: r.Account,
			Partition: arn.Partition(r.Region), FeatureSet: in.FeatureSet,
		}
		if o.FeatureSet == "" {
			o.FeatureSet = identity.AllFeatures
		}
		m := &identity.Member{
			Account: r.Account, Organization: o.ID, Parent: o.RootID, Joined: r.Time,
			Name: "management", Email: "management-" + r.Account + "@example.com",
		}
		s.dir.PutOrganization(tx, o)
		s.dir.PutMember(tx, m)
		out.Organization = organizationShape(o, m.Email)
		return nil
	})
	return out, err
}

// DescribeOrganizationInput is the input of DescribeOrganization.
type DescribeOrganizationInput struct{}

// DescribeOrganizationOutput is the output of DescribeOrganization.
type DescribeOrganizationOutput struct {
	Organization *Organization
}

// DescribeOrganization describes the calling account's organization. Every
// member account may call it.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganization.html.
func (s *Service) DescribeOrganization(ctx context.Context, _ *DescribeOrganizationInput) (*DescribeOrganizationOutput, error) {
	out := new(DescribeOrganizationOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		o := s.of(r, account(ctx))
		if o == nil {
			return errNotInUse
		}
		out.Organization = organizationShape(o, s.dir.Member(r, o.Management).Email)
		return nil
	})
	return out, err
}

// DeleteOrganizationInput is the input of DeleteOrganization.
type DeleteOrganizationInput struct{}

// DeleteOrganizationOutput is the output of DeleteOrganization.
type DeleteOrganizationOutput struct{}

// DeleteOrganization deletes an organization without other members, with its
// policies and units.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganization.html.
func (s *Service) DeleteOrganization(ctx context.Context, _ *DeleteOrganizationInput) (*DeleteOrganizationOutput, error) {
	return new(DeleteOrganizationOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		for m := range s.dir.Members(tx, o.ID) {
			if m.Account != o.Management {
				return errNotEmpty
			}
		}
		s.dir.DeleteMember(tx, o.Management)
		s.dir.DeleteOrganization(tx, o)
		return nil
	})
}

// ListRootsInput is the input of ListRoots.
type ListRootsInput struct {
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListRootsOutput is the output of ListRoots.
type ListRootsOutput struct {
	Roots     []Root
	NextToken string
}

// ListRoots lists the organization's only root.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListRoots.html.
func (s *Service) ListRoots(ctx context.Context, in *ListRootsInput) (*ListRootsOutput, error) {
	var roots []Root
	err := s.view(ctx, func(_ store.Reader, o *identity.Organization) error {
		roots = []Root{*rootShape(o)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(roots, func(r Root) string { return r.Id }, in.NextToken, in.MaxResults)
	return &ListRootsOutput{Roots: part, NextToken: next}, err
}

// EnablePolicyTypeInput is the input of EnablePolicyType.
type EnablePolicyTypeInput struct {
	RootId     string `check:"required,max=34" pattern:"^r-[0-9a-z]{4,32}$"`
	PolicyType string `check:"required" enum:"SERVICE_CONTROL_POLICY|RESOURCE_CONTROL_POLICY|TAG_POLICY|BACKUP_POLICY|AISERVICES_OPT_OUT_POLICY|CHATBOT_POLICY|DECLARATIVE_POLICY_EC2|SECURITYHUB_POLICY|INSPECTOR_POLICY|UPGRADE_ROLLOUT_POLICY|BEDROCK_POLICY|S3_POLICY|NETWORK_SECURITY_DIRECTOR_POLICY"`
}

// EnablePolicyTypeOutput is the output of EnablePolicyType.
type EnablePolicyTypeOutput struct {
	Root *Root
}

// EnablePolicyType enables a type of policy, and attaches AWS's policy that
// allows everything to the root, every unit and every account.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html.
func (s *Service) EnablePolicyType(ctx context.Context, in *EnablePolicyTypeInput) (*EnablePolicyTypeOutput, error) {
	out := new(EnablePolicyTypeOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		switch {
		case in.RootId != o.RootID:
			return errRoot
		case slices.Contains(o.Enabled, in.PolicyType):
			return errEnabled
		}
		if err := s.enable(tx, o, in.PolicyType); err != nil {
			return err
		}
		out.Root = rootShape(o)
		return nil
	})
	return out, err
}

// enable enables a type of policy, if it is not enabled.
func (s *Service) enable(tx store.Tx, o *identity.Organization, kind string) error {
	if slices.Contains(o.Enabled, kind) {
		return nil
	}
	if kind != identity.SCP && kind != identity.RCP || o.FeatureSet != identity.AllFeatures {
		return errNotAvailable
	}
	o.Enabled = append(o.Enabled, kind)
	s.dir.PutOrganization(tx, o)
	full := identity.NewFullAccess(o, kind)
	full.Targets = append(full.Targets, o.RootID)
	for u := range s.dir.Units(tx, o.ID) {
		full.Targets = append(full.Targets, u.ID)
	}
	for m := range s.dir.Members(tx, o.ID) {
		full.Targets = append(full.Targets, m.Account)
	}
	s.dir.PutControl(tx, full)
	return nil
}

// admit attaches AWS's policies that allow everything to a new unit or account,
// for each enabled type.
func (s *Service) admit(tx store.Tx, o *identity.Organization, id string) {
	for _, kind := range o.Enabled {
		full := s.dir.EditControl(tx, o.ID, identity.NewFullAccess(o, kind).ID)
		full.Targets = append(full.Targets, id)
		s.dir.PutControl(tx, full)
	}
}

// DisablePolicyTypeInput is the input of DisablePolicyType.
type DisablePolicyTypeInput struct {
	RootId     string `check:"required,max=34" pattern:"^r-[0-9a-z]{4,32}$"`
	PolicyType string `check:"required" enum:"SERVICE_CONTROL_POLICY|RESOURCE_CONTROL_POLICY|TAG_POLICY|BACKUP_POLICY|AISERVICES_OPT_OUT_POLICY|CHATBOT_POLICY|DECLARATIVE_POLICY_EC2|SECURITYHUB_POLICY|INSPECTOR_POLICY|UPGRADE_ROLLOUT_POLICY|BEDROCK_POLICY|S3_POLICY|NETWORK_SECURITY_DIRECTOR_POLICY"`
}

// DisablePolicyTypeOutput is the output of DisablePolicyType.
type DisablePolicyTypeOutput struct {
	Root *Root
}

// DisablePolicyType disables a type of policy: all its policies are detached.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisablePolicyType.html.
func (s *Service) DisablePolicyType(ctx context.Context, in *DisablePolicyTypeInput) (*DisablePolicyTypeOutput, error) {
	out := new(DisablePolicyTypeOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		i := slices.Index(o.Enabled, in.PolicyType)
		switch {
		case in.RootId != o.RootID:
			return errRoot
		case i < 0:
			return errNotEnabled
		}
		o.Enabled = slices.Delete(o.Enabled, i, i+1)
		s.dir.PutOrganization(tx, o)
		for _, c := range slices.Collect(s.dir.Controls(tx, o.ID)) {
			if c.Type == in.PolicyType {
				c = s.dir.EditControl(tx, o.ID, c.ID)
				c.Targets = nil
				s.dir.PutControl(tx, c)
			}
		}
		out.Root = rootShape(o)
		return nil
	})
	return out, err
}
