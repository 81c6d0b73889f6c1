package kms

import "github.com/waxseal/waxseal/internal/resource"

// after is the key after which a list goes on.
func after(marker string) (string, error) {
	key, valid := resource.ReadToken(marker)
	if !valid {
		return "", ErrInvalidMarker.With("Could not deserialize marker.")
	}
	return key, nil
}

// page collects one page of a list, whose entries are added in the order of their keys.
type page[T any] struct {
	start, last string
	limit       int
	list        []T
	more        bool
}

// newPage is a page of at most limit entries that come after start.
func newPage[T any](start string, limit int) *page[T] {
	return &page[T]{start: start, limit: limit, list: []T{}}
}

// add adds an entry and reports whether the page takes more.
func (p *page[T]) add(key string, entry T) bool {
	if key <= p.start && p.start != "" {
		return true
	}
	if len(p.list) == p.limit {
		p.more = true
		return false
	}
	p.list, p.last = append(p.list, entry), key
	return true
}

// scanned is how many entries a scan from start on must find, at the most, to fill
// the page and show whether there are more: start itself may be among them.
func (p *page[T]) scanned() int { return p.limit + 2 }

// result is the page's entries, the marker of the next page and whether there is one.
func (p *page[T]) result() (list []T, next string, truncated bool) {
	if p.more {
		return p.list, resource.NewToken(p.last), true
	}
	return p.list, "", false
}

// pageSize is the Limit parameter, or usual where it is absent, and at most most.
func pageSize(limit *int32, usual, most int) int {
	if limit == nil {
		return usual
	}
	return min(int(*limit), most)
}
