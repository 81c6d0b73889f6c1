package record

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// What is kept of the callers' input, and how much of the trail's budget that takes.
// Sizes are exact for texts and estimated for the structs that hold them.

const (
	// maxBeside is the size up to which what is kept of a call is allocated together with
	// its request, so that a decision keeps both in memory. What is larger is allocated apart.
	maxBeside = 1 << 10
	// StructOverhead is what a decision, its request and what is kept of its call take
	// beside texts.
	StructOverhead = 1536 + maxBeside
	// ItemOverhead is what an item of a map or list takes beside its texts.
	ItemOverhead = 64
	// maxTexts is how much is kept of the texts of a request that no event shows.
	maxTexts = 2 << 10
)

// Size is how many bytes of memory it holds, without its policies.
func (c *Call) Size() int { return c.size }

// measure is what Size says.
func (c *Call) measure() int {
	n := StructOverhead + len(c.parameters) + len(c.response) + len(c.ErrorMessage) + RequestSize(c.Request)
	for i := range c.resources {
		n += ItemOverhead + len(c.resources[i].ARN)
	}
	for _, d := range c.Rest {
		n += d.Holds
	}
	if r := c.Refusal; r != nil {
		n += ItemOverhead + len(r.Kind) + len(r.Resource) + len(r.Reason)
	}
	return n
}

// keptRequest is a request as a record keeps it: the request itself or, where its
// caller's texts are large, a copy with shortened texts. Of these texts a record
// shows only the user agent.
func keptRequest(r *api.Request) *api.Request {
	if len(r.UserAgent) <= trail.MaxUserAgent && len(r.Referer)+len(r.BaseURL)+len(r.TraceHeader) <= maxTexts {
		return r
	}
	kept := *r
	kept.UserAgent = trail.Cut(r.UserAgent, trail.MaxUserAgent)
	kept.BaseURL = trail.Cut(r.BaseURL, maxTexts)
	kept.Referer, kept.TraceHeader = "", ""
	return &kept
}

// RequestSize is how many bytes of its caller's texts a request holds.
func RequestSize(r *api.Request) int {
	n := len(r.UserAgent) + len(r.Referer) + len(r.BaseURL) + len(r.TraceHeader) + len(r.Region) + len(r.SourceARN)
	if e := r.VPCEndpoint; e != nil {
		n += ItemOverhead + len(e.ID) + len(e.VPC) + len(e.PublicURL)
	}
	if c := r.Caller; c != nil {
		n += len(c.ARN) + len(c.UserID) + len(c.Name) + len(c.AccessKeyID) + TagsSize(c.Tags)
	}
	return n
}

// TagsSize is how many bytes tags hold, or another map of texts.
func TagsSize(tags map[string]string) int {
	n := 0
	for key, value := range tags {
		n += ItemOverhead + len(key) + len(value)
	}
	return n
}
