package localstack

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/sns"
)

// LocalStack's developer endpoints of SNS: text messages and push notifications that
// were captured instead of sent, tokens that confirm subscriptions, and the phone
// numbers that have opted out. The captured messages are the ones that the control
// API shows: discarding them here discards them there too.
//
// See https://docs.localstack.cloud/aws/services/sns/#developer-endpoints.

func (l *API) snsRoutes(r *mux.Router) {
	sms := captures{"sms", "sms_messages", "phoneNumber"}
	push := captures{"application", "platform_endpoint_messages", "endpointArn"}
	for path, c := range map[string]captures{DeveloperPrefix + "/sns/sms-messages": sms, DeveloperPrefix + "/sns/platform-endpoint-messages": push} {
		r.HandleFunc(path, l.handle.Of(l.showCaptured(c))).Methods(http.MethodGet)
		r.HandleFunc(path, l.handle.Of(l.discardCaptured(c))).Methods(http.MethodDelete)
	}
	r.HandleFunc(DeveloperPrefix+"/sns/subscription-tokens/{subscription:.+}", l.handle.Of(l.showToken)).Methods(http.MethodGet)
	r.HandleFunc(DeveloperPrefix+"/sns/phone-opt-outs", l.handle.Of(l.optOut)).Methods(http.MethodPost)
}

// captures is one kind of captured message: its protocol, and how LocalStack's JSON
// and parameters name it.
type captures struct{ protocol, member, endpoint string }

// where is what a request asks for: the messages of an account in a region, to
// one endpoint or, where it is empty, to all.
type where struct{ protocol, account, region, endpoint string }

func (w where) has(c sns.Captured) bool {
	return c.Protocol == w.protocol && c.Account == w.account && c.Region == w.region && (w.endpoint == "" || w.endpoint == c.Endpoint)
}

// asked reads a request's parameters. The ARN of an endpoint says itself where it is.
func (l *API) asked(r *http.Request, c captures) (where, error) {
	query, err := web.Parameters(r, "accountId", "region", c.endpoint)
	if err != nil {
		return where{}, err
	}
	w := where{c.protocol, cmp.Or(query.Get("accountId"), l.config.Runtime().Account()), cmp.Or(query.Get("region"), l.config.Region), query.Get(c.endpoint)}
	if a, err := arn.Parse(w.endpoint); err == nil {
		w.account, w.region = a.AccountID, a.Region
	} else if c.endpoint == "endpointArn" && w.endpoint != "" {
		return where{}, web.Refused(http.StatusBadRequest, "endpointArn: %q is not an ARN", w.endpoint)
	}
	return w, nil
}

// sentView is a captured message as LocalStack shows it.
type sentView struct {
	PhoneNumber       string `json:",omitempty"`
	TargetArn         string `json:",omitempty"`
	TopicArn          *string
	SubscriptionArn   *string
	MessageId         string
	Message           string
	MessageAttributes map[string]sentAttribute
	MessageStructure  *string
	Subject           *string
}

type sentAttribute struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

func viewSent(c sns.Captured) sentView {
	given := func(text string) *string {
		if text == "" {
			return nil
		}
		return &text
	}
	v := sentView{
		TopicArn: given(c.TopicArn), SubscriptionArn: given(c.SubscriptionArn), MessageId: c.MessageID,
		Message: c.Body, MessageAttributes: map[string]sentAttribute{}, Subject: given(c.Subject),
	}
	if c.Protocol == "sms" {
		v.PhoneNumber = c.Endpoint
	} else {
		v.TargetArn = c.Endpoint
	}
	if c.Structured {
		v.MessageStructure = given("json")
	}
	for name, a := range c.Attributes {
		v.MessageAttributes[name] = sentAttribute{a.DataType, a.StringValue, a.BinaryValue}
	}
	return v
}

// showCaptured lists messages by endpoint, oldest first.
func (l *API) showCaptured(c captures) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		asked, err := l.asked(r, c)
		if err != nil {
			return err
		}
		all := slices.Collect(l.config.Runtime().Captured.Newest())
		sent := map[string][]sentView{}
		if asked.endpoint != "" {
			sent[asked.endpoint] = []sentView{}
		}
		for _, one := range slices.Backward(all) {
			if asked.has(one) {
				sent[one.Endpoint] = append(sent[one.Endpoint], viewSent(one))
			}
		}
		web.Answer(w, http.StatusOK, map[string]any{c.member: sent, "region": asked.region})
		return nil
	}
}

func (l *API) discardCaptured(c captures) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		asked, err := l.asked(r, c)
		if err != nil {
			return err
		}
		l.config.Runtime().Captured.Remove(asked.has)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// showToken answers the token by which a subscription is confirmed.
func (l *API) showToken(w http.ResponseWriter, r *http.Request) error {
	subscription, err := url.PathUnescape(mux.Vars(r)["subscription"])
	if err != nil {
		return web.Refused(http.StatusBadRequest, "the path is malformed: %v", err)
	}
	refuse := func(status int, reason string) {
		web.Answer(w, status, map[string]string{"error": reason, "subscription_arn": subscription})
	}
	if a, err := arn.Parse(subscription); err != nil || a.Service != "sns" {
		refuse(http.StatusBadRequest, "The provided SubscriptionARN is invalid")
		return nil
	}
	token, err := l.config.Runtime().SNS.Token(r.Context(), subscription)
	if err != nil {
		return err
	}
	if token == "" {
		refuse(http.StatusNotFound, "The provided SubscriptionARN is not found")
		return nil
	}
	web.Answer(w, http.StatusOK, map[string]string{"subscription_token": token, "subscription_arn": subscription})
	return nil
}

// optOut opts a phone number out of text messages, as its holder does by answering STOP.
func (l *API) optOut(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	var in struct{ PhoneNumber, AccountId, Region string }
	if err := web.Decode(r, &in); err != nil {
		return err
	}
	account, region := cmp.Or(in.AccountId, l.config.Runtime().Account()), cmp.Or(in.Region, l.config.Region)
	if !arn.IsAccountID(account) {
		return web.Refused(http.StatusBadRequest, "accountId: %q is not an account of 12 digits", account)
	}
	err := l.config.Regions.Check(region)
	if err != nil {
		return web.Refused(http.StatusBadRequest, "region: %v", err)
	}
	err = l.config.Runtime().SNS.OptOut(r.Context(), account, region, in.PhoneNumber)
	if e, ok := errors.AsType[*api.Error](err); ok {
		return web.Refused(http.StatusBadRequest, "phoneNumber: %s", e.Message)
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
