package events

import "github.com/waxseal/waxseal/internal/resource"

// maxPage is how many entries a page of a list has at most, and where no Limit is given.
const maxPage = 100

// page is the part of a list that a call asks for [V023].
type page struct {
	from  string // the name that it begins with; empty: the first
	limit int
}

func newPage(token string, limit *int32) (page, error) {
	p := page{limit: maxPage}
	if limit != nil {
		p.limit = int(*limit)
	}
	from, valid := resource.ReadToken(token)
	if !valid {
		return p, errToken
	}
	p.from = from
	return p, nil
}

// cut is what of found, which begins at p, the page shows, and the token of the next page;
// empty: there is none.
func cut[T any](p page, found []T, name func(T) string) (shown []T, next string) {
	if len(found) <= p.limit {
		return found, ""
	}
	return found[:p.limit], resource.NewToken(name(found[p.limit]))
}

var errToken = invalidParameter("NextToken", "")
