package explain

import (
	"context"
	"regexp"
)

// keyARN matches a key's ARN in a text, unless it is in quotes: a quoted one is part
// of a policy, to which nothing may be added.
var keyARN = regexp.MustCompile(`(^|[^"\w])(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+)([^"\w]|$)`)

// withAliases adds to each key's ARN in a text the key's alias.
func (x Explainer) withAliases(ctx context.Context, text string) string {
	if !keyARN.MatchString(text) {
		return text
	}
	aliases, err := x.KMS.AliasNames(ctx)
	if err != nil {
		return text
	}
	return keyARN.ReplaceAllStringFunc(text, func(found string) string {
		m := keyARN.FindStringSubmatch(found)
		if alias := aliases[m[2]]; alias != "" {
			return m[1] + m[2] + " (" + alias + ")" + m[3]
		}
		return found
	})
}
