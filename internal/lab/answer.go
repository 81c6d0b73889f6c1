package lab

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// lookUp is the value at a dotted path, such as Messages.0.Body, as a text. Where the path
// goes on in a text, that is read as JSON: a message may hold a document. A member whose
// name has dots is found by its whole name.
func lookUp(v any, path string) (value string, there bool) {
	if path == "" {
		return text(v)
	}
	switch at := v.(type) {
	case map[string]any:
		for name, rest, more := path, "", true; more; name, rest, more = shorter(name, path) {
			if member, ok := at[name]; ok {
				return lookUp(member, rest)
			}
		}
	case []any:
		name, rest, _ := strings.Cut(path, ".")
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(at) {
			return lookUp(at[i], rest)
		}
	case string:
		var document any
		if json.Unmarshal([]byte(at), &document) == nil {
			if _, plain := document.(string); !plain {
				return lookUp(document, path)
			}
		}
	}
	return "", false
}

// shorter is name without its last part, and the rest of path then.
func shorter(name, path string) (short, rest string, more bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", "", false
	}
	return name[:i], path[i+1:], true
}

func text(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	default:
		raw, err := json.Marshal(v)
		return string(raw), err == nil
	}
}

// glob reports whether a text matches a pattern in which * is any text and ? any character.
func glob(pattern, text string) bool {
	quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile(`(?s)^` + quoted + `$`).MatchString(text)
}
