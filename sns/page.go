package sns

import (
	"encoding/base64"
	"maps"
	"slices"
)

// pageSize is how many entries one answer of a list operation holds [N041].
const pageSize = 100

// newToken is the NextToken of a page that is followed by the entry of the given key.
func newToken(key string) string { return base64.StdEncoding.EncodeToString([]byte(key)) }

func readToken(token string) (key string, err error) {
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", invalidParameter("NextToken")
	}
	return string(b), nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
