package sns

import (
	"fmt"
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
		`{"a":1`:         "failed to parse JSON. Unexpected end-of-input: was expecting comma to separate Object entries",
		`{"a":"x`:        "failed to parse JSON. Unexpected end-of-input: was expecting closing quote for a string value",
		`{"a":"\q"}`:     `failed to parse JSON. Unrecognized character escape in "\"\\q\""`,
		"{\"a\":\"\n\"}": "failed to parse JSON. Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value",
		`{"a":01}`:       "failed to parse JSON. Invalid numeric value: 01",
		`{"a":'x'}`:      "failed to parse JSON. Unexpected character (''' (code 39)): expected a valid value " + aValue,
		`[1]`:            "failed to parse JSON. Cannot deserialize instance of Object out of [",
	} {
		err := checkJSON(source)
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
		if err := checkJSON(source); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

const redacted = "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "

// TestPlaceOfAComplaint: the line and column that SNS names, as recorded where
// an N stands. A member's name is complained of with its value's beginning read.
func TestPlaceOfAComplaint(t *testing.T) {
	for policy, column := range map[string]int{
		`invalid`:                           8, // [N057]
		`{invalid-json`:                     2, // [N072]
		`{"key": [1 2]}`:                    12,
		`{"key":["value"`:                   16,
		`{"key":[["value"]]}`:               10, // [N161]
		"{ \"key\" :\n [ [ \"value\" ] ] }": 10, // compacted
		`{"key":[{"wrong-operator":true}]}`: 31, // [N162]
		`{"key":[{"suffix":"value","prefix":"value2"}]}`: 37, // [N163]
		`{"key":[]}`:                                         10, // [N164]
		`{"key":[{"suffix":100}]}`:                           22, // [N165]
		`{"key":[{"suffix":null}]}`:                          23,
		`{"key":[{"suffix":[]}]}`:                            20,
		`{"key":{"suffix":"value"}}`:                         19, // [N166]
		`{"key":{"not-an-operator":"value"}}`:                28,
		`{"key":[{"cidr":["bad-filter"]}]}`:                  18, // [N167]
		`{"key":[{"numeric":[]}]}`:                           22, // [N171]
		`{"key":[{"numeric":["operator"]}]}`:                 32, // [N172]
		`{"key":[{"numeric":[1,"<="]}]}`:                     22, // [N173]
		`{"key":[{"numeric":["=","000"]}]}`:                  26, // [N174]
		`{"key":[{"numeric":[">="]}]}`:                       26, // [N175]
		`{"key":[{"numeric":["<",100,">",10]}]}`:             30, // [N176]
		`{"key":[{"numeric":[">=",1,">",2]}]}`:               31, // [N177]
		`{"key":[{"numeric":[">",3,"<",1]}]}`:                33, // [N178]
		`{"key":[{"numeric":[">",20,"<="]}]}`:                33, // [N179]
		`{"key":[{"numeric":[">",20,30]}]}`:                  30, // [N180]
		`{"key":[{"numeric":[">",20,"test"]}]}`:              34, // [N181]
		`{"key":[{"numeric":[">","20","<","30"]}]}`:          26, // [N182]
		`{"key":[{"numeric":[">",20,"<","30"]}]}`:            33,
		`{"key":[{"numeric":[">",20,"<",30,"<",50]}]}`:       36, // [N183]
		`{"key":[{"exists":null}]}`:                          23, // [N184]
		`{"key":[{"exists":"no"}]}`:                          20,
		`{"key":[{"anything-but":{"wrong-operator":null}}]}`: 47, // [N185]
		`{"key":[{"anything-but":{"suffix":"test"}}]}`:       36,
		`{"key":[{"anything-but":{"exists":false}}]}`:        40,
		`{"key":[{"anything-but":{"prefix":false}}]}`:        40,
		`{"key_a":"value_one"}`:                              11, // [N191]
		`{"é😀":{"suffix":"value"}}`:                          19, // counted as Java counts
	} {
		_, err := compileFilter(policy, scopeBody)
		if err == nil {
			t.Errorf("%s: no error", policy)
			continue
		}
		if want := fmt.Sprintf(" at %s1, column: %d]", redacted, column); !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", policy, err, want)
		}
	}
	err := checkJSON("{\"a\":1,\n  x}")
	if want := redacted + "2, column: 3]"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// Whoever sends a deep document is not to keep the server busy with it.
func TestDeepDocumentsAreReadInOnePass(t *testing.T) {
	const depth = 20_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := checkJSON(strings.Repeat(`{"a":`, depth)); err == nil {
		t.Error("half a document is none")
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 1000*depth {
		t.Errorf("%d objects in each other take %d bytes", depth, took)
	}
}
