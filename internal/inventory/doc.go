// Package inventory says what there is, as a person looks at it: queues, topics, keys,
// identities, policies and the rest, across accounts and regions, each with what belongs
// to it. It reads the state of a Runtime and what the Runtime remembers; it changes,
// decides and records nothing, and shows no secret.
package inventory

import (
	"cmp"
	"slices"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/runtime"
)

// Inventory looks into a Runtime.
type Inventory struct{ *runtime.Runtime }

// Scope says of which account and region things are listed; what is empty means every one.
type Scope = resource.Scope

// byKey is a list in the order of a key of its elements.
func byKey[T any](list []T, err error, key func(*T) string) ([]T, error) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(key(&a), key(&b)) })
	return list, err
}
