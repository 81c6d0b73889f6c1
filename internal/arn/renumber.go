package arn

import (
	"bytes"
	"regexp"
)

// number finds 12 digits that stand alone, and UUIDs, which may end in 12 digits that
// are no account.
var number = regexp.MustCompile(`[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9A-Za-z]+`)

// Renumber is a text with another account's number wherever it has that of an account.
func Renumber(text []byte, from, to string) []byte {
	return number.ReplaceAllFunc(text, func(word []byte) []byte {
		if bytes.Equal(word, []byte(from)) {
			return []byte(to)
		}
		return word
	})
}
