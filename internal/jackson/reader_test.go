package jackson

import (
	"runtime"
	"strings"
	"testing"
)

func TestJSONErrors(t *testing.T) {
	for source, want := range map[string]string{
		"":               "failed to parse JSON. Unexpected end-of-input: expected a valid value " + aValue,
		"invalid":        "failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", // [N057]
		"{invalid-json":  "failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name",                               // [N072]
		`{"a" 1}`:        "failed to parse JSON. Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
		`{"a":1 "b":2}`:  `failed to parse JSON. Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`,
		`{"a":[1 2]}`:    "failed to parse JSON. Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
		`{"a":1,}`:       "failed to parse JSON. Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
		`{"a":[1,]}`:     "failed to parse JSON. Unexpected character (']' (code 93)): expected a valid value " + aValue,
		`{"a":1`:         "failed to parse JSON. Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])",
		`{"a":"x`:        "failed to parse JSON. Unexpected end-of-input: was expecting closing quote for a string value",
		`{"a":"\q"}`:     `failed to parse JSON. Unrecognized character escape 'q' (code 113)`,
		"{\"a\":\"\n\"}": "failed to parse JSON. Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
		`{"a":01}`:       "failed to parse JSON. Invalid numeric value: Leading zeroes not allowed",
		`{"a":'x'}`:      "failed to parse JSON. Unexpected character (''' (code 39)): expected a valid value " + aValue,
		`[1]`:            "failed to parse JSON. Cannot deserialize instance of Object out of [",
	} {
		err := CheckObject(source, Redacted)
		if err == nil {
			t.Errorf("%s: no error", source)
			continue
		}
		text, place, _ := strings.Cut(err.Error(), "\n at ")
		if text != want {
			t.Errorf("%s:\n got %s\nwant %s", source, text, want)
		}
		if !strings.HasPrefix(place, redacted) {
			t.Errorf("%s: the place is %s", source, place)
		}
	}
	for _, source := range []string{`{}`, ` {"a" : [ ] , "b":{"c":null,"d":[true,false,-1.5e3,"x\u00e9\\"]}} `, `{"a":1} trailing`} {
		if err := CheckObject(source, Redacted); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

const redacted = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "

func TestPlaceOfASyntaxError(t *testing.T) {
	err := CheckObject("{\"a\":1,\n  x}", Redacted)
	if want := redacted + "2, column: 3]"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// Whoever sends a deep document is not to keep the server busy with it.
func TestDeepDocumentsAreReadInOnePass(t *testing.T) {
	const depth = 20_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := CheckObject(strings.Repeat(`{"a":`, depth), Redacted); err == nil {
		t.Error("half a document is none")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1000*depth {
		t.Errorf("%d objects in each other take %d bytes", depth, took)
	}
}
