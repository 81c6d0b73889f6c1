package awspolicy

import (
	_ "embed" // the data
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"weak"
)

//go:embed policies.bin
var data string

// Policy is a managed policy of AWS without its document.
type Policy struct {
	Name, Path       string
	Version          string // in force, such as v3
	Created, Updated time.Time
	at               place
}

// Source names the package that the policies are from, with version, license and date.
func Source() string { return index().source }

// List are all policies, by name; not to be changed.
func List() []Policy { return index().policies }

// Find is the policy of that name, or nil.
func Find(name string) *Policy {
	policies := index().policies
	i, ok := slices.BinarySearchFunc(policies, name, func(p Policy, name string) int { return strings.Compare(p.Name, name) })
	if !ok {
		return nil
	}
	return &policies[i]
}

// Document is the policy's document, as compact JSON.
func (p *Policy) Document() string { return index().document(p) }

var index = sync.OnceValue(func() *catalog { return open(data) })

// catalog is the file, its index read.
type catalog struct {
	source   string
	policies []Policy
	common   part   // the words that are keys or frequent, most frequent first
	sorted   part   // all others
	blocks   []part // the documents

	lock  sync.Mutex
	words weak.Pointer[dictionary] // the last reader's
}

// dictionary are the words of the documents.
type dictionary struct{ common, sorted []string }

// place is where a document is.
type place struct{ block, offset int }

func open(data string) *catalog {
	file := reader{data}
	c := &catalog{source: file.text()}
	list := reader{file.part().inflate()}
	c.common, c.sorted = file.part(), file.part()
	for len(file.rest) > 0 {
		c.blocks = append(c.blocks, file.part())
	}
	c.policies = make([]Policy, list.number())
	name, at := "", place{}
	for i := range c.policies {
		p := &c.policies[i]
		name = list.continued(name)
		p.Name, p.Path, p.Version = name, list.text(), "v"+strconv.Itoa(list.number())
		created := int64(list.number())
		p.Created, p.Updated = time.Unix(created, 0).UTC(), time.Unix(created+int64(list.number()), 0).UTC()
		if startsBlock := list.number() == 1; startsBlock {
			at = place{block: at.block + 1}
		}
		p.at = at
		at.offset += list.number()
	}
	return c
}

func (c *catalog) document(p *Policy) string {
	d := printer{words: c.dictionary(), in: reader{c.blocks[p.at.block].inflate()[p.at.offset:]}}
	d.value()
	return d.out.String()
}

func (c *catalog) dictionary() *dictionary {
	c.lock.Lock()
	defer c.lock.Unlock()
	if d := c.words.Value(); d != nil {
		return d
	}
	d := &dictionary{split(c.common), split(c.sorted)}
	c.words = weak.Make(d)
	return d
}

// split are the words of a part, each of which begins like the one before.
func split(p part) []string {
	in := reader{p.inflate()}
	list := make([]string, in.number())
	word := ""
	for i := range list {
		word = in.continued(word)
		list[i] = word
	}
	return list
}
