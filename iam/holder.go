package iam

import (
	"context"
	"iter"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// The kinds of entity that hold identity-based policies.
const (
	kindUser  = "user"
	kindGroup = "group"
	kindRole  = "role"
)

// holder is a user, group or role: what holds identity-based policies.
type holder struct {
	kind        string
	arn         string
	entity      *identity.Entity
	permissions *identity.Permissions
}

func userHolder(u *identity.User) holder {
	return holder{kindUser, u.ARN(), &u.Entity, &u.Permissions}
}

func groupHolder(g *identity.Group) holder {
	return holder{kindGroup, g.ARN(), &g.Entity, &g.Permissions}
}

func roleHolder(r *identity.Role) holder {
	return holder{kindRole, r.ARN(), &r.Entity, &r.Permissions}
}

// holders yields all of an account's.
func (s *Service) holders(r store.Reader, account string) iter.Seq[holder] {
	return func(yield func(holder) bool) {
		for u := range s.dir.Users.All(r, account, "") {
			if !yield(userHolder(u)) {
				return
			}
		}
		for g := range s.dir.Groups.All(r, account, "") {
			if !yield(groupHolder(g)) {
				return
			}
		}
		for role := range s.dir.Roles.All(r, account, "") {
			if !yield(roleHolder(role)) {
				return
			}
		}
	}
}

// holder is the entity of that kind and name.
func (s *Service) holder(r store.Reader, account, kind, name string) (holder, error) {
	switch kind {
	case kindUser:
		if u := s.dir.Users.Get(r, account, name); u != nil {
			return userHolder(u), nil
		}
	case kindGroup:
		if g := s.dir.Groups.Get(r, account, name); g != nil {
			return groupHolder(g), nil
		}
	case kindRole:
		if role := s.dir.Roles.Get(r, account, name); role != nil {
			return roleHolder(role), nil
		}
	}
	return holder{}, noSuch(kind, name)
}

// viewHolder reads an entity.
func (s *Service) viewHolder(ctx context.Context, kind, name string, read func(store.Reader, holder) error) error {
	account, _ := call(ctx)
	return s.dir.View(ctx, func(r store.Reader) error {
		h, err := s.holder(r, account, kind, name)
		if err != nil {
			return err
		}
		return read(r, h)
	})
}

// editHolder changes an entity.
func (s *Service) editHolder(ctx context.Context, kind, name string, edit func(store.Tx, holder) error) error {
	switch kind {
	case kindUser:
		return s.editUser(ctx, name, func(tx store.Tx, u *identity.User) error { return edit(tx, userHolder(u)) })
	case kindGroup:
		return s.editGroup(ctx, name, func(tx store.Tx, g *identity.Group) error { return edit(tx, groupHolder(g)) })
	default:
		return s.editRole(ctx, name, func(tx store.Tx, role *identity.Role) error { return edit(tx, roleHolder(role)) })
	}
}
