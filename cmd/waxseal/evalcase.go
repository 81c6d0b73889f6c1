package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// request is what the case asks to be decided.
func (c *evalCase) request() (*policyeval.Request, error) {
	switch {
	case !strings.Contains(c.Action, ":"):
		return nil, fmt.Errorf("action: %q is not an action such as sqs:SendMessage", c.Action)
	case c.Resource.ARN == "":
		return nil, errors.New(`resource: {"arn":"…"} is missing`)
	}
	principal, err := parsePrincipal(c.Principal)
	if err != nil {
		return nil, err
	}
	context := policyeval.NewContext(len(c.Context))
	for key, raw := range c.Context {
		if err := setContext(context, key, raw); err != nil {
			return nil, err
		}
	}
	return &policyeval.Request{
		Principal: principal, Action: c.Action, Resource: c.Resource.ARN, ResourceAccount: c.Resource.AccountID, Context: context,
	}, nil
}

var serviceName = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)

// parsePrincipal takes the ARN of a root user, user, role, role session or
// federated user, an account, a service principal, or "anonymous". A role is
// taken as a session of it.
func parsePrincipal(text string) (policyeval.Principal, error) {
	switch {
	case text == "anonymous":
		return policyeval.Principal{Type: policyeval.Anonymous}, nil
	case serviceName.MatchString(text):
		return policyeval.Principal{Type: policyeval.Service, Service: text}, nil
	case arn.IsAccountID(text):
		text = "arn:aws:iam::" + text + ":root"
	}
	a, err := arn.Parse(text)
	if err != nil {
		return policyeval.Principal{}, fmt.Errorf("principal: %q is no ARN, service principal or anonymous", text)
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	p := policyeval.Principal{Account: a.AccountID, ARN: text}
	switch a.Service + ":" + kind {
	case "iam:root":
		p.Type = policyeval.Root
	case "iam:user":
		p.Type = policyeval.User
	case "iam:role":
		p.Type, p.IssuerARN = policyeval.AssumedRole, text
		session := arn.ARN{Partition: a.Partition, Service: "sts", AccountID: a.AccountID}
		session.Resource = "assumed-role/" + name[strings.LastIndexByte(name, '/')+1:] + "/session"
		p.ARN = session.String()
	case "sts:assumed-role":
		p.Type = policyeval.AssumedRole
	case "sts:federated-user":
		p.Type = policyeval.FederatedUser
	default:
		return policyeval.Principal{}, fmt.Errorf("principal: %q is no root user, user, role, role session or federated user", text)
	}
	return p, nil
}

// setContext sets a context key: a text, number or truth value is single-valued, a list multivalued.
func setContext(c *policyeval.Context, key string, raw json.RawMessage) error {
	if raw[0] != '[' {
		value, err := contextValue(key, raw)
		if err == nil {
			c.Set(key, value)
		}
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	values := make([]string, len(list))
	for i := range list {
		var err error
		if values[i], err = contextValue(key, list[i]); err != nil {
			return err
		}
	}
	c.SetList(key, values)
	return nil
}

func contextValue(key string, raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case '{', '[', 'n':
		return "", fmt.Errorf("context: %s: %s is no text, number or truth value", key, raw)
	default:
		return string(raw), nil
	}
}
