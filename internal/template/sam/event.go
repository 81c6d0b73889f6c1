package sam

import (
	"cmp"
	"fmt"
	"slices"
)

// event is an event of a function or a state machine while its resources are made.
type event struct {
	owner *source
	// name is what it is called in Events; id is the owner's with that.
	name, id, kind string
	props          *node
}

func (e *event) get(name string) *node { return e.props.Get(name) }

// invalid says what is wrong with the event.
func (e *event) invalid(format string, args ...any) error {
	return e.invalidAs(e.name, format, args...)
}

func (e *event) invalidAs(name, format string, args ...any) error {
	return &fault{
		message: invalid(e.owner.id, "Event with id [%s] is invalid. %s", name, fmt.Sprintf(format, args...)).Error(),
		at:      e.props.At,
	}
}

// make is a resource of the event.
func (e *event) make(id, kind string, properties *node) *resource {
	return &resource{id: id, kind: kind, attributes: e.owner.passed(), properties: properties}
}

// events are those of a resource, in order; known are the types and their properties.
func (s *source) events(known map[string]string) ([]*event, error) {
	all := s.get("Events")
	if all == nil {
		return nil, nil
	}
	if !isMap(all) {
		return nil, invalid(s.id, "Type of property 'Events' is invalid.")
	}
	var events []*event
	for _, m := range all.Members {
		e := &event{owner: s, name: m.Key, id: s.id + m.Key, kind: m.Value.Get("Type").String()}
		e.props = withoutNulls(m.Value.Get("Properties"), m.KeyAt)
		properties := known[e.kind]
		switch {
		case !isMap(m.Value):
			return nil, invalid(s.id, "Event with id [%s] is invalid. Event must be a map.", m.Key)
		case properties == "":
			return nil, e.invalid("Resource dict has missing or invalid value for key Type. Event Type is: %s.", cmp.Or(e.kind, "None"))
		case !isMap(e.props):
			return nil, e.invalid("Properties should be a map.")
		}
		if name, at := strange(e.props, properties); name != "" {
			err := invalid(e.id, "property %s not defined for resource of type %s", name, e.kind)
			return nil, &fault{message: err.Error(), at: at}
		}
		if name := lacking(e.props, properties); name != "" {
			return nil, &fault{message: invalid(e.id, "Missing required property '%s'.", name).Error(), at: e.props.At}
		}
		events = append(events, e)
	}
	return events, nil
}

// makeEvents makes what the events of the function need.
func (f *lambda) makeEvents() error {
	all, err := f.events(functionEvents)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b *event) int {
		return cmp.Compare(cmp.Or(a.get("Path").String(), a.name), cmp.Or(b.get("Path").String(), b.name))
	})
	for _, e := range all {
		makeEvent := f.pull
		if push := pushes[e.kind]; push != nil {
			makeEvent = func(e *event) ([]*resource, error) { return push(f, e) }
		}
		made, err := makeEvent(e)
		if err != nil {
			return err
		}
		f.made = append(f.made, made...)
	}
	return nil
}
