package control

import (
	"iter"
	"net/url"

	"github.com/waxseal/waxseal/internal/trail"
)

// newest collects up to the query's limit of the entries that match.
func newest[T, V any](query url.Values, entries iter.Seq[T], matches func(T) bool, view func(T) V) ([]V, error) {
	n, err := limit(query)
	if err != nil {
		return nil, err
	}
	views := []V{}
	for e := range entries {
		if len(views) == n {
			break
		}
		if matches(e) {
			views = append(views, view(e))
		}
	}
	return views, nil
}

func is(wanted, got string) bool { return wanted == "" || wanted == got }

// isPrincipal is [trail.IsPrincipal], where a principal is wanted.
func isPrincipal(wanted, got string) bool { return wanted == "" || trail.IsPrincipal(wanted, got) }
