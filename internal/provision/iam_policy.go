package provision

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

// policyHandlers are those of policies of identities.
var policyHandlers = map[string]Handler{
	"AWS::IAM::Policy":        {createPolicy, updatePolicy, deletePolicy},
	"AWS::IAM::RolePolicy":    inlinePolicy("Role"),
	"AWS::IAM::UserPolicy":    inlinePolicy("User"),
	"AWS::IAM::GroupPolicy":   inlinePolicy("Group"),
	"AWS::IAM::ManagedPolicy": {createManagedPolicy, updateManagedPolicy, deleteManagedPolicy},
}

const maxPolicyName = 128

// holderKinds are the kinds of holders, with the properties that name them.
var holderKinds = []struct{ kind, property string }{{"Group", "Groups"}, {"Role", "Roles"}, {"User", "Users"}}

// holders are the roles, users and groups of a policy's properties.
func (j *Job) holders(properties *template.Node) (all []holder) {
	for _, k := range holderKinds {
		for _, name := range properties.Get(k.property).Strings() {
			all = append(all, holder{j, k.kind, name})
		}
	}
	return all
}

// someHolder refuses a policy of nobody [C024].
func (j *Job) someHolder() error {
	if len(j.holders(j.Properties)) == 0 {
		return failf(invalidRequest, "At least one of [Groups,Roles,Users] must be non-empty.")
	}
	return nil
}

// createPolicy gives the same inline policy to roles, users and groups [C223]. The
// resource has an id before that, so what fails is deleted, which fails as well [C024].
func createPolicy(ctx context.Context, j *Job) error {
	j.PhysicalID = j.madeUp(maxID, "")
	j.set("Id", template.Text(j.PhysicalID))
	return updatePolicy(ctx, j)
}

func updatePolicy(ctx context.Context, j *Job) error {
	if err := j.someHolder(); err != nil {
		return err
	}
	name, before := j.Properties.Get("PolicyName").String(), j.Before.Get("PolicyName").String()
	has := j.holders(j.Properties)
	for _, h := range has {
		if err := h.put(ctx, name, j.Properties.Get("PolicyDocument")); err != nil {
			return err
		}
	}
	for _, h := range j.holders(j.Before) {
		if before == name && slices.Contains(has, h) {
			continue
		}
		if err := h.remove(ctx)(before); err != nil {
			return err
		}
	}
	return nil
}

func deletePolicy(ctx context.Context, j *Job) error {
	if err := j.someHolder(); err != nil {
		return err
	}
	for _, h := range j.holders(j.Properties) {
		if err := h.remove(ctx)(j.Properties.Get("PolicyName").String()); err != nil {
			return err
		}
	}
	return nil
}

// inlinePolicy is how one inline policy of a holder is made [C223].
func inlinePolicy(kind string) Handler {
	of := func(j *Job) holder { return holder{j, kind, j.Properties.Get(kind + "Name").String()} }
	put := func(ctx context.Context, j *Job) error {
		return of(j).put(ctx, j.Properties.Get("PolicyName").String(), j.Properties.Get("PolicyDocument"))
	}
	return Handler{
		Create: func(ctx context.Context, j *Job) error {
			if err := put(ctx, j); err != nil {
				return err
			}
			j.PhysicalID = j.Properties.Get("PolicyName").String() + "|" + of(j).name
			return nil
		},
		Update: put,
		Delete: func(ctx context.Context, j *Job) error {
			return of(j).remove(ctx)(j.Properties.Get("PolicyName").String())
		},
	}
}

func (j *Job) managed(others map[string]any) map[string]any {
	return with(others, "PolicyArn", j.PhysicalID)
}

// createManagedPolicy makes a managed policy, and attaches it [C224].
func createManagedPolicy(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "iam", "CreatePolicy", j.arguments(map[string]any{
		"PolicyName": j.named("ManagedPolicyName", maxPolicyName), "PolicyDocument": document(j.Properties.Get("PolicyDocument")),
	}, "Path", "Description"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "Policy", "Arn")
	return first(
		func() error { return j.attachEverywhere(ctx) },
		func() error { return j.describePolicy(ctx) },
	)
}

func updateManagedPolicy(ctx context.Context, j *Job) error {
	return first(
		func() error { return j.newVersion(ctx) },
		func() error { return j.attachEverywhere(ctx) },
		func() error { return j.describePolicy(ctx) },
	)
}

// attachEverywhere has the policy be attached to whom the properties say.
func (j *Job) attachEverywhere(ctx context.Context) error {
	before, now := j.holders(j.Before), j.holders(j.Properties)
	for _, h := range before {
		if !slices.Contains(now, h) {
			if err := h.detach(ctx)(j.PhysicalID); err != nil {
				return err
			}
		}
	}
	for _, h := range now {
		if !slices.Contains(before, h) {
			if err := h.attach(ctx)(j.PhysicalID); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxVersions is how many versions a managed policy has at most.
const maxVersions = 5

// newVersion makes a document that changed the default version; the oldest of too many
// goes [C224].
func (j *Job) newVersion(ctx context.Context) error {
	if !j.changed("PolicyDocument") {
		return nil
	}
	versions, err := j.versions(ctx)
	if err != nil {
		return err
	}
	if len(versions) >= maxVersions-1 {
		if err := j.dropVersion(ctx)(slices.MinFunc(versions, olderVersion)); err != nil {
			return err
		}
	}
	return j.do(ctx, "iam", "CreatePolicyVersion", j.managed(map[string]any{
		"PolicyDocument": document(j.Properties.Get("PolicyDocument")), "SetAsDefault": true,
	}))
}

func olderVersion(a, b string) int {
	number := func(version string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(version, "v"))
		return n
	}
	return number(a) - number(b)
}

// versions are the policy's versions but for the default one.
func (j *Job) versions(ctx context.Context) (names []string, err error) {
	in := j.managed(nil)
	for {
		page, err := j.Call(ctx, "iam", "ListPolicyVersions", in)
		if err != nil {
			return nil, err
		}
		for _, v := range items(page, "Versions") {
			if isDefault, _ := part(v, "IsDefaultVersion").(bool); !isDefault {
				names = append(names, text(v, "VersionId"))
			}
		}
		if more, _ := page["IsTruncated"].(bool); !more {
			return names, nil
		}
		in["Marker"] = page["Marker"]
	}
}

func (j *Job) dropVersion(ctx context.Context) func(version string) error {
	return func(version string) error {
		return gone(j.do(ctx, "iam", "DeletePolicyVersion", j.managed(map[string]any{"VersionId": version})))
	}
}

// describePolicy sets the attributes to what the policy is now.
func (j *Job) describePolicy(ctx context.Context) error {
	shown, err := j.Call(ctx, "iam", "GetPolicy", j.managed(nil))
	if err != nil {
		return err
	}
	p := part(shown, "Policy")
	j.set("PolicyArn", template.Text(j.PhysicalID))
	for _, name := range []string{"PolicyId", "DefaultVersionId"} {
		j.set(name, template.Text(text(p, name)))
	}
	for _, name := range []string{"AttachmentCount", "PermissionsBoundaryUsageCount"} {
		j.set(name, number(part(p, name)))
	}
	attachable, _ := part(p, "IsAttachable").(bool)
	j.set("IsAttachable", &template.Node{Kind: template.Bool, Text: strconv.FormatBool(attachable)})
	for _, name := range []string{"CreateDate", "UpdateDate"} {
		j.set(name, template.Text(timestamp(part(p, name))))
	}
	return nil
}

// deleteManagedPolicy deletes a managed policy with its versions. Everybody who has it
// loses it first.
func deleteManagedPolicy(ctx context.Context, j *Job) error {
	var steps []func() error
	for _, k := range holderKinds {
		names, err := j.all(ctx, "ListEntitiesForPolicy", j.managed(map[string]any{"EntityFilter": k.kind}), "Policy"+k.property, k.kind+"Name")
		if err != nil {
			return gone(err)
		}
		for _, name := range names {
			steps = append(steps, func() error { return holder{j, k.kind, name}.detach(ctx)(j.PhysicalID) })
		}
	}
	versions, err := j.versions(ctx)
	if err != nil {
		return gone(err)
	}
	steps = append(steps,
		func() error { return each(versions, j.dropVersion(ctx)) },
		func() error { return gone(j.do(ctx, "iam", "DeletePolicy", j.managed(nil))) },
	)
	return first(steps...)
}
