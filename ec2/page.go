package ec2

import "github.com/waxseal/waxseal/internal/resource"

// page is the part of a list that a request asks for, and the token of the next one;
// empty: there is none [X022]. Without maxResults it is all that is left.
func page[T any](items []T, key func(T) string, token string, maxResults *int32) (part []T, next string, err error) {
	n := len(items)
	if maxResults != nil {
		n = int(*maxResults)
	}
	part, next, valid := resource.Page(items, key, token, n)
	if !valid {
		return nil, "", errNextToken
	}
	return part, next, nil
}

// idOf is the id of a stored resource.
func idOf[E entry](e E) string { return e.base().ID }
