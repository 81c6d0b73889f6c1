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

// filterCase is a message of the corpus, and whether the filter lets it through.
type filterCase struct {
	where string
	*filter
	text string
	pass bool
}

func (c *filterCase) message() *message {
	if c.body {
		return &message{Text: c.text}
	}
	return &message{Attributes: readAttributes(c.text)}
}

// TestFilters runs the corpus of filter policies.
func TestFilters(t *testing.T) {
	cases := readFilters(t, func(where, policy, scope, refused string) {
		_, err := compileFilter(policy, scope)
		if err == nil {
			t.Fatalf("%s: accepted", where)
		}
		got, _, _ := strings.Cut(api.AsError(err).Message, "\n")
		if want := "Invalid parameter: FilterPolicy: " + refused; got != want {
			t.Errorf("%s:\n got %s\nwant %s", where, got, want)
		}
	})
	for _, c := range cases {
		if got := c.message().passes(&subscriptionRecord{filter: c.filter}); got != c.pass {
			t.Errorf("%s: passes: %v", c.where, got)
		}
	}
	t.Logf("%d cases", len(cases))
	if len(cases) < 150 {
		t.Errorf("the corpus has %d cases", len(cases))
	}
}

// readFilters reads testdata/filters.txt, which says what it looks like. refuse is called
// with the policies that are to be refused.
func readFilters(t *testing.T, refuse func(where, policy, scope, refused string)) (cases []filterCase) {
	t.Helper()
	file, err := os.Open("testdata/filters.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var compiled *filter
	var refused func(text string)
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		word, rest, _ := strings.Cut(line, " ")
		where := fmt.Sprintf("filters.txt:%d", n)
		switch {
		case refused != nil:
			refused(line)
			refused = nil
		case word == "" || word == "#":
		case word == "attributes" || word == "body":
			if compiled, err = compileFilter(rest, scopes[word]); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
		case word == "refuse":
			scope, policy, _ := strings.Cut(rest, " ")
			refused = func(text string) { refuse(where, policy, scopes[scope], text) }
		case word == "pass" || word == "drop":
			cases = append(cases, filterCase{where, compiled, rest, word == "pass"})
		default:
			t.Fatalf("%s: what is %q?", where, word)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return cases
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
	f.Fuzz(func(t *testing.T, policy, text string) {
		compiled, err := compileFilter(policy, scopeBody)
		if err != nil {
			_ = err.Error()
			return
		}
		m, r := &message{Text: text}, &subscriptionRecord{Arn: "s", Protocol: protocolSQS, filter: compiled}
		l := newRoster()
		l.add(r)
		l.listOpen()
		if found := len(l.match(m)) > 0; found != m.passes(r) {
			t.Errorf("the roster finds it: %t, and it passes: %t", found, !found)
		}
	})
}
