package sns

import (
	"fmt"
	"strings"
	"testing"
)

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
}
