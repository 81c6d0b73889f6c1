package policyeval

import (
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Context holds a request's condition keys. Keys are case-insensitive; set them in lower case,
// which saves a copy. A key is single-valued or multivalued by the way it is set, and the two
// behave differently in conditions, as they do on AWS. The zero value is empty and ready to
// use. A Context must not be copied, may be read by many goroutines at once, and must not be
// changed once a decision that is kept refers to it.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html.
type Context struct {
	// hashes stands beside entries, so that looking a key up reads a few
	// consecutive words and compares one string.
	hashes  []uint32
	entries []entry
	lists   [][]string // of the multivalued keys
	source  Source     // nil: none
}

// first is space for a context's first keys, in one allocation. Most contexts
// have no key of their own, so it is allocated with the first key.
type first struct {
	hashes  [room]uint32
	entries [room]entry
}

const room = 8

// Source holds single-valued keys of a request beside those that are set in its
// context. They are looked up only when a policy asks for them, which few
// policies do, instead of being copied for every decision. A source must answer
// the same for as long as a decision that is kept refers to it, and may be read
// by many goroutines at once.
type Source interface {
	// Value is that of a key in lower case; ok: the request has it.
	Value(key string) (value string, ok bool)
	// Keys yields the names, in lower case, of the keys that the request has.
	Keys() iter.Seq[string]
}

type entry struct {
	key   string
	value string
	list  int // of a multivalued key: which of the context's lists it has, from 1
}

// contextKey is a key in lower case and its hash.
type contextKey struct {
	name string
	hash uint32
}

func makeKey(name string) contextKey {
	name = currentName(lower(name))
	return contextKey{name, hashKey(name)}
}

// currentName is the current name of a condition key. AWS has renamed some keys, and
// the old and the new name mean the same key.
func currentName(name string) string {
	switch name {
	case "kms:customermasterkeyspec":
		return "kms:keyspec"
	case "kms:customermasterkeyusage":
		return "kms:keyusage"
	default:
		return name
	}
}

// lower is s in lower case; it is s itself, without a copy, where s is in lower
// case already.
func lower(s string) string {
	n := len(s)
	if n < 8 {
		for i := range n {
			if c := s[i]; 'A' <= c && c <= 'Z' || c >= 0x80 {
				return strings.ToLower(s)
			}
		}
		return s
	}
	// Eight bytes at a time; the last eight may be looked at twice.
	for i := 0; i+8 < n; i += 8 {
		if hasUpper(load(s[i:])) {
			return strings.ToLower(s)
		}
	}
	if hasUpper(load(s[n-8:])) {
		return strings.ToLower(s)
	}
	return s
}

// hasUpper reports whether one of eight bytes is an upper-case letter or is not
// ASCII. One addition sets the high bit of each byte that is at least 'A',
// another that of each byte that is greater than 'Z'.
func hasUpper(w uint64) bool {
	const each = 0x0101010101010101
	return (w|(w+each*(0x80-'A'))&^(w+each*(0x80-'Z'-1)))&(each*0x80) != 0
}

// hashKey hashes the length, the beginning and the end of a key, which is where
// condition keys differ. Two keys with equal hashes are compared, so a
// collision only costs time.
func hashKey(s string) uint32 {
	n := len(s)
	if n < 8 {
		var h uint32
		for i := range n {
			h = h*31 + uint32(s[i])
		}
		return h
	}
	h := load(s[:8])*0x9E3779B97F4A7C15 ^ load(s[n-8:])*0xC2B2AE3D27D4EB4F ^ uint64(n)*0x165667B19E3779F9
	return uint32(h >> 32)
}

// load is the first 8 bytes of s; the compiler makes it one instruction.
func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// NewContext is an empty context with room for n keys.
func NewContext(n int) *Context {
	c := new(Context)
	if n > room {
		c.hashes, c.entries = make([]uint32, 0, n), make([]entry, 0, n)
	}
	return c
}

// SetSource gives the context the keys of a source. A key that is set in the
// context takes precedence over a key of the same name in the source.
func (c *Context) SetSource(source Source) { c.source = source }

// Source is what SetSource has given; nil: nothing.
func (c *Context) Source() Source { return c.source }

// With is a copy with another source, which has only those of the keys that are set in c
// which keep is true for.
func (c *Context) With(source Source, keep func(key string) bool) *Context {
	copied := NewContext(len(c.entries))
	copied.lists = slices.Clip(c.lists)
	for i := range c.entries {
		if e := &c.entries[i]; keep(e.key) {
			copied.put(contextKey{e.key, c.hashes[i]}, *e)
		}
	}
	copied.source = source
	return copied
}

// Set sets a single-valued key and replaces its earlier value.
func (c *Context) Set(key, value string) {
	c.put(makeKey(key), entry{value: value})
}

// SetBool sets a single-valued key to "true" or "false".
func (c *Context) SetBool(key string, value bool) { c.Set(key, strconv.FormatBool(value)) }

// SetInt sets a single-valued key to a number.
func (c *Context) SetInt(key string, value int64) { c.Set(key, strconv.FormatInt(value, 10)) }

// SetTime sets aws:CurrentTime and aws:EpochTime. Times within one second
// share their texts.
func (c *Context) SetTime(now time.Time) {
	texts := timeTextsOf(now)
	c.Set("aws:currenttime", texts.iso)
	c.Set("aws:epochtime", texts.epoch)
}

type timeTexts struct {
	second     int64
	iso, epoch string
}

// lastTime keeps the texts of the second that was asked for last.
var lastTime atomic.Pointer[timeTexts]

func timeTextsOf(t time.Time) *timeTexts {
	second := t.Unix()
	if last := lastTime.Load(); last != nil && last.second == second {
		return last
	}
	texts := &timeTexts{second, t.UTC().Format("2006-01-02T15:04:05Z"), strconv.FormatInt(second, 10)}
	lastTime.Store(texts)
	return texts
}

// SetList sets a multivalued key. Without values it is not set: AWS sends no
// empty sets. The context keeps values; do not change them.
func (c *Context) SetList(key string, values []string) {
	k := makeKey(key)
	if len(values) == 0 {
		c.remove(k)
		return
	}
	c.lists = append(c.lists, values)
	c.put(k, entry{list: len(c.lists)})
}

func (c *Context) put(k contextKey, e entry) {
	e.key = k.name
	if i := c.index(k); i >= 0 {
		c.entries[i] = e
		return
	}
	if c.entries == nil {
		f := new(first)
		c.hashes, c.entries = f.hashes[:0], f.entries[:0]
	}
	c.hashes = append(c.hashes, k.hash)
	c.entries = append(c.entries, e)
}

func (c *Context) remove(k contextKey) {
	if i := c.index(k); i >= 0 {
		c.hashes = slices.Delete(c.hashes, i, i+1)
		c.entries = slices.Delete(c.entries, i, i+1)
	}
}

// index is where a key stands in entries, or -1.
func (c *Context) index(k contextKey) int {
	for i, h := range c.hashes {
		if h == k.hash && c.entries[i].key == k.name {
			return i
		}
	}
	return -1
}

func (c *Context) find(k contextKey) (e entry, ok bool) {
	if c == nil {
		return e, false
	}
	if i := c.index(k); i >= 0 {
		return c.entries[i], true
	}
	if c.source != nil {
		e.value, ok = c.source.Value(k.name)
	}
	return e, ok
}

// Get returns the values of a key, whether it is multivalued, and whether it is present.
func (c *Context) Get(key string) (values []string, multi, ok bool) {
	e, ok := c.find(makeKey(key))
	if !ok {
		return nil, false, false
	}
	return c.values(&e), e.list != 0, true
}

// Has reports whether a key is present.
func (c *Context) Has(key string) bool {
	_, ok := c.find(makeKey(key))
	return ok
}

func (c *Context) values(e *entry) []string {
	if e.list != 0 {
		return c.lists[e.list-1]
	}
	return []string{e.value}
}

// Len is the number of keys.
func (c *Context) Len() int {
	n := 0
	for range c.All() {
		n++
	}
	return n
}

// Size is the number of bytes of the keys and values that are set in the
// context, without those of its source.
func (c *Context) Size() int {
	const stringHeader = 16
	n := 0
	for i := range c.entries {
		e := &c.entries[i]
		n += 2*stringHeader + len(e.key) + len(e.value)
		if e.list != 0 {
			for _, value := range c.values(e) {
				n += stringHeader + len(value)
			}
		}
	}
	return n
}

// All yields the keys, in lower case, with their values: those that were set,
// in that order, then those of the source.
func (c *Context) All() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for i := range c.entries {
			if !yield(c.entries[i].key, c.values(&c.entries[i])) {
				return
			}
		}
		if c.source == nil {
			return
		}
		for key := range c.source.Keys() {
			if c.index(makeKey(key)) >= 0 {
				continue
			}
			if value, ok := c.source.Value(key); ok && !yield(key, []string{value}) {
				return
			}
		}
	}
}

// Reset empties the context for another request. It keeps the allocated memory
// and the source. Do not reset a context that a kept decision refers to.
func (c *Context) Reset() {
	clear(c.entries)
	clear(c.lists)
	c.hashes, c.entries, c.lists = c.hashes[:0], c.entries[:0], c.lists[:0]
}

// Clone is a copy that can be changed on its own.
func (c *Context) Clone() *Context {
	return &Context{hashes: slices.Clone(c.hashes), entries: slices.Clone(c.entries), lists: slices.Clone(c.lists), source: c.source}
}
