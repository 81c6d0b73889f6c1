package ec2

// member is a member of an input, and whether it asks for what is left out.
type member struct {
	name  string
	asked bool
}

// firstUnsupported is the error for the first of an input's members that asks for what
// is left out; nil: none does.
func firstUnsupported(members ...member) error {
	for _, m := range members {
		if m.asked {
			return unsupported(m.name)
		}
	}
	return nil
}
