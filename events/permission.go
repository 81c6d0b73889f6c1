package events

import (
	"context"
	"encoding/json"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Condition limits a permission to the accounts of an organization.
type Condition struct {
	Type  string `check:"required"`
	Key   string `check:"required"`
	Value string `check:"required"`
}

// PutPermissionInput is the input of PutPermission.
type PutPermissionInput struct {
	EventBusName string `check:"min=1,max=256" pattern:"[\\.\\-_A-Za-z0-9]+"`
	Action       string `check:"min=1,max=64" pattern:"events:[a-zA-Z]+"`
	Principal    string `check:"min=1,max=12" pattern:"(\\d{12}|\\*)"`
	StatementId  string `check:"min=1,max=64" pattern:"[a-zA-Z0-9-_]+"`
	Condition    *Condition
	Policy       string
}

func (in *PutPermissionInput) bus() string { return in.EventBusName }

// PutPermissionOutput is the output of PutPermission.
type PutPermissionOutput struct{}

// PutPermission adds a statement to a bus's policy, in place of one of the same id, or sets
// the policy [V027] [V031].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html.
func (s *Service) PutPermission(ctx context.Context, in *PutPermissionInput) (*PutPermissionOutput, error) {
	return api.Do(ctx, in, onOwnBus(s, (*PutPermissionInput).bus), s.putPermission)
}

func (s *Service) putPermission(ctx context.Context, b *busRecord, in *PutPermissionInput) (*PutPermissionOutput, error) {
	put := s.addStatement
	if in.Policy != "" {
		put = s.setPolicy
	}
	document, err := put(ctx, b, in)
	if err != nil {
		return nil, err
	}
	s.policies.Lint(ctx, b.id().owner(), document)
	return &PutPermissionOutput{}, nil
}

func (s *Service) setPolicy(ctx context.Context, b *busRecord, in *PutPermissionInput) (*policyeval.Document, error) {
	document, err := s.policies.Check(ctx, b.id().owner(), in.Policy)
	if err != nil {
		return nil, err
	}
	err = s.changeBus(ctx, b, func(tx store.Tx, b *busRecord) error {
		b.Policy, b.PolicyEpoch = in.Policy, s.policies.Epoch(tx)
		return nil
	})
	return document, err
}

func (s *Service) addStatement(ctx context.Context, b *busRecord, in *PutPermissionInput) (*policyeval.Document, error) {
	statement, err := in.statement(b.id())
	if err != nil {
		return nil, err
	}
	before := `{"Version":"` + policyeval.Version + `","Statement":[]}` // [V028]
	var document *policyeval.Document
	err = s.changeBus(ctx, b, func(tx store.Tx, b *busRecord) (err error) {
		if b.compiled != nil {
			document = s.policies.Shown(tx, b.compiled, nil)
			if i := resource.Labeled(document, in.StatementId); i >= 0 {
				document = document.Without(i)
			}
		} else if document, err = policyeval.Parse(before); err != nil {
			return err
		}
		if document, err = document.With(statement); err != nil {
			return err
		}
		if err := s.policies.Validate(ctx, b.id().owner(), document); err != nil {
			return err
		}
		b.Policy, b.PolicyEpoch = document.Text(), s.policies.Epoch(tx)
		return nil
	})
	return document, err
}

// busStatement has its members in AWS's order [V028].
type busStatement struct {
	Sid, Effect string
	Principal   any
	Action      string
	Resource    string
	Condition   map[string]map[string]string `json:",omitempty"`
}

// statement is what an input allows, as a statement of the policy.
func (in *PutPermissionInput) statement(id busID) (string, error) {
	for _, needed := range [][2]string{{"Action", in.Action}, {"Principal", in.Principal}, {"StatementId", in.StatementId}} {
		if needed[1] == "" {
			return "", absent(needed[0])
		}
	}
	st := busStatement{Sid: in.StatementId, Effect: "Allow", Principal: in.Principal, Action: in.Action, Resource: id.arn()}
	if in.Principal != "*" { // [V029]
		st.Principal = map[string]string{"AWS": arn.Global("iam", id.region, in.Principal, "root").String()}
	}
	if c := in.Condition; c != nil { // [V032]
		if c.Type != "StringEquals" || c.Key != "aws:PrincipalOrgID" {
			return "", invalidParameter("Condition", "The type must be StringEquals and the key aws:PrincipalOrgID.")
		}
		st.Condition = map[string]map[string]string{c.Type: {c.Key: c.Value}}
	}
	text, err := json.Marshal(st)
	return string(text), err
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	StatementId          string `check:"min=1,max=64" pattern:"[a-zA-Z0-9-_]+"`
	RemoveAllPermissions bool
	EventBusName         string `check:"min=1,max=256" pattern:"[\\.\\-_A-Za-z0-9]+"`
}

func (in *RemovePermissionInput) bus() string { return in.EventBusName }

// RemovePermissionOutput is the output of RemovePermission.
type RemovePermissionOutput struct{}

// RemovePermission takes a statement out of a bus's policy, or the policy away. A policy
// without statements is none.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html.
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	return api.Do(ctx, in, onOwnBus(s, (*RemovePermissionInput).bus), s.removePermission)
}

func (s *Service) removePermission(ctx context.Context, b *busRecord, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	if !in.RemoveAllPermissions && in.StatementId == "" {
		return nil, absent("StatementId")
	}
	err := s.changeBus(ctx, b, func(tx store.Tx, b *busRecord) error {
		if in.RemoveAllPermissions {
			b.Policy, b.PolicyEpoch = "", 0 // [V035]
			return nil
		}
		if b.compiled == nil {
			return errNoStatement
		}
		document := s.policies.Shown(tx, b.compiled, nil)
		i := resource.Labeled(document, in.StatementId)
		if i < 0 {
			return errNoStatement
		}
		b.Policy, b.PolicyEpoch = "", 0
		if len(document.Statements()) > 1 {
			b.Policy, b.PolicyEpoch = document.Without(i).Text(), s.policies.Epoch(tx)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &RemovePermissionOutput{}, nil
}

var errNoStatement = ErrResourceNotFound.With("Statement with the provided id does not exist.") // [V036]
