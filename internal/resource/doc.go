// Package resource is what all services do alike with what they own: resource
// policies are checked, shown and edited, tags counted and merged, lists paged.
// A service gives its limits and its words for what it refuses as values; the
// order in which it checks things stays its own.
//
// It stands above internal/api and below the services, and knows none of them.
package resource
