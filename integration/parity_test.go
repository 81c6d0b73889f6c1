package integration

import (
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
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	sdkkms "github.com/aws/aws-sdk-go-v2/service/kms"
	sdksns "github.com/aws/aws-sdk-go-v2/service/sns"
	sdksqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
	"github.com/waxseal/waxseal/sts"
)

// Parity with the SDK. For every operation in the services' tables the shapes
// have exactly the members that aws-sdk-go-v2's have, of the same kinds; and a
// real client's request, all members filled, arrives whole in our input, as our
// output, all members filled, arrives whole in the client's. The second part
// holds the names on the wire to the SDK's own serialisers, which are made from
// the same schemas as its types.

// services are the services as the server wires them, as far as their tables go.
func services(t *testing.T) []api.Service {
	engine, turnable, source := mem.New(), clock.New(), ids.New()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	directory := identity.New(identity.Config{Engine: engine, Clock: turnable, IDs: source, HSM: module})
	queues := sqs.New(sqs.Config{Engine: engine, Clock: turnable, IDs: source, HSM: module})
	t.Cleanup(queues.Close)
	return []api.Service{
		queues.API(),
		sns.New(sns.Config{Engine: engine, Clock: turnable, IDs: source, HSM: module}).API(),
		kms.New(kms.Config{Engine: engine, Clock: turnable, IDs: source, HSM: module}).API(),
		iam.New(iam.Config{Directory: directory}).API(),
		sts.New(sts.Config{Directory: directory}).API(),
	}
}

// sdkClients makes the SDK's client of each service.
var sdkClients = map[string]func(aws.Config) any{
	"iam": func(c aws.Config) any { return sdkiam.NewFromConfig(c) },
	"kms": func(c aws.Config) any { return sdkkms.NewFromConfig(c) },
	"sns": func(c aws.Config) any { return sdksns.NewFromConfig(c) },
	"sqs": func(c aws.Config) any {
		// The digests of made-up messages are made up too.
		return sdksqs.NewFromConfig(c, func(o *sdksqs.Options) { o.DisableMessageChecksumValidation = true })
	},
	"sts": func(c aws.Config) any { return sdksts.NewFromConfig(c) },
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
	complaints := slices.Concat(
		compareTypes("input", in, op.In, nil),
		compareTypes("output", out, op.Out, nil),
	)
	if complaints != nil {
		return complaints
	}
	var f filler
	sent := reflect.New(in)
	f.fill(sent.Elem(), 0)
	answer := reflect.New(op.Out)
	f.fill(answer.Elem(), 0)
	peer.answer = answer.Interface()
	results := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), sent})
	if err, _ := results[1].Interface().(error); err != nil {
		return []string{err.Error()}
	}
	return slices.Concat(
		compareValues("input", sent.Elem(), reflect.ValueOf(peer.received).Elem()),
		compareValues("output", results[0].Elem(), answer.Elem()),
	)
}

// sdkPeer is the SDK's HTTP client and what stands at the other end of it.
type sdkPeer struct {
	service  *api.Service
	op       *api.Operation
	answer   any // what is answered
	received any // what the request became
}

func (p *sdkPeer) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	call, failed := wire.Identify(r, body)
	if failed == nil {
		p.received, _, failed = call.Decode(p.op.In)
	}
	switch {
	case failed != nil:
		return nil, fmt.Errorf("the request was refused: %w", failed)
	case call.Operation != p.op.Name || call.Protocol == wire.JSON && call.Target != p.service.JSON.TargetPrefix:
		return nil, fmt.Errorf("the request was for %s.%s", call.Target, call.Operation)
	case call.Protocol != wire.JSON && call.Version != p.service.Query.Version:
		return nil, fmt.Errorf("the request was for version %s", call.Version)
	}
	w := httptest.NewRecorder()
	call.WriteResult(w, p.service, p.answer, "the-request")
	return w.Result(), nil
}

// unions are the SDK's union types, each with the types of its members. Our
// shape of a union is a structure with a field for each, of which one is set.
var unions = map[reflect.Type][]reflect.Type{
	reflect.TypeFor[iamtypes.PolicyIdentifier](): {
		reflect.TypeFor[iamtypes.PolicyIdentifierMemberInlinePolicyIdentifier](),
		reflect.TypeFor[iamtypes.PolicyIdentifierMemberPolicyArn](),
		reflect.TypeFor[iamtypes.PolicyIdentifierMemberPolicyType](),
	},
}

// unionMember is the name of the member that a union's type stands for.
func unionMember(t reflect.Type) string {
	_, name, _ := strings.Cut(t.Name(), "Member")
	return name
}

// asStruct is the SDK's type, and for a union a structure with its members.
func asStruct(t reflect.Type) reflect.Type {
	var fields []reflect.StructField
	for _, member := range unions[t] {
		value, _ := member.FieldByName("Value")
		fields = append(fields, reflect.StructField{Name: unionMember(member), Type: value.Type})
	}
	if fields == nil {
		return t
	}
	return reflect.StructOf(fields)
}

// compareTypes lists how a shape of ours differs from the SDK's. seen are the
// SDK's types on the way here, for some contain themselves.
func compareTypes(path string, sdk, ours reflect.Type, seen []reflect.Type) []string {
	sdk, ours = asStruct(target(sdk)), target(ours)
	if kindOf(sdk) != kindOf(ours) || sdk.Kind() == reflect.Struct && (sdk == timeType) != (ours == timeType) {
		return []string{fmt.Sprintf("%s is %v, the SDK's is %v", path, ours, sdk)}
	}
	switch {
	case sdk == timeType || slices.Contains(seen, sdk):
		return nil
	case sdk.Kind() == reflect.Slice:
		return compareTypes(path+"[]", sdk.Elem(), ours.Elem(), seen)
	case sdk.Kind() == reflect.Map:
		return compareTypes(path+"{}", sdk.Elem(), ours.Elem(), seen)
	case sdk.Kind() != reflect.Struct:
		return nil
	}
	var complaints []string
	seen = append(seen, sdk)
	for _, name := range members(sdk) {
		theirs, _ := sdk.FieldByName(name)
		if our, ok := ours.FieldByName(name); ok {
			complaints = append(complaints, compareTypes(path+"."+name, theirs.Type, our.Type, seen)...)
		} else {
			complaints = append(complaints, path+"."+name+" is missing")
		}
	}
	for _, name := range members(ours) {
		if _, ok := sdk.FieldByName(name); !ok {
			complaints = append(complaints, path+"."+name+" is no member of the SDK's")
		}
	}
	return complaints
}

// kindOf is a type's kind. AWS's Integer, an int32 in the SDK, may be an int here.
func kindOf(t reflect.Type) reflect.Kind {
	if t.Kind() == reflect.Int {
		return reflect.Int32
	}
	return t.Kind()
}

var timeType = reflect.TypeFor[time.Time]()

func target(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// members are the names of a struct's fields that are members of AWS's shape.
func members(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Name != "ResultMetadata" {
			names = append(names, f.Name)
		}
	}
	return names
}

// compareValues lists where two values of equal shapes differ.
func compareValues(path string, sdk, ours reflect.Value) []string {
	for _, v := range []*reflect.Value{&sdk, &ours} {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return []string{path + " did not arrive"}
			}
			*v = v.Elem()
		}
	}
	var complaints []string
	switch {
	case sdk.Kind() == reflect.Interface:
		member := sdk.Elem().Elem()
		name := unionMember(member.Type())
		return compareValues(path+"."+name, member.FieldByName("Value"), ours.FieldByName(name))
	case sdk.Type() == timeType:
		if !sdk.Interface().(time.Time).Equal(ours.Interface().(time.Time)) {
			return []string{fmt.Sprintf("%s: the SDK has %v, we have %v", path, sdk, ours)}
		}
	case sdk.Kind() == reflect.Struct:
		for _, name := range members(sdk.Type()) {
			complaints = append(complaints, compareValues(path+"."+name, sdk.FieldByName(name), ours.FieldByName(name))...)
		}
	case sdk.Kind() == reflect.Slice && sdk.Len() == ours.Len():
		for i := range sdk.Len() {
			complaints = append(complaints, compareValues(fmt.Sprintf("%s[%d]", path, i), sdk.Index(i), ours.Index(i))...)
		}
	case sdk.Kind() == reflect.Map && sdk.Len() == ours.Len():
		for _, key := range sdk.MapKeys() {
			our := ours.MapIndex(key.Convert(ours.Type().Key()))
			if !our.IsValid() {
				return []string{fmt.Sprintf("%s: no %v", path, key)}
			}
			complaints = append(complaints, compareValues(path+"."+key.String(), sdk.MapIndex(key), our)...)
		}
	case !sdk.Type().ConvertibleTo(ours.Type()), !reflect.DeepEqual(sdk.Convert(ours.Type()).Interface(), ours.Interface()):
		return []string{fmt.Sprintf("%s: the SDK has %v, we have %v", path, sdk, ours)}
	}
	return complaints
}

// filler gives every member a value that no other has.
type filler struct{ n int }

// depthOfFill is deep enough for every shape that does not contain itself.
const depthOfFill = 16

func (f *filler) fill(v reflect.Value, depth int) {
	f.n++
	switch {
	case depth > depthOfFill:
	case unions[v.Type()] != nil:
		members := unions[v.Type()]
		member := reflect.New(members[f.n%len(members)])
		f.fill(member.Elem().FieldByName("Value"), depth+1)
		v.Set(member)
	case v.Type() == timeType:
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000+int64(f.n), 0).UTC()))
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth)
	case v.Kind() == reflect.Struct:
		for _, name := range members(v.Type()) {
			f.fill(v.FieldByName(name), depth+1)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes(fmt.Appendf(nil, "blob %d", f.n))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0), depth+1)
		f.fill(v.Index(1), depth+1)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, depth+1)
			f.fill(value, depth+1)
			v.SetMapIndex(key, value)
		}
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprintf("text <%d>", f.n))
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.CanInt():
		v.SetInt(int64(f.n))
	case v.CanFloat():
		v.SetFloat(float64(f.n) + 0.5)
	}
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
