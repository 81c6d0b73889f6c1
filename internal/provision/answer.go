package provision

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/internal/template"
)

// differences are the texts that a list has now and had not before, and the other way
// around.
func differences(before, now []string) (added, removed []string) {
	return without(now, before), without(before, now)
}

func without(list, others []string) (rest []string) {
	for _, s := range list {
		if !slices.Contains(others, s) && !slices.Contains(rest, s) {
			rest = append(rest, s)
		}
	}
	return rest
}

// first does things in order, until one fails.
func first(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// each does something with each text of a list, until it fails.
func each(list []string, do func(string) error) error {
	for _, s := range list {
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// part is a member of an answer, by its path; nil: it is not there.
func part(answer any, path ...string) any {
	for _, name := range path {
		members, _ := answer.(map[string]any)
		answer = members[name]
	}
	return answer
}

// text is a member of an answer that is a text.
func text(answer any, path ...string) string {
	s, _ := part(answer, path...).(string)
	return s
}

// items are a member of an answer that is a list.
func items(answer any, path ...string) []any {
	all, _ := part(answer, path...).([]any)
	return all
}

// texts are the texts of a list in an answer: its items, or a member of each.
func texts(answer any, name string, member ...string) (all []string) {
	for _, item := range items(answer, name) {
		if s, ok := part(item, member...).(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// number is a number of an answer as a value.
func number(answer any) *template.Node {
	return &template.Node{Kind: template.Number, Text: fmt.Sprint(answer)}
}

// timestamp is a time of an answer, in seconds, as attributes show it.
func timestamp(answer any) string {
	seconds, err := strconv.ParseFloat(fmt.Sprintf("%v", answer), 64)
	if err != nil {
		return ""
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC().Format("2006-01-02T15:04:05Z")
}
