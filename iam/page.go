package iam

import (
	"cmp"
	"encoding/base64"
	"slices"
)

// defaultItems is how many items a page has where MaxItems does not say.
const defaultItems = 100

// page is the part of items that marker and limit ask for, and the marker of
// the part after it; empty: there is none. key orders the items. A marker is
// the key of the first item that is left, so that items which come and go
// between two calls are neither shown twice nor lost.
func page[T any](items []T, key func(T) string, marker string, limit *int) (part []T, next string, err error) {
	items = sorted(items, key)
	if marker != "" {
		from, err := base64.StdEncoding.DecodeString(marker)
		if err != nil {
			return nil, "", errValidation.With("Invalid Marker.")
		}
		i, _ := slices.BinarySearchFunc(items, string(from), func(item T, from string) int { return cmp.Compare(key(item), from) })
		items = items[i:]
	}
	n := defaultItems
	if limit != nil {
		n = *limit
	}
	if n >= len(items) {
		return append([]T{}, items...), "", nil
	}
	return items[:n:n], base64.StdEncoding.EncodeToString([]byte(key(items[n]))), nil
}

// sorted are the items in the order of their keys. It sorts numbers rather than
// items, for the sort of every type of items would be a part of the program.
func sorted[T any](items []T, key func(T) string) []T {
	keys, order := make([]string, len(items)), make([]int, len(items))
	for i, item := range items {
		keys[i], order[i] = key(item), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	result := make([]T, len(items))
	for i, at := range order {
		result[i] = items[at]
	}
	return result
}
