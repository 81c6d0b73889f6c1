package ec2

import (
	"iter"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// linkBucket is the index of what hangs on what: the rules of a security group, the
// groups, route tables, subnets and network ACL of a VPC, the interfaces of a subnet. What
// hangs on one resource is so found without looking at all there is.
//
//	ec2.link  ACCOUNT/REGION/ID/ID  nothing: the second hangs on the first
const linkBucket = "ec2.link\x00"

func linkPrefix(p place, on string) string {
	return linkBucket + p.account + "/" + p.region + "/" + on + "/"
}

// link makes id hang on another resource.
func link(tx store.Tx, p place, on, id string) { tx.Put(linkPrefix(p, on)+id, nil) }

// unlink takes id off another resource.
func unlink(tx store.Tx, p place, on, id string) { tx.Delete(linkPrefix(p, on) + id) }

// linked are the ids with a prefix, such as rtb-, that hang on a resource, in their order.
func linked(r store.Reader, p place, on, idPrefix string) iter.Seq[string] {
	prefix := linkPrefix(p, on)
	return func(yield func(string) bool) {
		for key := range r.Scan(prefix+idPrefix, "", store.All) {
			if !yield(strings.TrimPrefix(key, prefix)) {
				return
			}
		}
	}
}

// firstLinked is the first of what linked answers; empty: there is none.
func firstLinked(r store.Reader, p place, on, idPrefix string) string {
	prefix := linkPrefix(p, on)
	for key := range r.Scan(prefix+idPrefix, "", 1) {
		return strings.TrimPrefix(key, prefix)
	}
	return ""
}
