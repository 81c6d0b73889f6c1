package store

import "bytes"

// Version is embedded in records that are read in one transaction and used in a later
// one. It remembers the stored form that the record was decoded from. Records that were
// not read from a table have no version.
type Version struct {
	key string // with the table's prefix
	raw []byte
}

// Versioned is implemented by pointers to records that embed Version.
type Versioned interface{ version() *Version }

func (v *Version) version() *Version { return v }

// Compare compares a record that was read earlier with what its key holds now. there is
// false where the key holds nothing. same is true where it holds the form that the
// record was decoded from, even where Get would return another pointer. It reads the
// key and decodes nothing.
func Compare(r Reader, record Versioned) (there, same bool) {
	v := record.version()
	raw := r.Get(v.key)
	return raw != nil, raw != nil && bytes.Equal(raw, v.raw)
}
