package sns

import (
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/resource"
)

// pageSize is how many entries one answer of a list operation holds [N041].
const pageSize = 100

func readToken(token string) (key string, err error) {
	key, valid := resource.ReadToken(token)
	if !valid {
		return "", invalidParameter("NextToken")
	}
	return key, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
