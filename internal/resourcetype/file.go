package resourcetype

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the data
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed types.json.gz
var data []byte

// File is what types.json.gz holds.
type File struct {
	// Source names the packages that it is from, with versions and licenses.
	Source string `json:"source"`
	// Types are those that are emulated.
	Types map[string]*Schema `json:"types"`
	// Others are all others that AWS has.
	Others map[string]*Outline `json:"others"`
}

// Outline is what is known of every type.
type Outline struct {
	// Identifier are the properties and attributes that name a resource.
	Identifier []string `json:"id,omitempty"`
	// Reference is what Ref yields, where that is not the identifier [C293].
	Reference []string `json:"ref,omitempty"`
	// Attributes are what Fn::GetAtt yields [C291] [C292].
	Attributes []string `json:"attributes,omitempty"`
	// Lists are those of the attributes that are lists.
	Lists []string `json:"lists,omitempty"`
	// NameProperty is by what one gives a resource its name; empty: by none.
	NameProperty string `json:"name,omitempty"`
	// ARN is the form of its ARN, such as arn:${Partition}:sqs:${Region}:${Account}:${QueueName}.
	ARN string `json:"arn,omitempty"`
}

// Schema is a type's schema: the form of its properties, and how they can change.
type Schema struct {
	Outline

	Properties  *Shape            `json:"properties"`
	Definitions map[string]*Shape `json:"definitions,omitempty"`
	// CreateOnly are the properties, with dots in them where they are parts of one, whose
	// change replaces the resource; Conditional, those whose change may.
	CreateOnly  []string `json:"createOnly,omitempty"`
	Conditional []string `json:"conditional,omitempty"`
	// TagProperty is where the type has its tags; empty: nowhere.
	TagProperty string `json:"tags,omitempty"`
	// SystemTags reports whether CloudFormation gives it tags of its own [C205].
	SystemTags bool `json:"systemTags,omitempty"`
}

// Document is the scalar that may be an object of any form, or text.
const Document = "document"

// Shape is the form of a value; one of its fields is set.
type Shape struct {
	Scalar     string // string, integer, number, boolean or Document
	Definition string // the name of one
	Items      *Shape // of a list
	Each       *Shape // of a map, for all its members
	Members    map[string]*Shape
	Required   []string // of Members
}

// object is the form of an object in the file.
type object struct {
	Each     *Shape            `json:"*,omitempty"`
	Members  map[string]*Shape `json:"properties,omitempty"`
	Required []string          `json:"required,omitempty"`
}

// MarshalJSON implements json.Marshaler: a scalar is its name, a definition #NAME, a list
// [ITEM], and an object an object.
func (s *Shape) MarshalJSON() ([]byte, error) {
	switch {
	case s.Definition != "":
		return json.Marshal("#" + s.Definition)
	case s.Items != nil:
		return json.Marshal([]*Shape{s.Items})
	case s.Scalar != "":
		return json.Marshal(s.Scalar)
	default:
		return json.Marshal(object{s.Each, s.Members, s.Required})
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *Shape) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case '"':
		if err := json.Unmarshal(text, &s.Scalar); err != nil {
			return err
		}
		if name, is := strings.CutPrefix(s.Scalar, "#"); is {
			s.Scalar, s.Definition = "", name
		}
		return nil
	case '[':
		var items [1]*Shape
		err := json.Unmarshal(text, &items)
		s.Items = items[0]
		return err
	default:
		var o object
		err := json.Unmarshal(text, &o)
		if s.Each, s.Members, s.Required = o.Each, o.Members, o.Required; s.Each == nil && s.Members == nil {
			s.Members = map[string]*Shape{}
		}
		return err
	}
}

// Whole reports what of a schema refers to nothing.
func (s *Schema) Whole() error {
	for name, is := range s.Definitions {
		if err := s.refers(is); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return s.refers(s.Properties)
}

func (s *Schema) refers(is *Shape) error {
	switch {
	case is == nil:
		return nil
	case is.Definition != "" && s.Definitions[is.Definition] == nil:
		return fmt.Errorf("there is no definition %s", is.Definition)
	}
	for _, member := range is.Members {
		if err := s.refers(member); err != nil {
			return err
		}
	}
	if err := s.refers(is.Items); err != nil {
		return err
	}
	return s.refers(is.Each)
}

// file is the data, which is read when a template is.
var file = sync.OnceValue(readFile)

func readFile() *File {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		panic("resourcetype: types.json.gz: " + err.Error())
	}
	f := &File{}
	if err := json.NewDecoder(z).Decode(f); err != nil {
		panic("resourcetype: types.json.gz: " + err.Error())
	}
	return f
}
