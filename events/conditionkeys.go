package events

import (
	"github.com/waxseal/waxseal/policyeval"
)

// patternKeys are the condition keys of PutRule that are told by the rule's pattern, and
// where in it their values stand [V232].
var patternKeys = [][2]string{
	{"events:source", "source"},
	{"events:detail-type", "detail-type"},
	{"events:detail.service", "detail.service"},
	{"events:detail.eventTypeCode", "detail.eventTypeCode"},
	{"events:detail.userIdentity.principalId", "detail.userIdentity.principalId"},
}

// setPatternKeys sets the condition keys of a pattern. Only its exact values count [V237];
// where there are none the key is absent [V238]. A pattern that is malformed has none.
func setPatternKeys(c *policyeval.Context, text string) {
	pattern, err := compile(text)
	if err != nil {
		return
	}
	for _, k := range patternKeys {
		if values, exact := pattern.Exact(k[1]); exact {
			setValues(c, k[0], values)
		}
	}
}

// setValues sets a key that has a list of values. One value alone meets the operators for
// single values too, and several do not [V237].
func setValues(c *policyeval.Context, key string, values []string) {
	if len(values) == 1 {
		c.Set(key, values[0])
		return
	}
	c.SetList(key, values)
}
