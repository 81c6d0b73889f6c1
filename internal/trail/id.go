package trail

import (
	"strings"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/ids"
)

// ID is an id as it is kept: most are UUIDs, which take less than half of their text. The
// zero value is the empty id.
type ID struct {
	uuid  uuid.UUID
	other *string // where it is no UUID
}

// IDOf is the id of a text.
func IDOf(text string) ID {
	if text == "" {
		return ID{}
	}
	if u, ok := ids.ParseUUID(text); ok && u != uuid.Nil {
		return ID{uuid: u}
	}
	other := strings.Clone(text)
	return ID{other: &other}
}

func (id ID) String() string {
	switch {
	case id.other != nil:
		return *id.other
	case id.uuid == uuid.Nil:
		return ""
	default:
		return id.uuid.String()
	}
}

// Is reports whether two ids are the same, and not empty.
func (id ID) Is(wanted ID) bool {
	if id.other != nil || wanted.other != nil {
		return id.other != nil && wanted.other != nil && *id.other == *wanted.other
	}
	return id.uuid == wanted.uuid && id.uuid != uuid.Nil
}

// hash is an UUID for any id.
func (id ID) hash() uuid.UUID {
	if id.other != nil {
		return uuid.NewSHA1(uuid.Nil, []byte(*id.other))
	}
	return id.uuid
}

// Size is how many bytes it takes beside the ID itself.
func (id ID) Size() int {
	if id.other == nil {
		return 0
	}
	return 16 + len(*id.other)
}
