package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// AddPermissionInput is the input of AddPermission.
type AddPermissionInput struct {
	AWSAccountId []string `check:"required"`
	ActionName   []string `check:"required"`
	Label        string   `check:"required"`
	TopicArn     string   `check:"required"`
}

func (in *AddPermissionInput) topic() string { return in.TopicArn }

// AddPermissionOutput is the output of AddPermission.
type AddPermissionOutput struct{}

// permission is what in asks for [N033]. An empty list is none, as in the Query
// protocol.
func (in *AddPermissionInput) permission(topic arn.ARN) (*resource.Permission, error) {
	switch {
	case len(in.AWSAccountId) == 0:
		return nil, absent("aWSAccountId")
	case len(in.ActionName) == 0:
		return nil, absent("actionName")
	}
	p := &resource.Permission{Label: in.Label, Accounts: in.AWSAccountId, Resource: topic}
	for _, account := range in.AWSAccountId {
		if !arn.IsAccountID(account) {
			return nil, errPolicyPrincipal
		}
	}
	for _, name := range in.ActionName {
		p.Actions = append(p.Actions, "SNS:"+name)
	}
	return p, nil
}

// AddPermission adds a statement to the topic's policy that allows accounts
// some actions. The label is the statement's Sid.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html.
func (s *Service) AddPermission(ctx context.Context, in *AddPermissionInput) (*AddPermissionOutput, error) {
	return api.Do(ctx, in, onTopic(s, (*AddPermissionInput).topic), s.addPermission)
}

func (s *Service) addPermission(ctx context.Context, topic *topicRecord, in *AddPermissionInput) (*AddPermissionOutput, error) {
	permission, err := in.permission(topic.arn)
	if err != nil {
		return nil, err
	}
	statement, err := permission.Statement()
	if err != nil {
		return nil, err
	}
	var document *policyeval.Document
	err = s.editTopic(ctx, topic, func(tx store.Tx, topic *topicRecord) error {
		if resource.Labeled(topic.compiled.Document, in.Label) >= 0 {
			return invalidParameter("Statement already exists") // [N034]
		}
		var err error
		document, err = topic.compiled.Document.With(statement)
		if err != nil {
			return err
		}
		if problems := policyeval.Validate(document, policyeval.ValidateOptions{Kind: policyeval.TopicPolicy, Account: topic.owner()}); len(problems) > 0 {
			return s.policies.Refuse(owner(topic.arn), problems[0]) // [N035]
		}
		if document, err = s.shownPolicy(tx, topic).With(statement); err != nil {
			return err
		}
		topic.Policy, topic.PolicyEpoch = document.Text(), s.policies.Epoch(tx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.policies.Lint(ctx, owner(topic.arn), document)
	return &AddPermissionOutput{}, nil
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	Label    string `check:"required"`
	TopicArn string `check:"required"`
}

func (in *RemovePermissionInput) topic() string { return in.TopicArn }

// RemovePermissionOutput is the output of RemovePermission.
type RemovePermissionOutput struct{}

// RemovePermission removes the statement with the label from the topic's
// policy. A label that is not there is no error [D9].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html.
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	return api.Do(ctx, in, onTopic(s, (*RemovePermissionInput).topic), s.removePermission)
}

func (s *Service) removePermission(ctx context.Context, topic *topicRecord, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	err := s.editTopic(ctx, topic, func(tx store.Tx, topic *topicRecord) error {
		document := s.shownPolicy(tx, topic)
		if i := resource.Labeled(document, in.Label); i >= 0 {
			topic.Policy, topic.PolicyEpoch = document.Without(i).Text(), s.policies.Epoch(tx)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &RemovePermissionOutput{}, nil
}
