package terraform

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// identity makes what roles, users, groups and policies have alike.
func (r *reader) identity(one *resource, section string) *object {
	o := r.add(one, section)
	o.put("name", one.get("name"))
	if path := one.get("path"); path != nil && path.Value != "/" {
		o.put("path", path)
	}
	return o
}

func (r *reader) role(one *resource) {
	o := r.identity(one, "roles")
	o.put("description", one.get("description"))
	o.put("maxSessionDuration", one.get("max_session_duration"))
	o.put("boundary", r.known(one, "permissions_boundary"))
	o.put("trust", r.known(one, "assume_role_policy"))
	o.put("tags", one.tags())
	for _, policy := range items(one.get("inline_policy")) {
		if name := text(member(policy, "name")); name != "" {
			o.within("policies").put(name, member(policy, "policy"))
		}
	}
	for _, policy := range items(one.get("managed_policy_arns")) {
		o.once("managedPolicies", policy)
	}
}

func (r *reader) user(one *resource) {
	o := r.identity(one, "users")
	o.put("boundary", r.known(one, "permissions_boundary"))
	o.put("tags", one.tags())
}

func (r *reader) group(one *resource) { r.identity(one, "groups") }

func (r *reader) managedPolicy(one *resource) {
	document := r.known(one, "policy")
	if document == nil {
		return
	}
	o := r.identity(one, "policies")
	o.put("description", one.get("description"))
	o.put("document", document)
	o.put("tags", one.tags())
}

// holder is the argument that names whose policy a resource is, and the type of that.
func holder(kind string) (argument, owner string) {
	argument, _, _ = strings.Cut(strings.TrimPrefix(kind, "aws_iam_"), "_policy")
	return argument, "aws_iam_" + argument
}

func (r *reader) inlinePolicy(one *resource) {
	document := r.known(one, "policy")
	if document == nil {
		return
	}
	argument, kind := holder(one.kind)
	if o := r.owner(one, argument, kind); o != nil {
		o.within("policies").put(one.text("name"), document)
	}
}

func (r *reader) attachment(one *resource) {
	policy := r.known(one, "policy_arn")
	argument, kind := holder(one.kind)
	if policy == nil || r.unmade(one, policy) {
		return
	}
	if o := r.owner(one, argument, kind); o != nil {
		o.once("managedPolicies", policy)
	}
}

// unmade reports whether a policy of the file was left out, because its text is not known.
func (r *reader) unmade(one *resource, policy *yaml.Node) bool {
	for _, other := range r.resources {
		if other.kind == "aws_iam_policy" && other.made == nil && other.text("arn") == policy.Value {
			r.warn(one, "left out: %s is", other.address)
			return true
		}
	}
	return false
}

// attachments attaches one policy to several.
func (r *reader) attachments(one *resource) {
	policy := r.known(one, "policy_arn")
	if policy == nil || r.unmade(one, policy) {
		return
	}
	for _, holders := range []renamed{{"roles", "aws_iam_role"}, {"users", "aws_iam_user"}, {"groups", "aws_iam_group"}} {
		for _, name := range texts(one.get(holders.argument)) {
			if other := r.named(one, name, holders.name); other != nil {
				other.made.once("managedPolicies", policy)
			} else {
				r.warn(one, "left out: no %s of this file is called %s", holders.name, name)
			}
		}
	}
}

func (r *reader) groupMembers(one *resource) {
	for _, name := range texts(one.get("users")) {
		if other := r.named(one, name, "aws_iam_user"); other != nil {
			other.made.once("groups", r.known(one, "group"))
		} else {
			r.warn(one, "left out: no aws_iam_user of this file is called %s", name)
		}
	}
}

func (r *reader) userGroups(one *resource) {
	o := r.owner(one, "user", "aws_iam_user")
	for _, group := range items(one.get("groups")) {
		if o != nil {
			o.once("groups", group)
		}
	}
}

func (r *reader) accessKey(one *resource) {
	o := r.owner(one, "user", "aws_iam_user")
	id, secret := one.get("id"), one.get("secret")
	switch {
	case o == nil:
	case id == nil || secret == nil:
		r.warn(one, "left out: the file does not hold its id and secret")
	case member(o.Node, "accessKey") != nil:
		r.warn(one, "left out: a user of a fixture has one access key")
	case one.text("status") == "Inactive":
		r.warn(one, "left out: it is inactive")
	default:
		key := o.within("accessKey")
		key.put("id", id)
		key.put("secret", secret)
	}
}
