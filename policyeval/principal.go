package policyeval

import "strings"

// reach says how an entry of Principal names a caller. The effect of an Allow
// in a resource-based policy depends on it.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html.
type reach uint8

const (
	// reachNone: not at all.
	reachNone reach = iota
	// reachAccount: by its account, which leaves the decision to the
	// account's own identity policies.
	reachAccount
	// reachIssuer: by the role behind a session or the user behind a
	// federated user, whose boundary and session policies still limit it.
	reachIssuer
	// reachFull: directly, or as everyone; only a deny limits it.
	reachFull
)

// principals is a compiled Principal or NotPrincipal.
type principals struct {
	everyone  bool
	accounts  []string
	names     []string // ARNs and unique ids
	services  []string
	federated []string
}

// role is a role as far as the ARN of one of its sessions names it.
type role struct{ account, name string }

// anybody is what most resource policies name in their denies.
var anybody = &principals{everyone: true}

// compilePrincipals compiles the entries of Principal or NotPrincipal.
func compilePrincipals(entries []PrincipalEntry) *principals {
	if len(entries) == 1 && entries[0].Type == "AWS" && entries[0].Value == "*" {
		return anybody
	}
	p := &principals{}
	for i := range entries {
		switch e := &entries[i]; {
		case e.Type == "AWS" && e.Value == "*":
			p.everyone = true
		case e.Type == "AWS" && accountOf(e.Value) != "":
			p.accounts = append(p.accounts, accountOf(e.Value))
		case e.Type == "AWS":
			p.names = append(p.names, e.Value)
		case e.Type == "Service":
			p.services = append(p.services, e.Value)
		case e.Type == "Federated":
			p.federated = append(p.federated, e.Value)
		}
	}
	return p
}

// accountOf is the account, where a principal's text names a whole account: by
// twelve digits or by the ARN of the root user. Otherwise it is empty.
func accountOf(value string) string {
	if len(value) == 12 && allDigits(value) {
		return value
	}
	if account, resource, ok := splitIAM(value); ok && resource == "root" {
		return account
	}
	return ""
}

// splitIAM takes apart an ARN of IAM or STS.
func splitIAM(arn string) (account, resource string, ok bool) {
	service, account, resource := splitARN(arn)
	return account, resource, service == "iam" || service == "sts"
}

// splitARN is the service, account and resource of an ARN; all are empty where
// s is none.
func splitARN(s string) (service, account, resource string) {
	rest, ok := strings.CutPrefix(s, "arn:")
	if !ok {
		return "", "", ""
	}
	_, rest, _ = strings.Cut(rest, ":")
	service, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":")
	account, resource, _ = strings.Cut(rest, ":")
	return service, account, resource
}

// reach is the furthest reach to the caller among the entries.
func (p *principals) reach(who *Principal, epoch uint64) reach {
	if p.everyone {
		return reachFull
	}
	switch who.Type {
	case Anonymous:
		return reachNone
	case Service:
		return reachIf(contains(p.services, who.Service), reachFull)
	case WebIdentity:
		return reachIf(contains(p.federated, who.ARN), reachFull)
	default:
		far := p.named(who, epoch)
		if far != reachFull && contains(p.accounts, who.Account) {
			far = max(far, who.accountReach(who.Account))
		}
		return far
	}
}

// named is the reach of the entries that name a user, role or session.
func (p *principals) named(who *Principal, epoch uint64) reach {
	if len(p.names) == 0 {
		return reachNone
	}
	if who.ARN != who.IssuerARN && p.name(who, who.ARN, epoch) {
		return reachFull
	}
	return reachIf(p.issuer(who, epoch), who.issuerReach())
}

// name reports whether an entry means the principal by one of its ARNs.
func (p *principals) name(who *Principal, arn string, epoch uint64) bool {
	return contains(p.names, arn) && (who.Names == nil || who.boundToOther(arn, epoch) == "")
}

// issuer reports whether an entry names the role of a session, the user of a
// federated user, or a user by its id.
func (p *principals) issuer(who *Principal, epoch uint64) bool {
	return who.IssuerARN != "" && p.name(who, who.IssuerARN, epoch) ||
		who.Names != nil && who.formerly(p.names, epoch) ||
		who.ID != "" && contains(p.names, who.ID) ||
		who.Type == AssumedRole && who.IssuerARN == "" && p.rolePlayed(who)
}

// local reports whether a principal belongs to an account: it is neither
// anonymous nor a service nor an outside identity.
func (who *Principal) local() bool {
	return who.Type == Root || who.Type == User || who.Type == AssumedRole || who.Type == FederatedUser
}

// accountReach is the reach to a principal of an entry that names an account.
func (who *Principal) accountReach(account string) reach {
	switch {
	case account != who.Account:
		return reachNone
	case who.Type == Root:
		return reachFull
	default:
		return reachAccount
	}
}

// issuerReach is the reach to a principal of an entry that names its issuer, or
// its own id.
func (who *Principal) issuerReach() reach {
	if who.Type == User {
		return reachFull
	}
	return reachIssuer
}

// rolePlayed reports whether an entry names the role of a session. The
// session's ARN lacks the role's path, so account and name are compared.
func (p *principals) rolePlayed(who *Principal) bool {
	played := roleOf(who)
	for _, name := range p.names {
		account, resource, ok := splitIAM(name)
		if ok && strings.HasPrefix(resource, "role/") && played == (role{account, resource[strings.LastIndexByte(resource, '/')+1:]}) {
			return true
		}
	}
	return false
}

// roleOf is the role of a session, by the session's ARN.
func roleOf(who *Principal) role {
	account, resource, _ := splitIAM(who.ARN)
	name, _, _ := strings.Cut(strings.TrimPrefix(resource, "assumed-role/"), "/")
	return role{account, name}
}

// companion reports whether an entry names a user, role or session of an account, or
// somebody by a unique id, whose account is unknown.
func (p *principals) companion(account string) bool {
	for _, name := range p.names {
		if of, _, ok := splitIAM(name); ok && of == account || uniqueID(name) {
			return true
		}
	}
	return false
}

// others reports whether a statement with these entries as NotPrincipal matches
// the caller, that is, whether no entry names it. In a Deny, a session counts
// as named only if its account, its role and the session itself are all listed.
// Any other caller counts as named by its account only if no user or role of
// the account is listed beside it, for then the account is listed only to
// complete the entry for that one. A caller with a permissions boundary never
// counts as named.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html.
func (p *principals) others(who *Principal, epoch uint64, e Effect, boundary bool) bool {
	if e == Allow || p.everyone || who.Type != AssumedRole || who.ARN == who.IssuerARN {
		far := p.reach(who, epoch)
		byAccount := far == reachAccount && p.companion(who.Account)
		return far == reachNone || e == Deny && (boundary || byAccount)
	}
	return boundary || !p.issuer(who, epoch) || !p.name(who, who.ARN, epoch) || !contains(p.accounts, who.Account)
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func reachIf(yes bool, r reach) reach {
	if yes {
		return r
	}
	return reachNone
}
