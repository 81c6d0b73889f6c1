package dispatch

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// What the trail keeps of its callers' input, and how much of its budget that takes.
// Sizes are exact for texts and estimated for the structs that hold them.

const (
	// maxDecision is how many bytes a decision may keep in memory. A larger one is
	// shortened: a user agent and the 50 tags of a principal take about 16 kB; no
	// request that AWS serves needs more than 64.
	maxDecision = 64 << 10
	// maxText is how much of one text such a decision keeps. No ARN is longer
	// than 2048 characters, no tag longer than 256.
	maxText = 2 << 10
)

// newDecisions is the log of decisions.
func newDecisions() *trail.Log[*trail.Decision] {
	return trail.NewLog(trail.Limits[*trail.Decision]{
		Entries: trail.Capacity, Bytes: trail.Budget, Size: decisionSize,
		Policies: func(d *trail.Decision) *policyeval.Policies { return &d.Policies },
		Number:   func(d *trail.Decision, n uint64) { d.Seq = n },
	})
}

func decisionSize(d *trail.Decision) int { return d.Holds }

// size is how many bytes the decision alone keeps in memory.
func (d *decided) size() int {
	n := record.StructOverhead + len(d.Message) + len(d.Request.Resource) + d.context.Size() + record.TagsSize(d.environment.tags)
	if d.environment.request != nil {
		n += record.RequestSize(d.environment.request)
	}
	for i := range d.Policies.Grants {
		n += grantSize(&d.Policies.Grants[i])
	}
	return n
}

func grantSize(g *policyeval.Grant) int {
	const fields = 256
	return fields + len(g.Grantee) + len(g.Retiring) + record.ItemOverhead*len(g.Operations) +
		record.TagsSize(g.EncryptionContextEquals) + record.TagsSize(g.EncryptionContextSubset)
}

// fit is the decision as the trail keeps it: the decision itself or, where that is
// too large, a copy without the request and with shortened texts.
func (d *decided) fit() *trail.Decision {
	if d.Holds = d.size(); d.Holds <= maxDecision {
		return &d.Decision
	}
	kept := d.Decision
	kept.Cut, kept.Holds = true, record.StructOverhead+maxDecision
	kept.Message = trail.Cut(kept.Message, trail.MaxErrorMessage)
	kept.Request.Resource = trail.Cut(kept.Request.Resource, maxText)
	kept.Request.Context = cutContext(kept.Request.Context)
	kept.Policies.Grants = cutGrants(kept.Policies.Grants)
	return &kept
}

// cutContext is a copy of a context, shortened to the limits, that keeps no part of
// the request in memory.
func cutContext(c *policyeval.Context) *policyeval.Context {
	room := maxDecision / 2
	kept := policyeval.NewContext(0)
	for key, values := range c.All() {
		_, multivalued, _ := c.Get(key)
		var cut []string
		for _, v := range values {
			if room < 0 {
				break
			}
			cut = append(cut, strings.Clone(trail.Cut(v, maxText)))
			room -= record.ItemOverhead + len(cut[len(cut)-1])
		}
		key = strings.Clone(trail.Cut(key, maxText))
		if room -= record.ItemOverhead + len(key); room < 0 {
			break
		}
		if multivalued {
			kept.SetList(key, cut)
		} else {
			kept.Set(key, cut[0])
		}
	}
	return kept
}

func cutGrants(grants []policyeval.Grant) []policyeval.Grant {
	room := maxDecision / 2
	for i := range grants {
		if room -= grantSize(&grants[i]); room < 0 {
			return slices.Clone(grants[:i])
		}
	}
	return grants
}

// newRecords is the log of calls.
func newRecords() *trail.Log[*record.Call] {
	return trail.NewLog(trail.Limits[*record.Call]{
		Entries: trail.Capacity, Bytes: trail.Budget, Size: (*record.Call).Size,
		Policies:  func(r *record.Call) *policyeval.Policies { return &r.Request.Caller.Policies },
		Decisions: func(r *record.Call) []*trail.Decision { return r.Rest },
	})
}
