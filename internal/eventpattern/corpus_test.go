package eventpattern

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPatterns runs the corpus of EventBridge's patterns; that of SNS's is in package sns.
func TestPatterns(t *testing.T) {
	cases := 0
	readCorpus(t, func(c corpusCase) {
		cases++
		p, err := Compile(EventBridge, c.pattern)
		if c.refused != "" {
			if err == nil {
				t.Errorf("%s: accepted", c.where)
			} else if err.Error() != c.refused {
				t.Errorf("%s:\n got %s\nwant %s", c.where, err, c.refused)
			}
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", c.where, err)
		}
		if got := p.Match(ParseEvent(EventBridge, c.event)); got != c.match {
			t.Errorf("%s: matches: %t", c.where, got)
		}
	})
	t.Logf("%d cases", cases)
	if cases < 400 {
		t.Errorf("the corpus has %d cases", cases)
	}
}

type corpusCase struct {
	where, pattern, event, refused string
	match                          bool
}

// readCorpus reads testdata/eventbridge.txt, which says what it looks like.
func readCorpus(t testing.TB, each func(corpusCase)) {
	t.Helper()
	file, err := os.Open("testdata/eventbridge.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var pattern string
	refuse := false
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		word, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		where := fmt.Sprintf("eventbridge.txt:%d", n)
		switch {
		case refuse:
			each(corpusCase{where: where, pattern: pattern, refused: refusal(strings.TrimLeft(lines.Text(), " "), pattern)})
			refuse = false
		case word == "" || word[0] == '#':
		case word == "pattern" || word == "refuse":
			pattern, refuse = rest, word == "refuse"
		case word == "match" || word == "drop":
			each(corpusCase{where: where, pattern: pattern, event: rest, match: word == "match"})
		default:
			t.Fatalf("%s: what is %q?", where, word)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

var placeMark = regexp.MustCompile(` @(\d+):(\d+)`)

// refusal is a complaint with its places written out.
func refusal(text, pattern string) string {
	source := `[Source: (String)"` + pattern + `"; line: `
	text = placeMark.ReplaceAllString(text, "\n at "+strings.ReplaceAll(source, "$", "$$")+"${1}, column: ${2}]")
	return strings.ReplaceAll(text, "PATTERN", pattern)
}

// TestPlaces: lines and columns are counted as Java counts, and long patterns are not
// repeated whole.
func TestPlaces(t *testing.T) { // [V136]
	long := `{"a":["` + strings.Repeat("x", 600) + `",[1]]}`
	for pattern, want := range map[string]string{
		"{\n  \"a\": 1\n}":            "[Source: (String)\"{\n  \"a\": 1\n}\"; line: 2, column: 9]",
		`{"é😀":1}`:                    `[Source: (String)"{"é😀":1}"; line: 1, column: 9]`,
		"{\"a\":[\"\u0085\",[1]]}":    "[Source: (String)\"{\"a\":[\"\\u0085\",[1]]}\"; line: 1, column: 12]",
		`{"not": closed mark"`:        `[Source: (String)"{"not": closed mark""; line: 1, column: 15]`, // [V137]
		`this is not a JSON document`: `[Source: (String)"this is not a JSON document"; line: 1, column: 5]`,
		long:                          `[Source: (String)"` + long[:500] + `"[truncated 114 chars]; line: 1, column: 611]`,
	} {
		_, err := Compile(EventBridge, pattern)
		if err == nil {
			t.Errorf("%s: accepted", pattern)
		} else if _, at, _ := strings.Cut(err.Error(), "\n at "); at != want {
			t.Errorf("%s:\n got %s\nwant %s", pattern, at, want)
		}
	}
}

func TestComplexity(t *testing.T) { // [V200]
	for wildcard, want := range map[string]int{ // as AWS's engine measures them
		"*": 2, "a*": 2, "*a": 2, "a*b": 2, "*/hello/*/Example*": 6, "arn:aws:events:us-east-1:*:event-bus/*": 3, "*event-bus/*/*": 5,
		"*:*:*": 5, "*:*:*:*:*:*": 11, "a*a*a*a": 6, "a*b*c*d*e*f": 6, "*a*b*c*d*e*f*": 8, "*:*:*:*:*:event-bus/": 10, "*:*:*:*:*:event-bus/*": 11,
	} {
		if got := wild(strings.Split(wildcard, "*")).complexity(); got != want {
			t.Errorf("%s: %d, want %d", wildcard, got, want)
		}
	}
}

// TestCombinations: $or multiplies, and is bounded before it is multiplied out.
func TestCombinations(t *testing.T) { // [V206]
	or := func(n int) string {
		var branches []string
		for i := range n {
			branches = append(branches, fmt.Sprintf(`{"a%d":["x"]}`, i))
		}
		return `"$or":[` + strings.Join(branches, ",") + `]`
	}
	if _, err := Compile(EventBridge, `{`+or(10)+`,"b":{`+or(10)+`,"c":{`+or(10)+`}}}`); err != nil {
		t.Errorf("1,000 combinations: %v", err)
	}
	deep := or(30)
	for range 20 {
		deep = or(30) + `,"n":{` + deep + `}`
	}
	for _, pattern := range []string{`{` + or(1001) + `}`, `{` + or(11) + `,"b":{` + or(91) + `}}`, `{` + deep + `}`} {
		if _, err := Compile(EventBridge, pattern); err == nil {
			t.Error("too many combinations are accepted")
		}
	}
}

func TestExact(t *testing.T) { // [V237]
	for pattern, want := range map[string]string{
		`{"source":["a","b"]}`:                                  "[a b] true",
		`{"source":["a"],"detail":{"x":[1]}}`:                   "[a] true",
		`{"$or":[{"source":["b"]},{"source":["a"]}]}`:           "[a b] true",
		`{"$or":[{"source":["b"]},{"detail-type":["a"]}]}`:      "[] false",
		`{"source":[{"prefix":"a"}]}`:                           "[] false",
		`{"source":["a",{"exists":false}]}`:                     "[] false",
		`{"detail":{"source":["a"]}}`:                           "[] false",
		`{"source":["10.0.0.1"]}`:                               "[10.0.0.1] true",
		`{"source":["a"],"$or":[{"a":["x"]},{"b":["y"]}]}`:      "[a] true",
		`{"source":["a"],"$or":[{"source":["x"]},{"b":["y"]}]}`: "[a x] true",
	} {
		p, err := Compile(EventBridge, pattern)
		if err != nil {
			t.Fatal(err)
		}
		values, plain := p.Exact("source")
		if got := fmt.Sprint(values, plain); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}

// FuzzPattern: no pattern and no event does any harm, in either dialect.
func FuzzPattern(f *testing.F) {
	readCorpus(f, func(c corpusCase) { f.Add(c.pattern, c.event) })
	f.Fuzz(func(t *testing.T, pattern, event string) {
		for _, d := range []Dialect{EventBridge, SNS} {
			p, err := Compile(d, pattern)
			if err != nil {
				if err.Error() == "" {
					t.Error("an error without a text")
				}
				continue
			}
			if d == SNS {
				if p.Combinations(150) > 150 {
					continue
				}
				p.Expand()
			}
			p.Match(ParseEvent(d, event))
		}
	})
}
