package wire

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

func request(method, url, body string, headers ...string) (*http.Request, []byte) {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r, []byte(body)
}

// formOf is the form in which a call came.
func formOf(c *Call) string {
	switch c.dialect.(type) {
	case *awsJSON:
		return asJSON
	case *queryJSON:
		return asQueryJSON
	default:
		return asQuery
	}
}

func TestRead(t *testing.T) {
	const formType = "application/x-www-form-urlencoded"
	type want struct{ form, target, operation, version string }
	for _, test := range []struct {
		name              string
		method, url, body string
		headers           []string
		want              want
		err               *api.Error
	}{
		{"JSON 1.0", "POST", "/", "{}", []string{"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0"}, want{asJSON, "AmazonSQS", "SendMessage", ""}, nil},
		{"JSON 1.1", "POST", "/", "{}", []string{"X-Amz-Target", "TrentService.Encrypt", "Content-Type", "application/x-amz-json-1.1"}, want{asJSON, "TrentService", "Encrypt", ""}, nil},
		{"JSON by its target alone (Q021: at any path)", "POST", "/123456789012/orders", "{}", []string{"X-Amz-Target", "AmazonSQS.SendMessage"}, want{asJSON, "AmazonSQS", "SendMessage", ""}, nil},
		{"a target with dots (F11)", "POST", "/", "{}", []string{"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"}, want{asJSON, "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", "LookupEvents", ""}, nil},
		{"JSON without a target", "POST", "/", "{}", []string{"Content-Type", "application/x-amz-json-1.0"}, want{form: asJSON}, errUnknownOperation},
		{"a target without a dot", "POST", "/", "{}", []string{"X-Amz-Target", "SendMessage"}, want{form: asJSON}, errUnknownOperation},
		{"JSON that looks like Query", "POST", "/?Action=A", "Action=B", []string{"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", formType, "Accept", "application/json"}, want{asJSON, "AmazonSQS", "SendMessage", ""}, nil},
		{"form", "POST", "/", "Action=Publish&Version=2010-03-31", []string{"Content-Type", formType}, want{asQuery, "", "Publish", "2010-03-31"}, nil},
		{"form with a charset", "POST", "/", "Action=Publish", []string{"Content-Type", formType + "; charset=utf-8"}, want{asQuery, "", "Publish", ""}, nil},
		{"Q024: GET", "GET", "/123456789012/orders?Action=GetQueueAttributes&AttributeName.1=All", "", nil, want{asQuery, "", "GetQueueAttributes", ""}, nil},
		{"N001: POST with all in the query string", "POST", "/?Action=Publish&Version=2010-03-31", "", nil, want{asQuery, "", "Publish", "2010-03-31"}, nil},
		{"Q036: the query string wins over the body", "POST", "/?Action=A", "Action=B&Version=v", []string{"Content-Type", formType}, want{asQuery, "", "A", "v"}, nil},
		{"of duplicates the first", "POST", "/", "Action=A&Action=B&Version=1&Version=2", []string{"Content-Type", formType}, want{asQuery, "", "A", "1"}, nil},
		{"an empty Action is one", "POST", "/", "Action=&Version=1", []string{"Content-Type", formType}, want{asQuery, "", "", "1"}, nil},
		{"an Action with its name encoded", "GET", "/?%41ction=Publish", "", nil, want{asQuery, "", "Publish", ""}, nil},
		{"Q038: accepting JSON", "GET", "/?Action=ListQueues&Version=2012-11-05", "", []string{"Accept", "application/json"}, want{asQueryJSON, "", "ListQueues", "2012-11-05"}, nil},
		{"Q030: no Action, GET", "GET", "/123456789012/orders", "", nil, want{form: asQuery}, ErrNothingThere},
		{"Q030: no Action, accepting JSON", "GET", "/123456789012/orders", "", []string{"Accept", "application/json"}, want{form: asQuery}, ErrNothingThere},
		{"no Action, form", "POST", "/", "Version=1", []string{"Content-Type", formType}, want{form: asQuery, version: "1"}, errMissingAction},
		{"no form content type", "POST", "/", "Action=Publish", nil, want{form: asQuery}, ErrNothingThere},
		{"another content type", "POST", "/", `{"Action":"Publish"}`, []string{"Content-Type", "application/json"}, want{form: asQuery}, ErrNothingThere},
		{"a form in a GET's body is none", "GET", "/", "Action=Publish", []string{"Content-Type", formType}, want{form: asQuery}, ErrNothingThere},
		{"bad percent encoding in the URL", "GET", "/?Action=%zz", "", nil, want{form: asQuery}, errMalformed},
		{"bad percent encoding in the body", "POST", "/", "Action=A&B=%", []string{"Content-Type", formType}, want{form: asQuery}, errMalformed},
		{"a content type that is none", "POST", "/", "Action=A", []string{"Content-Type", ";;;"}, want{form: asQuery}, ErrNothingThere},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := identify(request(test.method, test.url, test.body, test.headers...))
			if err != test.err {
				t.Errorf("%v, want %v", err, test.err)
			}
			if got := (want{formOf(c), c.Target(), c.Operation, c.version}); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if c.Streams() {
				t.Error("it streams")
			}
		})
	}
}

// A request is for the service that it names by X-Amz-Target, its credential
// scope, its version, its path, or an action that one service alone has.
func TestFind(t *testing.T) {
	const queue = "/123456789012/orders"
	for _, test := range []struct {
		name, scope, url, target string
		service                  *api.Service
		err                      string
	}{
		{"target", "", "/", "AmazonSQS.SendMessage", sqs, ""},
		{"target, whatever the scope", "kms", "/", "AmazonSQS.SendMessage", sqs, ""},
		{"no such target", "sqs", "/", "Nobody.SendMessage", nil, "UnknownOperationException: "},
		{"no such operation of a target", "sqs", "/", "AmazonSQS.Publish", sqs, "UnknownOperationException: "},
		{"an operation for the root is to be had at a path, in JSON", "sqs", queue, "AmazonSQS.CreateQueue", sqs, ""},
		{"scope", "sns", "/?Action=TagResource", "", sns, ""},
		{"scope before version", "sns", "/?Action=Publish&Version=2012-11-05", "", sns, "InvalidAction: Could not find operation Publish for version 2012-11-05"},
		{"a scope of JSON alone tells nothing", "kms", "/?Action=Publish", "", sns, ""},
		{"version", "", "/?Action=TagResource&Version=2010-03-31", "", sns, ""},
		{"version before path", "", queue + "?Action=TagResource&Version=2010-03-31", "", sns, ""},
		{"an earlier version", "", "/?Action=TagResource&Version=2011-10-01", "", sqs, ""},
		{"path", "", queue + "?Action=TagResource", "", sqs, ""},
		{"LocalStack's path", "", "/queue/us-east-1" + queue + "?Action=TagResource", "", sqs, ""},
		{"an operation for the root", "", "/?Action=CreateQueue", "", sqs, ""},
		{"an operation for the root alone", "", queue + "?Action=CreateQueue", "", sqs, "InvalidAction: The action CreateQueue is not valid for this endpoint."}, // [Q031]
		{"action", "", "/?Action=Publish", "", sns, ""},
		{"an action that several have", "", "/?Action=TagResource", "", nil, "InvalidAction: Could not find operation TagResource for version NO_VERSION_SPECIFIED"},
		{"nobody's version", "", "/?Action=TagResource&Version=1", "", nil, "InvalidAction: Could not find operation TagResource for version 1"},
		{"no such action of SQS (Q028)", "sqs", "/?Action=FooBar", "", sqs, "InvalidAction: The action FooBar is not valid for this endpoint."},
		{"no such version of SQS", "sqs", "/?Action=SendMessage&Version=2011-10-02", "", sqs, "NoSuchVersion: The requested version (2011-10-02) of service AmazonSQS does not exist"},
		{"an empty version of SQS", "sqs", "/?Action=SendMessage&Version=", "", sqs, "NoSuchVersion: The requested version () of service AmazonSQS does not exist"},
		{"clients of SQS leave it out", "sqs", "/?Action=SendMessage", "", sqs, ""},
		{"no such version of STS", "sts", "/?Action=AssumeRole&Version=2011-06-16", "", sts, "InvalidAction: Could not find operation AssumeRole for version 2011-06-16"},
		{"no such action of STS", "sts", "/?Action=X&Version=2011-06-15", "", sts, "InvalidAction: Could not find operation X for version 2011-06-15"},
		{"an empty version of STS", "sts", "/?Action=X&Version=", "", sts, "InvalidAction: Could not find operation X for version "},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, _ := request("POST", test.url, "", "X-Amz-Target", test.target)
			c := services.Match(r, test.scope)
			if err := c.Read(nil); err != nil {
				t.Fatal(err)
			}
			if known := c.Known() != nil; known != (test.service != nil) {
				t.Errorf("known: %v", known)
			}
			got := ""
			if err := c.Find(); err != nil {
				got = err.Error()
			}
			if got != test.err || c.Service != test.service {
				t.Errorf("%q of %v", got, c.Service)
			}
			if got == "" && c.Op.Name != c.Operation {
				t.Errorf("found %v", c.Op)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]bool{
		"/": true, "//": true, "/123456789012/orders": true, "/123456789012/orders/": true, "/queue/eu-west-1/123456789012/orders": true,
		"/orders": false, "/123456789012": false, "/123456789012/": false, "/123456789012/a/b": false, "/12345678901/orders": false, "/queue/123456789012/orders": false,
	} {
		r, _ := request("GET", path+"?Action=SendMessage", "")
		c := services.Match(r, "sqs")
		if got := c.HasPath(); got != want {
			t.Errorf("%s: %v", path, got)
		}
		if err := c.Read(nil); err != nil {
			t.Fatal(err)
		}
		_ = c.Find()
		if got := c.ResourceMember() == "QueueUrl"; got != (want && strings.Trim(path, "/") != "") {
			t.Errorf("%s names a queue: %v", path, got)
		}
	}
	r, _ := request("GET", "/123456789012/orders?Action=Publish&Version=2010-03-31", "")
	c := services.Match(r, "sns")
	if err := c.Read(nil); err != nil {
		t.Fatal(err)
	}
	if _ = c.Find(); c.ResourceMember() != "" {
		t.Error("a path means something to SNS")
	}
}

// What a service says that it speaks and nothing here knows is told at once.
func TestServiceOfAnUnknownDialect(t *testing.T) {
	defer func() {
		if got := recover(); got != "wire: x speaks unknown, which is no dialect" {
			t.Error(got)
		}
	}()
	NewRouter().Add(&api.Service{Name: "x", Dialects: []api.Dialect{unknownDialect{}}})
}

type unknownDialect struct{}

func (unknownDialect) Protocol() string { return "unknown" }

func TestDefault(t *testing.T) {
	in := reflect.TypeFor[receiveMessageInput]()
	for _, test := range []struct {
		name, url, want string
		defaults        [][2]string
	}{
		{"the path's queue (Q035)", "/?Action=ReceiveMessage", "path", [][2]string{{"Other", "x"}, {"QueueUrl", "path"}, {"MaxNumberOfMessages", "x"}}},
		{"the parameter wins (Q036)", "/?Action=ReceiveMessage&QueueUrl=given", "given", [][2]string{{"QueueUrl", "path"}}},
		{"an empty parameter is one", "/?Action=ReceiveMessage&QueueUrl=", "", [][2]string{{"QueueUrl", "path"}}},
	} {
		call, err := identify(request("GET", test.url, ""))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range test.defaults {
			call.Default(d[0], d[1])
		}
		got, violations, err := call.Decode(in)
		if err != nil || violations != nil || got.(*receiveMessageInput).QueueUrl != test.want {
			t.Errorf("%s: %v %v %v", test.name, got, violations, err)
		}
	}
	call, _ := identify(request("POST", "/", `{}`, "X-Amz-Target", "AmazonSQS.ReceiveMessage"))
	call.Default("QueueUrl", "path")
	if got, violations, err := call.Decode(in); err != nil || violations != nil || got.(*receiveMessageInput).QueueUrl != "path" {
		t.Errorf("JSON: %v %v %v", got, violations, err)
	}
}

func TestParameter(t *testing.T) {
	call, _ := identify(request("POST", "/?Action=A&QueueUrl=u&Empty=&List.1=x", "body"))
	for name, want := range map[string]struct {
		value string
		ok    bool
	}{"QueueUrl": {"u", true}, "Empty": {"", true}, "List": {"", false}, "Nothing": {"", false}} {
		if value, ok := call.Parameter(name); value != want.value || ok != want.ok {
			t.Errorf("%s: %q %v", name, value, ok)
		}
	}
	if body, ok := call.Form(); string(body) != "body" || !ok {
		t.Errorf("form %q %v", body, ok)
	}
	malformed, _ := identify(request("GET", "/?Action=%", ""))
	if _, ok := malformed.Form(); !ok {
		t.Error("a form that is malformed is one")
	}
	if _, _, err := malformed.Decode(reflect.TypeFor[nothing]()); err != errMalformed {
		t.Errorf("decoded: %v", err)
	}
	json := callIn(asJSON, sqs)
	if _, ok := json.Parameter("QueueUrl"); ok {
		t.Error("JSON has no parameters")
	}
	if _, ok := json.Form(); ok {
		t.Error("JSON has no form")
	}
}
