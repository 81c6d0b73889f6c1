package sns

import (
	"slices"
	"strconv"
)

// shape is what a value in one of SNS's JSON documents may be. A member that
// the document's shape does not name is refused, whatever its value.
type shape struct {
	kinds   []tokenKind
	called  string            // in complaints: must be …
	members map[string]*shape // of an object
	element *shape            // of a list
}

var (
	aString  = &shape{kinds: []tokenKind{tokenString}, called: "a string"}
	aNumber  = &shape{kinds: []tokenKind{tokenNumber}, called: "an integer"}
	aBoolean = &shape{kinds: []tokenKind{tokenTrue, tokenFalse}, called: "a boolean"}
	// aCount may be quoted: users write numbers in policies either way.
	aCount = &shape{kinds: []tokenKind{tokenNumber, tokenString}, called: "an integer"}
)

func anObject(members map[string]*shape) *shape {
	return &shape{kinds: []tokenKind{tokenObject}, called: "an object", members: members}
}

func aList(element *shape) *shape {
	return &shape{kinds: []tokenKind{tokenArray}, called: "a list", element: element}
}

// checkShape checks a document, which must be an object: first its syntax, then its
// members, in their order.
func checkShape(source string, s *shape) error {
	if err := checkJSON(source); err != nil {
		return err
	}
	r := &jsonReader{source: source}
	t, err := r.next()
	if err != nil {
		return err
	}
	return r.checkValue("", t, s)
}

// checkValue checks the value that begins with t. A null says that there is none.
func (r *jsonReader) checkValue(path string, t token, s *shape) error {
	switch {
	case t.kind == tokenNull:
		return nil
	case !slices.Contains(s.kinds, t.kind):
		return refusal(path + " must be " + s.called)
	case s == aNumber:
		if _, err := strconv.Atoi(t.text); err != nil {
			return refusal(path + " must be " + s.called)
		}
		return nil
	case t.kind == tokenObject:
		return r.checkMembers(path, s)
	case t.kind == tokenArray:
		for {
			t, err := r.next()
			if err != nil || t.kind == tokenEnded {
				return err
			}
			if err := r.checkValue(path, t, s.element); err != nil {
				return err
			}
		}
	default:
		return nil
	}
}

func (r *jsonReader) checkMembers(path string, s *shape) error {
	for {
		name, err := r.next()
		if err != nil || name.kind == tokenClose {
			return err
		}
		member := s.members[name.text]
		if member == nil {
			// As AWS says of a maxReceiveCount in a subscription's RedrivePolicy.
			return refusal("invalid JSON. Attribute " + name.text + " is unknown.")
		}
		t, err := r.next()
		if err != nil {
			return err
		}
		if err := r.checkValue(join(path, name.text), t, member); err != nil {
			return err
		}
	}
}
