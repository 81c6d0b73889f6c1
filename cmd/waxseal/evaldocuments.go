package main

import (
	"hash/maphash"
	"strings"

	"github.com/waxseal/waxseal/policyeval"
)

// documents keeps compiled policies from case to case. Most files of cases ask about the same
// few policies again and again; in others each case has its own. So a policy is kept when it is
// met again, and those of the other files make no work for the garbage collector.
type documents struct {
	kept map[string]*policyeval.Document
	// met are the hashes of the policies met last, each in the place that it gives.
	met  [1 << 12]uint64
	seed maphash.Seed
}

// maxKept bounds the policies that are kept.
const maxKept = 1000

func newDocuments() documents {
	return documents{kept: map[string]*policyeval.Document{}, seed: maphash.MakeSeed()}
}

// compile makes a document of a policy's text.
func (k *documents) compile(text string) (*policyeval.Document, error) {
	if d := k.kept[text]; d != nil {
		return d, nil
	}
	hash := maphash.String(k.seed, text)
	met := &k.met[hash%uint64(len(k.met))]
	if *met != hash {
		*met = hash
		return policyeval.Parse(text)
	}
	d, err := policyeval.Parse(strings.Clone(text)) // which is a part of many lines
	if err != nil {
		return nil, err
	}
	if len(k.kept) >= maxKept {
		clear(k.kept)
	}
	k.kept[d.Text()] = d
	return d, nil
}
