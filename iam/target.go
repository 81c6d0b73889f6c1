package iam

import (
	"context"
	"reflect"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// What an operation acts on follows from the members of its input: every
// operation on a role has a RoleName, every one that tags has Tags or TagKeys.
// So targets and condition keys are derived from the members, in one place, and
// no operation can forget one.

// subject is the entity that an operation acts on.
type subject struct {
	arn      string
	entity   *identity.Entity
	boundary string // the ARN of its permissions boundary
}

// finder finds an account's entity by name, or nil.
type finder func(r store.Reader, account, name string) *subject

// onUser is an operation on the user that UserName names, or on the calling
// user where it names none.
func onUser[In, Out any](s *Service, name string, method func(context.Context, *In) (*Out, error), options ...api.Option) api.Operation {
	find := func(r store.Reader, account, name string) *subject {
		if u := s.dir.Users.Get(r, account, name); u != nil {
			return &subject{u.ARN(), &u.Entity, u.Boundary}
		}
		return nil
	}
	return on(s, name, method, "user", "UserName", find, options)
}

// onRole is an operation on the role that RoleName names.
func onRole[In, Out any](s *Service, name string, method func(context.Context, *In) (*Out, error), options ...api.Option) api.Operation {
	find := func(r store.Reader, account, name string) *subject {
		if role := s.dir.Roles.Get(r, account, name); role != nil {
			return &subject{role.ARN(), &role.Entity, role.Boundary}
		}
		return nil
	}
	return on(s, name, method, "role", "RoleName", find, options)
}

func on[In, Out any](s *Service, name string, method func(context.Context, *In) (*Out, error), kind, by string, find finder, options []api.Option) api.Operation {
	return api.Op(name, method, "iam:"+name, func(ctx context.Context, in *In) (api.Target, error) {
		account, region := call(ctx)
		entity := text(in, by)
		if entity == "" && kind == "user" {
			entity = callingUser(ctx)
		}
		t := api.Target{ARN: arn.Global("iam", region, account, kind+path(in)+entity).String(), Account: account}
		if entity == "" { // the root user acts on itself
			t.ARN = arn.Global("iam", region, account, "root").String()
		}
		var found *subject
		err := s.dir.View(ctx, func(r store.Reader) error {
			if !creates(in) {
				found = find(r, account, entity)
			}
			return nil
		})
		if found != nil {
			t.ARN, t.Tags = found.arn, found.entity.TagMap()
		}
		t.Keys = func(c *policyeval.Context) { setKeys(c, in, found) }
		return t, err
	}, options...)
}

// setKeys sets the condition keys of IAM that the input and the entity give.
//
// See https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys.
func setKeys(c *policyeval.Context, in any, found *subject) {
	if found != nil {
		for _, t := range found.entity.Tags {
			c.Set("iam:ResourceTag/"+t.Key, t.Value)
		}
		set(c, "iam:PermissionsBoundary", found.boundary)
	}
	set(c, "iam:PermissionsBoundary", text(in, "PermissionsBoundary"))
	set(c, "iam:PolicyARN", text(in, "PolicyArn"))
	keys := list(in, "TagKeys")
	for _, t := range tags(in) {
		c.Set("aws:RequestTag/"+t.Key, t.Value)
		keys = append(keys, t.Key)
	}
	if len(keys) > 0 {
		c.SetList("aws:TagKeys", keys)
	}
}

func set(c *policyeval.Context, key, value string) {
	if value != "" {
		c.Set(key, value)
	}
}

// creates reports whether in makes the entity that it names: only then does it
// say where.
func creates(in any) bool { return field(in, "Path").IsValid() }

func path(in any) string {
	if p := text(in, "Path"); p != "" {
		return p
	}
	return "/"
}

// callingUser is the name of the calling user; empty for any other caller.
func callingUser(ctx context.Context) string {
	if c := api.RequestFrom(ctx).Caller; c.Type == policyeval.User {
		return c.Name
	}
	return ""
}

func field(in any, name string) reflect.Value { return reflect.ValueOf(in).Elem().FieldByName(name) }

func text(in any, name string) string {
	if f := field(in, name); f.IsValid() {
		return f.String()
	}
	return ""
}

func list(in any, name string) []string {
	if f := field(in, name); f.IsValid() {
		return f.Interface().([]string)
	}
	return nil
}

func tags(in any) []Tag {
	if f := field(in, "Tags"); f.IsValid() {
		return f.Interface().([]Tag)
	}
	return nil
}
