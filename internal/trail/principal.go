package trail

import "strings"

// IsPrincipal reports whether a principal is meant that calls itself got: by its whole name
// or by its short form, of which role/NAME is every session of the role.
func IsPrincipal(wanted, got string) bool {
	if wanted == got {
		return true
	}
	if name, ok := strings.CutPrefix(wanted, "role/"); ok && strings.Contains(got, ":assumed-role/"+name+"/") {
		return true
	}
	return strings.HasSuffix(got, ":"+wanted)
}
