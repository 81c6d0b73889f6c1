package inventory_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/servertest"
)

const accessFixtures = `accounts:
  "123456789012":
    policies: [{name: limits, document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:ReceiveMessage", Resource: "*"}]}}]
    users:
      - name: alice
        policies: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
        boundary: arn:aws:iam::123456789012:policy/limits
    roles:
      - name: sender
        policies: {send: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:123456789012:orders"}]}}
      - name: nobody
      - name: through
        policies: {send: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: "*", Condition: {StringEquals: {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}}]}}
    keys:
      - {id: 11111111-2222-3333-4444-555555555555, alias: alias/orders}
    queues:
      - name: orders
        policy:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: "sqs:SendMessage", Resource: "*", Condition: {ArnLike: {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:t*"}, StringEquals: {"aws:SourceAccount": "123456789012"}}}
            - {Effect: Allow, Principal: {AWS: "210987654321"}, Action: "sqs:ReceiveMessage", Resource: "*"}
            - {Effect: Deny, Principal: {AWS: "arn:aws:iam::123456789012:role/nobody"}, Action: "sqs:*", Resource: "*"}
            - {Effect: Allow, Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition: {StringEquals: {"aws:PrincipalOrgID": "o-1234567890"}}}
            - {Effect: Deny, Principal: {Service: events.amazonaws.com}, Action: "sqs:*", Resource: "*"}
    buckets:
      - name: photos
        policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:role/sender"}, Action: "s3:PutObject", Resource: "arn:aws:s3:::photos/in/*"}]}
`

type accessEntry struct {
	Principal, Kind, Resource, Action, Decision, Reason, Message string
	Conditions                                                   []string
}

func (e *accessEntry) text() string {
	text := e.Kind + " " + e.Principal + " " + e.Action + " " + e.Decision + " " + e.Reason
	for _, c := range e.Conditions {
		text += " if " + c
	}
	return text
}

func (w *world) access(query string) (texts []string, all []accessEntry) {
	w.Helper()
	var got struct{ Access []accessEntry }
	w.get("access?"+query, &got)
	for i := range got.Access {
		texts = append(texts, got.Access[i].text())
	}
	return texts, got.Access
}

// Who may do what with a queue is decided as the calls are, for all that are here and for whom
// its policy names.
func TestAccessToAQueue(t *testing.T) {
	w := newWorld(t, accessFixtures)
	texts, all := w.access("resource=" + orders)
	const iam = "arn:aws:iam::123456789012:"
	want := []string{
		"root " + root + " sqs:SendMessage Allow AllowedAsRoot",
		"root " + root + " sqs:ReceiveMessage Allow AllowedAsRoot",
		"root " + root + " sqs:DeleteMessage Allow AllowedAsRoot",
		"user " + iam + "user/alice sqs:SendMessage Deny ImplicitDeny",
		"user " + iam + "user/alice sqs:ReceiveMessage Allow AllowedByIdentity",
		"user " + iam + "user/alice sqs:DeleteMessage Deny ImplicitDeny",
		"role " + iam + "role/nobody sqs:SendMessage Deny ExplicitDeny",
		"role " + iam + "role/nobody sqs:ReceiveMessage Deny ExplicitDeny",
		"role " + iam + "role/nobody sqs:DeleteMessage Deny ExplicitDeny",
		"role " + iam + "role/sender sqs:SendMessage Allow AllowedByIdentity",
		"role " + iam + "role/sender sqs:ReceiveMessage Deny ImplicitDeny",
		"role " + iam + "role/sender sqs:DeleteMessage Deny ImplicitDeny",
		"role " + iam + "role/through sqs:SendMessage Deny ImplicitDeny",
		"role " + iam + "role/through sqs:ReceiveMessage Deny ImplicitDeny",
		"role " + iam + "role/through sqs:DeleteMessage Deny ImplicitDeny",
		"account arn:aws:iam::210987654321:root sqs:SendMessage Deny ImplicitDeny",
		"account arn:aws:iam::210987654321:root sqs:ReceiveMessage Allow AllowedByResource",
		"account arn:aws:iam::210987654321:root sqs:DeleteMessage Deny ImplicitDeny",
		"anonymous anonymous sqs:SendMessage Deny ImplicitDeny", // it has no organization
		"anonymous anonymous sqs:ReceiveMessage Deny ImplicitDeny",
		"anonymous anonymous sqs:DeleteMessage Deny ImplicitDeny",
		"service sns.amazonaws.com sqs:SendMessage Allow AllowedByResource if aws:SourceArn ArnLike arn:aws:sns:us-east-1:123456789012:t* if aws:SourceAccount StringEquals 123456789012",
		"service sns.amazonaws.com sqs:ReceiveMessage Deny ImplicitDeny",
		"service sns.amazonaws.com sqs:DeleteMessage Deny ImplicitDeny",
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, e := range all {
		if e.Resource != orders || (e.Message == "") != (e.Decision == "Allow") {
			t.Errorf("%+v", e)
		}
		if e.Kind != "user" && e.Kind != "role" && e.Kind != "root" {
			continue
		}
		// What is said is what happens.
		call, params := e.Action, object{"QueueUrl": ordersURL}
		switch call {
		case "sqs:SendMessage":
			params["MessageBody"] = "x"
		case "sqs:DeleteMessage":
			params["ReceiptHandle"] = "x" // refused once the call is allowed
		}
		if status, _ := servertest.TryAs(t, w.Server, e.Principal, call, params); (status == http.StatusForbidden) != (e.Decision == "Deny") {
			t.Errorf("%s answered %d", e.text(), status)
		}
	}
}

// Asking is no call: nothing is decided, recorded or counted.
func TestAccessLeavesNothingBehind(t *testing.T) {
	w := newWorld(t, accessFixtures)
	before := w.coverage()
	w.access("resource=" + orders)
	w.access("resource=" + ordersKey)
	w.access("principal=role/sender")
	if d, e := servertest.Decisions(w.Server), servertest.Events(w.Server); len(d)+len(e) > 0 {
		t.Errorf("decided: %v, recorded: %v", d, e)
	}
	if diff := cmp.Diff(before, w.coverage()); diff != "" {
		t.Errorf("coverage has changed: %s", diff)
	}
}

func (w *world) coverage() (c object) {
	w.get("coverage", &c)
	return c
}

// Of a key, its grants and conditions of identity-based policies have a say, too.
func TestAccessToAKey(t *testing.T) {
	w := newWorld(t, accessFixtures)
	c := kms.NewFromConfig(w.config("123456789012"))
	must(c.CreateGrant(t.Context(), &kms.CreateGrantInput{
		KeyId: aws.String(ordersKey), GranteePrincipal: aws.String("arn:aws:iam::123456789012:role/sender"), Operations: []types.GrantOperation{types.GrantOperationGenerateDataKey},
		Constraints: &types.GrantConstraints{EncryptionContextEquals: map[string]string{"aws:sqs:arn": orders}},
	}))(t)
	texts, _ := w.access("resource=" + ordersKey)
	for _, want := range []string{
		"role arn:aws:iam::123456789012:role/sender kms:GenerateDataKey Allow AllowedByGrant if EncryptionContextEquals is aws:sqs:arn=" + orders,
		"role arn:aws:iam::123456789012:role/sender kms:Decrypt Deny ImplicitDeny",
		"role arn:aws:iam::123456789012:role/through kms:Decrypt Allow AllowedByBoth if kms:ViaService StringEquals sqs.us-east-1.amazonaws.com",
		"role arn:aws:iam::123456789012:role/through kms:Encrypt Deny ImplicitDeny",
		"root " + root + " kms:Encrypt Allow AllowedByResource",
	} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not among %q", want, texts)
		}
	}
}

// What a principal may do is told of all resources; of a bucket also where a part is meant.
func TestAccessOfAPrincipal(t *testing.T) {
	w := newWorld(t, accessFixtures)
	texts, all := w.access("principal=" + url.QueryEscape("arn:aws:iam::123456789012:role/sender"))
	var allowed []string
	for _, e := range all {
		if e.Decision == "Allow" {
			allowed = append(allowed, e.Action+" "+e.Resource)
		}
	}
	if want := []string{"sqs:SendMessage " + orders, "s3:PutObject arn:aws:s3:::photos/in/*"}; !slices.Equal(allowed, want) || len(texts) != 3+3+2 {
		t.Errorf("%q of %q, want %q", allowed, texts, want)
	}
	texts, _ = w.access("principal=sns.amazonaws.com")
	if want := "service sns.amazonaws.com sqs:SendMessage Allow AllowedByResource if aws:SourceArn ArnLike arn:aws:sns:us-east-1:123456789012:t* if aws:SourceAccount StringEquals 123456789012"; !slices.Contains(texts, want) {
		t.Errorf("%q is not among %q", want, texts)
	}
	for query, status := range map[string]int{
		"": http.StatusBadRequest, "resource=a&principal=b": http.StatusBadRequest, "principal=role/none": http.StatusNotFound,
		"resource=nothing": http.StatusNotFound, "resource=arn:aws:sqs:us-east-1:123456789012:none": http.StatusNotFound,
		"resource=arn:aws:s3:::none": http.StatusNotFound, "resource=arn:aws:ec2:us-east-1:123456789012:vpc/x": http.StatusNotFound,
		"resource=arn:aws:sns:us-east-1:123456789012:none": http.StatusNotFound, "resource=arn:aws:kms:us-east-1:123456789012:key/none": http.StatusNotFound,
		"resource=arn:aws:sqs::123456789012:orders": http.StatusNotFound,
	} {
		if got, body := servertest.Ask(w.Server, http.MethodGet, "/_waxseal/access?"+query, ""); got != status {
			t.Errorf("%s answered %d %s, want %d", query, got, body, status)
		}
	}
}

// SCPs limit the root user of a member, too.
func TestAccessUnderSCPs(t *testing.T) {
	w := newWorld(t, "")
	account, _ := w.member(`{"Effect":"Deny","Action":"sqs:SendMessage","Resource":"*"}`)
	must(sqs.NewFromConfig(w.config(account)).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")}))(t)
	must(iam.NewFromConfig(w.config(account)).CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u")}))(t)
	texts, _ := w.access("resource=arn:aws:sqs:us-east-1:" + account + ":q")
	for _, want := range []string{
		"root arn:aws:iam::" + account + ":root sqs:SendMessage Deny ExplicitDeny", "root arn:aws:iam::" + account + ":root sqs:ReceiveMessage Allow AllowedAsRoot",
		"user arn:aws:iam::" + account + ":user/u sqs:ReceiveMessage Deny ImplicitDeny", "root " + root + " sqs:SendMessage Deny ImplicitDeny",
	} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not among %q", want, texts)
		}
	}
}

// The access of a thousand roles is told at once.
func TestAccessOfManyRoles(t *testing.T) {
	w := newWorld(t, accessFixtures)
	for i := range 1_000 {
		policies := map[string]string{"send": servertest.PolicyText(`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:orders"},{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}}`)}
		if err := w.Runtime().Identity.ApplyRole(t.Context(), identity.RoleSpec{Account: "123456789012", Region: "us-east-1", Name: fmt.Sprintf("r%04d", i), Policies: policies}); err != nil {
			t.Fatal(err)
		}
	}
	for _, resource := range []string{orders, orders, ordersKey} {
		began := time.Now()
		texts, _ := w.access("resource=" + resource)
		if took := time.Since(began); len(texts) < 3_000 || took > slow {
			t.Errorf("%d decisions on %s took %s", len(texts), resource, took)
		} else {
			t.Logf("%d decisions on %s in %s", len(texts), resource, took)
		}
	}
}

// What a principal may do with many queues is told at once, and other calls do not wait for it.
func TestAccessToManyQueues(t *testing.T) {
	w := newWorld(t, accessFixtures)
	w.fillPolicies(many)
	done := make(chan time.Duration)
	go func() {
		began := time.Now()
		servertest.Ask(w.Server, http.MethodGet, "/_waxseal/access?principal=role/sender", "")
		done <- time.Since(began)
	}()
	var longest time.Duration
	for {
		began := time.Now()
		servertest.SQS(w.Server, "SendMessage", `{"QueueUrl":"`+ordersURL+`","MessageBody":"x"}`)
		longest = max(longest, time.Since(began))
		select {
		case took := <-done:
			if t.Logf("%d queues in %s; the longest SendMessage beside it took %s", many, took, longest); took > slow || longest > slow/4 {
				t.Error("that is too slow")
			}
			return
		default:
		}
	}
}
