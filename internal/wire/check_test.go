package wire

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

func itoa(n int) string { return strconv.Itoa(n) }

const stsPattern = `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`

// The texts are AWS's own, recorded: [C2] [K029]-[K037] [K061] [K073] [N111],
// [I016] [M014]; those of AssumeRole were measured too.
func TestViolations(t *testing.T) {
	long := strings.Repeat("é", 129)
	for _, test := range []struct {
		name  string
		in    any
		body  string
		query bool
		want  string
	}{
		{
			name: "K029", in: createKeyInput{}, body: `{"KeySpec":"HMAC_random"}`,
			want: "1 validation error detected: Value 'HMAC_random' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [RSA_2048, SYMMETRIC_DEFAULT]",
		},
		{
			name: "K037 counts code points", in: createKeyInput{}, body: `{"Tags":[{"TagKey":"` + long + `","TagValue":""}]}`,
			want: "1 validation error detected: Value '" + long + "' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128",
		},
		{
			name: "129 code points pass for 128 characters", in: createKeyInput{}, body: `{"Tags":[{"TagKey":"` + long[2:] + `","TagValue":""}]}`,
		},
		{
			name: "K061", in: encryptInput{}, body: `{"KeyId":"k","Plaintext":"` + strings.Repeat("AAAA", 1366) + `"}`,
			want: "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
		},
		{
			name: "M014", in: encryptInput{}, body: `{"KeyId":"k","Plaintext":""}`,
			want: "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1",
		},
		{
			name: "K073", in: generateDataKeyInput{}, body: `{"KeyId":"k","NumberOfBytes":0}`,
			want: "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
		},
		{
			name: "K073", in: generateDataKeyInput{}, body: `{"KeyId":"k","NumberOfBytes":1025}`,
			want: "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
		},
		{
			name: "a number beyond all integers breaks the bound", in: generateDataKeyInput{}, body: `{"KeyId":"k","NumberOfBytes":99999999999}`,
			want: "1 validation error detected: Value '99999999999' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
		},
		{
			name: "absent and null are the same", in: encryptInput{}, body: `{"KeyId":null}`,
			want: "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; " +
				"Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "empty is not absent", in: publishInput{}, body: `{"Message":""}`,
		},
		{
			name: "N111", in: publishInput{}, query: true,
			body: "Message=x&MessageAttributes.entry.1.Name=attr1&MessageAttributes.entry.1.Value.StringValue=x",
			want: "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "N111, nothing of the value there", in: publishInput{}, query: true,
			body: "Message=x&MessageAttributes.entry.1.Name=attr1",
			want: "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "N111, batch", in: publishBatchInput{}, query: true,
			body: "TopicArn=a&PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=m" +
				"&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=attr1&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue=x",
			want: "1 validation error detected: Value null at 'publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "members of an element", in: publishBatchInput{}, body: `{"TopicArn":"a","PublishBatchRequestEntries":[{"Message":"m"}]}`,
			want: "1 validation error detected: Value null at 'publishBatchRequestEntries.1.member.id' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "null in a list", in: generateDataKeyInput{}, body: `{"KeyId":"k","GrantTokens":["a",null]}`,
			want: "1 validation error detected: Value null at 'grantTokens.2.member' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "I016", in: assumeRoleInput{}, query: true, body: "RoleArn=arn:aws:iam::123456789012:role/app&RoleSessionName=Session1:2",
			want: `1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
		},
		{
			name: "the pattern comes before the length", in: assumeRoleInput{}, query: true, body: "RoleArn=&RoleSessionName=one",
			want: "2 validation errors detected: Value '' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: " + stsPattern +
				"; Value '' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20",
		},
		{
			name: "a Java pattern means what it means to Java", in: assumeRoleInput{}, query: true, body: "RoleSessionName=one&RoleArn=" + strings.Repeat("😀", 20),
			want: "1 validation error detected: Value '" + strings.Repeat("😀", 20) + "' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: " + stsPattern,
		},
		{
			name: "negative", in: assumeRoleInput{}, query: true, body: "RoleArn=arn:aws:iam::123456789012:role/app&RoleSessionName=one&DurationSeconds=-1",
			want: "1 validation error detected: Value '-1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
		},
		{
			name: "elements", in: assumeRoleInput{}, query: true,
			body: "RoleArn=arn:aws:iam::123456789012:role/app&RoleSessionName=one&TransitiveTagKeys.member.1=ok&TransitiveTagKeys.member.2=NO",
			want: "1 validation error detected: Value '[ok, NO]' at 'transitiveTagKeys' failed to satisfy constraint: Member must satisfy constraint: " +
				"[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]",
		},
		{
			name: "structures are not shown", in: limits{}, body: `{"Structs":[{"Key":"a","Value":"b"},{"Key":"a","Value":"b"}]}`,
			want: "1 validation error detected: Value at 'structs' failed to satisfy constraint: Member must have length less than or equal to 1",
		},
		{
			name: "maps", in: limits{}, body: `{"Map":{"b":"2","aaa":"10"}}`,
			want: "3 validation errors detected: Value '{aaa=10, b=2}' at 'map' failed to satisfy constraint: Member must have length less than or equal to 1; " +
				"Value '{aaa=10, b=2}' at 'map' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 2]; " +
				"Value '{aaa=10, b=2}' at 'map' failed to satisfy constraint: Map value must satisfy constraint: [Member must satisfy enum value set: [1, 2]]",
		},
		{
			name: "maps of structures", in: limits{}, body: `{"Tags":{"a":{"Key":"k","Value":"v"},"b":{"Key":"k","Value":"v"}}}`,
			want: "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 1",
		},
		{
			name: "numbers", in: limits{}, body: `{"Real":1.5,"Reals":[0.5],"Counts":{"a":9},"Maybe":["x"]}`,
			want: "3 validation errors detected: Value '1.5' at 'real' failed to satisfy constraint: Member must have value less than or equal to 1; " +
				"Value '[0.5]' at 'reals' failed to satisfy constraint: Member must satisfy constraint: [Member must have value greater than or equal to 1]; " +
				"Value '{a=9}' at 'counts' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 5]",
		},
		{
			name: "sensitive", in: limits{}, body: `{"Secret":"xyz","Pointer":"abc"}`,
			want: "2 validation errors detected: Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 1; " +
				"Value 'abc' at 'pointer' failed to satisfy constraint: Member must have length less than or equal to 1",
		},
		{
			name: "blobs in a list", in: limits{}, body: `{"Blobs":["AAAA"],"BlobList":["AA==","AA=="]}`,
			want: "2 validation errors detected: Value at 'blobs' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 2]; " +
				"Value at 'blobList' failed to satisfy constraint: Member must have length less than or equal to 1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			typ := reflect.TypeOf(test.in)
			var violations []api.Violation
			var err *api.Error
			if test.query {
				tr := newTree(kindObject)
				if !tr.parseForm([]byte(test.body)) {
					t.Fatal("the form is malformed")
				}
				_, violations, err = bind(tr, &queryNotation, typ, nil)
			} else {
				_, violations, err = DecodeJSON([]byte(test.body), typ)
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if violations != nil {
				got = api.ValidationText(violations)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

type limits struct {
	Structs  []tag              `check:"max=1"`
	Map      map[string]string  `check:"max=1" keycheck:"max=2" itemenum:"1|2"`
	Tags     map[string]tag     `check:"max=1"`
	Real     float64            `check:"max=1"`
	Reals    []float64          `itemcheck:"min=1"`
	Counts   map[string]int32   `itemcheck:"max=5"`
	Maybe    []*string          `itemcheck:"max=5"`
	Secret   string             `check:"max=1" sensitive:"true"`
	Pointer  *string            `check:"max=1"`
	Blobs    [][]byte           `itemcheck:"max=2"`
	BlobList [][]byte           `check:"max=1"`
	Sub      map[string]float64 `itemcheck:"max=1"`
}

func TestViolationMember(t *testing.T) {
	_, violations, err := decodeJSON[sendMessageBatchInput](`{"QueueUrl":"q","Entries":[{"Id":"a"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []api.Violation{{Member: "Entries", Path: "entries.1.member.messageBody", Null: true, Constraint: textNull}}
	if diff := cmp.Diff(want, violations); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		shape any
		want  string
	}{
		{sendMessageInput{}, ""},
		{everything{}, ""},
		{struct{ F func() }{}, "is of no kind that a protocol carries"},
		{struct{ F uint32 }{}, "is of no kind that a protocol carries"},
		{struct{ F any }{}, "is of no kind that a protocol carries"},
		{struct{ F map[int]string }{}, "a map's keys are strings"},
		{struct{ F *[]string }{}, "nil already says that it is absent"},
		{struct{ F **string }{}, "nil already says that it is absent"},
		{struct{ tag }{}, "embedded structs are not members"},
		{struct {
			A string
			B string `name:"A"`
		}{}, "a second member called A"},
		{struct {
			A string
			B string `query:"A"`
		}{}, "a second member called A"},
		{struct {
			F string `query:"F,flatt"`
		}{}, `no such option as "flatt"`},
		{struct {
			F string `check:"requird"`
		}{}, `no such constraint as "requird"`},
		{struct {
			F string `check:"min=x"`
		}{}, "invalid syntax"},
		{struct {
			F bool `check:"min=1"`
		}{}, "min and max are of"},
		{struct {
			F int32 `enum:"1|2"`
		}{}, "patterns and enums are of strings"},
		{struct {
			F string `pattern:"(?=x)"`
		}{}, "pattern: error parsing regexp"},
		{struct {
			F string `itemcheck:"max=1"`
		}{}, "itemcheck is for lists and maps"},
		{struct {
			F []string `itemcheck:"required"`
		}{}, `no such constraint as "required"`},
		{struct {
			F string `out:"never"`
		}{}, `out:"never"`},
		{struct {
			F string `trail:"show"`
		}{}, `trail:"show"`},
		{struct {
			F string `rest:"cookie=F"`
		}{}, `rest:"cookie=F"`},
		{struct {
			F []string `rest:"headers=x-"`
		}{}, "headers with a prefix are a map of strings"},
		{struct {
			F []string `element:"F,flatt"`
		}{}, `no such option as "flatt"`},
		{struct {
			F string `xml:"G"`
		}{}, "encoding/xml's"},
		{struct {
			A string
			B string `element:"A"`
		}{}, "a second member called A"},
	} {
		err := Check(reflect.TypeOf(test.shape))
		switch {
		case test.want == "" && err != nil, test.want != "" && err == nil:
			t.Errorf("%T: %v, want %q", test.shape, err, test.want)
		case err != nil && !strings.Contains(err.Error(), test.want):
			t.Errorf("%T: %v, want %q", test.shape, err, test.want)
		}
	}
}
