package terraform

import (
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// places finds the account and region of each resource: by its ARN, and else by what most
// ARNs of the file say.
func (r *reader) places() {
	accounts := map[string]int{}
	for _, one := range r.resources {
		for _, name := range []string{"arn", "topic_arn"} {
			if a, err := arn.Parse(one.text(name)); err == nil {
				if one.account == "" && arn.IsAccountID(a.AccountID) {
					one.account = a.AccountID
					accounts[a.AccountID]++
				}
				if a.Region != "" {
					one.region = a.Region
				}
			}
		}
	}
	usual := r.Account
	for id, n := range accounts {
		if n > accounts[usual] || n == accounts[usual] && id < usual {
			usual = id
		}
	}
	for _, one := range r.resources {
		if one.account == "" {
			one.account = usual
		}
		for _, name := range []string{"bucket_region", "region"} {
			if one.region == "" {
				one.region = one.text(name)
			}
		}
	}
}

// put says in a fixture in which region it is.
func (one *resource) inRegion(o *object) {
	if one.region != "" {
		o.put("region", one.word(one.region))
	}
}

// names are the attributes by which other resources name one.
var names = []string{"arn", "id", "url", "key_id", "bucket", "name"}

// find is the resource of one of the types that an argument names: by its ARN, id, URL or
// name. Of several with one name it is the one in the same module, or the first.
func (r *reader) find(one *resource, argument string, kinds ...string) *resource {
	return r.named(one, one.text(argument), kinds...)
}

func (r *reader) named(one *resource, value string, kinds ...string) *resource {
	if value == "" {
		return nil
	}
	var found *resource
	for _, name := range names {
		for _, other := range r.resources {
			if !isOneOf(other.kind, kinds) || other.text(name) != value || other.made == nil {
				continue
			}
			if other.module == one.module && (one.region == "" || other.region == one.region) {
				return other
			}
			if found == nil {
				found = other
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func isOneOf(kind string, kinds []string) bool {
	for _, k := range kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// owner is the fixture of the resource that an argument names. Where the file does not
// have it, that is warned of.
func (r *reader) owner(one *resource, argument string, kinds ...string) *object {
	if other := r.find(one, argument, kinds...); other != nil {
		return other.made
	}
	value := one.text(argument)
	if value == "" && one.unknown[argument] {
		value = "which is known after apply"
	}
	r.warn(one, "left out: no %s of this file is its %s (%s)", strings.Join(kinds, " or "), argument, value)
	return nil
}
