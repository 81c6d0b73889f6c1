package organizations

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// Parent is the root or unit that an account or unit is in.
type Parent struct {
	Id   string
	Type string
}

// Child is an account or unit that a root or unit has in it.
type Child struct {
	Id   string
	Type string
}

// ListParentsInput is the input of ListParents.
type ListParentsInput struct {
	ChildId    string `check:"required,max=100" pattern:"^(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListParentsOutput is the output of ListParents.
type ListParentsOutput struct {
	Parents   []Parent
	NextToken string
}

// ListParents lists the parent of an account or unit: there is one.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html.
func (s *Service) ListParents(ctx context.Context, in *ListParentsInput) (*ListParentsOutput, error) {
	var parents []Parent
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		parent := ""
		if u := s.unit(r, o, in.ChildId); u != nil {
			parent = u.Parent
		} else if m := s.member(r, o, in.ChildId); m != nil {
			parent = m.Parent
		}
		p := s.place(r, o, parent)
		if p == nil {
			return errChild
		}
		parents = []Parent{{Id: p.id, Type: p.kind}}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(parents, func(p Parent) string { return p.Id }, in.NextToken, in.MaxResults)
	return &ListParentsOutput{Parents: part, NextToken: next}, err
}

// ListChildrenInput is the input of ListChildren.
type ListChildrenInput struct {
	ParentId   string `check:"required,max=100" pattern:"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$"`
	ChildType  string `check:"required" enum:"ACCOUNT|ORGANIZATIONAL_UNIT"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
	MaxResults *int   `check:"min=1,max=20"`
}

// ListChildrenOutput is the output of ListChildren.
type ListChildrenOutput struct {
	Children  []Child
	NextToken string
}

// ListChildren lists the accounts or the units directly below the root or a unit.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListChildren.html.
func (s *Service) ListChildren(ctx context.Context, in *ListChildrenInput) (*ListChildrenOutput, error) {
	var children []Child
	add := func(parent, id string) {
		if parent == in.ParentId {
			children = append(children, Child{Id: id, Type: in.ChildType})
		}
	}
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		children = children[:0]
		switch {
		case !s.isParent(r, o, in.ParentId):
			return errParent
		case in.ChildType == kindUnit:
			for u := range s.dir.Units(r, o.ID) {
				add(u.Parent, u.ID)
			}
		default:
			for m := range s.dir.Members(r, o.ID) {
				add(m.Parent, m.Account)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(children, func(c Child) string { return c.Id }, in.NextToken, in.MaxResults)
	return &ListChildrenOutput{Children: part, NextToken: next}, err
}
