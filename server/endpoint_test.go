package server_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/server"
)

const queueEndpoint = "vpce-0123456789abcdef0"

// withEndpoints is a server with a VPC endpoint for SQS, and its log.
func withEndpoints(t *testing.T, c server.Config) (*server.Server, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	c.Log = slog.New(slog.NewTextHandler(log, nil))
	s := servertest.New(t, c)
	full, err := policyeval.Parse(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := func(id, service, state string) *ec2.EndpointView {
		return &ec2.EndpointView{
			ID: id, Account: "123456789012", Region: "us-east-1", VPC: "vpc-1", ServiceName: "com.amazonaws.us-east-1." + service, Service: service,
			Type: "Interface", State: state, CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}, Source: netip.MustParseAddr("10.0.1.5"),
			Policy: &policyeval.Policy{Name: id, Document: full},
		}
	}
	bucket := endpoint("vpce-3", "s3", "available")
	bucket.Type, bucket.Source = "Gateway", netip.Addr{}
	elsewhere := endpoint("vpce-4", "sqs", "available")
	elsewhere.Region = "eu-west-1"
	s.SetEndpoints(map[string]*ec2.EndpointView{
		queueEndpoint: endpoint(queueEndpoint, "sqs", "available"), "vpce-1": endpoint("vpce-1", "kms", "available"),
		"vpce-2": endpoint("vpce-2", "sqs", "deleting"), "vpce-3": bucket, "vpce-4": elsewhere,
		"vpce-5": endpoint("vpce-5", "s3", "available"),
	})
	return s, log
}

// askQueue calls SQS's CreateQueue by a target, which may be absolute.
func askQueue(s http.Handler, target string, header ...string) (int, string) {
	header = append([]string{"X-Amz-Target", "AmazonSQS.CreateQueue", "Content-Type", "application/x-amz-json-1.0", "Authorization", servertest.Scope}, header...)
	return servertest.Ask(s, http.MethodPost, target, `{"QueueName":"orders"}`, header...)
}

// A call through an endpoint comes from an address of the VPC, and its answer keeps
// the way by which the caller came.
func TestThroughEndpoint(t *testing.T) {
	const host = queueEndpoint + ".sqs.us-east-1.vpce."
	for name, test := range map[string]struct{ target, host, source, queue string }{
		"by path":          {"/_vpce/" + queueEndpoint + "/", "127.0.0.1:4566", "10.0.1.5", "http://127.0.0.1:4566/_vpce/" + queueEndpoint},
		"without a slash":  {"/_vpce/" + queueEndpoint, "127.0.0.1:4566", "10.0.1.5", "http://127.0.0.1:4566/_vpce/" + queueEndpoint},
		"with two slashes": {"/_vpce/" + queueEndpoint + "//", "127.0.0.1:4566", "10.0.1.5", "http://127.0.0.1:4566/_vpce/" + queueEndpoint},
		"from an address":  {"/_vpce/" + queueEndpoint + "@10.0.2.9/", "127.0.0.1:4566", "10.0.2.9", "http://127.0.0.1:4566/_vpce/" + queueEndpoint + "@10.0.2.9"},
		"an escaped @":     {"/_vpce/" + queueEndpoint + "%4010.0.2.9/", "127.0.0.1:4566", "10.0.2.9", "http://127.0.0.1:4566/_vpce/" + queueEndpoint + "%4010.0.2.9"},
		"by HTTPS":         {"https://127.0.0.1/_vpce/" + queueEndpoint + "/", "127.0.0.1:4566", "10.0.1.5", "https://127.0.0.1:4566/_vpce/" + queueEndpoint},
		"by host":          {"/", host + "localhost:4566", "10.0.1.5", "http://" + host + "localhost:4566"},
		"by host, HTTPS":   {"https://x/", host + "localhost:4566", "10.0.1.5", "https://" + host + "localhost:4566"},
		"AWS's name":       {"/", queueEndpoint + "-abcdefgh.sqs.us-east-1.vpce.amazonaws.com", "10.0.1.5", "http://" + queueEndpoint + "-abcdefgh.sqs.us-east-1.vpce.amazonaws.com"},
		"AWS's zonal name": {"/", queueEndpoint + "-abcdefgh-us-east-1a.sqs.us-east-1.vpce.amazonaws.com", "10.0.1.5", "http://" + queueEndpoint + "-abcdefgh-us-east-1a.sqs.us-east-1.vpce.amazonaws.com"},
		"any other name":   {"/", queueEndpoint + ".example:4566", "10.0.1.5", "http://" + queueEndpoint + ".example:4566"},
		"in capitals":      {"/", strings.ToUpper(queueEndpoint) + ".example", "10.0.1.5", "http://" + strings.ToUpper(queueEndpoint) + ".example"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := withEndpoints(t, server.Config{})
			status, body := askQueue(s, test.target, "Host", test.host)
			servertest.WantAnswer(t, status, body, http.StatusOK, `"`+test.queue+`/123456789012/orders"`)
			context := servertest.Decisions(s)[0].Request.Context
			for key, want := range map[string]string{"aws:SourceVpce": queueEndpoint, "aws:SourceVpc": "vpc-1", "aws:VpcSourceIp": test.source, "aws:SourceIp": ""} {
				if got, _, _ := context.Get(key); strings.Join(got, "") != want {
					t.Errorf("%s is %s, want %s", key, got, want)
				}
			}
			if e := servertest.Events(s)[0]; e.VPCEndpointID != queueEndpoint || e.SourceIPAddress != test.source {
				t.Errorf("the event is of %s from %s", e.VPCEndpointID, e.SourceIPAddress)
			}
		})
	}
}

// S3 has names of its own for the endpoint: of all buckets, and of one.
func TestBucketsThroughAnEndpoint(t *testing.T) {
	s, _ := withEndpoints(t, server.Config{})
	const host = "vpce-5-abcdefgh.s3.us-east-1.vpce."
	for _, test := range []struct{ host, path string }{
		{"bucket." + host + "amazonaws.com", "/pics/k"},
		{"bucket." + host + "localhost", "/pics/k"},
		{"pics.bucket." + host + "localhost", "/k"},
		{"127.0.0.1:4566", "/_vpce/vpce-3/pics/k"},
	} {
		status, body := servertest.Ask(s, http.MethodGet, test.path, "", "Host", test.host, "Authorization", objectScope)
		servertest.WantAnswer(t, status, body, http.StatusNotFound, "<BucketName>pics</BucketName>")
	}
	if status, _ := servertest.Ask(s, http.MethodGet, "/pics/k", "", "Host", "bucket."+queueEndpoint+".sqs.us-east-1.vpce.localhost", "Authorization", objectScope); status != 0 {
		t.Errorf("through the endpoint of another service: %d", status)
	}
}

// The URL of a queue that a caller got through the endpoint is understood as it is,
// in the request's members and in its path.
func TestQueueURLThroughEndpoint(t *testing.T) {
	s, _ := withEndpoints(t, server.Config{})
	_, body := askQueue(s, "/_vpce/"+queueEndpoint+"@10.0.1.7/")
	var created struct{ QueueUrl string }
	if err := json.Unmarshal([]byte(body), &created); err != nil {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(created.QueueUrl, "http://"), "/")
	status, body := servertest.Ask(s, http.MethodPost, "/"+path, "Action=SendMessage&Version=2012-11-05&MessageBody=hello",
		"Content-Type", "application/x-www-form-urlencoded", "Authorization", servertest.Scope)
	servertest.WantAnswer(t, status, body, http.StatusOK, "<SendMessageResponse")
	if d := servertest.Decisions(s)[1]; d.Request.Resource != "arn:aws:sqs:us-east-1:123456789012:orders" {
		t.Errorf("the message went to %s", d.Request.Resource)
	}
	status, body = servertest.SQS(s, "GetQueueAttributes", `{"QueueUrl":"`+created.QueueUrl+`","AttributeNames":["ApproximateNumberOfMessages"]}`)
	servertest.WantAnswer(t, status, body, http.StatusOK, `"ApproximateNumberOfMessages":"1"`)
	// The next caller comes by another way, and is not told of this one.
	status, body = servertest.SQS(s, "GetQueueUrl", `{"QueueName":"orders"}`)
	servertest.WantAnswer(t, status, body, http.StatusOK, `"http://127.0.0.1:4566/123456789012/orders"`)
}

// An answer that leads by no endpoint has a host, also where the caller's name for the
// endpoint is its id alone, which says nothing of another name of this server.
func TestPublicURLOfEndpoint(t *testing.T) {
	for host, want := range map[string]string{
		queueEndpoint + ":4566": "http://localhost:4566", queueEndpoint: "http://localhost", queueEndpoint + ".:4566": "http://localhost:4566",
		queueEndpoint + ".example:4566": "http://example:4566", queueEndpoint + ".sqs.us-east-1.vpce.localhost:4566": "http://localhost:4566",
	} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Host = host
		if got := server.PublicURL(r); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

// A call that nobody signed is for the region of the endpoint that it comes through.
func TestUnsignedThroughEndpoint(t *testing.T) {
	s, _ := withEndpoints(t, server.Config{})
	status, body := servertest.Ask(s, http.MethodGet, "/_vpce/vpce-4/123456789012/orders?Action=ReceiveMessage&Version=2012-11-05", "")
	if d := servertest.Decisions(s); len(d) != 1 || d[0].Request.Resource != "arn:aws:sqs:eu-west-1:123456789012:orders" || d[0].Principal != "anonymous" {
		t.Errorf("decided %+v; answered %d %s", d, status, body)
	}
}

// Where a way leads nowhere on AWS, the connection ends without an answer, nothing is
// done and recorded, and the log says why.
func TestClosedAtEndpoint(t *testing.T) {
	const host = "Host"
	for name, test := range map[string]struct {
		target string
		header []string
		reason string
	}{
		"no such endpoint":             {"/_vpce/vpce-9/", nil, "there is no endpoint of this id"},
		"no id":                        {"/_vpce/", nil, "there is no endpoint of this id"},
		"nothing":                      {"/_vpce", nil, "there is no endpoint of this id"},
		"a host of no endpoint":        {"/", []string{host, "vpce-9.sqs.us-east-1.vpce.localhost"}, "there is no endpoint of this id"},
		"a host that is no id":         {"/", []string{host, "vpce-.localhost"}, "there is no endpoint of this id"},
		"a host that is the prefix":    {"/", []string{host, "vpce-"}, "there is no endpoint of this id"},
		"a deleted one":                {"/_vpce/vpce-2/", nil, "the endpoint is deleting, not available"},
		"another service":              {"/_vpce/vpce-1/", nil, "the call is for sqs, and the endpoint for kms"},
		"another service, unsigned":    {"/_vpce/vpce-1/", []string{"Authorization", ""}, "the call is for sqs, and the endpoint for kms"},
		"one that is not emulated":     {"/_vpce/vpce-1/", []string{"Authorization", "", "X-Amz-Target", "DynamoDB_20120810.ListTables"}, "the call is for DynamoDB, and the endpoint for kms"},
		"another region":               {"/_vpce/" + queueEndpoint + "/", []string{"Authorization", strings.Replace(servertest.Scope, "us-east-1", "eu-west-1", 1)}, "the call is for eu-west-1, and the endpoint is in us-east-1"},
		"a host of another service":    {"/", []string{host, queueEndpoint + ".kms.us-east-1.vpce.localhost"}, "the host names kms in us-east-1, and the endpoint is for sqs in us-east-1"},
		"a host of another region":     {"/", []string{host, queueEndpoint + ".sqs.eu-west-1.vpce.localhost"}, "the host names sqs in eu-west-1, and the endpoint is for sqs in us-east-1"},
		"an address elsewhere":         {"/_vpce/" + queueEndpoint + "@10.1.0.7/", nil, "10.1.0.7 is no address of vpc-1"},
		"an address that is none":      {"/_vpce/" + queueEndpoint + "@home/", nil, "home is no address of vpc-1"},
		"an address that is empty":     {"/_vpce/" + queueEndpoint + "@/", nil, "nothing is no address of vpc-1"},
		"an address in IPv6's form":    {"/_vpce/" + queueEndpoint + "@::ffff:10.0.0.7/", nil, "::ffff:10.0.0.7 is no address of vpc-1"},
		"a path in a path":             {"/_vpce/" + queueEndpoint + "/_vpce/vpce-1/", nil, "a way through one VPC endpoint does not lead through another"},
		"a path in a host":             {"/_vpce/" + queueEndpoint + "/", []string{host, queueEndpoint + ".localhost"}, "a way through one VPC endpoint does not lead through another"},
		"the control API":              {"/_vpce/" + queueEndpoint + "/_waxseal/health", nil, "the control API is not reached through a VPC endpoint"},
		"LocalStack's":                 {"/_vpce/" + queueEndpoint + "/_localstack/health", nil, "the control API is not reached through a VPC endpoint"},
		"the developer's":              {"/_vpce/" + queueEndpoint + "/_aws/sqs/messages", nil, "the control API is not reached through a VPC endpoint"},
		"the control API, by host":     {"/_waxseal/health", []string{host, queueEndpoint + ".localhost"}, "the control API is not reached through a VPC endpoint"},
		"a gateway's name":             {"/", []string{host, "vpce-3.s3.us-east-1.vpce.localhost"}, "a gateway endpoint has no name of its own; it is reached by path"},
		"a call through a gateway":     {"/_vpce/vpce-3/", nil, "the call is for sqs, and the endpoint for s3"},
		"an isolated VPC":              {"/_vpce/isolated/", nil, "the VPC has no endpoint for the service and no way to the internet (--isolated)"},
		"an escaped prefix":            {"/%5Fvpce/" + queueEndpoint + "/", nil, "there is no endpoint of this id"},
		"plain HTTP, with strictness":  {"/_vpce/" + queueEndpoint + "/", []string{"strict", ""}, "an endpoint takes no plain HTTP (--strict transport)"},
		"plain HTTP, by host, as well": {"/", []string{"strict", "", host, queueEndpoint + ".localhost"}, "an endpoint takes no plain HTTP (--strict transport)"},
	} {
		t.Run(name, func(t *testing.T) {
			config, header := server.Config{}, test.header
			if len(header) > 0 && header[0] == "strict" {
				config.Strict, header = runtime.Strict{Transport: true}, header[2:]
			}
			s, log := withEndpoints(t, config)
			for range 2 {
				if status, body := askQueue(s, test.target, header...); status != 0 {
					t.Errorf("answered %d %s", status, body)
				}
			}
			if n := strings.Count(log.String(), test.reason); n != 1 || strings.Count(log.String(), "level=") != 1 {
				t.Errorf("the log has the reason %d times, want once:\n%s", n, log)
			}
			if d, e := servertest.Decisions(s), servertest.Events(s); len(d)+len(e) > 0 {
				t.Errorf("recorded: %v %v", d, e)
			}
		})
	}
}

// What the service itself refuses is answered, through an endpoint as well.
func TestRefusedThroughEndpoint(t *testing.T) {
	s, _ := withEndpoints(t, server.Config{Strict: runtime.Strict{Credentials: true, Transport: true}})
	for name, test := range map[string]struct {
		target string
		header []string
		status int
		body   string
	}{
		"an unknown key":   {"https://x/_vpce/" + queueEndpoint + "/", nil, 403, "The security token included in the request is invalid."},
		"no such region":   {"https://x/_vpce/" + queueEndpoint + "/", []string{"Authorization", strings.Replace(servertest.Scope, "us-east-1", "us-est-1", 1)}, 403, "token"},
		"no such path":     {"https://x/_vpce/" + queueEndpoint + "/nothing", nil, 404, "UnknownOperation"},
		"a page's request": {"https://x/_vpce/" + queueEndpoint + "/", []string{"Origin", "https://evil.example"}, 403, "Refused by waxseal"},
	} {
		status, body := askQueue(s, test.target, test.header...)
		if status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s: answered %d %s, want %d with %s", name, status, body, test.status, test.body)
		}
	}
}

// Of a real connection nothing comes but its end, by HTTP and by HTTPS.
func TestClosedConnection(t *testing.T) {
	s, _ := withEndpoints(t, server.Config{})
	addr, _ := servertest.Serve(t, s)
	for name, dial := range map[string]func() (net.Conn, error){
		"HTTP": func() (net.Conn, error) { return net.Dial("tcp", addr) },
		"HTTPS": func() (net.Conn, error) {
			return tls.Dial("tcp", addr, &tls.Config{RootCAs: roots(t, s), ServerName: "localhost"})
		},
	} {
		c, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		_, _ = c.Write([]byte("GET /_vpce/vpce-9/ HTTP/1.1\r\nHost: localhost\r\n\r\n"))
		got := new(bytes.Buffer)
		if _, err := got.ReadFrom(c); err != nil || got.Len() > 0 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		_ = c.Close()
	}
}

// An endpoint is one that EC2 has: it is there until it is deleted, and the log warns,
// once for each address, where its security groups do not admit the caller.
func TestEndpointOfEC2(t *testing.T) {
	log := new(bytes.Buffer)
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(log, nil))})
	do := func(action string, params map[string]any) map[string]any {
		t.Helper()
		return servertest.ActAs(t, s, "root", "ec2:"+action, params)
	}
	vpc := do("CreateVpc", map[string]any{"CidrBlock": "10.0.0.0/16"})["Vpc"].(map[string]any)["VpcId"]
	subnet := do("CreateSubnet", map[string]any{"VpcId": vpc, "CidrBlock": "10.0.1.0/24"})["Subnet"].(map[string]any)["SubnetId"]
	group := do("CreateSecurityGroup", map[string]any{"VpcId": vpc, "GroupName": "endpoints", "Description": "endpoints"})["GroupId"]
	do("AuthorizeSecurityGroupIngress", map[string]any{"GroupId": group, "IpPermissions": []any{map[string]any{
		"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": []any{map[string]any{"CidrIp": "10.0.1.128/25"}},
	}}})
	id := do("CreateVpcEndpoint", map[string]any{
		"VpcEndpointType": "Interface", "VpcId": vpc, "ServiceName": "com.amazonaws.us-east-1.sqs", "PrivateDnsEnabled": false,
		"SubnetIds": []any{subnet}, "SecurityGroupIds": []any{group},
	})["VpcEndpoint"].(map[string]any)["VpcEndpointId"].(string)
	for range 2 {
		for _, way := range []string{id, id + "@10.0.1.200", id + "@10.0.1.100"} {
			if status, body := askQueue(s, "/_vpce/"+way); status != http.StatusOK {
				t.Errorf("%s: answered %d %s", way, status, body)
			}
		}
	}
	for text, n := range map[string]int{"would hang": 2, "address=10.0.1.5": 1, "address=10.0.1.100": 1, "10.0.1.200": 0} {
		if got := strings.Count(log.String(), text); got != n {
			t.Errorf("the log says %s %d times, want %d:\n%s", text, got, n, log)
		}
	}
	// The caller may have a group that is let in, which nobody here can know.
	do("AuthorizeSecurityGroupIngress", map[string]any{"GroupId": group, "IpPermissions": []any{map[string]any{
		"IpProtocol": "-1", "groups": []any{map[string]any{"GroupId": group}}, // UserIdGroupPairs, as EC2 calls them on the wire
	}}})
	log.Reset()
	if status, body := askQueue(s, "/_vpce/"+id+"@10.0.1.101"); status != http.StatusOK {
		t.Errorf("answered %d %s", status, body)
	}
	if want := "unless the caller has a group that is let in"; !strings.Contains(log.String(), want) || !strings.Contains(log.String(), group.(string)) {
		t.Errorf("the log does not say %q and %s:\n%s", want, group, log)
	}
	do("DeleteVpcEndpoints", map[string]any{"VpcEndpointIds": []any{id}})
	if status, body := askQueue(s, "/_vpce/"+id); status != 0 {
		t.Errorf("a deleted endpoint answers %d %s", status, body)
	}
}

// Requests that come by no endpoint pay nothing for those that do.
func TestAskingForEndpointsCostsNothing(t *testing.T) {
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodPost, "http://localhost:4566/", nil),
		httptest.NewRequest(http.MethodPost, "http://sqs.us-east-1.localhost:4566/123456789012/orders", nil),
	} {
		if n := testing.AllocsPerRun(100, func() { server.IsThrough(r) }); n > 0 || server.IsThrough(r) {
			t.Errorf("%s: %v allocations", r.URL, n)
		}
	}
}
