package control

import (
	"iter"
	"net/url"
	"strings"
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

// isPrincipal takes the whole name of a principal, or its short form: role/NAME
// is every session of the role.
func isPrincipal(wanted, got string) bool {
	if is(wanted, got) {
		return true
	}
	if name, ok := strings.CutPrefix(wanted, "role/"); ok {
		return strings.Contains(got, ":assumed-role/"+name+"/")
	}
	return strings.HasSuffix(got, ":"+wanted)
}
