package dispatch

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	mailAccount  = "123456789012"
	otherAccount = "999988887777"
	mailARN      = "arn:aws:mail:us-east-1:" + mailAccount + ":box"
)

type mailInput struct{}

type mailOutput struct{}

// mailDispatcher carries the calls of a service with one operation, on a box whose
// policy is the given one.
func mailDispatcher(t *testing.T, boxPolicy *policyeval.Policy) (*Dispatcher, *Service) {
	t.Helper()
	engine, source := mem.New(), ids.New()
	t.Cleanup(func() { _ = engine.Close() })
	turnable := clock.New()
	d := New(Config{
		Clock: turnable, IDs: source, Log: slog.New(slog.DiscardHandler), Account: mailAccount,
		Identity:   identity.New(identity.Config{Engine: engine, Clock: turnable, IDs: source}),
		Parameters: func(dst []byte, _ any) []byte { return append(dst, "{}"...) },
	})
	send := func(context.Context, *mailInput) (*mailOutput, error) { return &mailOutput{}, nil }
	s := d.Register(api.Service{
		Name: "mail", Principal: "mail.amazonaws.com", ResourceType: "AWS::Mail::Box",
		Denied: func(d *api.Denial) *api.Error {
			return (&api.Error{Code: "AccessDeniedException"}).With(d.Text(d.Action))
		},
		Operations: []api.Operation{api.Op("Send", send, "mail:Send", func(context.Context, *mailInput) (api.Target, error) {
			return api.Target{ARN: mailARN, Account: mailAccount, Policy: boxPolicy}, nil
		}), api.Unguarded("Hello", send)},
	})
	return d, s
}

func policy(t *testing.T, name, statement string) *policyeval.Policy {
	t.Helper()
	document, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":[` + statement + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return &policyeval.Policy{Name: name, Document: document}
}

func user(account string, policies ...*policyeval.Policy) *api.Caller {
	arn := "arn:aws:iam::" + account + ":user/u"
	return &api.Caller{
		Principal: policyeval.Principal{Type: policyeval.User, Account: account, ARN: arn, ID: "AIDAX"}, Name: "u", UserID: "AIDAX",
		Policies: policyeval.Policies{Identity: policies},
	}
}

// The policy of the VPC endpoint is asked first and grants nothing, whoever calls.
// What it alone denies AWS records as a network activity event, for the endpoint's
// owner [F9].
func TestEndpointPolicyComesFirst(t *testing.T) {
	full := policy(t, "vpce-1", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`)
	other := policy(t, "vpce-1", `{"Effect":"Allow","Principal":"*","Action":"mail:Send","Resource":"arn:aws:mail:us-east-1:123456789012:other"}`)
	denying := policy(t, "vpce-1", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"mail:Send","Resource":"*"}`)
	ours := policy(t, "vpce-1", `{"Effect":"Allow","Principal":{"AWS":"`+mailAccount+`"},"Action":"*","Resource":"*"}`)
	sends := policy(t, "sends", `{"Effect":"Allow","Action":"mail:Send","Resource":"*"}`)
	open := policy(t, mailARN, `{"Effect":"Allow","Principal":"*","Action":"mail:Send","Resource":"`+mailARN+`"}`)
	const (
		implicit = "because no VPC endpoint policy allows the mail:Send action"
		explicit = "with an explicit deny in a VPC endpoint policy"
		identity = "because no identity-based policy allows the mail:Send action"
	)
	for name, test := range map[string]struct {
		endpoint, box *policyeval.Policy
		caller        *api.Caller
		denied        string // the end of the message; empty: allowed
		atEndpoint    bool
	}{
		"the default policy":                 {full, nil, user(mailAccount, sends), "", false},
		"grants nothing":                     {full, nil, user(mailAccount), identity, false},
		"another box":                        {other, nil, user(mailAccount, sends), implicit, true},
		"an explicit deny":                   {denying, nil, user(mailAccount, sends), explicit, true},
		"a root user":                        {other, nil, root(mailAccount), implicit, true},
		"nothing else allows it either":      {other, nil, user(mailAccount), implicit, false},
		"a principal of another account":     {full, open, user(otherAccount, sends), "", false},
		"one that the endpoint does not let": {ours, open, user(otherAccount, sends), implicit, true},
		"an anonymous caller":                {full, open, anonymous(), "", false},
		"an anonymous caller, denied":        {ours, open, anonymous(), implicit, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := mailDispatcher(t, test.box)
			_, err := d.Do(t.Context(), &Call{Service: s, Operation: s.Operation("Send"), Input: &mailInput{}, Request: throughMail(test.caller, test.endpoint)})
			want := ""
			if test.denied != "" {
				want = "User: " + test.caller.DisplayName() + " is not authorized to perform: mail:Send on resource: " + mailARN + " " + test.denied
			}
			if got := messageOf(err); got != want {
				t.Errorf("denied with %q, want %q", got, want)
			}
			records := slices.Collect(d.Records().Newest())
			if len(records) != 1 || records[0].AtEndpoint() != test.atEndpoint {
				t.Errorf("the endpoint alone denied it: %v, want %v", records[0].AtEndpoint(), test.atEndpoint)
			}
			event := slices.Collect(d.Events())[0]
			if category := event.EventCategory; (category == "NetworkActivity") != test.atEndpoint || event.VPCEndpointID != "vpce-1" || event.VPCEndpointAccountID != mailAccount || event.SourceIPAddress != "10.0.1.7" {
				t.Errorf("the event is %+v", event)
			}
		})
	}
}

func root(account string) *api.Caller {
	return &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root", ID: account}, UserID: account}
}

func anonymous() *api.Caller { return identity.Anonymous() }

// throughMail is a request through a VPC endpoint of the mail service.
func throughMail(caller *api.Caller, p *policyeval.Policy) *api.Request {
	return &api.Request{
		ID: "1", Caller: caller, Account: caller.Account, Region: "us-east-1", Time: time.Unix(1e9, 0), SourceIP: "10.0.1.7",
		BaseURL:     "http://localhost:4566/_vpce/vpce-1",
		VPCEndpoint: &api.VPCEndpoint{ID: "vpce-1", VPC: "vpc-1", Account: mailAccount, Region: "us-east-1", Service: "mail", Policy: p, PublicURL: "http://localhost:4566"},
	}
}

func messageOf(err error) string {
	if err == nil {
		return ""
	}
	return api.AsError(err).Message
}

// A caller of another account is shown to the endpoint's owner as such a caller is
// wherever it is recorded, and the event says no more of the denial than that [F9].
func TestNetworkActivityEvent(t *testing.T) {
	d, s := mailDispatcher(t, policy(t, mailARN, `{"Effect":"Allow","Principal":"*","Action":"mail:Send","Resource":"*"}`))
	d.config.Recorded = func(*record.Call) { t.Error("the event history and trails are told") }
	ours := policy(t, "vpce-1", `{"Effect":"Allow","Principal":{"AWS":"`+mailAccount+`"},"Action":"*","Resource":"*"}`)
	sends := policy(t, "sends", `{"Effect":"Allow","Action":"mail:Send","Resource":"*"}`)
	_, _ = d.Do(t.Context(), &Call{Service: s, Operation: s.Operation("Send"), Input: &mailInput{}, Request: throughMail(user(otherAccount, sends), ours)})
	event := slices.Collect(d.Events())[0]
	event.EventID = ""
	if diff := cmp.Diff(&trail.Event{
		EventVersion: "1.11", UserIdentity: trail.UserIdentity{Type: "AWSAccount", PrincipalID: "AIDAX", AccountID: otherAccount},
		EventTime: event.EventTime, EventSource: "mail.amazonaws.com", EventName: "Send", AWSRegion: "us-east-1", SourceIPAddress: "10.0.1.7",
		ErrorCode: "VpceAccessDenied", ErrorMessage: "The request was denied due to a VPC endpoint policy", RequestID: "1",
		EventType: "AwsVpceEvent", RecipientAccountID: mailAccount, VPCEndpointID: "vpce-1", VPCEndpointAccountID: mailAccount, EventCategory: "NetworkActivity",
	}, event); diff != "" {
		t.Errorf("the event differs (-want +got):\n%s", diff)
	}
}

// What a service asks for the caller comes from nowhere near the VPC [G7].
func TestForwardedOutsideTheEndpoint(t *testing.T) {
	d, _ := mailDispatcher(t, nil)
	full := policy(t, "vpce-1", `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`)
	forwarded := d.Forwarded(throughMail(root(mailAccount), full), "mail")
	if forwarded.VPCEndpoint != nil || forwarded.BaseURL != "http://localhost:4566" || forwarded.PublicURL() != forwarded.BaseURL {
		t.Errorf("the forwarded request is %+v", forwarded)
	}
}

// An operation that no policy guards passes the endpoint's policy all the same, and
// nothing but that.
func TestEndpointPolicyGuardsTheUnguarded(t *testing.T) {
	d, s := mailDispatcher(t, nil)
	hello := policy(t, "vpce-1", `{"Effect":"Allow","Principal":"*","Action":"mail:Hello","Resource":"*"}`)
	sending := policy(t, "vpce-1", `{"Effect":"Allow","Principal":"*","Action":"mail:Send","Resource":"*"}`)
	denying := policy(t, "denying", `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	for name, test := range map[string]struct {
		caller   *api.Caller
		endpoint *policyeval.Policy
		denied   bool
	}{
		"anonymous":                        {anonymous(), hello, false},
		"anonymous, denied":                {anonymous(), sending, true},
		"a user whom no policy can deny":   {user(mailAccount, denying), hello, false},
		"a user, denied":                   {user(mailAccount), sending, true},
		"a root user, denied":              {root(mailAccount), sending, true},
		"of another account":               {user(otherAccount), hello, false},
		"not through an endpoint's policy": {user(mailAccount, denying), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			request := throughMail(test.caller, test.endpoint)
			if test.endpoint == nil {
				request.VPCEndpoint = nil
			}
			_, err := d.Do(t.Context(), &Call{Service: s, Operation: s.Operation("Hello"), Input: &mailInput{}, Request: request})
			want := ""
			if test.denied {
				want = "User: " + test.caller.DisplayName() + " is not authorized to perform: mail:Hello because no VPC endpoint policy allows the mail:Hello action"
			}
			if got := messageOf(err); got != want {
				t.Errorf("denied with %q, want %q", got, want)
			}
		})
	}
}
