package template

import "slices"

// readMappings checks that the mappings are maps of maps of strings and lists. [C113]
func (t *Template) readMappings() error {
	members, err := t.section("Mappings", maxMappings)
	if err != nil {
		return err
	}
	t.Mappings = t.Root.Get("Mappings")
	for _, m := range members {
		if err := named("Mappings", m); err != nil {
			return err
		}
		if err := readMapping(m); err != nil {
			return err
		}
	}
	return nil
}

func readMapping(m Member) error {
	if m.Value.Kind != Map {
		return malformed(m.Value.At, "Every Mappings member %s must be a map", m.Key)
	}
	if len(m.Value.Members) > maxAttributes {
		return malformed(m.KeyAt, "Number of attributes of mapping %s, %d, is greater than maximum allowed, %d", m.Key, len(m.Value.Members), maxAttributes)
	}
	for _, first := range m.Value.Members {
		if first.Value.Kind != Map {
			return malformed(first.Value.At, "Every Mappings member %s must be a map", first.Key)
		}
		if len(first.Value.Members) > maxAttributes {
			return malformed(first.KeyAt, "Number of attributes of mapping %s, %d, is greater than maximum allowed, %d", m.Key, len(first.Value.Members), maxAttributes)
		}
		for _, second := range first.Value.Members {
			if !plain(second.Value) {
				return malformed(second.Value.At, "Every Mappings attribute must be a String or a List.")
			}
		}
	}
	return nil
}

// plain reports whether n is a scalar or a list of scalars.
func plain(n *Node) bool {
	return n.Scalar() || n.Kind == List && !slices.ContainsFunc(n.Items, func(item *Node) bool { return !item.Scalar() })
}
