package ec2

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/resource"
)

// Filter is a filter of a list: resources pass it where the property of the name has
// one of the values, in which * stands for any characters, ? for one, and \ takes the
// meaning of the character after it away. A list is what passes all filters [X017].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html.
type Filter struct {
	Name   string
	Values []string `query:"Value"`
}

// The most filters of a request, and values of a filter [X018].
const maxFilters, maxFilterValues = 50, 200

// filterTable is the filters of one kind of list: by name the values that something
// has of the property.
type filterTable[T any] map[string]func(T) []string

// one is a filter of a property that everything has once.
func one[T any](value func(T) string) func(T) []string {
	return func(item T) []string { return []string{value(item)} }
}

// filtered is what passes all filters. tags are those of something, for the filters of
// tags; nil: it has none.
func filtered[T any](items []T, filters []Filter, names filterTable[T], tags func(T) []resource.Tag) ([]T, error) {
	if len(filters) > maxFilters {
		return nil, errFilterLimit
	}
	for _, f := range filters {
		values := names[f.Name]
		if values == nil && tags != nil {
			values = tagFilter(f.Name, tags)
		}
		switch {
		case values == nil:
			return nil, errInvalidValue.Withf("The filter '%s' is invalid", f.Name) // [X016]
		case len(f.Values) > maxFilterValues:
			return nil, errFilterLimit
		}
		items = slices.DeleteFunc(slices.Clone(items), func(item T) bool { return !f.passes(values(item)) })
	}
	return items, nil
}

// tagFilter is the filter tag-key, or one of the filters tag:KEY; nil: name is neither.
func tagFilter[T any](name string, tags func(T) []resource.Tag) func(T) []string {
	key, ofKey := strings.CutPrefix(name, "tag:")
	if !ofKey && name != "tag-key" {
		return nil
	}
	return func(item T) (values []string) {
		for _, t := range tags(item) {
			switch {
			case !ofKey:
				values = append(values, t.Key)
			case t.Key == key:
				values = append(values, t.Value)
			}
		}
		return values
	}
}

// tagsOf are the tags of a stored resource.
func tagsOf[E entry](e E) []resource.Tag { return e.base().Tags }

func (f *Filter) passes(values []string) bool {
	return slices.ContainsFunc(f.Values, func(pattern string) bool {
		return slices.ContainsFunc(values, func(value string) bool { return matches(pattern, value) })
	})
}

// matches reports whether a value of a filter stands for a value of a property.
func matches(pattern, value string) bool {
	// Where a character does not match, the last asterisk takes one more.
	star, taken := -1, 0
	p, v := 0, 0
	for v < len(value) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, taken = p, v
			p++
			continue
		case p < len(pattern) && pattern[p] == '?':
			p++
			_, n := utf8.DecodeRuneInString(value[v:])
			v += n
			continue
		case p+1 < len(pattern) && pattern[p] == '\\' && pattern[p+1] == value[v]:
			p, v = p+2, v+1
			continue
		case p < len(pattern) && pattern[p] != '\\' && pattern[p] == value[v]:
			p, v = p+1, v+1
			continue
		case star < 0:
			return false
		}
		taken++
		p, v = star+1, taken
	}
	return strings.Trim(pattern[p:], "*") == ""
}
