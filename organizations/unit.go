package organizations

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// OrganizationalUnit is an organizational unit.
type OrganizationalUnit struct {
	Id   string
	Arn  string
	Name string
	Path string
}

func (s *Service) unitShape(r store.Reader, o *identity.Organization, u *identity.Unit) *OrganizationalUnit {
	return &OrganizationalUnit{Id: u.ID, Arn: o.UnitARN(u.ID), Name: u.Name, Path: s.dir.PlacePath(r, o, u.ID)}
}

// place is a root, unit or account: what a policy can be attached to.
type place struct{ id, arn, name, kind string }

// The kinds of place, as PolicyTargetSummary names them.
const (
	kindRoot    = "ROOT"
	kindUnit    = "ORGANIZATIONAL_UNIT"
	kindAccount = "ACCOUNT"
)

// place is the organization's place of that id, or nil.
func (s *Service) place(r store.Reader, o *identity.Organization, id string) *place {
	if id == o.RootID {
		return &place{id, o.RootARN(), "Root", kindRoot}
	}
	if u := s.unit(r, o, id); u != nil {
		return &place{id, o.UnitARN(id), u.Name, kindUnit}
	}
	if arn.IsAccountID(id) {
		if m := s.member(r, o, id); m != nil {
			return &place{id, o.AccountARN(id), m.Name, kindAccount}
		}
	}
	return nil
}

// unit is the organization's unit of that id, or nil.
func (s *Service) unit(r store.Reader, o *identity.Organization, id string) *identity.Unit {
	if u := s.dir.Unit(r, id); u != nil && u.Organization == o.ID {
		return u
	}
	return nil
}

func (s *Service) isParent(r store.Reader, o *identity.Organization, id string) bool {
	return id == o.RootID || s.unit(r, o, id) != nil
}

// CreateOrganizationalUnitInput is the input of CreateOrganizationalUnit.
type CreateOrganizationalUnitInput struct {
	ParentId string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	Name     string `check:"required,min=1,max=128" pattern:"[\\s\\S]*"`
	Tags     []Tag
}

// CreateOrganizationalUnitOutput is the output of CreateOrganizationalUnit.
type CreateOrganizationalUnitOutput struct {
	OrganizationalUnit *OrganizationalUnit
}

// maxDepth is how many units may be nested below the root.
const maxDepth = 5

// CreateOrganizationalUnit makes a unit below the root or another unit.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateOrganizationalUnit.html.
func (s *Service) CreateOrganizationalUnit(ctx context.Context, in *CreateOrganizationalUnitInput) (*CreateOrganizationalUnitOutput, error) {
	out := new(CreateOrganizationalUnitOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if !s.isParent(tx, o, in.ParentId) {
			return errParent
		}
		if s.sibling(tx, o, in.ParentId, in.Name) != nil {
			return errDuplicateUnit
		}
		depth := 1
		for u := s.unit(tx, o, in.ParentId); u != nil; u = s.unit(tx, o, u.Parent) {
			depth++
		}
		if depth > maxDepth {
			return errConstraint.With("You have exceeded the maximum depth of organizational units.").Because("OU_DEPTH_LIMIT_EXCEEDED")
		}
		id := "ou-" + strings.TrimPrefix(o.RootID, "r-") + "-" + s.ids.Hex(8)
		u := &identity.Unit{ID: id, Organization: o.ID, Parent: in.ParentId, Name: in.Name}
		s.dir.PutUnit(tx, u)
		s.admit(tx, o, u.ID)
		if err := s.addTags(tx, o, u.ID, in.Tags); err != nil {
			return err
		}
		out.OrganizationalUnit = s.unitShape(tx, o, u)
		return nil
	})
	return out, err
}

// sibling is the unit of that name directly below parent, or nil.
func (s *Service) sibling(r store.Reader, o *identity.Organization, parent, name string) *identity.Unit {
	for u := range s.dir.Units(r, o.ID) {
		if u.Parent == parent && u.Name == name {
			return u
		}
	}
	return nil
}

// UpdateOrganizationalUnitInput is the input of UpdateOrganizationalUnit.
type UpdateOrganizationalUnitInput struct {
	OrganizationalUnitId string `check:"required,max=68" pattern:"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$"`
	Name                 string `check:"min=1,max=128" pattern:"[\\s\\S]*"`
}

// UpdateOrganizationalUnitOutput is the output of UpdateOrganizationalUnit.
type UpdateOrganizationalUnitOutput struct {
	OrganizationalUnit *OrganizationalUnit
}

// UpdateOrganizationalUnit gives a unit another name.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_UpdateOrganizationalUnit.html.
func (s *Service) UpdateOrganizationalUnit(ctx context.Context, in *UpdateOrganizationalUnitInput) (*UpdateOrganizationalUnitOutput, error) {
	out := new(UpdateOrganizationalUnitOutput)
	err := s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		u := s.unit(tx, o, in.OrganizationalUnitId)
		if u == nil {
			return errUnit
		}
		renamed := *u
		if in.Name != "" {
			renamed.Name = in.Name
		}
		if other := s.sibling(tx, o, u.Parent, renamed.Name); other != nil && other.ID != u.ID {
			return errDuplicateUnit
		}
		s.dir.PutUnit(tx, &renamed)
		out.OrganizationalUnit = s.unitShape(tx, o, &renamed)
		return nil
	})
	return out, err
}

// DescribeOrganizationalUnitInput is the input of DescribeOrganizationalUnit.
type DescribeOrganizationalUnitInput struct {
	OrganizationalUnitId string `check:"required,max=68" pattern:"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$"`
}

// DescribeOrganizationalUnitOutput is the output of DescribeOrganizationalUnit.
type DescribeOrganizationalUnitOutput struct {
	OrganizationalUnit *OrganizationalUnit
}

// DescribeOrganizationalUnit describes a unit.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeOrganizationalUnit.html.
func (s *Service) DescribeOrganizationalUnit(ctx context.Context, in *DescribeOrganizationalUnitInput) (*DescribeOrganizationalUnitOutput, error) {
	out := new(DescribeOrganizationalUnitOutput)
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		u := s.unit(r, o, in.OrganizationalUnitId)
		if u == nil {
			return errUnit
		}
		out.OrganizationalUnit = s.unitShape(r, o, u)
		return nil
	})
	return out, err
}

// DeleteOrganizationalUnitInput is the input of DeleteOrganizationalUnit.
type DeleteOrganizationalUnitInput struct {
	OrganizationalUnitId string `check:"required,max=68" pattern:"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$"`
}

// DeleteOrganizationalUnitOutput is the output of DeleteOrganizationalUnit.
type DeleteOrganizationalUnitOutput struct{}

// DeleteOrganizationalUnit deletes a unit without accounts and units.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteOrganizationalUnit.html.
func (s *Service) DeleteOrganizationalUnit(ctx context.Context, in *DeleteOrganizationalUnitInput) (*DeleteOrganizationalUnitOutput, error) {
	return new(DeleteOrganizationalUnitOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if s.unit(tx, o, in.OrganizationalUnitId) == nil {
			return errUnit
		}
		for m := range s.dir.Members(tx, o.ID) {
			if m.Parent == in.OrganizationalUnitId {
				return errUnitNotEmpty
			}
		}
		for u := range s.dir.Units(tx, o.ID) {
			if u.Parent == in.OrganizationalUnitId {
				return errUnitNotEmpty
			}
		}
		s.detachAll(tx, o, in.OrganizationalUnitId)
		s.dir.PutOrgTags(tx, o.ID, in.OrganizationalUnitId, nil)
		s.dir.DeleteUnit(tx, in.OrganizationalUnitId)
		return nil
	})
}

// ListOrganizationalUnitsForParentInput is the input of ListOrganizationalUnitsForParent.
type ListOrganizationalUnitsForParentInput struct {
	ParentId   string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListOrganizationalUnitsForParentOutput is the output of ListOrganizationalUnitsForParent.
type ListOrganizationalUnitsForParentOutput struct {
	OrganizationalUnits []OrganizationalUnit
	NextToken           string
}

// ListOrganizationalUnitsForParent lists the units directly below the root or a unit.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListOrganizationalUnitsForParent.html.
func (s *Service) ListOrganizationalUnitsForParent(ctx context.Context, in *ListOrganizationalUnitsForParentInput) (*ListOrganizationalUnitsForParentOutput, error) {
	var units []OrganizationalUnit
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		units = units[:0]
		if !s.isParent(r, o, in.ParentId) {
			return errParent
		}
		for u := range s.dir.Units(r, o.ID) {
			if u.Parent == in.ParentId {
				units = append(units, *s.unitShape(r, o, u))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(units, func(u OrganizationalUnit) string { return u.Id }, in.NextToken, in.MaxResults)
	return &ListOrganizationalUnitsForParentOutput{OrganizationalUnits: part, NextToken: next}, err
}
