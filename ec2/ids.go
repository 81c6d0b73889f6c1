package ec2

import (
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// kind is one sort of resource.
type kind struct {
	name   string // in ARNs, in TagSpecification and in DescribeTags, such as vpc
	prefix string // of its ids, such as vpc-
	// malformed and missing are the codes of the errors for an id that is none and for
	// one that there is not, which are spelled irregularly [X026]. text is the message
	// of the latter, with %s for the id.
	malformed, missing, text string
}

// digits are how many hexadecimal digits follow the prefix of an id. Ids of earlier
// times have fewer, and are still valid [X024].
const digits, fewerDigits = 17, 8

// newID is a new id of a kind.
func (s *Service) newID(k *kind) string { return k.prefix + s.ids.Hex(digits) }

// check refuses what cannot be an id of the kind [X025].
func (k *kind) check(id string) error {
	if hex, ok := strings.CutPrefix(id, k.prefix); !ok || !isHex(hex) {
		return (&api.Error{Code: k.malformed}).Withf(`Invalid id: "%s" (expecting "%s...")`, id, k.prefix)
	}
	return nil
}

// notFound is the error for an id that there is not.
func (k *kind) notFound(id string) *api.Error {
	return (&api.Error{Code: k.missing}).Withf(k.text, id)
}

// isHex reports whether s is the digits of an id.
func isHex(s string) bool {
	return (len(s) == digits || len(s) == fewerDigits) && strings.Trim(s, "0123456789abcdef") == ""
}
