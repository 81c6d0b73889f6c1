package waxseal

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
)

// Decision is one decision about one call.
type Decision struct {
	RequestID string    // of the call, for messages and logs
	Time      time.Time // by the server's clock, in UTC
	Principal string    // ARN, a service such as sns.amazonaws.com, or anonymous
	Action    string    // such as sqs:SendMessage
	Resource  string    // ARN, or *
	Allowed   bool
	Reason    string // which kind of policy decided, in one or two words
	Message   string // the denial in AWS's words; empty where the call was allowed
}

// Decisions are the decisions so far, oldest first: of calls, and of those
// that services made on behalf of them. The newest 10,000 are kept.
func (s *Server) Decisions() []Decision {
	var list []Decision
	for _, d := range s.decisions() {
		list = append(list, Decision{
			RequestID: d.RequestID, Time: d.Time, Principal: d.Principal, Action: d.Request.Action, Resource: d.Request.Resource,
			Allowed: d.Allowed(), Reason: d.Verdict.Reason.String(), Message: d.Message,
		})
	}
	return list
}

// Event is an API call as CloudTrail records it.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
type Event struct {
	Time      time.Time // in whole seconds, by the server's clock, in UTC
	Source    string    // such as kms.amazonaws.com
	Name      string    // the operation, such as GenerateDataKey
	Principal string    // ARN of who called; the service's name where a service called by itself
	InvokedBy string    // the service that called on the principal's behalf; empty: the principal called directly
	Account   string    // that received the event
	Region    string
	RequestID string
	Resources []string // ARNs
	ReadOnly  bool
	Data      bool   // a data event; else one of management, or a network activity event
	ErrorCode string // empty: the call succeeded
	// Request and Response are CloudTrail's requestParameters and
	// responseElements: JSON, without what AWS leaves out of them.
	Request, Response json.RawMessage
}

// Events are the calls so far in the form of CloudTrail's records, oldest
// first. The newest 10,000 are kept.
func (s *Server) Events() []Event {
	var list []Event
	for _, e := range oldestFirst(s.server.Runtime().Dispatcher.Events()) {
		at, _ := time.Parse(time.RFC3339, e.EventTime) // written so by the server itself
		event := Event{
			Time: at, Source: e.EventSource, Name: e.EventName, Principal: e.UserIdentity.ARN, InvokedBy: e.UserIdentity.InvokedBy,
			Account: e.RecipientAccountID, Region: e.AWSRegion, RequestID: e.RequestID, ReadOnly: e.ReadOnly,
			Data: e.EventCategory == "Data", ErrorCode: e.ErrorCode, Request: e.RequestParameters, Response: e.ResponseElements,
		}
		if event.Principal == "" {
			event.Principal = event.InvokedBy
		}
		for _, r := range e.Resources {
			if r.ARN != "" {
				event.Resources = append(event.Resources, r.ARN)
			}
		}
		list = append(list, event)
	}
	return list
}

// Delivery is what became of one SNS message at one subscription, in the terms
// of AWS's delivery log.
type Delivery struct {
	// Source is sns, events (EventBridge) or s3.
	Source string
	// MessageID is SNS's message id, the id of EventBridge's event, or the request id of the
	// call that changed the S3 object.
	MessageID       string
	TopicARN        string // SNS only, as SubscriptionARN
	SubscriptionARN string
	RuleARN         string // EventBridge only
	Bucket          string // S3 only: its name
	Protocol        string // such as sqs
	Endpoint        string // such as the queue's ARN
	Status          string // SUCCESS, FAILURE, or PENDING: to be tried (again)
	Attempts        int
	Response        string // the endpoint's answer to the last attempt
	// DeadLetterQueue is the ARN of the queue that the message was sent to when
	// it could not be delivered, and DeadLetterStatus whether it got there.
	DeadLetterQueue, DeadLetterStatus string
	Time                              time.Time // of the last attempt, by the server's clock, in UTC
}

// Deliveries are the deliveries of SNS, EventBridge and S3 so far, oldest first, each as it
// stands now. Those of SNS to queues are made when Publish returns; those of SNS to HTTP
// endpoints, and all of the others, follow in the background. The newest 10,000 are kept.
func (s *Server) Deliveries() []Delivery {
	var list []Delivery
	for _, d := range oldestFirst(s.server.Runtime().Deliveries.Newest()) {
		delivery := Delivery{
			Source: d.Source, MessageID: d.MessageID, TopicARN: d.TopicArn, SubscriptionARN: d.SubscriptionArn, RuleARN: d.RuleArn, Bucket: d.Bucket, Protocol: d.Protocol, Endpoint: d.Endpoint,
			Status: d.Status, Attempts: d.Attempts, Response: d.ProviderResponse, Time: d.Time,
		}
		if l := d.DeadLetter; l != nil {
			delivery.DeadLetterQueue, delivery.DeadLetterStatus = l.QueueArn, l.Status
		}
		list = append(list, delivery)
	}
	return list
}

// Stored is a message as the store holds it: what somebody with access to the
// disk would find.
type Stored struct {
	MessageID  string
	Encryption string // SSE-KMS, SSE-SQS or none
	KeyARN     string // of the KMS key; empty without SSE-KMS
	DataKey    []byte // encrypted by the KMS key, as KMS's Decrypt takes it
	Nonce      []byte // of AES-256-GCM
	Ciphertext []byte // of body and attributes together
	Body       string // the text, where Encryption is none
}

// AtRest is what the store holds of a queue's messages, oldest first. queue is
// the queue's URL, its ARN, or its name in the account and region of s.
func (s *Server) AtRest(queue string) []Stored {
	s.t.Helper()
	account, region, name := s.account, s.region, queue
	if a, err := arn.Parse(queue); err == nil {
		account, region, name = a.AccountID, a.Region, a.Resource
	} else if parts := strings.Split(queue, "/"); len(parts) > 2 {
		account, name = parts[len(parts)-2], parts[len(parts)-1]
	}
	messages, found, err := s.server.Runtime().SQS.AtRest(context.Background(), account, region, name)
	if err != nil {
		s.t.Fatalf("waxseal: AtRest(%q): %v", queue, err)
	}
	if !found {
		s.t.Fatalf("waxseal: AtRest(%q): account %s has no queue %s in %s. Give the URL that CreateQueue returned, or the ARN of a queue in another region.", queue, account, name, region)
	}
	list := make([]Stored, len(messages))
	for i, m := range messages {
		list[i] = Stored{
			MessageID: m.MessageID, Encryption: m.Encryption, KeyARN: m.KeyID,
			DataKey: m.EncryptedDataKey, Nonce: m.Nonce, Ciphertext: m.Ciphertext,
		}
		if m.Body != nil {
			list[i].Body = *m.Body
		}
	}
	return list
}

// Coverage is how much of the policies of all principals, queues, topics and
// keys the calls so far have exercised. percent is 100 where every statement
// has allowed or denied a call; it is rounded down to one decimal. uncovered
// names the other statements, each with its policy.
func (s *Server) Coverage() (percent float64, uncovered []string) {
	s.t.Helper()
	report, err := s.explainer().Coverage(context.Background())
	if err != nil {
		s.t.Fatalf("waxseal: Coverage: %v", err)
	}
	for _, p := range report.Policies {
		for i, st := range p.Statements {
			if st.Allowed+st.Denied > 0 {
				continue
			}
			sid := st.Sid
			if sid == "" {
				sid = fmt.Sprintf("statement %d", i+1)
			}
			place := fmt.Sprintf("line %d", st.Line)
			if st.File != "" {
				place = fmt.Sprintf("%s:%d", st.File, st.Line)
			}
			uncovered = append(uncovered, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s: %s (%s, %s)", p.Owner, p.Kind, p.Name, sid, st.Effect, place)), " "))
		}
	}
	return report.Percent, uncovered
}

// decisions are the decisions so far, oldest first.
func (s *Server) decisions() []*trail.Decision {
	return oldestFirst(s.server.Runtime().Dispatcher.Decisions().Newest())
}

// oldestFirst collects what is yielded newest first.
func oldestFirst[T any](newest iter.Seq[T]) []T {
	all := slices.Collect(newest)
	slices.Reverse(all)
	return all
}
