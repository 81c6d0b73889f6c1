package sns

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// TestFilters runs the corpus of filter policies.
func TestFilters(t *testing.T) {
	file, err := os.Open("testdata/filters.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var compiled *filter
	var refused string
	cases := 0
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		word, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		where := fmt.Sprintf("filters.txt:%d", n)
		switch {
		case refused != "":
			cases++
			if text := "Invalid parameter: FilterPolicy: " + strings.TrimSpace(lines.Text()); text != refused {
				t.Errorf("%s:\n got %s\nwant %s", where, refused, text)
			}
			refused = ""
		case word == "" || word == "#":
		case word == "attributes" || word == "body":
			if compiled, err = compileFilter(rest, scopes[word]); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
		case word == "refuse":
			scope, policy, _ := strings.Cut(rest, " ")
			if _, err = compileFilter(policy, scopes[scope]); err == nil {
				t.Fatalf("%s: accepted", where)
			}
			refused, _, _ = strings.Cut(api.AsError(err).Message, "\n")
		case word == "pass" || word == "drop":
			cases++
			e := attributeEvent(readAttributes(rest))
			if compiled.body {
				e = bodyEvent(rest)
			}
			if got := compiled.match(e); got != (word == "pass") {
				t.Errorf("%s: passes: %v", where, got)
			}
		default:
			t.Fatalf("%s: what is %q?", where, word)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases", cases)
	if cases < 150 {
		t.Errorf("the corpus has %d cases", cases)
	}
}

var scopes = map[string]string{"attributes": scopeAttributes, "body": scopeBody}

func readAttributes(text string) map[string]MessageAttributeValue {
	m := map[string]MessageAttributeValue{}
	if text == "" {
		return m
	}
	for part := range strings.SplitSeq(text, "; ") {
		name, typed, _ := strings.Cut(part, "=")
		kind, value, _ := strings.Cut(typed, ":")
		if kind == "Binary" {
			m[name] = MessageAttributeValue{DataType: kind, BinaryValue: []byte(value)}
			continue
		}
		m[name] = MessageAttributeValue{DataType: kind, StringValue: &value}
	}
	return m
}

func values(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprint("v", i)
	}
	return list
}

func TestFilterComplexity(t *testing.T) { // [N188] [N189]
	for name, c := range map[string]struct {
		policy any
		scope  string
		ok     bool
	}{
		"150 values of one key": {map[string]any{"a": values(150)}, scopeAttributes, true},
		"151 values of one key": {map[string]any{"a": values(151)}, scopeAttributes, false},
		"100 x 51":              {map[string]any{"a": values(100), "b": values(51)}, scopeAttributes, false},
		"75 x 2":                {map[string]any{"a": values(75), "b": values(2)}, scopeAttributes, true},
		"75 two deep":           {map[string]any{"a": map[string]any{"b": values(75)}}, scopeBody, true},
		"76 two deep":           {map[string]any{"a": map[string]any{"b": values(76)}}, scopeBody, false},
		"75 + 75 by $or":        {map[string]any{"$or": []any{map[string]any{"a": values(75)}, map[string]any{"b": values(75)}}}, scopeAttributes, true},
		"76 + 76 by $or":        {map[string]any{"$or": []any{map[string]any{"a": values(76)}, map[string]any{"b": values(76)}}}, scopeAttributes, false},
		"many large lists":      {map[string]any{"a": values(4999), "b": values(4999), "c": values(4999), "d": values(4999), "e": values(4999)}, scopeAttributes, false},
	} {
		text := string(must(json.Marshal(c.policy)))
		_, err := compileFilter(text, c.scope)
		if c.ok && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !c.ok {
			t.Run(name, func(t *testing.T) {
				wantError(t, err, "InvalidParameter", "Invalid parameter: FilterPolicy: Filter policy is too complex")
			})
		}
	}
}

func TestFilterScopeAndPlace(t *testing.T) {
	_, err := compileFilter(`{"a":{"b":["c"]}}`, scopeAttributes)
	wantError(t, err, "InvalidParameter", "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy") // [N190]
	_, err = compileFilter(`{"$or":[{"a":{"b":["c"]}},{"a":["c"]}]}`, scopeAttributes)
	wantError(t, err, "InvalidParameter", "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy")
	_, err = compileFilter(strings.Repeat(" ", 256<<10)+"{}", scopeAttributes)
	wantError(t, err, "InvalidParameter", "Invalid parameter: FilterPolicy: Filter policy is too large")
}

// TestFilterOfLongArrays: what can stand together is found in time.
func TestFilterOfLongArrays(t *testing.T) {
	long := strings.TrimSuffix(strings.Repeat(`"x",`, 1000), ",")
	text := `{"a":[` + long + `],"b":[` + long + `],"c":[` + long + `],"d":[` + long + `],"e":["y"]}`
	e := bodyEvent(text)
	for last, want := range map[string]bool{"x": false, "y": true} {
		f := must(compileFilter(`{"a":["x"],"b":["x"],"c":["x"],"d":["x"],"e":["`+last+`"]}`, scopeBody))
		if f.match(e) != want {
			t.Errorf("e=%s: %v", last, !want)
		}
	}
	// Two arrays beside each other, of which elements must lack something.
	records := strings.TrimSuffix(strings.Repeat(`{"m":"1","p":"2"},`, 300), ",")
	f := must(compileFilter(`{"a":{"x":{"m":["1"],"p":[{"exists":false}]}},"b":{"y":{"m":["1"],"p":[{"exists":false}]}}}`, scopeBody))
	for tail, want := range map[string]bool{"": false, `,{"m":"1"}`: true} {
		e := bodyEvent(`{"a":{"x":[` + records + tail + `]},"b":{"y":[` + records + tail + `]}}`)
		if f.match(e) != want {
			t.Errorf("%q: %v", tail, !want)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add(`{"a":["x",{"prefix":"y"}],"$or":[{"b":[1]},{"c":{"d":[{"exists":false}]}}]}`, `{"a":"x","b":1}`)
	f.Add(`{"a":[{"numeric":[">",1,"<=",2]},{"anything-but":[1]},{"wildcard":"a*b"},{"cidr":"10.0.0.0/8"}]}`, `{"a":[1,[2]]}`)
	f.Add(`{"a":"\`, `{`)
	f.Fuzz(func(_ *testing.T, policy, text string) {
		if compiled, err := compileFilter(policy, scopeBody); err == nil {
			compiled.match(bodyEvent(text))
		} else {
			_ = err.Error()
		}
	})
}

func BenchmarkFilters(b *testing.B) {
	filters := make([]*filter, 10_000)
	for i := range filters {
		filters[i] = must(compileFilter(fmt.Sprintf(`{"store":["s%d",{"prefix":"x"}],"price":[{"numeric":[">",%d]}]}`, i, i), scopeAttributes))
	}
	attributes := readAttributes("store=String:s77; price=Number:100; other=String:x")
	b.ReportAllocs()
	for b.Loop() {
		e := attributeEvent(attributes)
		passed := 0
		for _, f := range filters {
			if f.match(e) {
				passed++
			}
		}
		if passed != 1 {
			b.Fatal(passed)
		}
	}
}
