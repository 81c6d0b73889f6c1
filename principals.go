package waxseal

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// With says what a principal that Role or User makes has. Only the fields that
// are set count.
type With struct {
	// Policy is an identity-based policy: a document, which becomes an inline policy of
	// the principal, or the ARN of a managed policy, AWS's or one that was made here.
	// An AWS managed policy that waxseal does not know grants nothing, and the test's
	// output says so.
	Policy string
	// Boundary is the permissions boundary: likewise a document or an ARN.
	Boundary string
	// Trust is a role's trust policy, a document. A role without one may be
	// assumed by its own account.
	Trust string
	// Tags are the principal's tags, which conditions see as aws:PrincipalTag.
	Tags map[string]string
}

// Allow is a policy that allows one action, such as "sqs:SendMessage" or
// "kms:*", on the resources with the given ARNs, or on all resources where none
// is given.
func Allow(action string, resources ...string) With {
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	type statement struct {
		Effect, Action string
		Resource       []string
	}
	document, err := json.Marshal(struct {
		Version   string
		Statement statement
	}{"2012-10-17", statement{"Allow", action, resources}})
	if err != nil {
		panic(err) // strings always can be marshaled
	}
	return With{Policy: string(document)}
}

// Role makes the account's role of that name and returns its ARN. A role that
// exists already is changed to what with says. Without any policy, the role may
// do only what a resource's own policy allows it.
func (s *Server) Role(name string, with ...With) (arn string) {
	s.t.Helper()
	m, err := s.collect("role", name, with)
	if err == nil {
		err = s.server.Runtime().Identity.ApplyRole(context.Background(), identity.RoleSpec{
			Account: s.account, Region: s.region, Name: name, Trust: m.trust,
			Policies: m.inline, Managed: m.managed, Boundary: m.boundary, Tags: m.tags,
		})
	}
	if err != nil {
		s.t.Fatalf("waxseal: Role(%q): %v", name, err)
	}
	identity.WarnUnknownAWS(context.Background(), s.log, "role "+name, m.managed...)
	return s.spelled("role/" + name)
}

// User makes the account's user of that name, as Role makes a role.
func (s *Server) User(name string, with ...With) (arn string) {
	s.t.Helper()
	m, err := s.collect("user", name, with)
	if err == nil && m.trust != "" {
		err = fmt.Errorf("a user has no trust policy: Trust is for roles")
	}
	if err == nil {
		err = s.server.Runtime().Identity.ApplyUser(context.Background(), identity.UserSpec{
			Account: s.account, Region: s.region, Name: name,
			Policies: m.inline, Managed: m.managed, Boundary: m.boundary, Tags: m.tags,
		})
	}
	if err != nil {
		s.t.Fatalf("waxseal: User(%q): %v", name, err)
	}
	identity.WarnUnknownAWS(context.Background(), s.log, "user "+name, m.managed...)
	return s.spelled("user/" + name)
}

// made is a list of With as the directory takes it.
type made struct {
	inline, tags    map[string]string
	managed         []string
	boundary, trust string
}

// principalName is the form of the names of users and roles.
var principalName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\w+=,.@-]{1,64}$`) })

func (s *Server) collect(kind, name string, with []With) (*made, error) {
	if !principalName().MatchString(name) {
		return nil, fmt.Errorf("a name has 1 to 64 letters, digits and characters of _+=,.@-")
	}
	m := &made{inline: map[string]string{}, tags: map[string]string{}}
	for _, w := range with {
		if err := m.add(s, kind, name, w); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *made) add(s *Server, kind, name string, w With) error {
	switch {
	case isARN(w.Policy):
		m.managed = append(m.managed, w.Policy)
	case w.Policy != "":
		if err := s.check("Policy", w.Policy, policyeval.IdentityPolicy); err != nil {
			return err
		}
		m.inline["policy-"+strconv.Itoa(len(m.inline)+1)] = w.Policy
	}
	if w.Boundary != "" {
		if m.boundary != "" {
			return fmt.Errorf("two Boundaries: a principal has one at most")
		}
		if err := m.limit(s, kind+"-"+name+"-boundary", w.Boundary); err != nil {
			return err
		}
	}
	if w.Trust != "" {
		if m.trust != "" {
			return fmt.Errorf("two Trusts: a role has one trust policy")
		}
		if err := s.check("Trust", w.Trust, policyeval.TrustPolicy); err != nil {
			return err
		}
		m.trust = w.Trust
	}
	maps.Copy(m.tags, w.Tags)
	return nil
}

// limit sets the boundary. Only a managed policy can be a boundary, so a
// document becomes a managed policy with the given name.
func (m *made) limit(s *Server, name, boundary string) error {
	m.boundary = boundary
	if isARN(boundary) {
		return nil
	}
	if err := s.check("Boundary", boundary, policyeval.IdentityPolicy); err != nil {
		return err
	}
	m.boundary = arn.Global("iam", s.region, s.account, "policy/"+name).String()
	return s.server.Runtime().Identity.ApplyPolicy(context.Background(), identity.PolicySpec{
		Account: s.account, Region: s.region, Name: name, Document: boundary,
	})
}

func isARN(policy string) bool { return strings.HasPrefix(policy, "arn:") }

// check is the reason why IAM would refuse a document; nil: it would not.
func (s *Server) check(field, document string, kind policyeval.Kind) error {
	d, err := policyeval.Parse(document)
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	for _, p := range policyeval.Validate(d, policyeval.ValidateOptions{Kind: kind, Account: s.account}) {
		return fmt.Errorf("%s: %w", field, p)
	}
	return nil
}
