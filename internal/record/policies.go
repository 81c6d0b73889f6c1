package record

import (
	"maps"
	"slices"
	"sync"
	"weak"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// document is a policy document as it is kept: by its text, of which there is one for all
// that refer to it. Compiled it is many times as large, and compiled again when somebody
// asks, unless the state still has it.
type document struct {
	trail.Piece
	text string

	mu       sync.Mutex
	compiled weak.Pointer[policyeval.Document]
}

func (k *Keeper) document(d *policyeval.Document) *document {
	k.documents.Lock()
	defer k.documents.Unlock()
	if kept := k.documents.byText[d.Text()].Value(); kept != nil {
		return kept
	}
	kept := &document{text: d.Text(), compiled: weak.Make(d)}
	kept.Size = documentOverhead + len(kept.text)
	k.documents.add(kept)
	return kept
}

func (d *document) restore() *policyeval.Document {
	d.mu.Lock()
	defer d.mu.Unlock()
	compiled := d.compiled.Value()
	if compiled == nil {
		var err error
		if compiled, err = policyeval.Parse(d.text); err != nil {
			panic("record: " + err.Error()) // it was parsed before
		}
		d.compiled = weak.Make(compiled)
	}
	return compiled
}

// policy is a policyeval.Policy as it is kept.
type policy struct {
	name, owner string
	epoch       uint64
	document    *document
}

func (k *Keeper) policy(p *policyeval.Policy) policy {
	return policy{p.Name, p.Owner, p.Epoch, k.document(p.Document)}
}

func (p *policy) is(q *policyeval.Policy) bool {
	return p.name == q.Name && p.owner == q.Owner && p.epoch == q.Epoch && p.document.text == q.Document.Text()
}

func (p *policy) restore() *policyeval.Policy {
	return &policyeval.Policy{Name: p.name, Owner: p.owner, Epoch: p.epoch, Document: p.document.restore()}
}

// policies are policyeval.Policies as they are kept: a list for each layer. Of SCPs and RCPs
// each level is a list.
type policies struct {
	identity, boundary, session, block, endpoint, resource []policy
	scps, rcps                                             [][]policy
	grants                                                 []policyeval.Grant
}

func (k *Keeper) policies(p *policyeval.Policies) policies {
	return policies{
		identity: k.layer(p.Identity), boundary: k.layer(p.Boundary), session: k.layer(p.Session),
		block: k.layer(p.Block), endpoint: k.layer(p.Endpoint), resource: k.layer(single(p.Resource)),
		scps: k.levels(p.SCPs), rcps: k.levels(p.RCPs), grants: p.Grants,
	}
}

// single is a list of a policy; nil is no list.
func single(p *policyeval.Policy) []*policyeval.Policy {
	if p == nil {
		return nil
	}
	return []*policyeval.Policy{p}
}

func (k *Keeper) layer(list []*policyeval.Policy) []policy {
	if list == nil {
		return nil
	}
	kept := make([]policy, len(list))
	for i, p := range list {
		kept[i] = k.policy(p)
	}
	return kept
}

func (k *Keeper) levels(list [][]*policyeval.Policy) [][]policy {
	if list == nil {
		return nil
	}
	kept := make([][]policy, len(list))
	for i := range list {
		kept[i] = k.layer(list[i])
	}
	return kept
}

// are reports whether p are the same policies, each in the same place.
func (kept *policies) are(p *policyeval.Policies) bool {
	resource := len(kept.resource) == 0 && p.Resource == nil || len(kept.resource) == 1 && p.Resource != nil && kept.resource[0].is(p.Resource)
	return resource && sameLayer(kept.identity, p.Identity) && sameLayer(kept.boundary, p.Boundary) && sameLayer(kept.session, p.Session) &&
		sameLayer(kept.block, p.Block) && sameLayer(kept.endpoint, p.Endpoint) &&
		slices.EqualFunc(kept.scps, p.SCPs, sameLayer) && slices.EqualFunc(kept.rcps, p.RCPs, sameLayer) &&
		sameGrants(kept.grants, p.Grants)
}

func sameLayer(kept []policy, list []*policyeval.Policy) bool {
	return slices.EqualFunc(kept, list, func(k policy, p *policyeval.Policy) bool { return k.is(p) })
}

// sameGrants compares lists of grants, at once where they are the same list.
func sameGrants(a, b []policyeval.Grant) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || slices.EqualFunc(a, b, sameGrant))
}

func sameGrant(a, b policyeval.Grant) bool {
	return a.ID == b.ID && a.Grantee == b.Grantee && a.Retiring == b.Retiring && a.Epoch == b.Epoch && slices.Equal(a.Operations, b.Operations) &&
		maps.Equal(a.EncryptionContextEquals, b.EncryptionContextEquals) && maps.Equal(a.EncryptionContextSubset, b.EncryptionContextSubset)
}

// measure is how many bytes they take, without their documents, and appends those to parts.
func (kept *policies) measure(parts []*trail.Piece) (int, []*trail.Piece) {
	const each = 56
	n := 0
	layer := func(list []policy) {
		for i := range list {
			n += each + len(list[i].name) + len(list[i].owner)
			parts = append(parts, &list[i].document.Piece)
		}
	}
	for _, list := range [...][]policy{kept.identity, kept.boundary, kept.session, kept.block, kept.endpoint, kept.resource} {
		layer(list)
	}
	for _, level := range slices.Concat(kept.scps, kept.rcps) {
		n += itemOverhead
		layer(level)
	}
	for i := range kept.grants {
		n += grantSize(&kept.grants[i])
	}
	return n, parts
}

func (kept *policies) restore() policyeval.Policies {
	p := policyeval.Policies{
		Identity: restored(kept.identity), Boundary: restored(kept.boundary), Session: restored(kept.session),
		Block: restored(kept.block), Endpoint: restored(kept.endpoint), Grants: kept.grants,
		SCPs: restoredLevels(kept.scps), RCPs: restoredLevels(kept.rcps),
	}
	if len(kept.resource) > 0 {
		p.Resource = kept.resource[0].restore()
	}
	return p
}

func restored(kept []policy) []*policyeval.Policy {
	if kept == nil {
		return nil
	}
	list := make([]*policyeval.Policy, len(kept))
	for i := range kept {
		list[i] = kept[i].restore()
	}
	return list
}

func restoredLevels(kept [][]policy) [][]*policyeval.Policy {
	if kept == nil {
		return nil
	}
	list := make([][]*policyeval.Policy, len(kept))
	for i := range kept {
		list[i] = restored(kept[i])
	}
	return list
}
