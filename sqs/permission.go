package sqs

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// AddPermissionInput is the input of AddPermission.
type AddPermissionInput struct {
	QueueUrl      string   `check:"required"`
	Label         string   `check:"required"`
	AWSAccountIds []string `check:"required" query:"AWSAccountId,flat" trail:"name=AWSAccountIds"`
	Actions       []string `check:"required" query:"ActionName,flat"`
}

func (in *AddPermissionInput) queue() string { return in.QueueUrl }

// AddPermissionOutput is the output of AddPermission.
type AddPermissionOutput struct{}

// grantable are the actions that AddPermission can give to others.
var grantable = []string{
	"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
	"ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage",
}

// The limits of a statement that AddPermission makes; those of policies are policyeval's.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html.
const (
	maxActions = 7 // of a statement that AddPermission makes
	maxLabel   = 80
)

func (s *Service) checkPermission(in *AddPermissionInput) error {
	if !isName(in.Label) || len(in.Label) > maxLabel {
		return badValue(in.Label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
	}
	switch n := len(in.Actions); {
	case n == 0:
		return missing("Actions")
	case n > maxActions:
		return ErrOverLimit.Withf("%d Actions were found, maximum allowed is %d.", n, maxActions)
	}
	if len(in.AWSAccountIds) == 0 {
		return badValue(in.AWSAccountIds, "PrincipalId", "Unable to verify.")
	}
	for _, id := range in.AWSAccountIds {
		if !arn.IsAccountID(id) {
			return badValue(id, "PrincipalId", "Unable to verify.")
		}
	}
	for _, action := range in.Actions {
		switch {
		case slices.Contains(grantable, action):
		case s.ownersAlone(action):
			return badValue("SQS:"+action, "ActionName", onlyOwner)
		default:
			return badValue("SQS:"+action, "ActionName", "Please refer to the appropriate WSDL for a list of valid actions.")
		}
	}
	return nil
}

// ownersAlone reports whether an operation is one that no policy opens to others [D2].
func (s *Service) ownersAlone(operation string) bool {
	return slices.ContainsFunc(s.operations(), func(o api.Operation) bool { return o.OwnerOnly && o.Name == operation })
}

// document is the policy of a queue; one without statements where there is none.
func (s *Service) document(r store.Reader, q *queue) (*policyeval.Document, error) {
	if q.policy != nil {
		return s.shownPolicy(r, q), nil
	}
	return policyeval.Parse(`{"Version":"2008-10-17","Id":"` + q.arn + `/SQSDefaultPolicy","Statement":[]}`)
}

func (in *AddPermissionInput) permission(n name) resource.Permission {
	p := resource.Permission{Label: in.Label, Accounts: in.AWSAccountIds, Resource: arn.New("sqs", n.region, n.account, n.queue)}
	for _, action := range in.Actions {
		p.Actions = append(p.Actions, "SQS:"+action)
	}
	return p
}

// AddPermission adds a statement to the queue's policy that allows accounts
// some actions. The label is the statement's Sid.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html.
func (s *Service) AddPermission(ctx context.Context, in *AddPermissionInput) (*AddPermissionOutput, error) {
	return api.Do(ctx, in, onQueue[*AddPermissionInput](s), s.addPermission)
}

func (s *Service) addPermission(ctx context.Context, q *queue, in *AddPermissionInput) (*AddPermissionOutput, error) {
	var edited *policyeval.Document
	err := s.editPolicy(ctx, q, func(d *policyeval.Document) (*policyeval.Document, error) {
		if err := s.checkPermission(in); err != nil {
			return nil, err
		}
		if resource.Labeled(d, in.Label) >= 0 {
			return nil, badValue(in.Label, "Label", "Already exists.")
		}
		p := in.permission(q.name())
		statement, err := p.Statement()
		if err != nil {
			return nil, err
		}
		if edited, err = d.With(statement); err != nil {
			return nil, err
		}
		return edited, s.overLimit(q.name(), edited)
	})
	if err != nil {
		return nil, err
	}
	s.policies.Lint(ctx, q.name().owner(), edited)
	return &AddPermissionOutput{}, nil
}

// RemovePermissionInput is the input of RemovePermission.
type RemovePermissionInput struct {
	QueueUrl string `check:"required"`
	Label    string `check:"required"`
}

func (in *RemovePermissionInput) queue() string { return in.QueueUrl }

// RemovePermissionOutput is the output of RemovePermission.
type RemovePermissionOutput struct{}

// RemovePermission removes the statement with the label from the queue's
// policy, and with the last statement the policy [Q185].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html.
func (s *Service) RemovePermission(ctx context.Context, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	return api.Do(ctx, in, onQueue[*RemovePermissionInput](s), s.removePermission)
}

func (s *Service) removePermission(ctx context.Context, q *queue, in *RemovePermissionInput) (*RemovePermissionOutput, error) {
	err := s.editPolicy(ctx, q, func(d *policyeval.Document) (*policyeval.Document, error) {
		i := resource.Labeled(d, in.Label)
		if i < 0 {
			return nil, badValue(in.Label, "Label", "can't find label.")
		}
		return d.Without(i), nil
	})
	if err != nil {
		return nil, err
	}
	return &RemovePermissionOutput{}, nil
}

// editPolicy changes the policy of a queue.
func (s *Service) editPolicy(ctx context.Context, q *queue, edit func(*policyeval.Document) (*policyeval.Document, error)) error {
	n := q.name()
	now := s.clock.Now()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, q); err != nil {
			return err
		}
		q := s.queues.Edit(tx, n.key())
		d, err := s.document(tx, q)
		if err != nil {
			return err
		}
		if d, err = edit(d); err != nil {
			return err
		}
		if len(d.Statements()) == 0 {
			delete(q.Attributes, "Policy")
		} else {
			q.Attributes["Policy"], q.PolicyEpoch = d.Text(), s.policies.Epoch(tx)
		}
		q.Modified = now.Unix()
		s.queues.Put(tx, n.key(), q)
		return nil
	})
}
