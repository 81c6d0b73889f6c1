package events

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// event is an event on a bus.
type event struct {
	ID, DetailType, Source, Account, Region string
	Time                                    time.Time
	Resources                               []string
	Detail                                  string // a JSON object
}

// timeForm is how events show times [V096].
const timeForm = "2006-01-02T15:04:05Z"

// text is the event as targets get it: compact, its members in AWS's order [V099] [V100] [V101].
func (e *event) text() string {
	var b []byte
	member := func(name, value string) {
		b = append(append(append(b, `,"`...), name...), `":`...)
		b = appendQuoted(b, value)
	}
	b = append(b, `{"version":"0"`...)
	member("id", e.ID)
	member("detail-type", e.DetailType)
	member("source", e.Source)
	member("account", e.Account)
	member("time", e.Time.UTC().Format(timeForm))
	member("region", e.Region)
	b = append(b, `,"resources":[`...)
	for i, r := range e.Resources {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, r)
	}
	b = append(b, `],"detail":`...)
	b = append(b, e.Detail...)
	return string(append(b, '}'))
}

// appendQuoted appends a text as a JSON string. A text that is no UTF-8, which no request
// can have, is mended.
func appendQuoted(b []byte, s string) []byte {
	quoted, _ := jsontext.AppendQuote(b, s)
	return quoted
}

// readEvent is the event of a text that the method text has made.
func readEvent(text string) (*event, error) {
	var stored struct {
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       time.Time       `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, err
	}
	return &event{
		ID: stored.ID, DetailType: stored.DetailType, Source: stored.Source, Account: stored.Account, Region: stored.Region,
		Time: stored.Time, Resources: stored.Resources, Detail: string(stored.Detail),
	}, nil
}

// maxDepth is how deep the JSON of a detail may nest [V098].
const maxDepth = 1000

// readDetail is a detail in compact form; ok is false for what is no JSON object [V086].
func readDetail(detail string) (compact string, ok bool) {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(detail)); err != nil || b.Len() == 0 || b.Bytes()[0] != '{' || depth(b.Bytes()) > maxDepth {
		return "", false
	}
	return b.String(), true
}

// depth is how deep valid JSON nests.
func depth(text []byte) (deepest int) {
	level, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			level++
			deepest = max(deepest, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return deepest
}
