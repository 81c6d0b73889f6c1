package postform

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// policy is what may be sent with a form, and until when.
type policy struct {
	expires    time.Time
	conditions []condition
	// minimum and maximum are of the file's length, if ranged.
	minimum, maximum int64
	ranged           bool
}

// condition is one on a field.
type condition struct {
	operator, field, value string
	// failing: it is one that nothing can fulfill.
	failing bool
	text    string // as the error shows it
}

func parsePolicy(document []byte) (*policy, *api.Error) {
	var raw struct {
		Expiration *string           `json:"expiration"`
		Conditions []json.RawMessage `json:"conditions"`
	}
	if json.Unmarshal(document, &raw) != nil {
		return nil, errPolicy.With("Invalid Policy: Invalid JSON.")
	}
	if raw.Expiration == nil {
		return nil, errPolicy.With("Invalid Policy: Policy missing expiration.")
	}
	if raw.Conditions == nil {
		return nil, errPolicy.With("Invalid Policy: Policy missing conditions.")
	}
	expires, err := time.Parse(time.RFC3339Nano, *raw.Expiration)
	if err != nil {
		return nil, errPolicy.Withf("Invalid Policy: Invalid 'expiration' value: '%s'", *raw.Expiration)
	}
	p := &policy{expires: expires}
	for _, each := range raw.Conditions {
		if err := p.add(each); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// add adds a condition: an object of one field and its value, or a list of operator,
// field and value.
func (p *policy) add(raw json.RawMessage) *api.Error {
	var simple map[string]any
	if json.Unmarshal(raw, &simple) == nil {
		if len(simple) != 1 {
			return errPolicy.With("Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
		}
		for field, value := range simple {
			text, ok := value.(string)
			if !ok {
				return errPolicy.With("Invalid Policy: Invalid Simple-Condition: value must be a string.")
			}
			p.conditions = append(p.conditions, newCondition("eq", field, text))
		}
		return nil
	}
	var list []any
	if json.Unmarshal(raw, &list) != nil || len(list) != 3 {
		return errPolicy.With("Invalid Policy: Invalid Condition: wrong number of arguments.")
	}
	operator, ok := list[0].(string)
	if !ok {
		return errPolicy.With("Invalid Policy: Invalid Condition: the operator must be a string.")
	}
	switch operator = strings.ToLower(operator); operator {
	case "content-length-range":
		return p.addRange(list)
	case "eq", "starts-with":
		field, isField := list[1].(string)
		value, isValue := list[2].(string)
		if !isField || !isValue {
			return errPolicy.With("Invalid Policy: Invalid Condition: field and value must be strings.")
		}
		name, isName := strings.CutPrefix(field, "$")
		c := newCondition(operator, name, value)
		if !isName { // it is on no field, and so it fails
			c = condition{failing: true, text: fmt.Sprintf("[%s, %s, %s]", quote(operator), quote(field), quote(value))}
		}
		p.conditions = append(p.conditions, c)
		return nil
	default:
		return errPolicy.Withf("Invalid Policy: Invalid Condition: unknown operation '%s'.", operator)
	}
}

func newCondition(operator, field, value string) condition {
	return condition{
		operator: operator, field: strings.ToLower(field), value: value,
		text: fmt.Sprintf("[%s, %s, %s]", quote(operator), quote("$"+field), quote(value)),
	}
}

// quote is a text in JSON.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string is encoded always
	return strings.TrimSuffix(b.String(), "\n")
}

// addRange takes bounds that are numbers, or texts of digits; others fail when they are
// looked at [S132].
func (p *policy) addRange(list []any) *api.Error {
	bounds := [2]int64{}
	texts := [2]string{}
	failing := false
	for i := range bounds {
		switch bound := list[i+1].(type) {
		case float64:
			bounds[i], texts[i] = int64(bound), strconv.FormatInt(int64(bound), 10)
		case string:
			n, err := strconv.ParseInt(bound, 10, 64)
			bounds[i], texts[i] = n, quote(bound)
			failing = failing || err != nil
		default:
			return errPolicy.With("Invalid Policy: Invalid Condition: content-length-range takes two numbers.")
		}
	}
	if failing {
		p.conditions = append(p.conditions, condition{failing: true, text: `["content-length-range", ` + texts[0] + ", " + texts[1] + "]"})
		return nil
	}
	p.ranged, p.minimum, p.maximum = true, bounds[0], bounds[1]
	return nil
}

// check reports why the form is not what its policy allows [S131].
func (p *policy) check(f *Form) *api.Error {
	if f.now.After(p.expires) {
		return errDenied.With("Invalid according to Policy: Policy expired.")
	}
	for _, c := range p.conditions {
		if c.failing || !c.holds(f.value(c.field)) {
			return errDenied.With("Invalid according to Policy: Policy Condition failed: " + c.text)
		}
	}
	for _, name := range f.sent {
		if !p.covers(strings.ToLower(name)) {
			return errDenied.With("Invalid according to Policy: Extra input fields: " + strings.ToLower(name))
		}
	}
	return nil
}

// value is what a condition on a field looks at.
func (f *Form) value(field string) string {
	switch field {
	case "bucket":
		return f.Bucket
	case "key":
		return f.Key
	default:
		return f.fields[field]
	}
}

func (c *condition) holds(value string) bool {
	if c.operator == "starts-with" {
		return strings.HasPrefix(value, c.value)
	}
	return value == c.value
}

// uncovered are the fields that no condition needs to name.
var uncovered = []string{"policy", "x-amz-signature", "signature", "awsaccesskeyid", "bucket"}

func (p *policy) covers(field string) bool {
	return slices.Contains(uncovered, field) || strings.HasPrefix(field, "x-ignore-") ||
		slices.ContainsFunc(p.conditions, func(c condition) bool { return c.field == field })
}
