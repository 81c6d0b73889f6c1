package record

import (
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// What is kept of the callers' input, and how much of the trail's budget that takes.
// Sizes are exact for texts, and those of the structs that hold them with what the memory
// allocator and the log add.
const (
	decisionOverhead = 96 + 24
	varyingOverhead  = 64
	callOverhead     = 128 + 24
	extraOverhead    = 128
	questionOverhead = 512
	shapeOverhead    = 256
	profileOverhead  = 1024
	documentOverhead = 160
	sessionOverhead  = 256

	// itemOverhead is what an item of a map or list takes beside its texts.
	itemOverhead = 64

	// maxText is how much is kept of one text of a request. No ARN is longer than 2048
	// characters, no tag longer than 256.
	maxText = 2 << 10
	// maxContext is how many bytes the condition keys take that are set for a decision, and
	// maxGrants the grants: KMS takes an encryption context of up to 8 kB.
	maxContext = 16 << 10
	maxGrants  = 32 << 10
)

// TagsSize is how many bytes tags hold, or another map of texts.
func TagsSize(tags map[string]string) int {
	n := 0
	for key, value := range tags {
		n += itemOverhead + len(key) + len(value)
	}
	return n
}

func grantSize(g *policyeval.Grant) int {
	const fields = 256
	return fields + len(g.Grantee) + len(g.Retiring) + itemOverhead*len(g.Operations) +
		TagsSize(g.EncryptionContextEquals) + TagsSize(g.EncryptionContextSubset)
}

// cutGrants are as many of the grants as are kept.
func cutGrants(grants []policyeval.Grant) []policyeval.Grant {
	room := maxGrants
	for i := range grants {
		if room -= grantSize(&grants[i]); room < 0 {
			return grants[:i:i]
		}
	}
	return grants
}

// cutContext is a context of the keys of a compact form, with its texts cut, and no more
// keys than are kept.
func cutContext(form string) *policyeval.Context {
	all, kept, room := new(policyeval.Context), new(policyeval.Context), maxContext/2
	all.SetFrom(form)
	for key, values := range all.All() {
		_, multivalued, _ := all.Get(key)
		var cut []string
		for _, v := range values {
			if room < 0 {
				break
			}
			cut = append(cut, trail.Cut(v, maxText))
			room -= len(cut[len(cut)-1])
		}
		key = strings.Clone(trail.Cut(key, maxText))
		if room -= len(key); room < 0 {
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
