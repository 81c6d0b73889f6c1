package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkcloudformation "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	sdkcloudtrail "github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	sdkec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	sdkeventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	sdkkms "github.com/aws/aws-sdk-go-v2/service/kms"
	sdkorganizations "github.com/aws/aws-sdk-go-v2/service/organizations"
	sdks3 "github.com/aws/aws-sdk-go-v2/service/s3"
	sdksns "github.com/aws/aws-sdk-go-v2/service/sns"
	sdksqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	sdkssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/wire"
)

// Parity with the SDK. For every operation in the services' tables the shapes
// have exactly the members that aws-sdk-go-v2's have, of the same kinds; and a
// real client's request, all members filled, arrives whole in our input, as our
// output, all members filled, arrives whole in the client's. What the client
// does not sign needs no signature here. The second part
// holds the names on the wire to the SDK's own serializers, which are made from
// the same schemas as its types.

// sdkClients makes the SDK's client of each service.
var sdkClients = map[string]func(aws.Config) any{
	"cloudformation": func(c aws.Config) any { return sdkcloudformation.NewFromConfig(c) },
	"cloudtrail":     func(c aws.Config) any { return sdkcloudtrail.NewFromConfig(c) },
	"iam":            func(c aws.Config) any { return sdkiam.NewFromConfig(c) },
	"kms":            func(c aws.Config) any { return sdkkms.NewFromConfig(c) },
	"sns":            func(c aws.Config) any { return sdksns.NewFromConfig(c) },
	"sqs": func(c aws.Config) any {
		// The digests of made-up messages are made up too.
		return sdksqs.NewFromConfig(c, func(o *sdksqs.Options) { o.DisableMessageChecksumValidation = true })
	},
	"ssm":           func(c aws.Config) any { return sdkssm.NewFromConfig(c) },
	"sts":           func(c aws.Config) any { return sdksts.NewFromConfig(c) },
	"s3":            func(c aws.Config) any { return sdks3.NewFromConfig(c) },
	"ec2":           func(c aws.Config) any { return sdkec2.NewFromConfig(c) },
	"events":        func(c aws.Config) any { return sdkeventbridge.NewFromConfig(c) },
	"organizations": func(c aws.Config) any { return sdkorganizations.NewFromConfig(c) },
}

func TestParity(t *testing.T) {
	for _, service := range services(t) {
		for i := range service.Operations {
			op := &service.Operations[i]
			t.Run(service.Name+"/"+op.Name, func(t *testing.T) {
				for _, complaint := range parity(&service, op) {
					t.Error(complaint)
				}
			})
		}
	}
}

// parity lists what is not as the SDK has it.
func parity(service *api.Service, op *api.Operation) []string {
	for _, shape := range []reflect.Type{op.In, op.Out} {
		if err := wire.Check(shape); err != nil {
			return []string{err.Error()}
		}
	}
	peer := &sdkPeer{service: service, op: op}
	client := reflect.ValueOf(sdkClients[service.Name](aws.Config{
		Region: "us-east-1", HTTPClient: peer, RetryMaxAttempts: 1, BaseEndpoint: aws.String("http://localhost"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}))
	method := client.MethodByName(op.Name)
	if !method.IsValid() {
		return []string{"the SDK has no operation of this name"}
	}
	in, out := method.Type().In(1).Elem(), method.Type().Out(0).Elem()
	if slices.Contains(alwaysFail, service.Name+"."+op.Name) {
		out = op.Out
	}
	complaints := slices.Concat(
		compareTypes("input", in, op.In, nil),
		compareTypes("output", out, op.Out, nil),
	)
	complaints = slices.DeleteFunc(complaints, func(complaint string) bool {
		return slices.ContainsFunc(slices.Concat(newer[service.Name+"."+op.Name], headersBeside[service.Name+"."+op.Name]), func(member string) bool {
			return complaint == member+" is no member of the SDK's"
		})
	})
	if len(complaints) > 0 {
		return complaints
	}
	var f filler
	sent := reflect.New(in)
	f.fill(sent.Elem(), 0)
	unfilled := unsendable[service.Name+"."+op.Name]
	if unfilled != "" {
		sent.Elem().FieldByName(unfilled).SetZero()
	}
	answer := reflect.New(op.Out)
	f.fill(answer.Elem(), 0)
	peer.answer = answer.Interface()
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), sent})
	if err, _ := results[1].Interface().(error); err != nil {
		return []string{err.Error()}
	}
	return slices.DeleteFunc(slices.Concat(
		peer.signature(),
		compareValues("input", sent.Elem(), reflect.ValueOf(peer.received).Elem()),
		compareOutputs(service.Name+"."+op.Name, results[0].Elem(), answer.Elem()),
	), func(complaint string) bool {
		return slices.Contains(sharedHeaders[service.Name+"."+op.Name], complaint) || complaint == "input."+unfilled+" did not arrive"
	})
}

// unsendable are members of which the SDK makes a host, so that it sends none that is made
// up, by operation.
var unsendable = map[string]string{"events.PutEvents": "EndpointId"}

// alwaysFail are the operations that read what nothing has here. Their output never is.
var alwaysFail = []string{
	"s3.GetBucketCors", "s3.GetBucketLifecycleConfiguration", "s3.GetBucketReplication", "s3.GetBucketWebsite", "s3.GetObjectLockConfiguration",
}

func compareOutputs(op string, sdk, ours reflect.Value) []string {
	if slices.Contains(alwaysFail, op) {
		return nil
	}
	return compareValues("output", sdk, ours)
}

// headersBeside are the members of ours that tell the status or a header which AWS
// sends and its models do not have, by operation.
var headersBeside = map[string][]string{
	"s3.GetObject":     {"output.StatusCode"},
	"s3.HeadObject":    {"output.StatusCode"},
	"s3.ListObjectsV2": {"output.BucketRegion"},
	"s3.DeleteObjects": {"input.ContentMD5", "input.Checksums"},
}

// sharedHeaders are what is said of members that stand in a header which belongs to the
// connection: the length of a body.
var sharedHeaders = map[string][]string{
	"s3.PutObject":  {"input.ContentLength did not arrive"},
	"s3.UploadPart": {"input.ContentLength did not arrive"},
}

// newer are the members that AWS's models have, boto3's for one, and the SDK
// that is required here does not have yet, by operation.
var newer = map[string][]string{
	"sts.GetWebIdentityToken": {"input.Scope", "input.SubjectMode"},
}

// byLink are the operations that AWS takes without a signature although its
// SDKs sign them: the links in a subscription's messages call them.
var byLink = []string{"sns.ConfirmSubscription", "sns.Unsubscribe"}

// signature lists where we want a signature that the SDK, by the auth trait of
// AWS's model, does not send, and where we do without one that it sends. SQS
// takes every operation of anybody whom a queue's policy lets in.
func (p *sdkPeer) signature() []string {
	switch {
	case !p.signed && !p.service.Unsigned && !p.op.Unsigned:
		return []string{"the SDK sends it unsigned, we want a signature"}
	case p.signed && p.op.Unsigned && !slices.Contains(byLink, p.service.Name+"."+p.op.Name):
		return []string{"the SDK signs it, we take it unsigned"}
	}
	return nil
}

// sdkPeer is the SDK's HTTP client and what stands at the other end of it.
type sdkPeer struct {
	service  *api.Service
	op       *api.Operation
	answer   any // what is answered
	received any // what the request became
	signed   bool
}

func (p *sdkPeer) Do(r *http.Request) (*http.Response, error) {
	p.signed = r.Header.Get("Authorization") != ""
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // for the dialects that stream it
	router := wire.NewRouter()
	router.Add(withoutChecks(p.service))
	call := router.Match(r, scopeOf(r))
	failed := call.Read(body)
	if failed == nil {
		failed = call.Find()
	}
	if failed == nil && call.Operation != p.op.Name {
		return nil, fmt.Errorf("the request was for %s", call.Operation)
	}
	if failed == nil {
		p.received, _, failed = call.Decode(p.op.In)
	}
	if failed != nil {
		return nil, fmt.Errorf("the request was refused: %w", failed)
	}
	w := httptest.NewRecorder()
	call.WriteResult(w, p.answer, "the-request")
	return w.Result(), nil
}

// withoutChecks is a service that does not compare documents with their checksums: every
// member of the SDK's is made up.
func withoutChecks(service *api.Service) *api.Service {
	unchecked := *service
	unchecked.Dialects = slices.Clone(service.Dialects)
	for i, dialect := range unchecked.Dialects {
		if said, ok := dialect.(*api.RESTXML); ok {
			rest := *said
			rest.CheckDocument = nil
			unchecked.Dialects[i] = &rest
		}
	}
	return &unchecked
}

// scopeOf is the service that a request is signed for; empty: it is not signed.
func scopeOf(r *http.Request) string {
	if signature, _ := sigv4.Parse(r); signature != nil {
		return signature.Service
	}
	return ""
}

// The comparison finds what it is there to find.
func TestParityComplains(t *testing.T) {
	type attributes struct {
		KmsMasterKeyID string
		QueueName      []string
		Attributes     map[string]int32
		Tags           map[string]string
		Extra          string
	}
	type named struct {
		QueueName  string
		Attributes map[string]string `name:"attributes"`
		Tags       map[string]string
	}
	type output struct {
		QueueUrl string `name:"QueueURL"`
	}
	type unprintable struct{ QueueName any }
	type kindOfTime struct{ CreationDate string }
	table := services(t)
	queues := &table[slices.IndexFunc(table, func(s api.Service) bool { return s.Name == "sqs" })]
	for _, test := range []struct {
		name string
		op   api.Operation
		want []string
	}{
		{"members", operation[attributes, output]("CreateQueue"), []string{
			"input.Attributes{} is int32, the SDK's is string",
			"input.QueueName is []string, the SDK's is string",
			"input.KmsMasterKeyID is no member of the SDK's",
			"input.Extra is no member of the SDK's",
		}},
		{"names on the wire", operation[named, output]("CreateQueue"), []string{
			"input.Attributes: the SDK has map[text <5>:text <6> text <7>:text <8>], we have map[]",
			"input.Tags: the SDK has map[text <10>:text <11> text <12>:text <13>], we have map[]",
			"output.QueueUrl did not arrive",
		}},
		{"no plan", operation[unprintable, output]("CreateQueue"), []string{
			"wire: integration.unprintable: interface {} is of no kind that a protocol carries",
		}},
		{"a signature too few", func() api.Operation {
			op := queues.Operations[slices.IndexFunc(queues.Operations, func(o api.Operation) bool { return o.Name == "PurgeQueue" })]
			op.Unsigned = true
			return op
		}(), []string{"the SDK signs it, we take it unsigned"}},
		{"no operation", operation[named, output]("CreateQueues"), []string{"the SDK has no operation of this name"}},
	} {
		got := parity(queues, &test.op)
		slices.Sort(got)
		slices.Sort(test.want)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
	}
	got := compareTypes("key", reflect.TypeFor[struct {
		CreationDate *time.Time
		Enabled      bool
	}](), reflect.TypeFor[kindOfTime](), nil)
	if text := strings.Join(got, "; "); text != "key.CreationDate is string, the SDK's is time.Time; key.Enabled is missing" {
		t.Error(text)
	}
}

func operation[In, Out any](name string) api.Operation {
	return api.Unguarded(name, func(context.Context, *In) (*Out, error) { return new(Out), nil })
}
