package resource

import (
	"cmp"
	"encoding/base64"
	"slices"
)

// Page is the part of items that a token and n ask for, in the order of their
// keys, and the token of the part after it; empty: there is none. A token is the
// key of the first item that is left, so that items which come and go between
// two calls are neither shown twice nor lost. valid is false for a token that is none.
func Page[T any](items []T, key func(T) string, token string, n int) (part []T, next string, valid bool) {
	items = sorted(items, key)
	if token != "" {
		from, err := base64.StdEncoding.DecodeString(token)
		if err != nil {
			return nil, "", false
		}
		i, _ := slices.BinarySearchFunc(items, string(from), func(item T, from string) int { return cmp.Compare(key(item), from) })
		items = items[i:]
	}
	if n >= len(items) {
		return append([]T{}, items...), "", true
	}
	return items[:n:n], base64.StdEncoding.EncodeToString([]byte(key(items[n]))), true
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
