package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestAnswersAreAsEncodingJSONWritesThem puts all kinds of texts where an answer has any.
func TestAnswersAreAsEncodingJSONWritesThem(t *testing.T) {
	type statement struct {
		Policy    string `json:"policy"`
		Statement int    `json:"statement"`
		Sid       string `json:"sid,omitempty"`
	}
	p := newPrinter()
	for _, text := range []string{"", "plain", `"\`, "a\tb\n\x01\x7f", "<&>", "é", "\u2028", "\xff", "𝄞"} {
		for _, id := range []string{"", `"1"`, "2", "-1.50e+3", "null", "true", `{ "a" : [ 1, "b c" ] }`, `"é<` + "\u2028" + `\u00e9"`} {
			want := struct {
				ID          json.RawMessage `json:"id,omitempty"`
				Decision    string          `json:"decision"`
				Reason      string          `json:"reason"`
				By          []statement     `json:"by"`
				Expected    string          `json:"expected,omitempty"`
				Explanation string          `json:"explanation,omitempty"`
			}{json.RawMessage(id), "Allowed", text, []statement{}, text, text}
			p.output = p.output[:0]
			p.begin(id, "Allowed", text)
			for i := range len(text) % 3 {
				p.statement("scps[0][1]", i, text)
				want.By = append(want.By, statement{"scps[0][1]", i, text})
			}
			p.end(text, text)
			var encoded bytes.Buffer
			e := json.NewEncoder(&encoded)
			e.SetEscapeHTML(false)
			if err := e.Encode(want); err != nil || !bytes.Equal(p.output, encoded.Bytes()) {
				t.Errorf("id %s, text %q:\n%s\n%s%v", id, text, p.output, encoded.Bytes(), err)
			}
		}
	}
}

// TestEvalAllocates bounds what a case costs the garbage collector: little, where its policies
// are known, and a few pieces for each policy otherwise.
func TestEvalAllocates(t *testing.T) {
	for _, of := range []struct {
		queues int
		most   float64
	}{{1000, 50}, {1, 15}} {
		e := newEvaluator(false)
		var lines []string
		for i := range 1000 {
			lines = append(lines, benchCase(i, i%of.queues))
		}
		next := 0
		n := testing.AllocsPerRun(900, func() {
			e.output = e.output[:0]
			if _, err := e.line(lines[next]); err != nil {
				t.Fatal(err)
			}
			next++
		})
		if n > of.most {
			t.Errorf("%d queues: %v allocations a case, more than %v", of.queues, n, of.most)
		}
		t.Logf("%d queues: %v", of.queues, n)
	}
}
