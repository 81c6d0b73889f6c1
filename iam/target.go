package iam

import (
	"context"
	"reflect"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// What an operation acts on follows from the members of its input: every
// operation on a role has a RoleName, every one that tags has Tags or TagKeys.
// So targets and condition keys are derived from the members, in one place, and
// no operation can forget one.

// kind is a kind of entity that operations act on.
type kind struct {
	resource string // before the path in the entity's ARN
	member   string // of the input, that names the entity
	byARN    bool   // the member is an ARN, but for the operation that creates
	find     func(s *Service, r store.Reader, account, name string) *subject
}

// subject is an entity that exists.
type subject struct {
	arn      string
	entity   *identity.Entity
	boundary string // the ARN of its permissions boundary
}

var (
	users = kind{resource: "user", member: "UserName", find: func(s *Service, r store.Reader, account, name string) *subject {
		if u := s.dir.Users.Get(r, account, name); u != nil {
			return &subject{u.ARN(), &u.Entity, u.Boundary}
		}
		return nil
	}}
	groups = kind{resource: "group", member: "GroupName", find: func(s *Service, r store.Reader, account, name string) *subject {
		if g := s.dir.Groups.Get(r, account, name); g != nil {
			return &subject{g.ARN(), &g.Entity, ""}
		}
		return nil
	}}
	roles = kind{resource: "role", member: "RoleName", find: func(s *Service, r store.Reader, account, name string) *subject {
		if role := s.dir.Roles.Get(r, account, name); role != nil {
			return &subject{role.ARN(), &role.Entity, role.Boundary}
		}
		return nil
	}}
	profiles = kind{resource: "instance-profile", member: "InstanceProfileName", find: func(s *Service, r store.Reader, account, name string) *subject {
		if p := s.dir.Profiles.Get(r, account, name); p != nil {
			return &subject{p.ARN(), &p.Entity, ""}
		}
		return nil
	}}
	policies = kind{resource: "policy", member: "PolicyArn", byARN: true, find: func(s *Service, r store.Reader, account, name string) *subject {
		if p := s.dir.Managed(r, account, name); p != nil {
			return &subject{p.ARN(), &p.Entity, ""}
		}
		return nil
	}}
	providers = kind{resource: "oidc-provider", member: "OpenIDConnectProviderArn", byARN: true, find: func(s *Service, r store.Reader, account, name string) *subject {
		if p := s.provider(r, account, name); p != nil {
			return &subject{p.ARN(), &p.Entity, ""}
		}
		return nil
	}}
	serverCertificates = kind{resource: "server-certificate", member: "ServerCertificateName", find: func(s *Service, r store.Reader, account, name string) *subject {
		if c := s.dir.ServerCertificates.Get(r, account, name); c != nil {
			return &subject{c.ARN(), &c.Entity, ""}
		}
		return nil
	}}
	samlProviders = kind{resource: "saml-provider", member: "SAMLProviderArn", byARN: true, find: func(s *Service, r store.Reader, account, name string) *subject {
		if p := s.samlProvider(r, account, name); p != nil {
			return &subject{p.ARN(), &p.Entity, ""}
		}
		return nil
	}}
	devices = kind{resource: "mfa", member: "SerialNumber", byARN: true, find: func(s *Service, r store.Reader, account, name string) *subject {
		if d := s.device(r, account, name); d != nil {
			return &subject{d.ARN(), &d.Entity, ""}
		}
		return nil
	}}
	// sources are what SimulatePrincipalPolicy takes the policies of.
	sources = kind{member: "PolicySourceArn", byARN: true, find: func(s *Service, r store.Reader, account, name string) *subject {
		if h, err := s.source(r, account, name); err == nil {
			return &subject{h.arn, h.entity, h.permissions.Boundary}
		}
		return nil
	}}
)

// method is an operation's method.
type method[In, Out any] = func(context.Context, In) (Out, error)

// onUser is an operation on the user that UserName names, or on the calling
// user where it names none.
func onUser[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, users, options)
}

func onGroup[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, groups, options)
}

func onRole[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, roles, options)
}

func onProfile[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, profiles, options)
}

func onPolicy[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, policies, options)
}

func onProvider[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, providers, options)
}

func onDevice[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, devices, options)
}

func onServerCertificate[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, serverCertificates, options)
}

func onSAMLProvider[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, samlProviders, options)
}

func onSource[In, Out any](s *Service, name string, m method[In, Out], options ...api.Option) api.Operation {
	return on(s, name, m, sources, options)
}

// onAccount is an operation on no entity in particular: on all of a kind below
// a path, or on the account, where resource is empty.
func onAccount[In, Out any](s *Service, name string, m method[In, Out], resource string, options ...api.Option) api.Operation {
	return operation(name, m, func(ctx context.Context, in In) ([]api.Check, error) {
		account, region := call(ctx)
		t := api.Target{ARN: "*", Account: account, Phrase: "resource: *"}
		prefix := or(text(in, "PathPrefix"), "/")
		switch resource {
		case "":
		case policies.resource:
			t.Phrase = "resource: policy path " + prefix
		default:
			t.ARN, t.Phrase = arn.Global("iam", region, account, resource+prefix).String(), ""
		}
		return []api.Check{{Action: "iam:" + name, Target: t}}, nil
	}, nil, options...)
}

// on is an operation on an entity. One that gives it a new name or path must be
// allowed on both ARNs.
func on[In, Out any](s *Service, name string, m method[In, Out], k kind, options []api.Option) api.Operation {
	return operation(name, m, func(ctx context.Context, in In) ([]api.Check, error) {
		t, found, err := s.target(ctx, k, in)
		if err != nil {
			return nil, err
		}
		checks := []api.Check{{Action: "iam:" + name, Target: t}}
		if renamed, ok := renames(k, in, found); ok {
			t.ARN = renamed
			checks = append(checks, api.Check{Action: "iam:" + name, Target: t})
		}
		return checks, nil
	}, nil, options...)
}

// operation is an operation that credentials of GetFederationToken cannot call,
// and those of GetSessionToken only where they were given for an MFA device's code.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html.
//
// more are the actions that it needs besides the one of its name.
func operation[In, Out any](name string, m method[In, Out], checks func(context.Context, In) ([]api.Check, error), more []string, options ...api.Option) api.Operation {
	guarded := func(ctx context.Context, in In) ([]api.Check, error) {
		c := api.RequestFrom(ctx).Caller
		token := c.Session != nil && !c.InTask() && (c.Type == policyeval.User || c.Type == policyeval.Root)
		if c.Type == policyeval.FederatedUser || token && c.Session.MFA.IsZero() {
			return nil, errToken
		}
		return checks(ctx, in)
	}
	return api.OpChecks(name, m, append([]string{"iam:" + name}, more...), guarded, options...)
}

// target is the entity that in names, with what conditions can ask of it; found
// is nil where it does not exist.
func (s *Service) target(ctx context.Context, k kind, in any) (t api.Target, found *subject, err error) {
	account, region := call(ctx)
	name := text(in, k.member)
	if name == "" && k.member == users.member {
		name = callingUser(ctx)
	}
	t = api.Target{ARN: name, Account: account}
	switch {
	case creates(in):
		t.ARN = arn.Global("iam", region, account, k.resource+or(text(in, "Path"), "/")+newName(in)).String()
	case name == "": // the root user acts on itself
		t.ARN = arn.Global("iam", region, account, "root").String()
	default:
		if !k.byARN {
			t.ARN = arn.Global("iam", region, account, k.resource+"/"+name).String()
		}
		err = s.dir.View(ctx, func(r store.Reader) error {
			found = k.find(s, r, account, name)
			return nil
		})
	}
	if found != nil {
		t.ARN, t.Tags = found.arn, found.entity.TagMap()
	}
	t.Keys = func(c *policyeval.Context) {
		setKeys(c, in, found)
		if !k.byARN {
			set(c, "iam:PolicyARN", text(in, "PolicyArn"))
		}
	}
	return t, found, err
}

// aimAt makes a user the target, for inputs that identify the user by something other
// than its name.
func aimAt(t *api.Target, in any, u *identity.User) {
	t.ARN, t.Tags = u.ARN(), u.TagMap()
	t.Keys = func(c *policyeval.Context) { setKeys(c, in, &subject{u.ARN(), &u.Entity, u.Boundary}) }
}

// setKeys sets the condition keys that the input and the entity give.
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
	set(c, "iam:ServiceSpecificCredentialServiceName", text(in, "ServiceName"))
	if days := field(in, "CredentialAgeDays"); days.IsValid() && !days.IsNil() {
		c.Set("iam:ServiceSpecificCredentialAgeDays", strconv.Itoa(int(days.Elem().Int())))
	}
	resource.SetTagKeys(c, tagRecords(list[Tag](in, "Tags")), list[string](in, "TagKeys"))
}

func set(c *policyeval.Context, key, value string) {
	if value != "" {
		c.Set(key, value)
	}
}

// creates reports whether in creates the entity that it names: only such inputs
// have a path, a URL, or a name where others have an ARN.
func creates(in any) bool {
	return field(in, "Path").IsValid() || field(in, "Url").IsValid() || field(in, "Name").IsValid()
}

// newName is the name of the entity that in makes.
func newName(in any) string {
	for _, member := range []string{users.member, groups.member, roles.member, profiles.member, "PolicyName", serverCertificates.member, "VirtualMFADeviceName", "Name"} {
		if name := text(in, member); name != "" {
			return name
		}
	}
	return providerName(text(in, "Url"))
}

// renames is the ARN that in gives the entity, if it gives it another.
func renames(k kind, in any, found *subject) (newARN string, ok bool) {
	path, name := text(in, "NewPath"), text(in, "New"+k.member)
	if found == nil || path == "" && name == "" {
		return "", false
	}
	e := found.entity
	return arn.ARN{
		Partition: e.Partition, Service: "iam", AccountID: e.Account,
		Resource: k.resource + or(path, e.Path) + or(name, e.Name),
	}.String(), true
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

func list[T any](in any, name string) []T {
	if f := field(in, name); f.IsValid() {
		return f.Interface().([]T)
	}
	return nil
}
