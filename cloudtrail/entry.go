package cloudtrail

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
)

// newEntry is the entry of a record, without its text.
func newEntry(key string, e *trail.Event) *entry {
	made := &entry{
		key: key, id: e.EventID, name: e.EventName, source: e.EventSource,
		user: username(&e.UserIdentity), accessKey: e.UserIdentity.AccessKeyID, readOnly: e.ReadOnly,
	}
	for _, r := range e.Resources {
		made.resources = append(made.resources, named{r.Type, r.ARN})
	}
	return made
}

// withText adds the record's text to the entry, which it returns.
func (e *entry) withText(record *trail.Event) (*entry, error) {
	text, err := json.Marshal(record)
	e.text = string(text)
	return e, err
}

// username is how lookups call who made a call: a role session by the session's name.
func username(u *trail.UserIdentity) string {
	switch u.Type {
	case "Root":
		return "root" // [T077]
	case "AssumedRole", "FederatedUser":
		return u.ARN[strings.LastIndexAny(u.ARN, "/:")+1:]
	default:
		return u.UserName
	}
}

// attribute is one of the names by which records are looked up.
type attribute struct{ key, value string }

// matches reports whether a lookup by a finds e; every lookup without an attribute does.
// Values are compared as they stand, upper and lower case included [T073].
func (a attribute) matches(e *entry) bool {
	switch a.key {
	case "":
		return true
	case "EventId":
		return a.value == e.id
	case "EventName":
		return a.value == e.name
	case "EventSource":
		return a.value == e.source
	case "ReadOnly":
		return a.value == strconv.FormatBool(e.readOnly)
	case "Username":
		return a.value == e.user
	case "AccessKeyId":
		return a.value == e.accessKey
	case "ResourceType":
		return slices.ContainsFunc(e.resources, func(r named) bool { return a.value == r.kind })
	case "ResourceName":
		return slices.ContainsFunc(e.resources, func(r named) bool { return a.value == r.name })
	default:
		return false
	}
}
