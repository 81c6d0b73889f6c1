package sqs

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// redrivePolicy is the attribute RedrivePolicy: after how many receives a
// message goes to which dead-letter queue.
type redrivePolicy struct {
	target     name
	arn        string
	maxReceive uint32
}

// redriveAllowPolicy is the attribute RedriveAllowPolicy: which queues may use a queue
// as their dead-letter queue.
type redriveAllowPolicy struct {
	Permission string   `json:"redrivePermission"`
	Sources    []string `json:"sourceQueueArns,omitempty"`
}

// allows reports whether the queue of the given ARN may use a queue with this policy.
func (p *redriveAllowPolicy) allows(source string) bool {
	switch {
	case p == nil || p.Permission == "allowAll":
		return true
	case p.Permission == "byQueue":
		return slices.Contains(p.Sources, source)
	default:
		return false
	}
}

// members are the members of a JSON object; false where text is none, or names one twice.
func members(text string) (map[string]json.RawMessage, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, false
	}
	out := map[string]json.RawMessage{}
	for d.More() {
		token, err := d.Token()
		member, _ := token.(string)
		var value json.RawMessage
		if _, twice := out[member]; err != nil || twice || d.Decode(&value) != nil {
			return nil, false
		}
		out[member] = value
	}
	_, err := d.Token()
	_, after := d.Token()
	return out, err == nil && after == io.EOF
}

// others reports whether there are members other than the known ones.
func others(m map[string]json.RawMessage, known ...string) bool {
	for member := range m {
		if !slices.Contains(known, member) {
			return true
		}
	}
	return false
}

// given reports whether a member is there; null is none.
func given(m map[string]json.RawMessage, member string) bool {
	return m[member] != nil && string(m[member]) != "null"
}

func badRedrive(text, reason string) error { return badValue(text, "RedrivePolicy", reason) }

// newRedrivePolicy is a RedrivePolicy in the form in which it is kept. It must have
// two members and no others; the count is kept as a number, although it may be given
// as text ([Q056] [Q171d]).
func newRedrivePolicy(text string) (string, error) {
	m, ok := members(text)
	if !ok {
		return "", unreadable(ErrInvalidAttributeValue.With("Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."),
			"RedrivePolicy", text, "it is no JSON object")
	}
	for _, member := range []string{"maxReceiveCount", "deadLetterTargetArn"} {
		if !given(m, member) {
			return "", badRedrive(text, "Redrive policy does not contain mandatory attribute: "+member+".")
		}
	}
	count, shown := receiveCount(m["maxReceiveCount"])
	if count < 1 || count > maxMaxReceive {
		return "", badRedrive(text, "Invalid value for maxReceiveCount: "+shown+", valid values are from 1 to 1000 both inclusive.")
	}
	var target string
	if err := json.Unmarshal(m["deadLetterTargetArn"], &target); err != nil || !strings.HasPrefix(target, "arn:") || strings.Count(target, ":") < 5 {
		return "", badRedrive(text, "Dead-letter target ARN should be fully qualified ARN.")
	}
	queue, ok := nameOf(target)
	if !ok {
		return "", badRedrive(text, "Only SQS queues are valid resources for deadLetterTargetArn.")
	}
	if others(m, "maxReceiveCount", "deadLetterTargetArn") {
		return "", badRedrive(text, "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].")
	}
	p := redrivePolicy{queue, target, uint32(count)}
	return p.text(), nil
}

const maxMaxReceive = 1000

// receiveCount reads a maxReceiveCount, a number or the text of one; shown is how it
// was written. n is 0 where it is no whole number.
func receiveCount(raw json.RawMessage) (n int, shown string) {
	shown = string(raw)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		shown = text
	}
	n, err := strconv.Atoi(shown)
	if err != nil {
		return 0, shown
	}
	return n, shown
}

func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil {
		panic("sqs: " + err.Error()) // a text can always be marshaled
	}
	return string(raw)
}

// storedRedrivePolicy reads a RedrivePolicy that was checked when it was set;
// nil for none. Earlier versions kept it as it was given, with a count as text.
func storedRedrivePolicy(text string) *redrivePolicy {
	var p struct {
		Target string          `json:"deadLetterTargetArn"`
		Max    json.RawMessage `json:"maxReceiveCount"`
	}
	if text == "" || json.Unmarshal([]byte(text), &p) != nil {
		return nil
	}
	n, err := strconv.ParseUint(strings.Trim(string(p.Max), `"`), 10, 32)
	target, ok := nameOf(p.Target)
	if err != nil || !ok {
		return nil
	}
	return &redrivePolicy{target, p.Target, uint32(n)}
}

// text is the policy as it is read back.
func (p *redrivePolicy) text() string {
	return `{"deadLetterTargetArn":` + quoted(p.arn) + `,"maxReceiveCount":` + strconv.FormatUint(uint64(p.maxReceive), 10) + `}`
}

// maxSources is how many queues a RedriveAllowPolicy may name.
const maxSources = 10

var errRedriveAllowForm = ErrInvalidAttributeValue.With("Invalid value for the parameter RedriveAllowPolicy. " +
	"Reason: Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.")

// unreadable is e with the reason for the log, because AWS's error does not say what
// is wrong with the document. Where the JSON is broken, the reason says where.
func unreadable(e *api.Error, kind, text, reason string) error {
	_, err := policyeval.Parse(text)
	if syntax, ok := errors.AsType[*policyeval.SyntaxError](err); ok && syntax.JSON {
		return api.Refused(e, kind, "", syntax)
	}
	return api.Refused(e, kind, "", errors.New(reason))
}

// newRedriveAllowPolicy is a RedriveAllowPolicy in the form in which it is kept.
func newRedriveAllowPolicy(text string) (string, error) {
	formless := func(reason string) (string, error) {
		return "", unreadable(errRedriveAllowForm, "RedriveAllowPolicy", text, reason)
	}
	m, ok := members(text)
	if !ok {
		return formless("it is no JSON object")
	}
	if others(m, "redrivePermission", "sourceQueueArns") {
		return formless("it has other members than redrivePermission and sourceQueueArns")
	}
	var p redriveAllowPolicy
	if json.Unmarshal([]byte(text), &p) != nil || slices.Contains(p.Sources, "") {
		return formless("redrivePermission must be a text, and sourceQueueArns a list of texts")
	}
	refuse := func(reason string) (string, error) {
		return "", badValue(text, "RedriveAllowPolicy", "Amazon SQS can't create the redrive allow policy. "+reason)
	}
	switch p.Permission {
	case "allowAll", "denyAll":
		if len(p.Sources) > 0 {
			return refuse("To specify one or more source queue ARNs, you must set redrivePermission to byQueue.")
		}
	case "byQueue":
		if len(p.Sources) == 0 {
			return refuse("When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.")
		}
		if len(p.Sources) > maxSources {
			return refuse("The maximum number of source queue ARNs you can specify is 10.")
		}
	default:
		return formless("redrivePermission must be allowAll, denyAll or byQueue")
	}
	kept, err := json.Marshal(p)
	return string(kept), err
}

// storedRedriveAllowPolicy reads a RedriveAllowPolicy that was checked when it was set; nil for none.
func storedRedriveAllowPolicy(text string) *redriveAllowPolicy {
	p := new(redriveAllowPolicy)
	if text == "" || json.Unmarshal([]byte(text), p) != nil {
		return nil
	}
	return p
}
