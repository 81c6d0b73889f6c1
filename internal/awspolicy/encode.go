package awspolicy

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Entry is a policy for Encode to write.
type Entry struct {
	Name, Path       string
	Version          int
	Created, Updated time.Time
	Document         []byte // JSON
}

const (
	// frequent is how often a value occurs that counts as a common word.
	frequent = 100
	// blockSize is about how many bytes of documents are deflated together.
	blockSize = 32 << 10
)

// Encode makes the file that this package reads. The program itself does not
// contain it: see generate.
func Encode(source string, entries []Entry) ([]byte, error) {
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	documents := make([]value, len(entries))
	var count census
	for i, e := range entries {
		d := json.NewDecoder(bytes.NewReader(e.Document))
		v, err := read(d)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		documents[i] = v
		count.add(v)
	}
	common, sorted := count.words()
	w := writer{common: places(common), sorted: places(sorted)}
	var index, blocks, block writer
	index.number(len(entries))
	name := ""
	for i, e := range entries {
		w.out, w.last = nil, 0
		w.value(documents[i])
		index.continued(name, e.Name)
		name = e.Name
		index.text(e.Path)
		index.number(e.Version)
		index.number(int(e.Created.Unix()))
		index.number(int(e.Updated.Sub(e.Created).Seconds()))
		starts := 0
		if len(block.out) >= blockSize {
			blocks.part(block.out)
			block.out, starts = nil, 1
		}
		index.number(starts)
		index.number(len(w.out))
		block.out = append(block.out, w.out...)
	}
	blocks.part(block.out)
	var file writer
	file.text(source)
	file.part(index.out)
	file.part(wordList(common))
	file.part(wordList(sorted))
	return append(file.out, blocks.out...), nil
}

// value is a value of a document: a string, a bool, a list or an object with
// its members in their order.
type (
	value  any
	object []member
	member struct {
		key   string
		value value
	}
)

func read(d *json.Decoder) (value, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []value{}
		for d.More() {
			v, err := read(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		o := object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := read(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{key.(string), v})
		}
		_, err := d.Token()
		return o, err
	}
	switch token := token.(type) {
	case string:
		if !strings.Contains(token, "\x00") {
			return token, nil
		}
	case bool:
		return token, nil
	}
	return nil, fmt.Errorf("%v is no value of a policy", token)
}

// census counts the words of documents.
type census struct{ keys, values map[string]int }

func (c *census) add(v value) {
	if c.keys == nil {
		c.keys, c.values = map[string]int{}, map[string]int{}
	}
	switch v := v.(type) {
	case string:
		c.values[v]++
	case []value:
		for _, item := range v {
			c.add(item)
		}
	case object:
		for _, m := range v {
			c.keys[m.key]++
			c.add(m.value)
		}
	}
}

// words are the common ones, the most frequent first, and the others, sorted.
func (c *census) words() (common, sorted []string) {
	counts := maps.Clone(c.keys)
	for word, n := range c.values {
		if n > frequent || counts[word] > 0 {
			counts[word] += n
		} else {
			sorted = append(sorted, word)
		}
	}
	common = slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	slices.Sort(sorted)
	return common, sorted
}

func places(words []string) map[string]int {
	at := make(map[string]int, len(words))
	for i, word := range words {
		at[word] = i
	}
	return at
}

// wordList is the opposite of split.
func wordList(words []string) []byte {
	var w writer
	w.number(len(words))
	before := ""
	for _, word := range words {
		w.continued(before, word)
		before = word
	}
	return w.out
}

// writer is the opposite of reader and printer.
type writer struct {
	out            []byte
	common, sorted map[string]int
	last           int
}

func (w *writer) number(n int) {
	for ; n >= 0x80; n >>= 7 {
		w.out = append(w.out, byte(n)|0x80)
	}
	w.out = append(w.out, byte(n))
}

func (w *writer) text(s string) {
	w.number(len(s))
	w.out = append(w.out, s...)
}

// continued is the opposite of reader.continued.
func (w *writer) continued(before, s string) {
	n := 0
	for n < min(len(before), len(s)) && before[n] == s[n] {
		n++
	}
	w.number(n)
	w.out = append(w.out, s[n:]...)
	w.out = append(w.out, 0)
}

func (w *writer) part(b []byte) {
	var deflated bytes.Buffer
	f, _ := flate.NewWriter(&deflated, flate.BestCompression) // fails for levels that do not exist
	_, _ = f.Write(b)
	_ = f.Close()
	w.number(len(b))
	w.text(deflated.String())
}

func (w *writer) value(v value) {
	switch v := v.(type) {
	case string:
		if place, ok := w.common[v]; ok {
			w.number(kindCommon)
			w.number(place)
			return
		}
		place := w.sorted[v]
		w.number(kindWord + fold(place-w.last))
		w.last = place
	case bool:
		w.number(map[bool]int{false: kindFalse, true: kindTrue}[v])
	case []value:
		w.number(kindList)
		w.number(len(v))
		for _, item := range v {
			w.value(item)
		}
	case object:
		w.number(kindObject)
		w.number(len(v))
		for _, m := range v {
			w.number(w.common[m.key])
			w.value(m.value)
		}
	}
}
