package policyeval

import (
	"fmt"
	"strings"
)

// ParsePrincipal reads a principal as a person writes it: anonymous, the name
// of a service such as sns.amazonaws.com, an account, or the ARN of a root
// user, user, role, role session, federated user or identity provider. The ARN
// of a role means one of its sessions, with any session name. A federated user
// counts as a session of the user of the same name.
func ParsePrincipal(s string) (Principal, error) {
	service, account, resource := splitARN(s)
	kind, name, _ := strings.Cut(resource, "/")
	p := Principal{Account: account, ARN: s}
	switch {
	case s == "anonymous" || s == "*":
		return Principal{Type: Anonymous}, nil
	case accountOf(s) != "":
		account := accountOf(s)
		return Principal{Type: Root, Account: account, ARN: accountARN(s, account)}, nil
	case strings.HasSuffix(s, ".amazonaws.com") || strings.HasSuffix(s, ".amazonaws.com.cn"):
		return Principal{Type: Service, Service: s}, nil
	case service == "iam" && kind == "user" && name != "":
		p.Type = User
	case service == "iam" && kind == "role" && name != "":
		p.Type, p.IssuerARN = AssumedRole, s
	case service == "sts" && kind == "assumed-role" && strings.Contains(name, "/"):
		p.Type = AssumedRole
	case service == "sts" && kind == "federated-user" && name != "":
		p.Type, p.IssuerARN = FederatedUser, partition(s)+"iam::"+account+":user/"+name
	case service == "iam" && (kind == "oidc-provider" || kind == "saml-provider") && name != "":
		p.Type, p.Account = WebIdentity, ""
	default:
		return Principal{}, fmt.Errorf("%q is no principal", s)
	}
	return p, nil
}

// partition is the beginning of an ARN up to and including the partition; arn:aws:
// where s is not an ARN.
func partition(s string) string {
	rest, ok := strings.CutPrefix(s, "arn:")
	name, _, found := strings.Cut(rest, ":")
	if !ok || !found {
		return "arn:aws:"
	}
	return "arn:" + name + ":"
}

// accountARN is the ARN of an account's root user, in the partition that s names.
func accountARN(s, account string) string { return partition(s) + "iam::" + account + ":root" }
