package resource

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

// tokenPrefix tells tokens of this program from other base64.
const tokenPrefix = "at\x00"

// NewToken is the token of a list that goes on at a key. It is base64
// with padding, as SNS's are on AWS [N042]: there are callers who decode it.
func NewToken(key string) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenPrefix + key))
}

// ReadToken is the key that a token says, and false for what is no token. No
// token at all is that of the list's beginning.
func ReadToken(token string) (key string, valid bool) {
	if token == "" {
		return "", true
	}
	text, err := base64.StdEncoding.DecodeString(token)
	key, valid = strings.CutPrefix(string(text), tokenPrefix)
	return key, valid && err == nil
}

// Page is the part of items that a token and n ask for, in the order of their
// keys, and the token of the part after it; empty: there is none. A token is the
// key of the first item that is left, so that items which come and go between
// two calls are neither shown twice nor lost. valid is false for a token that is none.
func Page[T any](items []T, key func(T) string, token string, n int) (part []T, next string, valid bool) {
	items = sorted(items, key)
	from, valid := ReadToken(token)
	if !valid {
		return nil, "", false
	}
	if from != "" {
		i, _ := slices.BinarySearchFunc(items, from, func(item T, from string) int { return cmp.Compare(key(item), from) })
		items = items[i:]
	}
	if n >= len(items) {
		return append([]T{}, items...), "", true
	}
	return items[:n:n], NewToken(key(items[n])), true
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
