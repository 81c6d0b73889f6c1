package kms

import (
	"encoding/base64"
	"iter"
	"strings"
)

// markerPrefix tells markers of this service from other base64.
const markerPrefix = "after\x00"

// marker is where a list goes on: after the entry of the given key.
func marker(key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(markerPrefix + key))
}

// after is the inverse of marker.
func after(marker string) (string, error) {
	if marker == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(marker)
	key, ok := strings.CutPrefix(string(text), markerPrefix)
	if err != nil || !ok {
		return "", ErrInvalidMarker.With("Could not deserialize marker.")
	}
	return key, nil
}

// page takes from entries, whose first key may be start itself, at most limit
// that come after start. next is the marker of the following page, or empty.
func page[T any](entries iter.Seq2[string, T], start string, limit int) (list []T, next string) {
	list = []T{}
	last := ""
	for key, entry := range entries {
		if key <= start {
			continue
		}
		if len(list) == limit {
			return list, marker(last)
		}
		list, last = append(list, entry), key
	}
	return list, ""
}

// pageSize is the Limit parameter, or usual where it is absent, and at most most.
func pageSize(limit *int, usual, most int) int {
	if limit == nil {
		return usual
	}
	return min(*limit, most)
}
