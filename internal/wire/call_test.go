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

func TestIdentify(t *testing.T) {
	const formType = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name              string
		method, url, body string
		headers           []string
		want              Call
		err               *api.Error
	}{
		{"JSON 1.0", "POST", "/", "{}", []string{"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0"}, Call{Protocol: JSON, Target: "AmazonSQS", Operation: "SendMessage"}, nil},
		{"JSON 1.1", "POST", "/", "{}", []string{"X-Amz-Target", "TrentService.Encrypt", "Content-Type", "application/x-amz-json-1.1"}, Call{Protocol: JSON, Target: "TrentService", Operation: "Encrypt"}, nil},
		{"JSON by its target alone (Q021: at any path)", "POST", "/123456789012/orders", "{}", []string{"X-Amz-Target", "AmazonSQS.SendMessage"}, Call{Protocol: JSON, Target: "AmazonSQS", Operation: "SendMessage"}, nil},
		{"a target with dots (F11)", "POST", "/", "{}", []string{"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"}, Call{Protocol: JSON, Target: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101", Operation: "LookupEvents"}, nil},
		{"JSON without a target", "POST", "/", "{}", []string{"Content-Type", "application/x-amz-json-1.0"}, Call{Protocol: JSON}, errUnknownOperation},
		{"a target without a dot", "POST", "/", "{}", []string{"X-Amz-Target", "SendMessage"}, Call{Protocol: JSON}, errUnknownOperation},
		{"form", "POST", "/", "Action=Publish&Version=2010-03-31", []string{"Content-Type", formType}, Call{Protocol: Query, Operation: "Publish", Version: "2010-03-31"}, nil},
		{"form with a charset", "POST", "/", "Action=Publish", []string{"Content-Type", formType + "; charset=utf-8"}, Call{Protocol: Query, Operation: "Publish"}, nil},
		{"Q024: GET", "GET", "/123456789012/orders?Action=GetQueueAttributes&AttributeName.1=All", "", nil, Call{Protocol: Query, Operation: "GetQueueAttributes"}, nil},
		{"N001: POST with all in the query string", "POST", "/?Action=Publish&Version=2010-03-31", "", nil, Call{Protocol: Query, Operation: "Publish", Version: "2010-03-31"}, nil},
		{"Q036: the query string wins over the body", "POST", "/?Action=A", "Action=B&Version=v", []string{"Content-Type", formType}, Call{Protocol: Query, Operation: "A", Version: "v"}, nil},
		{"of duplicates the first", "POST", "/", "Action=A&Action=B&Version=1&Version=2", []string{"Content-Type", formType}, Call{Protocol: Query, Operation: "A", Version: "1"}, nil},
		{"an empty Action is one", "POST", "/", "Action=&Version=1", []string{"Content-Type", formType}, Call{Protocol: Query, Version: "1"}, nil},
		{"Q038: accepting JSON", "GET", "/?Action=ListQueues&Version=2012-11-05", "", []string{"Accept", "application/json"}, Call{Protocol: QueryJSON, Operation: "ListQueues", Version: "2012-11-05"}, nil},
		{"Q030: no Action, GET", "GET", "/123456789012/orders", "", nil, Call{Protocol: Query}, ErrNothingThere},
		{"Q030: no Action, accepting JSON", "GET", "/123456789012/orders", "", []string{"Accept", "application/json"}, Call{Protocol: Query}, ErrNothingThere},
		{"no Action, form", "POST", "/", "Version=1", []string{"Content-Type", formType}, Call{Protocol: Query, Version: "1"}, errMissingAction},
		{"no form content type", "POST", "/", "Action=Publish", nil, Call{Protocol: Query}, ErrNothingThere},
		{"another content type", "POST", "/", `{"Action":"Publish"}`, []string{"Content-Type", "application/json"}, Call{Protocol: Query}, ErrNothingThere},
		{"a form in a GET's body is none", "GET", "/", "Action=Publish", []string{"Content-Type", formType}, Call{Protocol: Query}, ErrNothingThere},
		{"bad percent encoding in the URL", "GET", "/?Action=%zz", "", nil, Call{Protocol: Query}, errMalformed},
		{"bad percent encoding in the body", "POST", "/", "Action=A&B=%", []string{"Content-Type", formType}, Call{Protocol: Query}, errMalformed},
		{"a content type that is none", "POST", "/", "Action=A", []string{"Content-Type", ";;;"}, Call{Protocol: Query}, ErrNothingThere},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, body := request(test.method, test.url, test.body, test.headers...)
			got, err := Identify(r, body)
			if err != test.err {
				t.Errorf("%v, want %v", err, test.err)
			}
			if got.Protocol != test.want.Protocol || got.Operation != test.want.Operation || got.Target != test.want.Target || got.Version != test.want.Version {
				t.Errorf("%+v", got)
			}
		})
	}
}

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
		r, body := request("GET", test.url, "")
		call, err := Identify(r, body)
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
	r, body := request("POST", "/", `{}`, "X-Amz-Target", "AmazonSQS.ReceiveMessage")
	call, _ := Identify(r, body)
	call.Default("QueueUrl", "path")
	if got, violations, err := call.Decode(in); err != nil || violations != nil || got.(*receiveMessageInput).QueueUrl != "path" {
		t.Errorf("JSON: %v %v %v", got, violations, err)
	}
}

func TestParameter(t *testing.T) {
	r, body := request("GET", "/?Action=A&QueueUrl=u&Empty=&List.1=x", "")
	call, _ := Identify(r, body)
	for name, want := range map[string]struct {
		value string
		ok    bool
	}{"QueueUrl": {"u", true}, "Empty": {"", true}, "List": {"", false}, "Nothing": {"", false}} {
		if value, ok := call.Parameter(name); value != want.value || ok != want.ok {
			t.Errorf("%s: %q %v", name, value, ok)
		}
	}
	if _, ok := (&Call{Protocol: JSON}).Parameter("QueueUrl"); ok {
		t.Error("JSON has no parameters")
	}
}

func TestUnknownOperation(t *testing.T) {
	for _, test := range []struct {
		call    Call
		service *api.Service
		want    string
	}{
		{Call{Protocol: JSON, Operation: "X"}, sqs, "UnknownOperationException: "},
		{Call{Protocol: JSON, Operation: "X"}, nil, "UnknownOperationException: "},
		{Call{Protocol: Query, Operation: "FooBar"}, sqs, "InvalidAction: The action FooBar is not valid for this endpoint."},
		{Call{Protocol: Query, Operation: "X", Version: "2011-06-15", version: true}, sts, "InvalidAction: Could not find operation X for version 2011-06-15"},
		{Call{Protocol: Query, Operation: "X", version: true}, sts, "InvalidAction: Could not find operation X for version "},
		{Call{Protocol: QueryJSON, Operation: "X"}, nil, "InvalidAction: Could not find operation X for version NO_VERSION_SPECIFIED"},
	} {
		if got := test.call.UnknownOperation(test.service).Error(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.call, got, test.want)
		}
	}
}

func TestWrongVersion(t *testing.T) {
	older := &api.Service{JSON: sqs.JSON, Query: &api.QueryProtocol{Version: "2012-11-05", Earlier: []string{"2011-10-01"}}}
	for _, test := range []struct {
		call    Call
		service *api.Service
		want    string
	}{
		{Call{Protocol: JSON}, older, ""},
		{Call{Protocol: Query}, older, ""}, // clients of SQS leave it out
		{Call{Protocol: Query, Version: "2012-11-05", version: true}, older, ""},
		{Call{Protocol: Query, Version: "2011-10-01", version: true}, older, ""},
		{Call{Protocol: Query, Version: "2011-10-02", version: true}, older, "NoSuchVersion: The requested version (2011-10-02) of service AmazonSQS does not exist"},
		{Call{Protocol: QueryJSON, version: true}, older, "NoSuchVersion: The requested version () of service AmazonSQS does not exist"},
		{Call{Protocol: Query, Operation: "X", Version: "2011-06-15", version: true}, sts, ""},
		{Call{Protocol: Query, Operation: "X", Version: "2011-06-16", version: true}, sts, "InvalidAction: Could not find operation X for version 2011-06-16"},
	} {
		got := ""
		if err := test.call.WrongVersion(test.service); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.call, got, test.want)
		}
	}
}

func TestSpeaks(t *testing.T) {
	for _, test := range []struct {
		p    Protocol
		s    *api.Service
		want bool
	}{{JSON, sqs, true}, {Query, sqs, true}, {QueryJSON, sqs, true}, {JSON, sns, false}, {Query, sns, true}, {Query, kms, false}, {JSON, kms, true}} {
		if got := (&Call{Protocol: test.p}).Speaks(test.s); got != test.want {
			t.Errorf("%v %s: %v", test.p, test.s.Name, got)
		}
	}
}
