package provision

import (
	"context"
	"maps"

	"github.com/waxseal/waxseal/internal/template"
)

// holder is a role, user or group, which all have policies in the same way.
type holder struct {
	*Job
	// kind is Role, User or Group.
	kind, name string
}

// in is an input that names the holder.
func (h holder) in(others map[string]any) map[string]any {
	return with(others, h.kind+"Name", h.name)
}

// with is an input with one more member.
func with(in map[string]any, name string, value any) map[string]any {
	if in == nil {
		in = map[string]any{}
	}
	in[name] = value
	return in
}

func (h holder) attach(ctx context.Context) func(policy string) error {
	return func(policy string) error {
		return h.do(ctx, "iam", "Attach"+h.kind+"Policy", h.in(map[string]any{"PolicyArn": policy}))
	}
}

func (h holder) detach(ctx context.Context) func(policy string) error {
	return func(policy string) error {
		return gone(h.do(ctx, "iam", "Detach"+h.kind+"Policy", h.in(map[string]any{"PolicyArn": policy})))
	}
}

func (h holder) put(ctx context.Context, name string, policy *template.Node) error {
	return h.do(ctx, "iam", "Put"+h.kind+"Policy", h.in(map[string]any{"PolicyName": name, "PolicyDocument": document(policy)}))
}

func (h holder) remove(ctx context.Context) func(name string) error {
	return func(name string) error {
		return gone(h.do(ctx, "iam", "Delete"+h.kind+"Policy", h.in(map[string]any{"PolicyName": name})))
	}
}

// inline are the properties Policies, by the names of the policies.
func inline(properties *template.Node) (names []string, documents map[string]*template.Node) {
	documents = map[string]*template.Node{}
	for p := range properties.Get("Policies").All() {
		name := p.Get("PolicyName").String()
		names, documents[name] = append(names, name), p.Get("PolicyDocument")
	}
	return names, documents
}

// setPolicies has the holder's policies become what the properties say: those that are
// gone go, those that are new or others come.
func (h holder) setPolicies(ctx context.Context) error {
	attached, detached := differences(h.Before.Get("ManagedPolicyArns").Strings(), h.Properties.Get("ManagedPolicyArns").Strings())
	namesBefore, before := inline(h.Before)
	names, documents := inline(h.Properties)
	_, removed := differences(namesBefore, names)
	return first(
		func() error { return each(detached, h.detach(ctx)) },
		func() error { return each(attached, h.attach(ctx)) },
		func() error { return each(removed, h.remove(ctx)) },
		func() error {
			return each(names, func(name string) error {
				if old, had := before[name]; had && old.Equal(documents[name]) {
					return nil
				}
				return h.put(ctx, name, documents[name])
			})
		},
	)
}

// setBoundary has the holder's permissions boundary become what the properties say.
func (h holder) setBoundary(ctx context.Context) error {
	switch boundary := h.Properties.Get("PermissionsBoundary"); {
	case !h.changed("PermissionsBoundary"):
		return nil
	case boundary == nil:
		return gone(h.do(ctx, "iam", "Delete"+h.kind+"PermissionsBoundary", h.in(nil)))
	default:
		return h.do(ctx, "iam", "Put"+h.kind+"PermissionsBoundary", h.in(map[string]any{"PermissionsBoundary": boundary}))
	}
}

// strip takes all policies from the holder, those that others gave it as well, for with
// one it is not deleted [C221].
func (h holder) strip(ctx context.Context) error {
	attached, err := h.all(ctx, "ListAttached"+h.kind+"Policies", h.in(nil), "AttachedPolicies", "PolicyArn")
	if err != nil {
		return err
	}
	names, err := h.all(ctx, "List"+h.kind+"Policies", h.in(nil), "PolicyNames")
	if err != nil {
		return err
	}
	return first(
		func() error { return each(attached, h.detach(ctx)) },
		func() error { return each(names, h.remove(ctx)) },
	)
}

// all are the texts of one of IAM's lists, of all its pages: its items, or a member of each.
func (j *Job) all(ctx context.Context, operation string, in map[string]any, name string, member ...string) (all []string, err error) {
	for {
		page, err := j.Call(ctx, "iam", operation, in)
		if err != nil {
			return nil, err
		}
		all = append(all, texts(page, name, member...)...)
		if more, _ := page["IsTruncated"].(bool); !more {
			return all, nil
		}
		in["Marker"] = page["Marker"]
	}
}

// setTags has the tags of a role, a user or the like become what they are to be. what is
// the kind of the operations, in are the members that name the resource.
func (j *Job) setTags(ctx context.Context, what string, in map[string]any) error {
	return j.retag(func(tags map[string]string) error {
		return j.do(ctx, "iam", "Tag"+what, with(maps.Clone(in), "Tags", tagList(tags, "Key", "Value")))
	}, func(keys []any) error {
		return j.do(ctx, "iam", "Untag"+what, with(maps.Clone(in), "TagKeys", keys))
	})
}
