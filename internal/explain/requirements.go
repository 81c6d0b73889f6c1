package explain

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// blocker is one thing that prevents a call or a delivery, and how to remove it.
type blocker struct {
	why, remedy string
	// add is the statement that removes it, and key the policy that it is for, as
	// resource.PolicyKey names it; add is empty where that is no statement, and key for a new policy.
	add, key string
}

// requirements are what a call or a delivery needs: the decisions on it, whether they
// allow it or not, and what else prevents it.
type requirements struct {
	decisions []*trail.Decision
	others    []blocker
}

// blockers are everything that prevents it, in the order in which a call meets them;
// those of keys come last.
func (q requirements) blockers() []blocker {
	var calls, keys []*trail.Decision
	for _, d := range q.decisions {
		if strings.HasPrefix(d.Request.Action, "kms:") {
			keys = append(keys, d)
		} else {
			calls = append(calls, d)
		}
	}
	return slices.Concat(missingStatements(calls), q.others, missingStatements(keys))
}

func (q *requirements) add(more requirements) {
	q.decisions = append(q.decisions, more.decisions...)
	q.others = append(q.others, more.others...)
}

// deliveryRequirements is what a delivery from a topic to a queue needs now.
func (x Explainer) deliveryRequirements(ctx context.Context, topicArn, queueArn string) (requirements, error) {
	queue, err := arn.Parse(queueArn)
	if err != nil {
		return requirements{}, err
	}
	topic, err := arn.Parse(topicArn)
	if err != nil {
		return requirements{}, err
	}
	return x.endpointRequirements(ctx, x.DeliveryRequest(new(api.Request), topic, queue), queue, "subscribe another")
}

// keyOfQueue is the KMS key that a queue is configured with; empty: it has none.
func (x Explainer) keyOfQueue(ctx context.Context, r *api.Request, queue arn.ARN) (string, error) {
	out, err := x.SQS.GetQueueAttributes(asOwner(ctx, r, queue), &sqs.GetQueueAttributesInput{
		QueueUrl: runtime.QueueURL(r, queue), AttributeNames: []string{"KmsMasterKeyId"},
	})
	if err != nil {
		return "", err
	}
	return out.Attributes["KmsMasterKeyId"], nil
}

// asOwner is the context in which the settings of a resource are read, without
// authorization: the request is one in the resource's account and region.
func asOwner(ctx context.Context, r *api.Request, owned arn.ARN) context.Context {
	look := *r
	look.Account, look.Region = owned.AccountID, owned.Region
	return api.WithRequest(ctx, &look)
}

// encrypted is a queue or topic with the key that it is configured with, and the
// encryption context of its data keys.
type encrypted struct {
	resource arn.ARN
	keyID    string
	context  map[string]string
}

func encryptedQueue(queue arn.ARN, keyID string) encrypted {
	return encrypted{queue, keyID, sqs.EncryptionContext(queue.String())}
}

func encryptedTopic(topic arn.ARN, keyID string) encrypted {
	return encrypted{topic, keyID, sns.EncryptionContext(topic.String())}
}

// keyRequirements is what is needed to use the key of an encrypted queue or topic.
// request is the request that KMS would get. encrypt: a message is to be put there;
// else it is to be read.
func (x Explainer) keyRequirements(ctx context.Context, request *api.Request, e encrypted, encrypt bool) requirements {
	configured := "the key " + e.keyID + " of " + e.resource.String()
	another := "set KmsMasterKeyId of " + e.resource.String() + " to "
	key, err := x.KMS.DescribeKey(asOwner(ctx, request, e.resource), &kms.DescribeKeyInput{KeyId: e.keyID})
	managed := isManagedAlias(e.keyID) || err == nil && key.KeyMetadata.KeyManager == kms.ManagerAWS
	switch {
	case managed && request.Caller.Type == policyeval.Service:
		return requirements{others: []blocker{{
			why:    configured + " is an AWS managed key: its policy lets no service in, and nobody can change it",
			remedy: another + "a customer managed key whose policy has: " + letsIn(request, dataKeyActions, "kms:Decrypt"),
		}}}
	case managed && err != nil:
		return requirements{} // an AWS managed key is made at its first use, and allows the account
	case err != nil:
		return requirements{others: []blocker{{why: configured + ": " + api.AsError(err).Message, remedy: another + "a key that is there, or create it"}}}
	}
	var all requirements
	if state := key.KeyMetadata.KeyState; state != kms.StateEnabled {
		all.others = append(all.others, blocker{why: configured + " is in the state " + state, remedy: "bring the key into the state " + kms.StateEnabled})
	}
	in := &kms.GenerateDataKeyInput{
		KeyId: runtime.KeyOf(request, e.keyID, e.resource.AccountID), KeySpec: kms.DataKeyAES256,
		EncryptionContext: e.context,
	}
	actions := []string{"", "kms:Decrypt"}
	if !encrypt {
		actions = actions[1:]
	}
	for _, action := range actions {
		if action != "" {
			in.KeyId = key.KeyMetadata.Arn // Decrypt finds the key by its ciphertext, not by the alias
		}
		decisions, err := x.Dispatcher.DryRun(ctx, request, "kms", "GenerateDataKey", action, in)
		if err != nil {
			all.others = append(all.others, blocker{why: configured + ": " + api.AsError(err).Message, remedy: another + "another key"})
			break
		}
		all.decisions = append(all.decisions, decisions...)
	}
	return all
}

// isManagedAlias reports whether an alias is that of an AWS managed key, alias/aws/….
func isManagedAlias(keyID string) bool {
	_, name, _ := strings.Cut(keyID, "alias/")
	return strings.HasPrefix(name, "aws/")
}

// dataKeyActions is how AWS's documentation writes the action that a service needs to encrypt.
const dataKeyActions = "kms:GenerateDataKey*"

// letsIn is the statement of a key policy that allows the service which makes request
// r, limited to the resource on whose behalf it calls.
func letsIn(r *api.Request, actions ...string) string {
	statement := struct {
		Effect    string
		Principal map[string]string
		Action    []string
		Resource  string
		Condition map[string]map[string]string `json:",omitempty"`
	}{"Allow", map[string]string{"Service": r.Caller.Service}, actions, "*", nil}
	if r.SourceARN != "" { // EventBridge names none to topics
		statement.Condition = map[string]map[string]string{"StringEquals": {"aws:SourceArn": r.SourceARN, "aws:SourceAccount": r.SourceAccount}}
	}
	text, err := json.Marshal(statement)
	if err != nil {
		panic("explain: " + err.Error()) // texts can always be marshaled
	}
	return string(text)
}
