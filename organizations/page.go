package organizations

import "github.com/waxseal/waxseal/internal/resource"

// pageSize is how many items a page has where MaxResults does not say.
const pageSize = 20

// page is the part of items that token and limit ask for, and the token of the
// part after it; empty: there is none. key orders the items.
func page[T any](items []T, key func(T) string, token string, limit *int) (part []T, next string, err error) {
	n := pageSize
	if limit != nil {
		n = *limit
	}
	part, next, valid := resource.Page(items, key, token, n)
	if !valid {
		return nil, "", errInvalid.With("The provided NextToken is invalid.").Because("INVALID_NEXT_TOKEN")
	}
	return part, next, nil
}
