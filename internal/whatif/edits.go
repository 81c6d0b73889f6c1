package whatif

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// edits are the policies that are otherwise.
type edits struct {
	runtime *runtime.Runtime
	keys    []string // in order
	// documents are by key; nil: the policy is taken away.
	documents map[string]*policyeval.Document
	met       map[string]bool // keys that some decision has a policy, or a place for one, of
}

// maxPolicies is more than anybody changes at a time, and takes well under a second.
const maxPolicies = 1000

// readEdits reads the documents, each as the kind of policy that its key names.
func readEdits(rt *runtime.Runtime, policies map[string]*string) (*edits, error) {
	if len(policies) > maxPolicies {
		return nil, refused("at most %d policies are changed at a time, not %d", maxPolicies, len(policies))
	}
	e := &edits{rt, slices.Sorted(maps.Keys(policies)), map[string]*policyeval.Document{}, map[string]bool{}}
	for _, key := range e.keys {
		o, ok := e.kindOf(key)
		if !ok {
			return nil, unknownKey(key)
		}
		if policies[key] == nil {
			e.documents[key] = nil
			continue
		}
		d, err := policyeval.Parse(*policies[key])
		if err != nil {
			return nil, refused("the policy %s: %v", shown(key), err)
		}
		if problems := policyeval.Validate(d, o); len(problems) > 0 {
			return nil, refused("the policy %s: %v", shown(key), problems[0])
		}
		e.documents[key] = d
	}
	return e, nil
}

func unknownKey(key string) error {
	return refused("there is no policy %s: a key is the ARN of a resource, role or managed policy, or role/NAME/POLICY, user/NAME/POLICY or group/NAME/POLICY", shown(key))
}

// shown is a key in quotes, as much of it as is worth repeating.
func shown(key string) string { return strconv.Quote(trail.Cut(key, 256)) }

// kindOf is what a document is to be valid as that a key names; ok is false where the key
// can be none.
func (e *edits) kindOf(key string) (o policyeval.ValidateOptions, ok bool) {
	if _, _, _, inline := inlineKey(key); inline {
		return o, true // of an identity-based policy
	}
	a, err := arn.Parse(key)
	if err != nil {
		return o, false
	}
	o.Account, o.Resource, o.Partition = a.AccountID, key, a.Partition
	kind, path, _ := strings.Cut(a.Resource, "/")
	switch a.Service + ":" + kind {
	case "iam:policy":
		o.Kind = policyeval.ManagedPolicy
	case "iam:role":
		o.Kind = policyeval.TrustPolicy
	case "ec2:vpc-endpoint":
		o.Kind = policyeval.EndpointPolicy
	case "organizations:policy":
		o.Kind = policyeval.SCP
		if strings.Contains(path, "resource_control_policy/") {
			o.Kind = policyeval.RCP
		}
	default:
		s := e.runtime.Dispatcher.Service(a.Service)
		if s == nil || s.ResourcePolicy == policyeval.IdentityPolicy { // its resources have none
			return o, false
		}
		o.Kind = s.ResourcePolicy
	}
	return o, true
}

// inlineKey takes apart the key of an inline policy.
func inlineKey(key string) (kind, name, policy string, ok bool) {
	kind, rest, _ := strings.Cut(key, "/")
	name, policy, _ = strings.Cut(rest, "/")
	return kind, name, policy, (kind == "role" || kind == "user" || kind == "group") && name != "" && policy != "" && !strings.Contains(policy, "/")
}

// apply changes the policies on which d is decided for a caller.
func (e *edits) apply(ctx context.Context, p *policyeval.Policies, d *trail.Decision, who *policyeval.Principal) {
	for _, key := range e.keys {
		if e.replace(p, key) || e.add(ctx, p, key, d, who) {
			e.met[key] = true
		}
	}
}

// replace puts the document of a key in place of those that there are, and reports whether
// there are any.
func (e *edits) replace(p *policyeval.Policies, key string) (met bool) {
	document := e.documents[key]
	// in is a list with the document; a limit that is gone allows nothing.
	in := func(list []*policyeval.Policy, limit bool) []*policyeval.Policy {
		var changed []*policyeval.Policy
		for _, old := range list {
			if resource.PolicyKey(old) != key {
				changed = append(changed, old)
				continue
			}
			met = true
			if document != nil || limit {
				changed = append(changed, &policyeval.Policy{Name: old.Name, Owner: old.Owner, Document: cmp.Or(document, nothing), Epoch: policyeval.Latest})
			}
		}
		return changed
	}
	p.Identity, p.Boundary, p.Session, p.Endpoint = in(p.Identity, false), in(p.Boundary, true), in(p.Session, true), in(p.Endpoint, false)
	levels := func(old [][]*policyeval.Policy) (changed [][]*policyeval.Policy) {
		for _, level := range old {
			changed = append(changed, in(level, false))
		}
		return changed
	}
	p.SCPs, p.RCPs = levels(p.SCPs), levels(p.RCPs)
	if p.Resource != nil {
		if changed := in([]*policyeval.Policy{p.Resource}, false); len(changed) > 0 {
			p.Resource = changed[0]
		} else {
			p.Resource = nil
		}
	}
	return met
}

// nothing allows nothing.
var nothing = func() *policyeval.Document {
	d, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":[]}`)
	if err != nil {
		panic("whatif: " + err.Error()) // the text is well-formed
	}
	return d
}()

// add adds a policy that there was none of, to the resource or the caller that a decision is
// about, and reports whether the key is of these.
func (e *edits) add(ctx context.Context, p *policyeval.Policies, key string, d *trail.Decision, who *policyeval.Principal) bool {
	document := e.documents[key]
	if kind, name, policy, inline := inlineKey(key); inline {
		owner := e.identityOf(ctx, kind, name, who)
		if owner == "" || document == nil {
			return false
		}
		p.Identity = append(slices.Clone(p.Identity), &policyeval.Policy{Name: policy, Owner: owner, Document: document, Epoch: policyeval.Latest})
		return true
	}
	if d.Missing || p.Resource != nil || resource.PolicyHolder(d.Request.Resource) != key {
		return false
	}
	if document != nil {
		p.Resource = &policyeval.Policy{Name: key, Document: document, Epoch: policyeval.Latest}
	}
	return true
}

// identityOf is the ARN of the role or user that a caller is, or of a group that it is in, of
// a kind and name; empty: it is none.
func (e *edits) identityOf(ctx context.Context, kind, name string, who *policyeval.Principal) (found string) {
	err := e.runtime.Identity.View(ctx, func(r store.Reader) error {
		found = ""
		user := e.runtime.Identity.Users.ByID(r, who.ID)
		switch {
		case kind == "role" && who.Type == policyeval.AssumedRole:
			if role := e.runtime.Identity.Roles.Get(r, who.Account, name); role != nil && role.ID == who.ID {
				found = role.ARN()
			}
		case kind == "user" && user != nil && user.Name == name:
			found = user.ARN()
		case kind == "group" && user != nil:
			if group := e.runtime.Identity.Groups.Get(r, who.Account, name); group != nil && slices.Contains(user.Groups, group.ID) {
				found = group.ARN()
			}
		}
		return nil
	})
	if err != nil {
		return "" // whoever cannot be read has no policy more
	}
	return found
}

// unknown refuses a key that no policy has, of the decisions or of those in force.
func (e *edits) unknown(ctx context.Context) error {
	known := map[string]bool{}
	inForce, err := e.runtime.PoliciesInForce(ctx)
	if err != nil {
		return err
	}
	for _, p := range inForce {
		known[p.Key()] = true
	}
	for _, key := range e.keys {
		if !e.met[key] && !known[key] && !e.isAWS(ctx, key) {
			return unknownKey(key)
		}
	}
	return nil
}

// isAWS reports whether a key is the ARN of a managed policy of AWS.
func (e *edits) isAWS(ctx context.Context, key string) (found bool) {
	err := e.runtime.Identity.View(ctx, func(r store.Reader) error {
		p := e.runtime.Identity.Managed(r, "", key)
		found = p != nil && p.IsAWS()
		return nil
	})
	return err == nil && found
}
