package resource

import (
	"encoding/json"
	"slices"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// Permission is what AddPermission of SQS and SNS asks for: a statement that
// allows accounts some actions on a resource.
type Permission struct {
	Label    string // the statement's Sid
	Accounts []string
	Actions  []string // as policies spell them, such as SQS:SendMessage
	Resource arn.ARN
}

// statement has its members in AWS's order.
type statement struct {
	Sid       string
	Effect    string
	Principal struct{ AWS any }
	Action    any
	Resource  string
}

// Statement is the permission as a statement of a policy.
func (p *Permission) Statement() (string, error) {
	st := statement{Sid: p.Label, Effect: "Allow", Action: oneOrMore(p.Actions), Resource: p.Resource.String()}
	roots := make([]string, len(p.Accounts))
	for i, account := range p.Accounts {
		roots[i] = arn.Global("iam", p.Resource.Region, account, "root").String()
	}
	st.Principal.AWS = oneOrMore(roots)
	text, err := json.Marshal(st)
	return string(text), err
}

// oneOrMore is a list, but a single element by itself [D8].
func oneOrMore(list []string) any {
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// Labeled is the index of a document's statement with the label as its Sid; -1:
// there is none.
func Labeled(d *policyeval.Document, label string) int {
	return slices.IndexFunc(d.Statements(), func(st policyeval.Statement) bool { return st.Sid == label })
}
