package identity

import (
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// IAMService is the service principal of IAM. It must have access to an organization
// before the root users of its members can be assumed, and a delegated administrator
// for this must be registered for it.
const IAMService = "iam.amazonaws.com"

// The features of central root access. Each permits certain tasks.
const (
	RootSessions    = "RootSessions"
	RootCredentials = "RootCredentialsManagement"
)

// rootFeatures are the features in the order in which AWS lists them.
var rootFeatures = []string{RootSessions, RootCredentials}

// HasRootFeature reports whether a feature of central root access is on.
func (o *Organization) HasRootFeature(feature string) bool {
	return slices.Contains(o.RootFeatures, feature)
}

// SetRootFeature turns a feature of central root access on or off.
func (o *Organization) SetRootFeature(feature string, on bool) {
	var features []string
	for _, f := range rootFeatures {
		if f == feature && on || f != feature && o.HasRootFeature(f) {
			features = append(features, f)
		}
	}
	o.RootFeatures = features
}

// OrganizationOf is the organization that an account is in, or nil; not to be changed.
func (d *Directory) OrganizationOf(r store.Reader, account string) *Organization {
	if m := d.Member(r, account); m != nil {
		return d.Organization(r, m.Organization)
	}
	return nil
}

// task is the root user of a member, limited to a task; nil where the account is no
// longer a member of the organization, or where the task's policy is not known.
//
// The policies of tasks contain only denies: everything else is allowed because the
// caller is the root user. So they are its identity-based policies, as AWS's
// documentation calls them; as session policies, without an allow, they would permit
// nothing.
func (d *Directory) task(r store.Reader, root *api.Caller, s *Session) *api.Caller {
	m := d.Member(r, s.Account)
	limits := d.managed(r, s.Account, nil, s.PolicyARNs)
	if m == nil || m.Organization != s.Organization || len(limits) == 0 {
		return nil
	}
	root.Session = d.session(s)
	root.Policies.Identity = limits
	return root
}
