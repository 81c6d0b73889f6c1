package sns

var errDuplicateTags = invalidParameter("Duplicated keys are not allowed.") // N038

func duplicateTags(tags []Tag) bool {
	seen := make(map[string]bool, len(tags))
	for _, tag := range tags {
		if seen[tag.Key] {
			return true
		}
		seen[tag.Key] = true
	}
	return false
}
