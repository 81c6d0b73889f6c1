package sns

import (
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/jackson"
)

// shape is what a value in one of SNS's JSON documents may be. A member that
// the document's shape does not name is refused, whatever its value.
type shape struct {
	kinds   []jackson.Kind
	called  string            // in complaints: must be …
	members map[string]*shape // of an object
	element *shape            // of a list
}

var (
	aString  = &shape{kinds: []jackson.Kind{jackson.String}, called: "a string"}
	aNumber  = &shape{kinds: []jackson.Kind{jackson.Number}, called: "an integer"}
	aBoolean = &shape{kinds: []jackson.Kind{jackson.True, jackson.False}, called: "a boolean"}
	// aCount may be quoted: users write numbers in policies either way.
	aCount = &shape{kinds: []jackson.Kind{jackson.Number, jackson.String}, called: "an integer"}
)

func anObject(members map[string]*shape) *shape {
	return &shape{kinds: []jackson.Kind{jackson.Object}, called: "an object", members: members}
}

func aList(element *shape) *shape {
	return &shape{kinds: []jackson.Kind{jackson.Array}, called: "a list", element: element}
}

// checkShape checks a document, which must be an object: first its syntax, then its
// members, in their order.
func checkShape(source string, s *shape) error {
	if err := jackson.CheckObject(source, jackson.Redacted); err != nil {
		return err
	}
	r := jackson.New(source, jackson.Redacted)
	t, err := r.Next()
	if err != nil {
		return err
	}
	return checkValue(r, "", t, s)
}

// checkValue checks the value that begins with t. A null says that there is none.
func checkValue(r *jackson.Reader, path string, t jackson.Token, s *shape) error {
	switch {
	case t.Kind == jackson.Null:
		return nil
	case !slices.Contains(s.kinds, t.Kind):
		return refusal(path + " must be " + s.called)
	case s == aNumber:
		if _, err := strconv.Atoi(t.Text); err != nil {
			return refusal(path + " must be " + s.called)
		}
		return nil
	case t.Kind == jackson.Object:
		return checkMembers(r, path, s)
	case t.Kind == jackson.Array:
		for {
			t, err := r.Next()
			if err != nil || t.Kind == jackson.ArrayEnd {
				return err
			}
			if err := checkValue(r, path, t, s.element); err != nil {
				return err
			}
		}
	default:
		return nil
	}
}

func checkMembers(r *jackson.Reader, path string, s *shape) error {
	for {
		name, err := r.Next()
		if err != nil || name.Kind == jackson.ObjectEnd {
			return err
		}
		member := s.members[name.Text]
		if member == nil {
			// As AWS says of a maxReceiveCount in a subscription's RedrivePolicy.
			return refusal("invalid JSON. Attribute " + name.Text + " is unknown.")
		}
		t, err := r.Next()
		if err != nil {
			return err
		}
		if err := checkValue(r, memberOf(path, name.Text), t, member); err != nil {
			return err
		}
	}
}

// memberOf is how complaints name a member of a member.
func memberOf(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
