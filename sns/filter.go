package sns

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/eventpattern"
)

// The values of FilterPolicyScope.
const (
	scopeAttributes = "MessageAttributes"
	scopeBody       = "MessageBody"
)

// The limits of a filter policy.
//
// See https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html.
const (
	maxFilterKeys         = 5
	maxFilterCombinations = 150
	maxFilterSize         = 256 << 10
)

// filter is a compiled filter policy.
type filter struct {
	pattern *eventpattern.Pattern
	body    bool // looks at the message's text, not at its attributes
}

// compileFilter reads a filter policy. Its errors are the client's, worded as
// SetSubscriptionAttributes does [N076].
func compileFilter(text, scope string) (*filter, error) {
	if len(text) > maxFilterSize {
		return nil, filterError(refusal("Filter policy is too large"))
	}
	p, err := eventpattern.Compile(eventpattern.SNS, text)
	if err != nil {
		return nil, filterError(err)
	}
	f := &filter{p, scope == scopeBody}
	switch {
	case !f.body && p.Nested():
		return nil, invalidParameter("Filter policy scope MessageAttributes does not support nested filter policy") // [N190]
	case p.Keys() > maxFilterKeys:
		return nil, filterError(refusal("Filter policy can not have more than 5 keys")) // [N187]
	case p.Combinations(maxFilterCombinations) > maxFilterCombinations:
		return nil, filterError(refusal("Filter policy is too complex")) // [N188]
	}
	p.Expand()
	return f, nil
}

func filterError(err error) *api.Error { return badDocument(attrFilterPolicy, err.Error()) }

// match reports whether a message passes.
func (f *filter) match(e *eventpattern.Event) bool { return f.pattern.Match(e) }

// attributeEvent is the event that message attributes make. Binary attributes cannot
// be filtered by, and are left out.
func attributeEvent(attributes map[string]MessageAttributeValue) *eventpattern.Event {
	e := eventpattern.NewEvent(eventpattern.SNS)
	for name, a := range attributes {
		switch a.kind() {
		case "Number":
			e.AddNumber(name, a.text())
		case "String":
			e.AddString(name, a.text())
		case "String.Array":
			e.AddJSON(name, a.text())
		}
	}
	return e
}

// bodyEvent is the event that a message's text makes; nil where it is no JSON object [N152].
func bodyEvent(text string) *eventpattern.Event {
	return eventpattern.ParseEvent(eventpattern.SNS, text)
}
