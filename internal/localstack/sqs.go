package localstack

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/sqs"
)

// LocalStack's developer endpoint of SQS shows a queue's messages in the form of
// ReceiveMessage's answer, without receiving them: in XML, in JSON with the same
// elements where the client accepts JSON, and in SQS's own JSON for SDKs. An SDK with
// this endpoint as its endpoint URL gets them by calling ReceiveMessage.
//
// See https://docs.localstack.cloud/aws/services/sqs/#developer-endpoints.

const (
	messagesPath = DeveloperPrefix + "/sqs/messages"
	receiveCall  = "ReceiveMessage"
)

var (
	errReceiveOnly = &api.Error{Code: "InvalidRequest", Status: http.StatusBadRequest, Message: "This endpoint only accepts ReceiveMessage calls"}
	errNoSuchPlace = &api.Error{Code: "InvalidAddress", Status: http.StatusNotFound}
)

func (l *API) sqsRoutes(r *mux.Router) {
	r.HandleFunc(messagesPath, l.handle.Of(l.showMessages)).Methods(http.MethodGet, http.MethodPost)
	// SDKs add to their endpoint URL "/" or the path of the queue's URL.
	r.HandleFunc(messagesPath+"/", l.handle.Of(l.showMessages)).Methods(http.MethodGet, http.MethodPost)
	r.HandleFunc(messagesPath+"/{region}/{account}/{queue}", l.handle.Of(l.showMessages)).Methods(http.MethodGet, http.MethodPost)
}

// showMessages answers as SQS does, errors too, because SDKs read them.
func (l *API) showMessages(w http.ResponseWriter, r *http.Request) error {
	accepted := strings.Contains(r.Header.Get("Accept"), "application/json")
	r.Header.Del("Accept") // with the Query protocol SQS answers in JSON of another form if the client accepts JSON
	body, tooBad := web.ReadBody(w, r, nil)
	call := l.config.Call(r)
	_ = call.Read(body) // a request without an Action asks for messages
	if _, form := call.Form(); !form || !accepted {
		l.answerMessages(w, r, call, tooBad)
		return nil
	}
	m := &mirror{ResponseWriter: w, status: http.StatusOK}
	l.answerMessages(m, r, call, tooBad)
	return m.send()
}

func (l *API) answerMessages(w http.ResponseWriter, r *http.Request, call *wire.Call, tooBad *api.Error) {
	id := l.config.IDs.UUID()
	rt := l.config.Runtime()
	call.For(rt.Dispatcher.Service("sqs").Service)
	out, err := l.peek(r.Context(), rt, r, call, tooBad)
	call.Operation = receiveCall
	if err != nil {
		call.WriteError(w, err, id)
		return
	}
	call.WriteResult(w, out, id)
}

// peek shows the messages of the queue that a request names in its path or its
// parameters.
func (l *API) peek(ctx context.Context, rt *runtime.Runtime, r *http.Request, call *wire.Call, tooBad *api.Error) (*sqs.ReceiveMessageOutput, error) {
	if tooBad != nil {
		return nil, tooBad
	}
	if call.Operation != "" && call.Operation != receiveCall {
		return nil, errReceiveOnly
	}
	show := sqs.Peeked{Invisible: isSet(r, call, "ShowInvisible"), Delayed: isSet(r, call, "ShowDelayed")}
	if v := mux.Vars(r); v["queue"] != "" {
		return rt.SQS.Peek(ctx, v["account"], v["region"], v["queue"], show)
	}
	queueURL, err := askedQueue(rt, call)
	if err != nil {
		return nil, err
	}
	account, name, ok := queueOf(queueURL)
	if !ok {
		return nil, errNoSuchPlace.With("The address " + queueURL + " is not valid for this endpoint.")
	}
	return rt.SQS.Peek(ctx, account, l.regionOf(r, queueURL), name, show)
}

// askedQueue is the QueueUrl that a call names.
func askedQueue(rt *runtime.Runtime, call *wire.Call) (string, error) {
	if _, form := call.Form(); form {
		if queueURL, _ := call.Parameter("QueueUrl"); queueURL != "" {
			return queueURL, nil
		}
		return "", sqs.ErrQueueDoesNotExist
	}
	in, violations, err := call.Decode(rt.Dispatcher.Service("sqs").Operation(receiveCall).In)
	switch {
	case err != nil:
		return "", err
	case len(violations) > 0:
		return "", sqs.ErrQueueDoesNotExist
	}
	return in.(*sqs.ReceiveMessageInput).QueueUrl, nil
}

// isSet reports whether a parameter of the query string or of the form is true.
func isSet(r *http.Request, call *wire.Call, name string) bool {
	value, ok := call.Parameter(name)
	if !ok {
		value = r.URL.Query().Get(name)
	}
	return value == "1" || strings.EqualFold(value, "true")
}

// queueOf is the account and the name in which a queue's URL ends.
func queueOf(queueURL string) (account, name string, ok bool) {
	u, err := url.Parse(queueURL)
	if err != nil {
		return "", "", false
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(segments) < 2 {
		return "", "", false
	}
	account, name = segments[len(segments)-2], segments[len(segments)-1]
	return account, name, arn.IsAccountID(account)
}

// regionOf is the region of a queue's URL, sqs.REGION.HOST, REGION.queue.HOST or
// HOST/queue/REGION/…, else the one that the caller signed for.
func (l *API) regionOf(r *http.Request, queueURL string) string {
	if u, err := url.Parse(queueURL); err == nil {
		labels := strings.SplitN(u.Hostname(), ".", 3)
		rest, _ := strings.CutPrefix(u.Path, "/queue/")
		inPath, _, _ := strings.Cut(rest, "/")
		for _, name := range append(labels[:min(len(labels), 2)], inPath) {
			if region, ok := l.config.Regions.Find(name); ok {
				return region
			}
		}
	}
	if signature, err := sigv4.Parse(r); err == nil && signature != nil && signature.Region != "" {
		return signature.Region
	}
	return l.config.Region
}
