package template

import (
	"slices"
	"strings"
)

// Output is an output as it is written.
type Output struct {
	Name, Description, Condition string
	Value                        *Node
	// Export is the name that it is exported by; nil: it is not.
	Export *Node
	At     Position
}

var outputKeys = []string{"Value", "Description", "Export", "Condition"}

func (t *Template) readOutputs() error {
	members, err := t.section("Outputs", maxOutputs)
	if err != nil {
		return err
	}
	for _, m := range members {
		if t.loops(m.Key) {
			continue
		}
		if err := named("Output", m); err != nil {
			return err
		}
		o, err := readOutput(m)
		if err != nil {
			return err
		}
		t.Outputs = append(t.Outputs, o)
	}
	return nil
}

func readOutput(m Member) (*Output, error) {
	o := &Output{Name: m.Key, At: m.KeyAt}
	if m.Value.Kind != Map {
		return nil, malformed(m.Value.At, "Any Outputs member must be an object.")
	}
	var bad []string
	for _, part := range m.Value.Members {
		if !slices.Contains(outputKeys, part.Key) {
			bad = append(bad, part.Key)
		}
	}
	if bad != nil {
		return nil, fault(m.Value.At, "Invalid output property or properties [%s]", strings.Join(bad, ", "))
	}
	if o.Value = m.Value.Get("Value"); o.Value == nil {
		return nil, malformed(m.KeyAt, "Every Outputs member must contain a Value object")
	}
	for key, to := range map[string]*string{"Description": &o.Description, "Condition": &o.Condition} {
		n := m.Value.Get(key)
		if n == nil {
			continue
		}
		if !n.Scalar() {
			return nil, malformed(n.At, "Every %s member must be a string.", key)
		}
		*to = n.Text
	}
	if len(o.Description) > maxDescription {
		return nil, malformed(m.KeyAt, "'Description' length is greater than %d.", maxDescription)
	}
	if export := m.Value.Get("Export"); export != nil {
		if o.Export = export.Get("Name"); o.Export == nil || len(export.Members) != 1 {
			return nil, malformed(export.At, "Output %s is malformed. The Name field of every Export member must be specified.", o.Name)
		}
	}
	return o, nil
}
