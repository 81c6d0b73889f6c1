package resourcetype

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/template"
)

// props are properties as JSON's values; a Map's members are in the order that they are given.
func props(pairs ...any) *template.Node {
	n := &template.Node{Kind: template.Map}
	for i := 0; i < len(pairs); i += 2 {
		n = n.With(pairs[i].(string), node(pairs[i+1]))
	}
	return n
}

func node(v any) *template.Node {
	switch v := v.(type) {
	case string:
		return template.Text(v)
	case bool:
		return &template.Node{Kind: template.Bool, Text: map[bool]string{true: "true", false: "false"}[v]}
	case []any:
		n := &template.Node{Kind: template.List}
		for _, item := range v {
			n.Items = append(n.Items, node(item))
		}
		return n
	case *template.Node:
		return v
	default:
		panic("no node")
	}
}

func number(text string) *template.Node { return &template.Node{Kind: template.Number, Text: text} }

func TestKnownTypes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]bool{
		"AWS::SQS::Queue":                     {true, true},
		"AWS::Lambda::Function":               {true, false},
		"AWS::CDK::Metadata":                  {true, false},
		"Custom::Anything":                    {true, false},
		"AWS::CloudFormation::CustomResource": {true, false},
		"AWS::Serverless::Function":           {false, false},
		"AWS::SQS::Quue":                      {false, false},
		"":                                    {false, false},
	} {
		if got := [2]bool{Known(name), Find(name) != nil}; got != want {
			t.Errorf("%s: known, emulated: %v, want %v", name, got, want)
		}
	}
	if all := len(file().Types) + len(file().Others); all < 1800 {
		t.Errorf("%d types", all)
	}
	if !strings.Contains(Source(), "cfn-lint 1.") {
		t.Error(Source())
	}
}

func TestEverySchemaIsWhole(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		is := Find(name)
		if err := is.Whole(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	for _, has := range []string{
		"AWS::SQS::Queue Arn", "AWS::SQS::Queue QueueName", "AWS::SQS::Queue QueueUrl",
		"AWS::SNS::Topic TopicArn", "AWS::SNS::Topic TopicName", "AWS::KMS::Key Arn", "AWS::KMS::Key KeyId",
		"AWS::EC2::Subnet VpcId", "AWS::Events::EventBus Name", "AWS::CloudFormation::Stack Outputs.Some.Thing",
		"AWS::Lambda::Function Arn", "AWS::IAM::Role RoleId",
	} {
		name, attribute, _ := strings.Cut(has, " ")
		if !OutlineOf(name).HasAttribute(attribute) {
			t.Errorf("%s is missing", has)
		}
	}
	if Find("AWS::SQS::Queue").HasAttribute("Outputs.X") || Find("AWS::SQS::Queue").HasAttribute("TopicArn") {
		t.Error("a queue has attributes of others")
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	bucket := Find("AWS::S3::Bucket")
	for _, has := range []string{"BucketName", "VersioningConfiguration.Status", "LifecycleConfiguration.Rules"} {
		if !bucket.HasProperty(has) {
			t.Errorf("%s is missing", has)
		}
	}
	for _, lacks := range []string{"", "TopicName", "BucketName.Length", "VersioningConfiguration.", "LifecycleConfiguration.Rules.0"} {
		if bucket.HasProperty(lacks) {
			t.Errorf("a bucket has %q", lacks)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		property string
		system   bool
	}{
		"AWS::SNS::Topic": {"Tags", true}, "AWS::EC2::VPC": {"Tags", true}, "AWS::CloudTrail::Trail": {"Tags", true},
		"AWS::S3::Bucket": {"Tags", true}, "AWS::Events::Rule": {"Tags", true}, "AWS::Events::EventBus": {"Tags", true},
		"AWS::SQS::Queue": {"Tags", false}, "AWS::KMS::Key": {"Tags", false}, "AWS::IAM::Role": {"Tags", false},
		"AWS::IAM::VirtualMFADevice": {"Tags", false},
		"AWS::SNS::Subscription":     {}, "AWS::IAM::ManagedPolicy": {}, "AWS::IAM::InstanceProfile": {}, "AWS::IAM::Group": {},
		"AWS::KMS::Alias": {}, "AWS::SQS::QueuePolicy": {}, "AWS::SNS::TopicPolicy": {},
	} {
		if is := Find(name); is.TagProperty != want.property || is.SystemTags != want.system {
			t.Errorf("%s: %q %v", name, is.TagProperty, is.SystemTags)
		}
	}
}

func TestConvertGivesTheSchemasTypes(t *testing.T) {
	t.Parallel()
	queue := Find("AWS::SQS::Queue")
	got, err := queue.Convert(props("FifoQueue", "true", "DelaySeconds", "2", "QueueName", number("7"),
		"VisibilityTimeout", number("30.0"), "ContentBasedDeduplication", "True",
		"RedrivePolicy", props("maxReceiveCount", "3"), "Tags", []any{props("Key", "a", "Value", true)}))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"FifoQueue":true,"DelaySeconds":2,"QueueName":"7","VisibilityTimeout":30,"ContentBasedDeduplication":true,` +
		`"RedrivePolicy":{"maxReceiveCount":"3"},"Tags":[{"Key":"a","Value":"true"}]}`
	if got.JSON() != want {
		t.Errorf("%s\nwant %s", got.JSON(), want)
	}
	if got, err := queue.Convert(nil); err != nil || got.JSON() != "{}" {
		t.Errorf("of nothing: %v, %v", got.JSON(), err)
	}
	if got, err := queue.Convert(props("DelaySeconds", &template.Node{Kind: template.Unknown})); err != nil || got.Get("DelaySeconds").Kind != template.Unknown {
		t.Errorf("of what is not known yet: %v, %v", got, err)
	}
}

func TestConvertSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		properties *template.Node
		want       string
	}{
		{"AWS::KMS::Alias", props("AliasName", "alias/x"), "Property validation failure: [The property {/TargetKeyId} is required]"},
		{"AWS::KMS::Alias", props(), "Property validation failure: [The property {/AliasName} is required, The property {/TargetKeyId} is required]"},
		{"AWS::SQS::Queue", props("Nme", "x", "Nmes", "y"), "Property validation failure: [Encountered unsupported properties in {/}: [Nme, Nmes]]"},
		{"AWS::SQS::Queue", props("Tags", []any{props("Key", "x", "Value", "", "Other", "1")}), "Property validation failure: [Encountered unsupported properties in {/Tags/0}: [Other]]"},
		{"AWS::SQS::Queue", props("Tags", []any{props("Key", "x")}), "Property validation failure: [The property {/Tags/0/Value} is required]"},
		{"AWS::SQS::Queue", props("QueueName", []any{"a"}), "Value of property QueueName must be of type String"},
		{"AWS::SQS::Queue", props("DelaySeconds", "soon"), "Value of property DelaySeconds must be of type Integer"},
		{"AWS::SQS::Queue", props("DelaySeconds", number("1.5")), "Value of property DelaySeconds must be of type Integer"},
		{"AWS::SQS::Queue", props("DelaySeconds", number("1e999999999")), "Value of property DelaySeconds must be of type Integer"},
		{"AWS::SQS::Queue", props("FifoQueue", "yes"), "Value of property FifoQueue must be of type Boolean"},
		{"AWS::SQS::Queue", props("Tags", "x"), "Value of property Tags must be of type List"},
		{"AWS::SQS::Queue", props("Tags", []any{"x"}), "Value of property Tags must be an object"},
		{"AWS::IAM::Role", props("AssumeRolePolicyDocument", props(), "ManagedPolicyArns", "x"), "Value of property ManagedPolicyArns must be of type List of String"},
		{"AWS::SQS::Queue", template.Text("x"), "Value of property Properties must be an object"},
	} {
		if _, err := Find(test.name).Convert(test.properties); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v\nwant %s", test.properties.JSON(), err, test.want)
		}
	}
}

func TestCheckSkipsFunctions(t *testing.T) {
	t.Parallel()
	at := template.Position{Line: 7, Column: 9}
	properties := props("QueueName", props("Fn::Sub", "a${B}"), "Tags", props("Fn::If", []any{"C", []any{}, props("Ref", "AWS::NoValue")}),
		"DelaySeconds", props("Ref", "P"), "RedrivePolicy", props("deadLetterTargetArn", props("Fn::GetAtt", []any{"D", "Arn"})))
	if got := Find("AWS::SQS::Queue").Check(properties); len(got) > 0 {
		t.Errorf("%+v", got)
	}
	properties = props("Tags", []any{props("Key", "k", "Fn::Transform", props("Name", "x"))})
	if got := Find("AWS::SQS::Queue").Check(properties); len(got) > 0 {
		t.Errorf("what a macro makes: %+v", got)
	}
	properties = &template.Node{Kind: template.Map, At: template.Position{Line: 5, Column: 3}, Members: []template.Member{
		{Key: "Queu", KeyAt: at, Value: template.Text("x")},
		{Key: "PolicyDocument", Value: props("Ref", "P")},
		{Key: "Queues", Value: &template.Node{Kind: template.List, Items: []*template.Node{props("Ref", "Q"), props("Rf", "Q")}}},
	}}
	got := Find("AWS::SQS::QueuePolicy").Check(properties)
	want := []Problem{{"Unsupported property [Queu]", "", at}, {"Value of property [Queues] must be of type String", "/Queues/1", template.Position{}}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	got = Find("AWS::SQS::QueuePolicy").Check(&template.Node{Kind: template.Map, At: at})
	want = []Problem{{"Required property [PolicyDocument] not found", "", at}, {"Required property [Queues] not found", "", at}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	queue := Find("AWS::SQS::Queue")
	before := props("QueueName", "a", "DelaySeconds", number("1"), "Tags", []any{})
	after := props("DelaySeconds", number("2"), "QueueName", "b", "VisibilityTimeout", number("3"))
	var got []string
	for _, c := range queue.Changes(before, after) {
		got = append(got, c.Property+" "+c.Recreation+" "+c.Before.JSON()+" "+c.After.JSON())
	}
	want := []string{"DelaySeconds Never 1 2", `QueueName Always "a" "b"`, "VisibilityTimeout Never null 3", "Tags Never [] null"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if len(queue.Changes(before, before)) > 0 || len(queue.Changes(nil, nil)) > 0 {
		t.Error("changes of nothing")
	}
}

func TestWhatNeedsReplacement(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, property, before, after string
		want                          bool
	}{
		{"AWS::SQS::Queue", "QueueName", "a", "b", true},
		{"AWS::SQS::Queue", "DelaySeconds", "1", "2", false},
		{"AWS::KMS::Key", "KeySpec", "RSA_2048", "RSA_4096", false}, // KMS refuses
		{"AWS::SNS::Subscription", "Region", "a", "b", false},
		{"AWS::SNS::Subscription", "Endpoint", "a", "b", true},
		{"AWS::EC2::VPC", "InstanceTenancy", "default", "dedicated", true},
		{"AWS::EC2::VPC", "InstanceTenancy", "dedicated", "default", false},
		{"AWS::Events::Rule", "EventBusName", "a", "b", true},
		{"AWS::S3::Bucket", "ObjectLockEnabled", "true", "false", true},
		{"AWS::IAM::Role", "Path", "/", "/a/", true},
		{"AWS::IAM::Role", "Description", "a", "b", false},
	} {
		if got := Find(test.name).NeedsReplacement(props(test.property, test.before), props(test.property, test.after)); got != test.want {
			t.Errorf("%s.%s: %v", test.name, test.property, got)
		}
	}
	options := func(dns, preference string) *template.Node {
		return props("DnsOptions", props("DnsRecordIpType", dns, "PrivateDnsPreference", preference))
	}
	endpoint := Find("AWS::EC2::VPCEndpoint")
	if endpoint.NeedsReplacement(options("ipv4", "x"), options("ipv6", "x")) || !endpoint.NeedsReplacement(options("ipv4", "x"), options("ipv4", "y")) {
		t.Error("a part of a property replaces where it changes itself")
	}
}

func TestCapability(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		properties *template.Node
		want       string
	}{
		{"AWS::SQS::Queue", props("QueueName", "x"), ""},
		{"AWS::IAM::Role", props(), "CAPABILITY_IAM"},
		{"AWS::IAM::Role", nil, "CAPABILITY_IAM"},
		{"AWS::IAM::Role", props("RoleName", "x"), "CAPABILITY_NAMED_IAM"},
		{"AWS::IAM::ManagedPolicy", props("ManagedPolicyName", "x"), "CAPABILITY_NAMED_IAM"},
		{"AWS::IAM::Policy", props("PolicyName", "x"), "CAPABILITY_IAM"},
		{"AWS::IAM::AccessKey", props("UserName", "x"), "CAPABILITY_IAM"},
	} {
		if got := Capability(test.name, test.properties); got != test.want {
			t.Errorf("%s: %q", test.name, got)
		}
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"AWS::SQS::Queue":        "[QueueUrl] []",
		"AWS::SNS::Topic":        "[TopicArn] []",
		"AWS::KMS::Key":          "[KeyId] []",
		"AWS::IAM::Role":         "[RoleName] []",
		"AWS::Events::Rule":      "[Arn] [EventBusName Name]",
		"AWS::IAM::RolePolicy":   "[PolicyName RoleName] []",
		"AWS::ApiGateway::Stage": "[RestApiId StageName] [StageName]",
	} {
		if o := OutlineOf(name); fmt.Sprint(o.Identifier, o.Reference) != want {
			t.Errorf("%s: %v %v", name, o.Identifier, o.Reference)
		}
	}
}

// What the generator writes is what is read.
func TestFileIsWrittenAsItIsRead(t *testing.T) {
	t.Parallel()
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(file())
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("%d bytes became %d, %v", len(text), len(again), err)
	}
	count := 0
	for name := range All() {
		if count++; !Known(name) {
			t.Errorf("%s is not known", name)
		}
	}
	if count != len(file().Types)+len(file().Others) {
		t.Errorf("%d types", count)
	}
}

func BenchmarkFile(b *testing.B) {
	for b.Loop() {
		readFile()
	}
}
