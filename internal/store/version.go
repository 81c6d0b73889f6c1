package store

import "bytes"

// Version is embedded in a record that is read in one transaction and relied on
// in a later one: it remembers the stored form that the record was decoded from.
// Records that were not read from a table have no version.
type Version struct {
	key string // with the table's prefix
	raw []byte
}

// Versioned is implemented by pointers to records that embed Version.
type Versioned interface{ version() *Version }

func (v *Version) version() *Version { return v }

// Compare tells how a record that was read earlier compares to what its key holds
// now: there is false where the key holds nothing, and same is true where it holds
// what the record was decoded from, whether or not a Get would answer the same
// pointer. It reads the key and decodes nothing.
func Compare(r Reader, record Versioned) (there, same bool) {
	v := record.version()
	raw := r.Get(v.key)
	return raw != nil, raw != nil && bytes.Equal(raw, v.raw)
}
