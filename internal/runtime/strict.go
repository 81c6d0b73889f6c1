package runtime

import (
	"fmt"
	"strings"
)

// Strict names the checks of AWS that waxseal makes only where they are asked for,
// because they get in the way of a plain local run. The zero value makes none.
type Strict struct {
	Credentials bool // unknown access keys are refused, and root users may not assume roles
	Principals  bool // resource policies may name only principals that exist
	Transport   bool // encrypted queues and topics refuse plain HTTP
	Templates   bool // templates and Terraform files may have only what is emulated
}

// ParseStrict reads a comma-separated list of "credentials", "principals",
// "transport", "templates" and "all".
func ParseStrict(list string) (Strict, error) {
	var s Strict
	for word := range strings.SplitSeq(list, ",") {
		switch strings.TrimSpace(word) {
		case "":
		case "credentials":
			s.Credentials = true
		case "principals":
			s.Principals = true
		case "transport":
			s.Transport = true
		case "templates":
			s.Templates = true
		case "all":
			s = Strict{Credentials: true, Principals: true, Transport: true, Templates: true}
		default:
			return Strict{}, fmt.Errorf("strict: %q is none of credentials, principals, transport, templates, all", strings.TrimSpace(word))
		}
	}
	return s, nil
}
