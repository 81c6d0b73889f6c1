package iam

import "github.com/waxseal/waxseal/internal/resource"

// defaultItems is how many items a page has where MaxItems does not say.
const defaultItems = 100

// page is the part of items that marker and limit ask for, and the marker of
// the part after it; empty: there is none. key orders the items.
func page[T any](items []T, key func(T) string, marker string, limit *int) (part []T, next string, err error) {
	n := defaultItems
	if limit != nil {
		n = *limit
	}
	part, next, valid := resource.Page(items, key, marker, n)
	if !valid {
		return nil, "", errValidation.With("Invalid Marker.")
	}
	return part, next, nil
}
