package egress

import (
	"iter"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
)

// budget is how many bytes what is captured takes at most.
const budget = 64 << 20

// Captured keeps what would have left for mail, text messages, Lambda, Firehose
// and push services. It implements sns.Outbox.
type Captured struct{ log *trail.Log[sns.Captured] }

// NewCaptured has captured nothing yet.
func NewCaptured() *Captured {
	return &Captured{trail.NewLog(trail.Limits[sns.Captured]{Entries: trail.Capacity, Bytes: budget, Size: capturedSize})}
}

// Capture implements sns.Outbox.
func (c *Captured) Capture(m sns.Captured) { c.log.Add(m) }

// Newest yields the messages, newest first.
func (c *Captured) Newest() iter.Seq[sns.Captured] { return c.log.Newest() }

// Remove forgets the messages that gone picks.
func (c *Captured) Remove(gone func(sns.Captured) bool) { c.log.Remove(gone) }

func capturedSize(c sns.Captured) int {
	const item = 64 // what an item of a map takes beside its texts
	n := 512 + len(c.Endpoint) + len(c.TopicArn) + len(c.SubscriptionArn) + len(c.Subject) + len(c.Body)
	for name, a := range c.Attributes {
		n += 2*item + len(name) + len(a.DataType) + len(a.BinaryValue)
		if a.StringValue != nil {
			n += len(*a.StringValue)
		}
	}
	return n
}
