package dispatch

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// globalKey is a condition key that AWS sets for requests to every service. Its
// value is absent where ok is false; owner is the account of the resource.
type globalKey struct {
	name string // lower case, as policyeval keeps it
	// present says when the key is part of a request's context.
	present string
	value   func(r *api.Request, owner string) (value string, ok bool)
}

// globalKeys is the table of single-valued global condition keys.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
var globalKeys = []globalKey{
	{"aws:principalarn", "signed requests of a principal of an account; the role of a role session", func(r *api.Request, _ string) (string, bool) {
		return present(r.Caller.PrincipalARN())
	}},
	{"aws:principalaccount", "always; anonymous for unsigned requests", func(r *api.Request, _ string) (string, bool) {
		if r.Caller.Type == policyeval.Anonymous {
			return "anonymous", true
		}
		return present(r.Caller.Account)
	}},
	{"aws:principaltype", "always", func(r *api.Request, _ string) (string, bool) {
		return present(principalTypes[r.Caller.Type])
	}},
	{"aws:userid", "requests of a principal of an account; anonymous for unsigned ones", func(r *api.Request, _ string) (string, bool) {
		if r.Caller.Type == policyeval.Anonymous {
			return "anonymous", true
		}
		return present(r.Caller.UserID)
	}},
	{"aws:username", "IAM users", func(r *api.Request, _ string) (string, bool) {
		return r.Caller.Name, r.Caller.Type == policyeval.User
	}},
	{"aws:principalisawsservice", "signed requests; true for a service principal", func(r *api.Request, _ string) (string, bool) {
		return strconv.FormatBool(r.Caller.Type == policyeval.Service), r.Caller.Type != policyeval.Anonymous
	}},
	{"aws:principalservicename", "calls of a service principal", func(r *api.Request, _ string) (string, bool) {
		return present(r.Caller.Service)
	}},
	{"aws:sourcearn", "calls of a service principal on behalf of a resource", func(r *api.Request, _ string) (string, bool) {
		return present(r.SourceARN)
	}},
	{"aws:sourceaccount", "calls of a service principal on behalf of a resource", func(r *api.Request, _ string) (string, bool) {
		return present(r.SourceAccount)
	}},
	{"aws:sourceowner", "calls of a service principal on behalf of a resource: as aws:SourceAccount", func(r *api.Request, _ string) (string, bool) {
		return r.SourceAccount, r.SourceAccount != "" && r.Caller.Type == policyeval.Service && !r.OwnerUntold
	}},
	{"aws:securetransport", "always; true on TLS, and for calls between services", func(r *api.Request, _ string) (string, bool) {
		return strconv.FormatBool(r.SecureTransport), true
	}},
	{"aws:sourceip", "requests of a caller over the internet, not through a VPC endpoint and not from another service", func(r *api.Request, _ string) (string, bool) {
		return r.SourceIP, r.SourceIP != "" && r.Direct() && r.VPCEndpoint == nil
	}},
	{"aws:vpcsourceip", "requests through a VPC endpoint", func(r *api.Request, _ string) (string, bool) {
		return r.SourceIP, r.ThroughEndpoint()
	}},
	{"aws:sourcevpce", "requests through a VPC endpoint", func(r *api.Request, _ string) (string, bool) {
		if !r.ThroughEndpoint() {
			return "", false
		}
		return r.VPCEndpoint.ID, true
	}},
	{"aws:sourcevpc", "requests through a VPC endpoint", func(r *api.Request, _ string) (string, bool) {
		if !r.ThroughEndpoint() {
			return "", false
		}
		return r.VPCEndpoint.VPC, true
	}},
	{"aws:viaawsservice", "always; true where a service forwards a principal's call", func(r *api.Request, _ string) (string, bool) {
		return strconv.FormatBool(len(r.CalledVia) > 0 && r.Caller.Type != policyeval.Service), true
	}},
	{"aws:calledviafirst", "calls that a service forwards for a principal", func(r *api.Request, _ string) (string, bool) {
		if !forwarded(r) {
			return "", false
		}
		return r.CalledVia[0], true
	}},
	{"aws:calledvialast", "calls that a service forwards for a principal", func(r *api.Request, _ string) (string, bool) {
		if !forwarded(r) {
			return "", false
		}
		return r.CalledVia[len(r.CalledVia)-1], true
	}},
	{"aws:requestedregion", "always", func(r *api.Request, _ string) (string, bool) { return r.Region, true }},
	{"aws:currenttime", "always; by the clock", func(r *api.Request, _ string) (string, bool) {
		return r.Time.UTC().Format("2006-01-02T15:04:05Z"), true
	}},
	{"aws:epochtime", "always; by the clock", func(r *api.Request, _ string) (string, bool) {
		return strconv.FormatInt(r.Time.Unix(), 10), true
	}},
	{"aws:useragent", "requests that carry a User-Agent", func(r *api.Request, _ string) (string, bool) { return present(r.UserAgent) }},
	{"aws:tokenissuetime", "temporary credentials", func(r *api.Request, _ string) (string, bool) {
		if r.Caller.Session == nil {
			return "", false
		}
		return r.Caller.Session.Issued.UTC().Format(time.RFC3339), true
	}},
	{"aws:multifactorauthpresent", "temporary credentials; true for those that GetSessionToken gave for a code of an MFA device", func(r *api.Request, _ string) (string, bool) {
		return strconv.FormatBool(withMFA(r.Caller)), r.Caller.Session != nil
	}},
	{"aws:sourceidentity", "sessions that were given a source identity", func(r *api.Request, _ string) (string, bool) {
		if r.Caller.Session == nil {
			return "", false
		}
		return present(r.Caller.Session.SourceIdentity)
	}},
	{"aws:principalorgid", "principals of an account in an organization", func(r *api.Request, _ string) (string, bool) {
		return present(r.Caller.OrgID)
	}},
	{"aws:federatedprovider", "sessions of a web or SAML identity; the provider", func(r *api.Request, _ string) (string, bool) {
		if r.Caller.Session == nil {
			return "", false
		}
		return present(r.Caller.Session.FederatedProvider)
	}},
	{"aws:sourcevpcarn", "requests through a VPC endpoint of one of ownedEndpoints", func(r *api.Request, _ string) (string, bool) {
		if !throughOwnedEndpoint(r) {
			return "", false
		}
		return arn.New("ec2", r.VPCEndpoint.Region, r.VPCEndpoint.Account, "vpc/"+r.VPCEndpoint.VPC).String(), true
	}},
	{"aws:vpceaccount", "requests through a VPC endpoint of one of ownedEndpoints", func(r *api.Request, _ string) (string, bool) {
		if !throughOwnedEndpoint(r) {
			return "", false
		}
		return r.VPCEndpoint.Account, true
	}},
	{"aws:referer", "requests that carry a Referer", func(r *api.Request, _ string) (string, bool) {
		return present(r.Referer)
	}},
	{"aws:multifactorauthage", "credentials that GetSessionToken gave for a code of an MFA device; the seconds since then", func(r *api.Request, _ string) (string, bool) {
		if !withMFA(r.Caller) {
			return "", false
		}
		return strconv.FormatInt(int64(r.Time.Sub(r.Caller.Session.MFA)/time.Second), 10), true
	}},
	{"aws:assumedroot", "sessions of AssumeRoot; true", func(r *api.Request, _ string) (string, bool) {
		return "true", r.Caller.InTask()
	}},
	{"aws:ec2instancesourcevpc", "never, for there are no instances here", never},
	{"aws:ec2instancesourceprivateipv4", "never, for there are no instances here", never},
	{"aws:resourceaccount", "calls that act on a resource of an account", func(_ *api.Request, owner string) (string, bool) { return present(owner) }},
}

// principalTypes are the values of aws:PrincipalType.
var principalTypes = map[policyeval.PrincipalType]string{
	policyeval.Anonymous:     "Anonymous",
	policyeval.Root:          "Account",
	policyeval.User:          "User",
	policyeval.AssumedRole:   "AssumedRole",
	policyeval.FederatedUser: "FederatedUser",
}

// never is the value of a key that no request here has.
func never(*api.Request, string) (string, bool) { return "", false }

func present(value string) (string, bool) { return value, value != "" }

// withMFA reports whether the caller's session was made with an MFA device. A role's
// session never counts: the MFA of the user who assumed it was for the role's trust
// policy to check.
func withMFA(c *api.Caller) bool {
	return c.Session != nil && !c.Session.MFA.IsZero() && c.Type != policyeval.AssumedRole
}

// forwarded reports whether a service makes the call with its caller's identity
// (a forward access session), as opposed to its own.
func forwarded(r *api.Request) bool {
	return len(r.CalledVia) > 0 && r.Caller.Type != policyeval.Service
}

// ownedEndpoints are the services for whose VPC endpoints AWS sets the keys that say
// who owns an endpoint: aws:SourceVpcArn, aws:VpceAccount, aws:VpceOrgID and
// aws:VpceOrgPaths [D7.7]. AWS adds to the list; this is its state of 2026.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpceaccount.
var ownedEndpoints = []string{"cloudformation", "iam", "kms", "s3"}

// throughOwnedEndpoint reports whether the keys of the VPC endpoint's owner apply.
func throughOwnedEndpoint(r *api.Request) bool {
	return r.ThroughEndpoint() && slices.Contains(ownedEndpoints, r.VPCEndpoint.Service)
}

// memberships are those of the accounts that a decision involves; each is nil
// where the account is in none.
type memberships struct {
	owner    *identity.Membership // of the resource
	source   *identity.Membership // of the resource that a service principal calls for
	endpoint *identity.Membership // of the VPC endpoint
}

// sameOrganization reports whether the caller's account and the resource's owner are in one
// organization.
func (m *memberships) sameOrganization(caller *api.Caller) bool {
	return m.owner != nil && m.owner.OrgID != "" && m.owner.OrgID == caller.OrgID
}

// setOrganization sets the keys of an organization: aws:…OrgID and, multivalued, aws:…OrgPaths.
func setOrganization(c *policyeval.Context, prefix string, m *identity.Membership) {
	if m != nil {
		c.Set("aws:"+prefix+"orgid", m.OrgID)
		c.SetList("aws:"+prefix+"orgpaths", []string{m.Path})
	}
}

// environment is the policyeval.Source of one decision: the global keys, and the
// tags of principal and resource.
type environment struct {
	request *api.Request
	owner   string
	tags    map[string]string // of the resource
}

// environmentOf is the environment of a remembered decision.
func environmentOf(r *api.Request, owner string, tags map[string]string) policyeval.Source {
	return &environment{r, owner, tags}
}

const principalTag, resourceTag = "aws:principaltag/", "aws:resourcetag/"

// globalKeysByName is globalKeys by name.
var globalKeysByName = func() map[string]*globalKey {
	byName := make(map[string]*globalKey, len(globalKeys))
	for i := range globalKeys {
		byName[globalKeys[i].name] = &globalKeys[i]
	}
	return byName
}()

// Value is the value of a key in lower case.
func (e *environment) Value(key string) (string, bool) {
	if k := globalKeysByName[key]; k != nil {
		return k.value(e.request, e.owner)
	}
	if tag, ok := strings.CutPrefix(key, principalTag); ok {
		return tagValue(e.request.Caller.Tags, tag)
	}
	if tag, ok := strings.CutPrefix(key, resourceTag); ok {
		return tagValue(e.tags, tag)
	}
	return "", false
}

// tagValue finds a tag whatever its case. Of tags that differ in case alone it
// takes the first in order.
func tagValue(tags map[string]string, key string) (value string, ok bool) {
	var found string
	for k, v := range tags {
		if strings.EqualFold(k, key) && (!ok || k < found) {
			found, value, ok = k, v, true
		}
	}
	return value, ok
}

// Keys yields the keys that the request has.
func (e *environment) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range globalKeys {
			if _, ok := globalKeys[i].value(e.request, e.owner); ok && !yield(globalKeys[i].name) {
				return
			}
		}
		for _, k := range slices.Sorted(maps.Keys(e.request.Caller.Tags)) {
			if !yield(principalTag + strings.ToLower(k)) {
				return
			}
		}
		for _, k := range slices.Sorted(maps.Keys(e.tags)) {
			if !yield(resourceTag + strings.ToLower(k)) {
				return
			}
		}
	}
}

// setConditionKeys makes the context of the decision: the global keys, the tags
// and the service's own keys.
func (d *decided) setConditionKeys(to *api.Service, check *api.Check, o memberships) {
	r, c := d.environment.request, &d.context
	c.SetSource(&d.environment)
	d.Request.Context = c
	if forwarded(r) {
		c.SetList("aws:calledvia", r.CalledVia)
	}
	setOrganization(c, "resource", o.owner)
	setOrganization(c, "source", o.source)
	setOrganization(c, "vpce", o.endpoint)
	setCallerKeys(c, to, r)
	if check.Target.Keys != nil {
		check.Target.Keys(c)
	}
	if check.Target.KeysOf != nil {
		check.Target.KeysOf(c, check.Action)
	}
}

// setCallerKeys sets those keys of the caller and its connection that are no globalKeys.
func setCallerKeys(c *policyeval.Context, to *api.Service, r *api.Request) {
	if r.Caller.Type == policyeval.Service {
		c.SetList("aws:principalservicenameslist", []string{r.Caller.Service})
	}
	if r.Caller.OrgPath != "" {
		c.SetList("aws:principalorgpaths", []string{r.Caller.OrgPath})
	}
	if to.ConnectionKeys != nil {
		to.ConnectionKeys(c, r)
	}
	if r.Caller.Session != nil {
		for key, value := range r.Caller.Session.SAML {
			c.Set(key, value)
		}
	}
}

// via is the chain of services with one more at its end.
func via(chain []string, service string) []string {
	return append(slices.Clone(chain), service)
}
