package wire

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// everything has a member of every kind.
type everything struct {
	Text    string
	Named   name
	Flag    bool
	Small   int32
	Plain   int
	Big     int64
	Bounded int32 `check:"min=1,max=50"`
	Real    float64
	Blob    []byte
	Time    time.Time
	List    []string
	Blobs   [][]byte
	Numbers []int32 `query:",member=Number"`
	Structs []tag
	Map     map[string]string
	Keyed   map[name]tag
	Inner   inner
	Pointer *inner
	Maybe   *string
	When    *time.Time
	Self    *everything
	hidden  string //nolint:unused // An unexported field is no member.
}

type name string

type inner struct {
	A string
	B []inner
}

func form(pairs ...string) []byte {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1]))
	}
	return []byte(b.String())
}

func decodeQuery[T any](body []byte) (*T, []api.Violation, *api.Error) {
	r, _ := http.NewRequest(http.MethodPost, "http://localhost/?Action=Test", nil)
	r.Header.Set("Content-Type", formMedia+"; charset=utf-8")
	call, err := identify(r, body)
	if err != nil {
		return nil, nil, err
	}
	in, violations, err := call.Decode(reflect.TypeFor[T]())
	if err != nil {
		return nil, nil, err
	}
	return in.(*T), violations, nil
}

func decodeJSON[T any](body string) (*T, []api.Violation, *api.Error) {
	in, violations, err := DecodeJSON([]byte(body), reflect.TypeFor[T]())
	if err != nil {
		return nil, nil, err
	}
	return in.(*T), violations, nil
}

func TestEveryKind(t *testing.T) {
	when := time.Date(2026, 11, 24, 4, 5, 6, 789e6, time.UTC)
	want := &everything{
		Text: "a\"\\/\b\f\n\r\té😀", Named: "n", Flag: true, Small: -5, Big: 1 << 40, Bounded: 1, Real: 1.5,
		Blob: []byte("blob"), Time: when, List: []string{"x", ""}, Blobs: [][]byte{{1}, {}}, Numbers: []int32{1, 2},
		Structs: []tag{{"k", "v"}}, Map: map[string]string{"a.b": "1", "": "2"}, Keyed: map[name]tag{"k": {"x", "y"}},
		Inner: inner{A: "a", B: []inner{{A: "b"}, {B: []inner{}}}}, Pointer: &inner{}, Maybe: new(""), When: &when,
		Self: &everything{Text: "self"},
	}
	got, violations, err := decodeJSON[everything](`{
		"Text": "a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00", "Named": "n", "Flag": true, "Small": -5, "Big": 1099511627776, "Bounded": 1, "Real": 1.5,
		"Blob": "YmxvYg==", "Time": 1.795493106789E9, "List": ["x", ""], "Blobs": ["AQ==", ""], "Numbers": [1, 2],
		"Structs": [{"Key": "k", "Value": "v"}], "Map": {"a.b": "1", "": "2", "null": null}, "Keyed": {"k": {"Key": "x", "Value": "y"}},
		"Inner": {"A": "a", "B": [{"A": "b"}, {"B": []}]}, "Pointer": {}, "Maybe": "", "When": 1795493106.789,
		"Self": {"Text": "self"}, "hidden": "h", "Unknown": {"deep": [1, {"er": null}]}
	}`)
	if err != nil || violations != nil {
		t.Fatal(err, violations)
	}
	opts := cmp.AllowUnexported(everything{})
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("JSON: -want +got\n%s", diff)
	}
	got, violations, err = decodeQuery[everything](form(
		"Text", "a\"\\/\b\f\n\r\té😀", "Named", "n", "Flag", "true", "Small", "-5", "Big", "1099511627776", "Bounded", "+01", "Real", "1.5",
		"Blob", "YmxvYg==", "Time", "2026-11-24T04:05:06.789Z", "List.member.1", "x", "List.member.2", "",
		"Blobs.member.1", "AQ==", "Blobs.member.2", "", "Numbers.Number.7", "2", "Numbers.Number.3", "1",
		"Structs.member.1.Key", "k", "Structs.member.1.Value", "v", "Map.entry.1.key", "a.b", "Map.entry.1.value", "1",
		"Map.entry.2.key", "", "Map.entry.2.value", "2", "Keyed.entry.1.key", "k", "Keyed.entry.1.value.Key", "x", "Keyed.entry.1.value.Value", "y",
		"Inner.A", "a", "Inner.B.member.1.A", "b", "Inner.B.member.2.B", "", "Pointer", "", "Maybe", "", "When", "2026-11-24T05:05:06.789+01:00",
		"Self.Text", "self", "hidden", "h", "Unknown.member.1", "x",
	))
	if err != nil || violations != nil {
		t.Fatal(err, violations)
	}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("Query: -want +got\n%s", diff)
	}
}

// What AWS says of JSON values of the wrong type, where it says anything: see
// the package documentation.
func TestWrongJSON(t *testing.T) {
	for _, test := range []struct{ body, message string }{
		{``, ""},
		{`{`, ""},
		{`{"Text":"a",}`, ""},
		{`{"Text":"a"} x`, ""},
		{`{"Text":"a"}{}`, ""},
		{`null`, ""},
		{`"x"`, ""},
		{`7`, ""},
		{`[]`, "Start of list found where not expected"},
		{`{"Text" "a"}`, ""},
		{`{"List":["a"}`, ""},
		{`{"List":["a",]}`, ""},
		{`{"List":["a" ["b"]]}`, ""},
		{`{"Self":{"Text":"a"]}`, ""},
		{`{Text:"a"}`, ""},
		{`{"Text":'a'}`, ""},
		{"{\"Text\":\"a\xff\"}", ""},
		{"{\"Te\xffxt\":\"a\"}", ""},
		{`{"Text":"\ud800"}`, ""},
		{`{"Text":"\x"}`, ""},
		{"{\"Text\":\"line\nbreak\"}", ""},
		{`{"Small":01}`, ""},
		{`{"Small":NaN}`, ""},
		{`{"Text":1}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Text":1.5}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Text":true}`, "TRUE_VALUE can not be converted to a String"},
		{`{"Text":false}`, "FALSE_VALUE can not be converted to a String"},
		{`{"Text":[]}`, "Start of list found where not expected"},
		{`{"Text":{}}`, "Start of structure or map found where not expected."},
		{`{"Maybe":1}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Small":"1"}`, "STRING_VALUE can not be converted to an Integer"},
		{`{"Small":true}`, "TRUE_VALUE can not be converted to an Integer"},
		{`{"Small":[1]}`, "Start of list found where not expected"},
		{`{"Small":{}}`, "Start of structure or map found where not expected."},
		{`{"Small":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"Small":-1e400}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"Plain":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"Big":9223372036854775808}`, "NUMBER_VALUE can not be converted to a Long"},
		{`{"Big":"x"}`, "STRING_VALUE can not be converted to a Long"},
		{`{"Real":"x"}`, "STRING_VALUE can not be converted to a Double"},
		{`{"Real":1e999}`, "NUMBER_VALUE can not be converted to a Double"},
		{`{"Flag":"maybe"}`, "STRING_VALUE can not be converted to an Boolean"},
		{`{"Flag":1}`, "NUMBER_VALUE can not be converted to a Boolean"},
		{`{"Flag":[]}`, "Start of list found where not expected"},
		{`{"Blob":1}`, "NUMBER_VALUE can not be converted to a Blob"},
		{`{"Blob":"23456"}`, "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5"},
		{`{"Blob":"=+/="}`, "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"},
		{`{"Time":"2026-01-01T00:00:00Z"}`, "STRING_VALUE can not be converted to milliseconds since epoch"},
		{`{"Time":1e300}`, "NUMBER_VALUE can not be converted to milliseconds since epoch"},
		{`{"List":"x"}`, "Expected list or null"},
		{`{"List":{}}`, "Start of structure or map found where not expected."},
		{`{"List":[1]}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"List":[["x"]]}`, "Start of list found where not expected"},
		{`{"Map":"x"}`, "Expected map or null"},
		{`{"Map":[]}`, "Start of list found where not expected"},
		{`{"Map":{"a":1}}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Inner":"x"}`, "Expected null"},
		{`{"Inner":7}`, "Expected null"},
		{`{"Inner":[]}`, "Start of list found where not expected"},
		{`{"Inner":{"B":[{"A":7}]}}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Structs":[7]}`, "Expected null"},
		// A wrong type is told before a broken constraint.
		{`{"Bounded":99,"Text":7}`, "NUMBER_VALUE can not be converted to a String"},
		{strings.Repeat(`{"Self":`, maxDepth+1) + `{}` + strings.Repeat(`}`, maxDepth+1), ""},
		{`{"List":[` + strings.Repeat(`"",`, maxNodes) + `""]}`, ""},
		{strings.Repeat(`[`, 100000), ""},
	} {
		body := test.body
		if len(body) > 60 {
			body = body[:60] + "…"
		}
		_, _, err := decodeJSON[everything](test.body)
		switch {
		case err == nil:
			t.Errorf("%s: accepted", body)
		case err.Code != "SerializationException" || err.Query() != "MalformedInput" || err.HTTPStatus() != 400 || err.Message != test.message:
			t.Errorf("%s: %s %q, want %q", body, err.Code, err.Message, test.message)
		}
	}
}

func TestWrongQuery(t *testing.T) {
	for _, test := range []struct{ body, message string }{
		{"Text=%", ""},
		{"Text=%4", ""},
		{"Text=abc%4", ""},
		{"Text=%4x", ""},
		{"Text=%x4", ""},
		{"Text=%ff", ""},
		{"Text=\xff", ""},
		{"T%ffext=a", ""},
		{"Text\xff=a", ""},
		{"Text=%e2%28%a1", ""},
		{"Text.a=b", "Start of list found where not expected"},
		{"Text=x&Text.deeper=y", "Start of list found where not expected"},
		{"Text.member.1=b", "Start of list found where not expected"},
		{"Small=", "missing value for decimal type"},
		{"Small=abc", ""},
		{"Small=900.0", ""},
		{"Small=2147483648", ""},
		{"Small=-2147483649", ""},
		{"Plain=2147483648", ""},
		{"Small=1_000", ""},
		{"Small=0x10", ""},
		{"Small=%201", ""},
		{"Real=", "missing value for decimal type"},
		{"Real=x", ""},
		{"Real=NaN", ""},
		{"Real=Inf", ""},
		{"Flag=", "missing value for boolean type"},
		{"Flag=TRUE", "boolean must follow xsd1.1 definition"},
		{"Flag=yes", "boolean must follow xsd1.1 definition"},
		{"Blob=***", ""},
		{"Time=1700000000", "timestamp must follow ISO8601"},
		{"Time=", "timestamp must follow ISO8601"},
		{"List=x", "Unexpected list element termination"},
		{"List.member=x", "Unexpected list element termination"},
		{"List.1=x", "Top level element may not be treated as a list"},
		{"List.entry.1=x", "Top level element may not be treated as a list"},
		{"List.member.0=x", "0 is not a valid index"},
		{"List.member.-1=x", "-1 is not a valid index"},
		{"List.member.x=x", "x is not a valid index"},
		{"List.member.=x", " is not a valid index"},
		{"List.member.1234567890=x", "1234567890 is not a valid index"},
		{"List.member.1.A=x", "Start of list found where not expected"},
		{"Map=x", "Unexpected complex element termination"},
		{"Map.entry=x", "Unexpected list element termination"},
		{"Map.1.key=x", "Top level element may not be treated as a list"},
		{"Map.entry.1.value=x", ""},
		{"Map.entry.1.key=a&Map.entry.1.value.b=x", "Start of list found where not expected"},
		{"Inner=x", "Unexpected complex element termination"},
		{"Structs.member.1=x", "Unexpected complex element termination"},
		{"A" + strings.Repeat(".a", maxSegments) + "=x", ""},
		{manyParameters(maxNodes), ""},
	} {
		_, _, err := decodeQuery[everything]([]byte(test.body))
		switch {
		case err == nil:
			t.Errorf("%.60s: accepted", test.body)
		case err.Code != "MalformedInput" || err.HTTPStatus() != 400 || err.Message != test.message:
			t.Errorf("%.60s: %s %q, want %q", test.body, err.Code, err.Message, test.message)
		}
	}
}

func manyParameters(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&P" + itoa(i) + "=1")
	}
	return b.String()
}

func TestLenient(t *testing.T) {
	for _, test := range []struct {
		body string
		want everything
	}{
		{`{}`, everything{}},
		{" \t\r\n{ } \n", everything{}},
		{`{"Text":null,"Small":null,"List":null,"Map":null,"Inner":null,"Pointer":null,"Maybe":null,"Time":null,"Blob":null,"Flag":null}`, everything{}},
		// Of duplicates the last counts.
		{`{"Text":"first","Text":"last"}`, everything{Text: "last"}},
		{`{"Text":"first","Text":null}`, everything{}},
		{`{"Te\u0078t":"escaped name"}`, everything{Text: "escaped name"}},
		// Names are case-sensitive.
		{`{"text":"x"}`, everything{}},
		// A fraction is cut off.
		{`{"Small":1.9,"Big":-1.9}`, everything{Small: 1, Big: -1}},
		{`{"Small":1e3,"Big":1.5E3}`, everything{Small: 1000, Big: 1500}},
		{`{"Small":2147483647.9,"Big":-9223372036854775808}`, everything{Small: 2147483647, Big: -1 << 63}},
		{`{"Small":-2147483648.9}`, everything{Small: -2147483648}},
		{`{"Flag":"True"}`, everything{Flag: true}},
		{`{"Flag":"no"}`, everything{}},
		{`{"Map":{"a":"1","a":"2"}}`, everything{Map: map[string]string{"a": "2"}}},
		{`{"Map":{}}`, everything{Map: map[string]string{}}},
		{`{"Blob":""}`, everything{Blob: []byte{}}},
		{`{"Text":"\u0000\uffff"}`, everything{Text: "\x00\uffff"}},
		{`{"Time":0}`, everything{Time: time.Unix(0, 0).UTC()}},
		{`{"Self":{"Self":{"Text":"x"}}}`, everything{Self: &everything{Self: &everything{Text: "x"}}}},
	} {
		got, violations, err := decodeJSON[everything](test.body)
		if err != nil || violations != nil {
			t.Errorf("%s: %v %v", test.body, err, violations)
			continue
		}
		if diff := cmp.Diff(&test.want, got, cmp.AllowUnexported(everything{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.body, diff)
		}
	}
}

func TestLenientQuery(t *testing.T) {
	for _, test := range []struct {
		body string
		want everything
	}{
		{"", everything{}},
		{"&&=&=x&Text", everything{}},
		{"Text=a=b", everything{Text: "a=b"}},
		{"Text=a+b%2Bc", everything{Text: "a b+c"}},
		// Of duplicates the first counts.
		{"Text=first&Text=last", everything{Text: "first"}},
		{"Flag=1", everything{Flag: true}},
		{"Flag=0", everything{}},
		{"List=", everything{List: []string{}}},
		{"List.member=", everything{List: []string{}}},
		{"Map=", everything{Map: map[string]string{}}},
		{"Inner=", everything{}},
		// Numbers are an order, not places; leading zeros are allowed.
		{"List.member.999999999=c&List.member.2=b&List.member.01=a", everything{List: []string{"a", "b", "c"}}},
		// A key without a value is no entry, or an empty structure.
		{"Map.entry.1.key=a", everything{Map: map[string]string{}}},
		{"Unknown.1.2.3=z&Text=x&Unknown=y", everything{Text: "x"}},
	} {
		got, _, err := decodeQuery[everything]([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		if diff := cmp.Diff(&test.want, got, cmp.AllowUnexported(everything{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.body, diff)
		}
	}
}

// A map that says so takes entries without a key, and by another name too.
func TestMapWithAnotherNameAndEntriesWithoutKey(t *testing.T) {
	type shape struct {
		Pairs map[string]string `query:"Pair,flat,key=Name,value=Value,also=Pairs,unnamed"`
	}
	for body, want := range map[string]map[string]string{
		"Pair.1.Name=a&Pair.1.Value=b":   {"a": "b"},
		"Pairs.1.Name=a&Pairs.1.Value=b": {"a": "b"},
		"Pair.1.Value=b":                 {"": "b"},
		"Pairs.1.key=a&Pairs.1.value=b":  {},
	} {
		got, _, err := decodeQuery[shape]([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if diff := cmp.Diff(want, got.Pairs); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

// A member that another one hides is as if it had not been sent, in Query alone.
func TestMemberThatAnotherHides(t *testing.T) {
	type shape struct {
		Old []string `query:"Old,flat"`
		New []string `query:"New,flat,unless=Old" check:"required"`
	}
	for body, want := range map[string]shape{
		"Old.1=a&New.1=b": {Old: []string{"a"}},
		"New.1=b":         {New: []string{"b"}},
		"Old=&New.1=b":    {Old: []string{}, New: []string{"b"}},
	} {
		got, violations, err := decodeQuery[shape]([]byte(body))
		if err != nil || len(violations) > 0 != (want.New == nil) {
			t.Errorf("%s: %v %v", body, violations, err)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", body, diff)
		}
	}
	got, _, err := decodeJSON[shape](`{"Old":["a"],"New":["b"]}`)
	if diff := cmp.Diff(&shape{[]string{"a"}, []string{"b"}}, got); err != nil || diff != "" {
		t.Errorf("JSON: %v %s", err, diff)
	}
	type orphan struct {
		New []string `query:"New,flat,unless=Old"`
	}
	if err := Check(reflect.TypeFor[orphan]()); err == nil {
		t.Error("a member is hidden by one that there is not")
	}
}

func TestManyElements(t *testing.T) {
	var query, json strings.Builder
	json.WriteString(`{"List":[`)
	for i := range 5000 {
		if i > 0 {
			query.WriteByte('&')
			json.WriteByte(',')
		}
		n := 5000 - i
		query.WriteString("List.member." + strings.Repeat("0", n%3) + itoa(n) + "=v" + itoa(n))
		json.WriteString(`"v` + itoa(i+1) + `"`)
	}
	json.WriteString(`]}`)
	fromQuery, _, err := decodeQuery[everything]([]byte(query.String()))
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, _, err := decodeJSON[everything](json.String())
	if err != nil {
		t.Fatal(err)
	}
	if len(fromJSON.List) != 5000 || fromJSON.List[4999] != "v5000" {
		t.Errorf("%d", len(fromJSON.List))
	}
	if diff := cmp.Diff(fromJSON.List, fromQuery.List); diff != "" {
		t.Errorf("-JSON +Query\n%s", diff)
	}
}
