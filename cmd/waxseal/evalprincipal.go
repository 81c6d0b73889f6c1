package main

import (
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// evalPrincipal is a principal that a case gives as an object.
type evalPrincipal struct {
	member, name string // AWS, Service or Federated, and its value
	begin        int
	// issuer is the role of a session or the user of a federated user. id is its unique
	// id, which a policy shows in place of the ARN of a deleted user or role.
	issuer, id     string
	issuerAt, idAt int
}

var principalMembers = members[evalPrincipal]{
	{"AWS", principalNamed("AWS")},
	{"Service", principalNamed("Service")},
	{"Federated", principalNamed("Federated")},
	{"issuer", func(r *caseReader, p *evalPrincipal) (err error) {
		p.issuerAt = r.next()
		p.issuer, err = r.string("issuer")
		return err
	}},
	{"id", func(r *caseReader, p *evalPrincipal) (err error) {
		p.idAt = r.next()
		p.id, err = r.string("id")
		return err
	}},
}

func principalNamed(member string) func(*caseReader, *evalPrincipal) error {
	return func(r *caseReader, p *evalPrincipal) (err error) {
		begin := r.next()
		if p.member != "" {
			return r.fail(begin, "principal: a call is made by one, not by %s and %s", p.member, member)
		}
		p.member, p.begin = member, begin
		p.name, err = r.string("principal: " + member)
		return err
	}
}

// readPrincipal reads the caller: a text, or an object such as a policy's Principal.
func readPrincipal(r *caseReader, into *policyeval.Principal) (err error) {
	begin := r.next()
	if r.decoder.PeekKind() != '{' {
		text, err := r.string("principal")
		if err != nil {
			return err
		}
		*into, err = r.principal(begin, text)
		return err
	}
	p := &evalPrincipal{}
	if err := object(r, "principal", principalMembers, p); err != nil {
		return err
	}
	switch p.member {
	case "":
		return r.fail(begin, "principal: AWS, Service or Federated is missing")
	case "Federated":
		*into = policyeval.Principal{Type: policyeval.WebIdentity, ARN: p.name}
		err = p.check(r, provider.MatchString(p.name), "an identity provider: its domain or its ARN")
	case "Service":
		*into = policyeval.Principal{Type: policyeval.Service, Service: p.name}
		err = p.check(r, serviceName.MatchString(p.name), "a service such as sns.amazonaws.com")
	default:
		if *into, err = r.principal(p.begin, p.name); err == nil {
			err = p.check(r, into.Account != "", "an ARN or an account")
		}
	}
	if err != nil {
		return err
	}
	return p.stand(r, into)
}

// check refuses a principal whose value does not fit its member.
func (p *evalPrincipal) check(r *caseReader, well bool, what string) error {
	if well {
		return nil
	}
	return r.fail(p.begin, "principal: %s: %q is not %s", p.member, p.name, what)
}

// stand sets the issuer and the unique id of a principal.
func (p *evalPrincipal) stand(r *caseReader, who *policyeval.Principal) error {
	issuer, _ := arn.Parse(p.issuer)
	kind, _, _ := strings.Cut(issuer.Resource, "/")
	behind := issuer.Service + ":" + kind
	fits := who.Type == policyeval.AssumedRole && behind == "iam:role" ||
		who.Type == policyeval.FederatedUser && (behind == "iam:user" || behind == "iam:root")
	switch {
	case p.issuer != "" && (!fits || issuer.AccountID != who.Account):
		return r.fail(p.issuerAt, "principal: issuer: %q is not the role of a session, or the user of a federated user, of its account", p.issuer)
	case p.issuer != "":
		who.IssuerARN = p.issuer
	}
	switch {
	case p.id != "" && (!policyeval.IsUniqueID(p.id) || who.Account == ""):
		return r.fail(p.idAt, "principal: id: %q is not the unique id of a user or role (AIDA…, AROA…)", p.id)
	default:
		who.ID = p.id
	}
	return nil
}

var (
	serviceName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
	// provider is the domain of an OpenID Connect provider that AWS supports without setup, or the ARN of a
	// provider in IAM.
	provider = regexp.MustCompile(`^([a-z0-9-]+(\.[a-z0-9-]+)+|arn:[a-z-]+:iam::[0-9]{12}:(oidc|saml)-provider/.+)$`)
)

// principal takes the ARN of a root user, user, role, role session, federated
// user or identity provider, an account, a service principal, or "anonymous". A
// role stands for a session of it.
func (r *caseReader) principal(begin int, text string) (policyeval.Principal, error) {
	p, err := policyeval.ParsePrincipal(text)
	switch {
	case err != nil,
		p.Type == policyeval.Service && !serviceName.MatchString(text),
		p.Account != "" && !arn.IsAccountID(p.Account):
		return p, r.fail(begin, "principal: %q is no account, service principal or anonymous, and no ARN of a root user, user, role, role session or federated user", text)
	case p.Type == policyeval.AssumedRole && p.ARN == p.IssuerARN:
		a, _ := arn.Parse(text) // which it is
		session := arn.ARN{Partition: a.Partition, Service: "sts", AccountID: a.AccountID}
		session.Resource = "assumed-role/" + text[strings.LastIndexByte(text, '/')+1:] + "/session"
		p.ARN = session.String()
	}
	return p, nil
}
