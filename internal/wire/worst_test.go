package wire

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

// tooLong is far from what a body should take, even with the race detector on a
// busy machine, and far from what anything quadratic would take.
const tooLong = 20 * time.Second

// Bodies of 4 MiB that are made to be slow: none takes long, whatever comes of it.
func TestWorstCases(t *testing.T) {
	const size = 4 << 20
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	var wide strings.Builder
	for i := 0; wide.Len() < size; i++ {
		wide.WriteString("&List.member." + itoa(i%30000+1) + "=x")
	}
	for name, body := range map[string]string{
		"one parameter":       "MessageBody=" + repeat("%25"),
		"one name":            repeat("a&"),
		"no names":            repeat("&"),
		"seventeen names":     repeat("a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&"),
		"deep names":          repeat(strings.Repeat("a.", maxSegments-1) + "a&"),
		"dots":                repeat("."),
		"elements":            wide.String(),
		"elements, backwards": "List.member.2=a&" + repeat("List.member.1=b&"),
		"names to decode":     repeat("%41%42=%43&"),
	} {
		start := time.Now()
		_, _, err := decodeQuery[everything]([]byte(body))
		if spent := time.Since(start); spent > tooLong {
			t.Errorf("%s: %v (%v)", name, spent, err)
		}
	}
	for name, body := range map[string]string{
		"one string":   `{"MessageBody":"` + repeat(`\u00e9`) + `"}`,
		"spaces":       `{` + repeat(" ") + `}`,
		"brackets":     repeat("["),
		"members":      `{` + repeat(`"a":1,`) + `"a":1}`,
		"elements":     `{"List":[` + repeat(`"",`) + `""]}`,
		"a number":     `{"Small":` + repeat("9") + `}`,
		"a small one":  `{"Real":0.` + repeat("0") + `1}`,
		"an exponent":  `{"Small":1e` + repeat("9") + `}`,
		"an open text": `{"Text":"` + repeat("a"),
	} {
		start := time.Now()
		for _, shape := range []reflect.Type{reflect.TypeFor[everything](), reflect.TypeFor[sendMessageInput]()} {
			_, _, err := DecodeJSON([]byte(body), shape)
			if spent := time.Since(start); spent > tooLong {
				t.Errorf("%s: %v (%v)", name, spent, err)
			}
		}
	}
}
