package server

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sqs"
)

// obstacle is one thing that keeps a topic's messages from a queue, and what
// takes it out of the way.
type obstacle struct{ why, remedy string }

// obstacles are all that stand between a topic and a queue as things are now. A
// delivery meets them one after the other, and its record tells of the first
// alone, for the queue's policy is asked before KMS is. Here all decisions that
// the delivery needs are taken, and nothing is sent.
func (w *world) obstacles(ctx context.Context, topicArn, queueArn string) ([]obstacle, error) {
	queue, err := arn.Parse(queueArn)
	if err != nil {
		return nil, err
	}
	topic, err := arn.Parse(topicArn)
	if err != nil {
		return nil, err
	}
	request := queues{w.dispatcher}.request(new(api.Request), topic, queue)
	url := queueURL(request, queue)
	attributes, err := w.sqs.GetQueueAttributes(asOwner(ctx, request, queue.AccountID), &sqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []string{"KmsMasterKeyId"},
	})
	if err != nil {
		return []obstacle{{
			queueArn + ": " + api.AsError(err).Message,
			"create the queue, or subscribe another",
		}}, nil
	}
	decisions, err := w.dispatcher.rehearse(ctx, request, "sqs", "SendMessage", "", &sqs.SendMessageInput{QueueUrl: url})
	if err != nil {
		return nil, err
	}
	list := lacks(decisions)
	if keyID := attributes.Attributes["KmsMasterKeyId"]; keyID != "" {
		list = append(list, w.keyObstacles(ctx, w.dispatcher.forwarded(request, "sqs"), queue, keyID)...)
	}
	return list, nil
}

// asOwner is for a look at what an account owns.
func asOwner(ctx context.Context, r *api.Request, account string) context.Context {
	look := *r
	look.Account = account
	return api.WithRequest(ctx, &look)
}

// keyObstacles are those of the key of an encrypted queue. request is what KMS would be asked with.
func (w *world) keyObstacles(ctx context.Context, request *api.Request, queue arn.ARN, keyID string) []obstacle {
	configured := "the key " + keyID + " of " + queue.String()
	another := "set KmsMasterKeyId of " + queue.String() + " to "
	key, err := w.kms.DescribeKey(asOwner(ctx, request, queue.AccountID), &kms.DescribeKeyInput{KeyId: keyID})
	switch {
	case isManagedAlias(keyID), err == nil && key.KeyMetadata.KeyManager == kms.ManagerAWS:
		return []obstacle{{
			configured + " is an AWS managed key: its policy lets no service in, and nobody can change it",
			another + "a customer managed key whose policy has: " + letsIn(request, dataKeyActions, "kms:Decrypt"),
		}}
	case err != nil:
		return []obstacle{{configured + ": " + api.AsError(err).Message, another + "a key that is there, or create it"}}
	}
	var list []obstacle
	if state := key.KeyMetadata.KeyState; state != kms.StateEnabled {
		list = append(list, obstacle{configured + " is in the state " + state, "bring the key into the state " + kms.StateEnabled})
	}
	in := &kms.GenerateDataKeyInput{
		KeyId: keyOf(request, keyID, queue.AccountID), KeySpec: kms.DataKeyAES256,
		EncryptionContext: map[string]string{"aws:sqs:arn": queue.String()},
	}
	encrypt, err := w.dispatcher.rehearse(ctx, request, "kms", "GenerateDataKey", "", in)
	if err != nil {
		return append(list, obstacle{configured + ": " + api.AsError(err).Message, another + "another key"})
	}
	// SQS has a new data key opened by its ciphertext alone, with no alias.
	in.KeyId = key.KeyMetadata.Arn
	decrypt, err := w.dispatcher.rehearse(ctx, request, "kms", "GenerateDataKey", "kms:Decrypt", in)
	if err != nil {
		return append(list, obstacle{configured + ": " + api.AsError(err).Message, another + "another key"})
	}
	return append(list, lacks(append(encrypt, decrypt...))...)
}

// isManagedAlias: alias/aws/… is AWS's own to give.
func isManagedAlias(keyID string) bool {
	_, name, _ := strings.Cut(keyID, "alias/")
	return strings.HasPrefix(name, "aws/")
}

// dataKeyActions is how AWS's documentation spells what a service needs to encrypt.
const dataKeyActions = "kms:GenerateDataKey*"

// letsIn is a key policy's statement for the service that makes a request, on
// behalf of the resource that it makes it for.
func letsIn(r *api.Request, actions ...string) string {
	text, err := json.Marshal(struct {
		Effect    string
		Principal map[string]string
		Action    []string
		Resource  string
		Condition map[string]map[string]string
	}{
		"Allow", map[string]string{"Service": r.Caller.Service}, actions, "*",
		map[string]map[string]string{"StringEquals": {"aws:SourceArn": r.SourceARN, "aws:SourceAccount": r.SourceAccount}},
	})
	if err != nil {
		panic("server: " + err.Error()) // it is made of texts alone
	}
	return string(text)
}

// lack is a statement that decisions lack.
type lack struct {
	decision *trail.Decision
	change   policyeval.Change
	actions  []string
}

// lacks are what would have to change for all of the decisions to allow. Those
// that statements would allow which differ in their actions alone lack one statement.
func lacks(decisions []*trail.Decision) []obstacle {
	var list []obstacle
	var missing []*lack
	for _, d := range decisions {
		if d.Verdict.Allowed {
			continue
		}
		s, ok := policyeval.Suggest(&d.Request, &d.Policies)
		if !ok {
			list = append(list, obstacle{d.Message, "no policy can allow it"})
			continue
		}
		for _, c := range s.Changes {
			if c.Add == "" || c.Layer != policyeval.LayerResource {
				list = append(list, obstacle{d.Message, c.String()})
				continue
			}
			l := &lack{d, c, []string{d.Request.Action}}
			if i := slices.IndexFunc(missing, l.like); i >= 0 {
				missing[i].actions = append(missing[i].actions, d.Request.Action)
				continue
			}
			missing = append(missing, l)
		}
	}
	for _, l := range missing {
		list = append(list, l.obstacle())
	}
	return list
}

func actionText(action string) string { return `"Action":"` + action + `"` }

// like reports whether two statements differ in their actions alone.
func (l *lack) like(o *lack) bool {
	return l.decision.Request.Resource == o.decision.Request.Resource &&
		strings.Replace(l.change.Add, actionText(l.actions[0]), "", 1) == strings.Replace(o.change.Add, actionText(o.actions[0]), "", 1)
}

func (l *lack) obstacle() obstacle {
	resource := l.decision.Request.Resource
	o := obstacle{
		"no statement in the policy of " + resource + " allows " + strings.Join(l.actions, " and ") + " by " + l.decision.Principal,
		"add to the policy of " + resource + ": ",
	}
	if l.change.Policy == nil {
		o.why = resource + " has no policy that allows " + strings.Join(l.actions, " and ") + " by " + l.decision.Principal
	}
	statement := l.change.Add
	if l.actions[0] == "kms:GenerateDataKey" {
		quoted := `"` + dataKeyActions + `"`
		for _, action := range l.actions[1:] {
			quoted += `,"` + action + `"`
		}
		statement = strings.Replace(statement, actionText(l.actions[0]), `"Action":[`+quoted+`]`, 1)
	}
	o.remedy += statement
	return o
}
