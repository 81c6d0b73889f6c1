package provision

// tokenLength is how long the random part of a name is [C203].
const tokenLength = 12

// named is the name that a property gives the resource, or else one that is made up, of at
// most limit characters.
func (j *Job) named(property string, limit int) string {
	if name := j.Properties.Get(property); name != nil {
		return name.String()
	}
	return j.madeUp(limit, "")
}

// madeUp is the name of a resource that has none: STACK-LOGICALID-RANDOM with a suffix, in
// at most limit characters. The random part is never cut [C203]. Of the other two, each
// has half of what is left, and what the other does not need.
func (j *Job) madeUp(limit int, suffix string) string {
	room := max(limit-tokenLength-len("--")-len(suffix), 2)
	stack, id := j.Stack.Name, j.LogicalID
	if len(stack)+len(id) > room {
		stack = stack[:min(len(stack), max(room/2, room-len(id)))]
		id = id[:min(len(id), room-len(stack))]
	}
	return stack + "-" + id + "-" + j.Token + suffix
}

// begun gives a resource without an identity of its own a made-up physical id once the
// first of its calls has succeeded: only then there is something to be deleted.
func (j *Job) begun(err error) error {
	if err == nil && j.PhysicalID == "" {
		j.PhysicalID = j.madeUp(128, "")
	}
	return err
}
