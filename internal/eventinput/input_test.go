package eventinput

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const event = `{"version":"0","id":"1-2","detail-type":"core.update-account-command","source":"core","account":"111111111111",` +
	`"time":"2026-04-01T10:00:00Z","region":"us-east-1","resources":["arn:a","arn:b"],"detail":{"command":"update-account",` +
	`"payload":{"acc_id":"0a787ecb-4015","sf_id":"baz"},"listsingle":["HIGH"],"listmulti":["ACTIVE","INACTIVE"],"valid":true,` +
	`"n":1.50,"none":null,"quote":"say \"hi\"","a-b_c":{"d":[{"e":"f"},{"e":2}]},"html":"<b>&"}}`

var rule = Rule{
	ARN: "arn:aws:events:us-east-1:111111111111:rule/bus/name", Name: "name",
	Ingested: time.Date(2026, 4, 1, 10, 0, 1, 500, time.UTC),
}

// nothing is what a target gets that gets nothing.
const nothing = "(nothing)"

func apply(in *Input) string {
	text, ok := in.Apply(json.RawMessage(event), rule)
	if !ok {
		return nothing
	}
	return text
}

func TestInputPath(t *testing.T) {
	for path, want := range map[string]string{
		"$":                        event,
		"$.detail.payload.sf_id":   `"baz"`, // [V109]
		"$.detail-type":            `"core.update-account-command"`,
		"$.detail.payload":         `{"acc_id":"0a787ecb-4015","sf_id":"baz"}`,
		"$.resources[1]":           `"arn:b"`, // [V114]
		"$.resources":              `["arn:a","arn:b"]`,
		"$.resources[*]":           `["arn:a","arn:b"]`,
		"$.detail.a-b_c.d[1].e":    `2`,
		"$.detail.a-b_c.d[*].e":    `["f",2]`,
		"$.detail.payload.*":       `["0a787ecb-4015","baz"]`,
		"$.detail.n":               `1.50`,
		"$.detail.none":            `null`,
		"$.detail.nowhere":         `null`,
		"$.resources[2]":           `null`,
		"$.detail.command.further": `null`,
		"detail":                   `null`, // not checked before [V110]
		"$..detail":                `null`,
		"$.detail[?(@.x)]":         `null`,
	} {
		in := &Input{Path: &path}
		if err := in.Check("t"); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if got := apply(in); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	constant := `{ "a": 1 }`
	if got := apply(&Input{Constant: &constant}); got != constant { // [V108]
		t.Errorf("Input: %s", got)
	}
	if got := apply(&Input{}); got != event {
		t.Errorf("without any input: %s", got)
	}
}

var paths = map[string]string{
	"detail-type": "$.detail-type", "timestamp": "$.time", "command": "$.detail.command", "userId": "$.detail.payload.acc_id", "payload": "$.detail.payload",
	"systemstring": "$.detail.awsAccountId", "listsingle": "$.detail.listsingle", "listmulti": "$.detail.listmulti", "valid": "$.detail.valid",
	"n": "$.detail.n", "none": "$.detail.none", "quote": "$.detail.quote", "bad": "no path", "html": "$.detail.html",
}

func TestTemplates(t *testing.T) {
	const withoutDetail = `{"id":"1-2","account":"111111111111","detailType":"core.update-account-command","time":"2026-04-01T10:00:00Z",` +
		`"source":"core","region":"us-east-1","resources":["arn:a","arn:b"],"version":"0"}`
	for _, c := range []struct{ fact, template, want string }{
		{"V111", `"at <timestamp>, <systemstring>."`, `"at 2026-04-01T10:00:00Z, ."`},
		{"V111", `{"id": <systemstring>, "text": "a<systemstring>b", "bad": <bad>}`, `{"id":"","text":"ab","bad":""}`},
		{"V115", `"Event of <detail-type> type, info <command>"`, `"Event of core.update-account-command type, info update-account"`},
		{"V115", `"{[/Check with special starting characters for event of <detail-type> type"`, `"{[/Check with special starting characters for event of core.update-account-command type"`},
		{"V116", "\"<listsingle> single\"\n\"<listmulti> multiple\"\n\"<systemstring> account\"\n\"<payload> payload\"\n\"<userId> user\"",
			"\"[HIGH] single\"\n\"[ACTIVE,INACTIVE] multiple\"\n\" account\"\n\"{acc_id:0a787ecb-4015,sf_id:baz} payload\"\n\"0a787ecb-4015 user\""},
		{"V117", `{"method": "PUT", "id": <userId>, "body": <payload>, "list": [<userId>, "hardcoded"], "ok": <valid>, "n": <n>, "none": <none>}`,
			`{"method":"PUT","id":"0a787ecb-4015","body":{"acc_id":"0a787ecb-4015","sf_id":"baz"},"list":["0a787ecb-4015","hardcoded"],"ok":true,"n":1.50,"none":null}`},
		{"V118", `{"path": "users-service/users/<userId>", "n": "<n>/<valid>"}`, `{"path":"users-service/users/0a787ecb-4015","n":"1.50/true"}`},
		{"V119", `"Payload of <payload>, <listmulti>, <valid>!"`, `"Payload of {acc_id:0a787ecb-4015,sf_id:baz}, [ACTIVE,INACTIVE], true!"`},
		{"V120", `{"not_valid": "users-service/users/<payload>", "bod": <payload>}`, nothing},
		{"V120", `{"payload": "<payload>"}`, nothing},
		{"V120", `{"singlelistitem": "<listsingle>"}`, nothing},
		{"V121", `{"multi": "users/<userId>/second/<userId>", "nested": {"level1": {"level2": "<userId>"}}}`,
			`{"multi":"users/0a787ecb-4015/second/0a787ecb-4015","nested":{"level1":{"level2":"0a787ecb-4015"}}}`},
		{"V121", `{"<userId>": 1}`, nothing},
		{"V121", `{"a": "b", "x\"<userId>\"" : 1}`, nothing},
		{"V122", `"of <aws.events.rule-arn> <aws.events.rule-name> <aws.events.event.ingestion-time>"`,
			`"of arn:aws:events:us-east-1:111111111111:rule/bus/name name 2026-04-01T10:00:01Z"`},
		{"V122", `{"rule": <aws.events.rule-name>, "at": "<aws.events.event.ingestion-time>"}`, `{"rule":"name","at":"2026-04-01T10:00:01Z"}`},
		{"V122", `{"o": <aws.events.event>, "j": <aws.events.event.json>}`, `{"o":` + withoutDetail + `,"j":` + event + `}`},
		{"V123", `{"o": "<aws.events.event>"}`, nothing},
		{"V123", `"<aws.events.event.json>"`, nothing},
		{"V124", "{\n  \"a\" : [ <n> , 2 ]\n}", `{"a":[1.50,2]}`},
		{"V125", `{"a": "<quote>"}`, nothing},
		{"V125", `{"a": <quote>}`, `{"a":"say \"hi\""}`},
		{"V125", `"a: <quote>"`, `"a: say "hi""`},
		{"no JSON and no text", `<listsingle> single list item`, nothing},
		{"a variable alone", `<payload>`, `{"acc_id":"0a787ecb-4015","sf_id":"baz"}`},
		{"escapes", `{"a": "\"<n>\\", "b": "x"}`, `{"a":"\"1.50\\","b":"x"}`},
		{"what is no variable", `{"a": "1 < 2 > <html> <>"}`, `{"a":"1 < 2 > <b>& <>"}`},
	} {
		in := &Input{Transformer: &Transformer{Paths: paths, Template: c.template}}
		if err := in.Check("t"); err != nil {
			t.Errorf("%s %s: %v", c.fact, c.template, err)
		}
		if got := apply(in); got != c.want {
			t.Errorf("%s %s:\n got %s\nwant %s", c.fact, c.template, got, c.want)
		}
	}
}

func TestCheck(t *testing.T) {
	text, path := `{}`, "$"
	single := "{'a':1}"
	for want, in := range map[string]*Input{
		"Only one of Input, InputPath, or InputTransformer must be provided for target t.":         {Constant: &text, Path: &path}, // [V069]
		"Only one of Input, InputPath, or InputTransformer must be provided for target t. ":        {Path: &path, Transformer: &Transformer{Template: `"x"`}},
		"InputTemplate for target t contains invalid placeholder notdefinedkey.":                   {Transformer: &Transformer{Template: `"with <notdefinedkey>"`}}, // [V112]
		"InputTemplate for target t contains invalid placeholder aws.events.other.":                {Transformer: &Transformer{Template: `{"a":<aws.events.other>}`}},
		"InputPathsMap for target t contains invalid key AWS.x.":                                   {Transformer: &Transformer{Paths: map[string]string{"AWS.x": "$"}, Template: `"x"`}}, // [V113]
		`JSON syntax error in input for target t: [Source: (String)"{'a':1}"; line: 1, column: 2]`: {Constant: &single},
	} {
		if err := in.Check("t"); err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	for _, trailing := range []string{`{} {}`, `""x`, ``} {
		if (&Input{Constant: &trailing}).Check("t") == nil {
			t.Errorf("%q is accepted", trailing)
		}
	}
}

// FuzzInput: no path and no template does any harm, and what is filled as JSON is JSON.
// What a template makes of a large event is bounded, and so is the work.
func TestTemplatesThatSwell(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 900) + `"` + strings.Repeat("x", 250<<10) + `"` + strings.Repeat("}", 900)
	large := `{"version":"0","id":"1-2","detail":` + deep + `}`
	for _, template := range []string{`"` + strings.Repeat("<x>", 2700) + `"`, `[` + strings.Repeat("<x>,", 2000) + `1]`} {
		text, ok := (&Input{Transformer: &Transformer{Paths: map[string]string{"x": "$.detail"}, Template: template}}).Apply(json.RawMessage(large), rule)
		if !ok || len(text) < 1<<20 || len(text) > 4<<20 {
			t.Errorf("%.9s…: %d bytes, %t", template, len(text), ok)
		}
	}
}

func FuzzInput(f *testing.F) {
	f.Add(`{"a":"<x>","b":<x>}`, "$.detail.payload", event)
	f.Add(`"<x>"`, "$.resources[0]", event)
	f.Add(`[<x>]`, "$.*", `{"a":{"b":[1,{"c":"\ud800"}]}}`)
	f.Fuzz(func(t *testing.T, template, path, event string) {
		in := &Input{Transformer: &Transformer{Paths: map[string]string{"x": path}, Template: template}}
		if in.Check("t") != nil || !json.Valid([]byte(event)) {
			return
		}
		text, ok := in.Apply(json.RawMessage(event), rule)
		if ok && !strings.HasPrefix(strings.TrimSpace(template), `"`) && !json.Valid([]byte(text)) {
			t.Errorf("%s is no JSON", text)
		}
		(&Input{Path: &path}).Apply(json.RawMessage(event), rule)
	})
}
