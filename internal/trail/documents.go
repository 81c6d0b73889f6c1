package trail

import (
	"strings"

	"github.com/waxseal/waxseal/policyeval"
)

// Documents counts the policies' documents that entries keep in memory. A document that
// several of them share counts once. The zero value has none.
type Documents struct {
	held  map[*policyeval.Document]int // how many times
	bytes int
}

// Bytes is how many bytes the documents hold.
func (d *Documents) Bytes() int { return d.bytes }

// Hold counts the documents of p, and reports whether there is any.
func (d *Documents) Hold(p *policyeval.Policies) (some bool) {
	return eachDocument(p, func(document *policyeval.Document) {
		if d.held == nil {
			d.held = map[*policyeval.Document]int{}
		}
		if d.held[document]++; d.held[document] == 1 {
			d.bytes += documentSize(document)
		}
	})
}

// Release undoes a Hold, and reports whether there was any document.
func (d *Documents) Release(p *policyeval.Policies) (some bool) {
	return eachDocument(p, func(document *policyeval.Document) {
		if d.held[document]--; d.held[document] == 0 {
			delete(d.held, document)
			d.bytes -= documentSize(document)
		}
	})
}

// HasDocuments reports whether p has any document.
func HasDocuments(p *policyeval.Policies) bool { return eachDocument(p, func(*policyeval.Document) {}) }

// eachDocument calls f with each document among policies, and reports whether there is any.
func eachDocument(p *policyeval.Policies, f func(*policyeval.Document)) (some bool) {
	each := func(policies []*policyeval.Policy) {
		for _, p := range policies {
			f(p.Document)
			some = true
		}
	}
	for _, list := range [...][]*policyeval.Policy{p.Identity, p.Boundary, p.Session, p.Endpoint, p.Block} {
		each(list)
	}
	for _, levels := range [...][][]*policyeval.Policy{p.SCPs, p.RCPs} {
		for _, level := range levels {
			each(level)
		}
	}
	if p.Resource != nil {
		f(p.Resource.Document)
		some = true
	}
	return some
}

// documentSize estimates the memory of a compiled document from the length of its text
// and the number of names and strings in it. As measured, the estimate is three times
// the real size for a policy of one statement, and half of it for the worst documents.
func documentSize(d *policyeval.Document) int {
	text := d.Text()
	return 12*len(text) + 240*strings.Count(text, `"`)/2
}
