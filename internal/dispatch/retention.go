package dispatch

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
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
	// maxBeside is the size up to which a call's record is allocated together with its
	// request, so that a decision keeps both in memory. A larger one is allocated apart.
	maxBeside = 1 << 10
	// structOverhead is what a decision, its request and its record take beside texts.
	structOverhead = 1536 + maxBeside
	// itemOverhead is what an item of a map or list takes beside its texts.
	itemOverhead = 64
)

// newDecisions is the log of decisions.
func newDecisions() *trail.Log[*trail.Decision] {
	return trail.NewLog(trail.Limits[*trail.Decision]{
		Entries: trail.Capacity, Bytes: trail.Budget, Size: decisionSize,
		Policies: func(d *trail.Decision) *policyeval.Policies { return &d.Policies },
	})
}

func decisionSize(d *trail.Decision) int { return d.Holds }

// size is how many bytes the decision alone keeps in memory.
func (d *decided) size() int {
	n := structOverhead + len(d.Message) + len(d.Request.Resource) + d.context.Size() + tagsSize(d.environment.tags)
	if d.environment.request != nil {
		n += requestSize(d.environment.request)
	}
	for i := range d.Policies.Grants {
		n += grantSize(&d.Policies.Grants[i])
	}
	return n
}

// requestSize is how many bytes of its caller's texts a request holds.
func requestSize(r *api.Request) int {
	n := len(r.UserAgent) + len(r.Referer) + len(r.BaseURL) + len(r.TraceHeader) + len(r.Region) + len(r.SourceARN)
	if e := r.VPCEndpoint; e != nil {
		n += itemOverhead + len(e.ID) + len(e.VPC) + len(e.PublicURL)
	}
	if c := r.Caller; c != nil {
		n += len(c.ARN) + len(c.UserID) + len(c.Name) + len(c.AccessKeyID) + tagsSize(c.Tags)
	}
	return n
}

func tagsSize(tags map[string]string) int {
	n := 0
	for key, value := range tags {
		n += itemOverhead + len(key) + len(value)
	}
	return n
}

func grantSize(g *policyeval.Grant) int {
	const fields = 256
	return fields + len(g.Grantee) + len(g.Retiring) + itemOverhead*len(g.Operations) +
		tagsSize(g.EncryptionContextEquals) + tagsSize(g.EncryptionContextSubset)
}

// fit is the decision as the trail keeps it: the decision itself or, where that is
// too large, a copy without the request and with shortened texts.
func (d *decided) fit() *trail.Decision {
	if d.Holds = d.size(); d.Holds <= maxDecision {
		return &d.Decision
	}
	kept := d.Decision
	kept.Cut, kept.Holds = true, structOverhead+maxDecision
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
			room -= itemOverhead + len(cut[len(cut)-1])
		}
		key = strings.Clone(trail.Cut(key, maxText))
		if room -= itemOverhead + len(key); room < 0 {
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
func newRecords() *trail.Log[*Record] {
	return trail.NewLog(trail.Limits[*Record]{
		Entries: trail.Capacity, Bytes: trail.Budget, Size: (*Record).Size,
		Policies:  func(r *Record) *policyeval.Policies { return &r.Request.Caller.Policies },
		Decisions: func(r *Record) []*trail.Decision { return r.Rest },
	})
}

// Size is how many bytes of memory the record holds, without its policies.
func (c *Record) Size() int { return c.holds }

func (c *Record) size() int {
	n := structOverhead + len(c.parameters) + len(c.response) + len(c.ErrorMessage) + requestSize(c.Request)
	for i := range c.resources {
		n += itemOverhead + len(c.resources[i].ARN)
	}
	for _, d := range c.Rest {
		n += d.Holds
	}
	if r := c.Refusal; r != nil {
		n += itemOverhead + len(r.Kind) + len(r.Resource) + len(r.Reason)
	}
	return n
}

// keptRequest is a request as a record keeps it: the request itself or, where its
// caller's texts are large, a copy with shortened texts. Of these texts a record
// shows only the user agent.
func keptRequest(r *api.Request) *api.Request {
	if len(r.UserAgent) <= trail.MaxUserAgent && len(r.Referer)+len(r.BaseURL)+len(r.TraceHeader) <= maxText {
		return r
	}
	kept := *r
	kept.UserAgent = trail.Cut(r.UserAgent, trail.MaxUserAgent)
	kept.BaseURL = trail.Cut(r.BaseURL, maxText)
	kept.Referer, kept.TraceHeader = "", ""
	return &kept
}
