package events

import (
	"encoding/json"

	"github.com/waxseal/waxseal/policyeval"
)

// patternKeys are the condition keys of PutRule that are told by the rule's pattern, and
// where in it their values stand [V232].
var patternKeys = []struct {
	key  string
	path []string
}{
	{"events:source", []string{"source"}},
	{"events:detail-type", []string{"detail-type"}},
	{"events:detail.service", []string{"detail", "service"}},
	{"events:detail.eventTypeCode", []string{"detail", "eventTypeCode"}},
	{"events:detail.userIdentity.principalId", []string{"detail", "userIdentity", "principalId"}},
}

// setPatternKeys sets the condition keys of a pattern. Only its exact values count [V237];
// where there are none the key is absent [V238]. A pattern that is malformed has none.
func setPatternKeys(c *policyeval.Context, pattern string) {
	for _, k := range patternKeys {
		c.SetList(k.key, exactValues(json.RawMessage(pattern), k.path))
	}
}

// exactValues are the strings that a pattern asks for at a path.
func exactValues(pattern json.RawMessage, path []string) []string {
	for _, name := range path {
		var members map[string]json.RawMessage
		if json.Unmarshal(pattern, &members) != nil {
			return nil
		}
		pattern = members[name]
	}
	var alternatives []any
	if json.Unmarshal(pattern, &alternatives) != nil {
		return nil
	}
	var values []string
	for _, a := range alternatives {
		if text, ok := a.(string); ok {
			values = append(values, text)
		}
	}
	return values
}
