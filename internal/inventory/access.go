package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Access is whether a principal may do something with a resource. It is decided as a call
// would be, with everything that has a say in it, over TLS and through no VPC endpoint.
type Access struct {
	Principal string `json:"principal"` // ARN, a service's name, or anonymous
	// Kind is root, user, role, service, anonymous, or account: one that the resource's
	// policy names and that has nobody here.
	Kind     string `json:"kind"`
	Resource string `json:"resource"` // of a bucket: an object
	Action   string `json:"action"`
	Decision string `json:"decision"` // Allow or Deny
	Reason   string `json:"reason"`
	// Message is a denial in AWS's words.
	Message string `json:"message,omitempty"`
	// Conditions are those under which it is allowed, and which the plain call does not
	// meet: it was decided as if it did.
	Conditions []string `json:"conditions"`
}

// ErrNoSubject is that there is no resource or principal of a name, or none whose access
// can be told.
var ErrNoSubject = errors.New("no queue, topic, key or bucket, and no principal, that is here")

// AccessTo is who may do what with a resource: the users, roles and root users that are here,
// and whom its policy names besides.
func (x Inventory) AccessTo(ctx context.Context, resource string) ([]Access, error) {
	q, err := x.questionsOn(ctx, resource)
	if err != nil {
		return nil, err
	}
	callers, err := x.Identity.Callers(ctx, q.account, x.Account())
	if err != nil {
		return nil, err
	}
	if there := x.dryRun(ctx, callers[0], q, q.each[0]); there == nil || there.Missing {
		return nil, ErrNoSubject
	}
	list := []Access{}
	for _, caller := range callers {
		list = append(list, x.ask(ctx, caller, q)...)
	}
	for _, named := range x.namedBy(ctx, q, callers) {
		answers := x.ask(ctx, named.caller, q)
		for i := range answers {
			answers[i].Kind = named.kind
		}
		list = append(list, answers...)
	}
	return list, nil
}

// AccessOf is what a principal may do with the resources that are here: root, role/NAME or
// user/NAME of the default account, an ARN, a service, or anonymous.
func (x Inventory) AccessOf(ctx context.Context, principal string) ([]Access, error) {
	caller, err := x.Identity.Named(ctx, x.Account(), "", principal)
	switch {
	case errors.Is(err, identity.ErrNotFound):
		return nil, ErrNoSubject
	case err != nil:
		return nil, err
	}
	resources, err := x.resources(ctx)
	if err != nil {
		return nil, err
	}
	list := []Access{}
	for _, resource := range resources {
		q, err := x.questionsOn(ctx, resource)
		switch {
		case errors.Is(err, ErrNoSubject): // a bucket that was deleted meanwhile
		case err != nil:
			return nil, err
		default:
			list = append(list, x.ask(ctx, caller, q)...)
		}
	}
	return list, nil
}

// named is whom a resource's policy names, and its kind.
type named struct {
	caller *api.Caller
	kind   string
}

// namedBy are the services, the accounts that have nobody among callers, and everyone, as
// far as the resource's policy names them in a statement that allows.
func (x Inventory) namedBy(ctx context.Context, q *questions, callers []*api.Caller) []named {
	taken := x.dryRun(ctx, callers[0], q, q.each[0])
	if taken == nil || taken.Policies.Resource == nil {
		return nil
	}
	entries := map[policyeval.PrincipalEntry]bool{}
	for _, st := range taken.Policies.Resource.Document.Statements() {
		for _, e := range st.Principal {
			entries[policyeval.PrincipalEntry{Type: e.Type, Value: e.Value}] = st.Effect == policyeval.Allow || entries[policyeval.PrincipalEntry{Type: e.Type, Value: e.Value}]
		}
	}
	var found []named
	for e, allowed := range entries {
		account := accountOf(e.Value)
		switch {
		case !allowed:
		case e.Type == "Service":
			found = append(found, named{identity.ServicePrincipal(e.Value), kindService})
		case e.Value == "*" && e.Type == "AWS":
			found = append(found, named{identity.Anonymous(), kindAnonymous})
		case account != "" && !slices.ContainsFunc(callers, func(c *api.Caller) bool { return c.Account == account }):
			if caller, err := x.Identity.Root(ctx, account, q.region); err == nil {
				found = append(found, named{caller, kindAccount})
			}
		}
	}
	slices.SortFunc(found, func(a, b named) int { // an account may be named by its number and by its root user's ARN
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.caller.DisplayName(), b.caller.DisplayName()))
	})
	return slices.CompactFunc(found, func(a, b named) bool { return a.kind == b.kind && a.caller.DisplayName() == b.caller.DisplayName() })
}

// accountOf is the account that an entry of a Principal means as a whole; empty: none.
func accountOf(principal string) string {
	if arn.IsAccountID(principal) {
		return principal
	}
	if a, err := arn.Parse(principal); err == nil && a.Service == "iam" && a.Resource == "root" {
		return a.AccountID
	}
	return ""
}

// The kinds of principals.
const (
	kindService   = "service"
	kindAnonymous = "anonymous"
	kindAccount   = "account"
)

var kinds = map[policyeval.PrincipalType]string{
	policyeval.Root: "root", policyeval.User: "user", policyeval.AssumedRole: "role",
	policyeval.Service: kindService, policyeval.Anonymous: kindAnonymous,
}

// ask answers all questions on a resource for one caller.
func (x Inventory) ask(ctx context.Context, caller *api.Caller, q *questions) []Access {
	answers := make([]Access, 0, len(q.each))
	for _, question := range q.each {
		taken, conditions := x.answer(ctx, caller, q, question)
		if taken == nil || taken.Missing { // it was deleted meanwhile
			continue
		}
		a := Access{
			Principal: cmp.Or(caller.PrincipalARN(), caller.DisplayName()), Kind: kinds[caller.Type],
			Resource: taken.Request.Resource, Action: question.action,
			Decision: "Deny", Reason: taken.Verdict.Reason.String(), Message: taken.Message, Conditions: conditions,
		}
		if taken.Verdict.Allowed {
			a.Decision, a.Message = "Allow", ""
		}
		answers = append(answers, a)
	}
	return answers
}

// answer decides a question: as it is, and if that is denied, as if the conditions were met
// that stand in its way, which it then answers, too.
func (x Inventory) answer(ctx context.Context, caller *api.Caller, q *questions, question question) (*trail.Decision, []string) {
	taken := x.dryRun(ctx, caller, q, question)
	if taken == nil || taken.Verdict.Allowed {
		return taken, []string{}
	}
	if conditions, ok := suppose(taken); ok {
		return taken, conditions
	}
	for _, other := range q.narrower(taken, question) {
		narrow := x.dryRun(ctx, caller, q, other)
		if narrow == nil {
			continue
		}
		if narrow.Verdict.Allowed {
			return narrow, []string{}
		}
		if conditions, ok := suppose(narrow); ok {
			return narrow, conditions
		}
	}
	return taken, []string{}
}

// dryRun decides a question for a caller; nil: it cannot be decided.
func (x Inventory) dryRun(ctx context.Context, caller *api.Caller, q *questions, question question) *trail.Decision {
	request := &api.Request{Caller: caller, Account: cmp.Or(caller.Account, q.account), Region: q.region, Time: x.Now(), SecureTransport: true}
	if caller.Type == policyeval.Service {
		request.SourceAccount = q.account
	}
	taken, err := x.Dispatcher.DryRun(ctx, request, q.service, question.operation, question.action, question.input)
	if err != nil || len(taken) == 0 {
		return nil
	}
	return taken[0]
}

// narrower are questions on the objects alone that statements name which allow everything
// else: who may put objects below a prefix may put objects, too.
func (q *questions) narrower(taken *trail.Decision, asked question) []question {
	if q.objects == nil {
		return nil
	}
	var others []question
	explained := taken.Explain()
	for i := range explained.Steps {
		s := &explained.Steps[i]
		if s.Grant() != nil || s.Effect() != policyeval.Allow {
			continue
		}
		for _, e := range s.Missed() {
			if e.Name != "Resource" {
				continue
			}
			for _, wanted := range e.Wanted {
				if key, ok := strings.CutPrefix(wanted, q.resource+"/"); ok && key != "" {
					asked.input = q.objects(key)
					others = append(others, asked)
				}
			}
		}
	}
	return others
}
