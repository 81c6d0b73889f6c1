package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

func TestAServiceThatIsNotEmulatedIsNamed(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	signed := func(service string) []string {
		return []string{"Authorization", strings.Replace(servertest.Scope, "/sqs/", "/"+service+"/", 1)}
	}
	emulated := strings.Join(slices.Sorted(slices.Values(s.Runtime().Dispatcher.Names())), ", ")
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, method, target, body string
		header                     []string
		status                     int
		want                       []string
	}{
		{"JSON", http.MethodPost, "/", "{}", append(signed("dynamodb"), "X-Amz-Target", "DynamoDB_20120810.ListTables", "Content-Type", "application/x-amz-json-1.0"), 400, []string{"UnknownOperationException", "The service dynamodb is not emulated; waxseal emulates " + emulated + ", and passes other calls on to an emulator that serve --upstream URL names."}},
		{"JSON, unsigned", http.MethodPost, "/", "{}", []string{"X-Amz-Target", "Kinesis_20131202.ListStreams", "Content-Type", "application/x-amz-json-1.1"}, 400, []string{"UnknownOperationException", "The service Kinesis is not emulated"}},
		{"Query", http.MethodPost, "/", "Action=DescribeLoadBalancers&Version=2012-06-01", append(signed("elasticloadbalancing"), "Content-Type", form), 400, []string{"InvalidAction", "Could not find operation DescribeLoadBalancers for version 2012-06-01. The service elasticloadbalancing is not emulated"}},
		{"REST at the root", http.MethodGet, "/", "", signed("backup"), 404, []string{`{"__type":"UnknownOperationException","message":"The service backup is not emulated`}},
		{"REST at a path", http.MethodPut, "/2015-03-31/functions", "{}", signed("lambda"), 404, []string{`{"__type":"UnknownOperationException","message":"The service lambda is not emulated`}},
		{"REST in XML", http.MethodGet, "/2013-04-01/hostedzone", "", signed("route53"), 404, []string{"<Code>UnknownOperationException</Code>", "The service route53 is not emulated"}},
		{"of which some is here", http.MethodPost, "/", "{}", append(signed("ssm"), "X-Amz-Target", "AmazonSSM.PutParameter", "Content-Type", "application/x-amz-json-1.1"), 400, []string{"UnknownOperationException", "The service ssm is not emulated"}},
		{"by host", http.MethodGet, "/", "", []string{"Host", "rds.us-east-1.localhost"}, 404, []string{"The service rds is not emulated"}},
	} {
		for range 2 {
			status, body := servertest.Ask(s, c.method, c.target, c.body, c.header...)
			for _, want := range c.want {
				if status != c.status || !strings.Contains(body, want) {
					t.Errorf("%s: %d %s\nwant %d with %s", c.name, status, body, c.status, want)
				}
			}
		}
	}
	if got := s.NotEmulated(); !slices.Equal(got, []string{"Kinesis", "backup", "dynamodb", "elasticloadbalancing", "lambda", "rds", "route53", "ssm"}) {
		t.Errorf("called and not emulated: %v", got)
	}
	if n := strings.Count(log.String(), "a service that is not emulated"); n != 8 || strings.Contains(log.String(), "a path that AWS has nothing at") {
		t.Errorf("the log says %d times:\n%s", n, log.String())
	}
	for _, header := range [][]string{append(signed("sqs"), "Content-Type", form), {"Content-Type", form}} {
		if _, body := servertest.Ask(s, http.MethodPost, "/", "Action=Nonsense", header...); strings.Contains(body, "not emulated") {
			t.Errorf("a call for none of them: %s", body)
		}
	}
}

// TestBootstrapVersion: what is here of a service that is otherwise not emulated, as
// cdk deploy asks for it.
func TestBootstrapVersion(t *testing.T) {
	s := servertest.New(t, server.Config{})
	status, body := servertest.Ask(s, http.MethodPost, "/", `{"Name":"/cdk-bootstrap/hnb659fds/version","WithDecryption":true}`,
		"Authorization", strings.Replace(servertest.Scope, "/sqs/", "/ssm/", 1), "X-Amz-Target", "AmazonSSM.GetParameter", "Content-Type", "application/x-amz-json-1.1")
	if status != http.StatusOK || !strings.Contains(body, `"Value":"33"`) {
		t.Errorf("%d %s", status, body)
	}
}
