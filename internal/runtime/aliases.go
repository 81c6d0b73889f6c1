package runtime

import (
	"context"
	"regexp"
)

// keyARN is a key's ARN in a text, where it does not stand in quotes: within a
// policy nothing is to be added to it.
var keyARN = regexp.MustCompile(`(^|[^"\w])(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+)([^"\w]|$)`)

// withAliases is a text with the aliases of the keys that it names beside their ARNs.
func (rt *Runtime) withAliases(ctx context.Context, text string) string {
	if !keyARN.MatchString(text) {
		return text
	}
	aliases, err := rt.KMS.AliasNames(ctx)
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
