package sns

import (
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// MessageAttributeValue is a message attribute.
type MessageAttributeValue struct {
	DataType    string `check:"required"`
	BinaryValue []byte
	StringValue *string
}

// size is what the attribute counts towards a message's size, in bytes.
func (a MessageAttributeValue) size(name string) int {
	n := len(name) + len(a.DataType) + len(a.BinaryValue)
	if a.StringValue != nil {
		n += len(*a.StringValue)
	}
	return n
}

// text is the attribute's value where it is not binary.
func (a MessageAttributeValue) text() string {
	if a.StringValue == nil {
		return ""
	}
	return *a.StringValue
}

// kind is the attribute's type without a label of the user's own.
func (a MessageAttributeValue) kind() string {
	if a.DataType == "String.Array" {
		return a.DataType
	}
	base, _, _ := strings.Cut(a.DataType, ".")
	return base
}

// checkMessageAttributes refuses attributes as AWS does [N103]-[N110]. The first
// by name is reported.
func checkMessageAttributes(attributes map[string]MessageAttributeValue) error {
	for _, name := range sortedKeys(attributes) {
		if err := checkAttributeName(name); err != nil {
			return err
		}
		a := attributes[name]
		if err := a.check(name); err != nil {
			return err
		}
	}
	return nil
}

func attributeError(format string, args ...any) *api.Error {
	return ErrInvalidParameterValue.With(fmt.Sprintf(format, args...))
}

func checkAttributeName(name string) error {
	if len(name) > 256 {
		return attributeError("Length of message attribute name must be less than 256 bytes.")
	}
	for _, r := range name {
		if notInName(r) && r != '.' {
			return attributeError("Invalid non-alphanumeric character '#x%X' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.", r)
		}
	}
	switch {
	case name == "":
		return attributeError("Message attribute name can not be empty.")
	case strings.HasPrefix(name, "."):
		return attributeError("Invalid message attribute name starting with character '.' was found.")
	case strings.HasSuffix(name, "."):
		return attributeError("Invalid message attribute name ending with character '.' was found.")
	case strings.Contains(name, ".."):
		return attributeError("Message attribute name can not have successive '.' character.")
	}
	return nil
}

func (a MessageAttributeValue) check(name string) error {
	base, label, labeled := strings.Cut(a.DataType, ".")
	if labeled && label == "" {
		base = "" // "String." names no type [N107]
	}
	binary := len(a.BinaryValue) > 0
	switch base {
	case "String", "Number":
		switch {
		case binary:
			return attributeError("The message attribute '%s' with type '%s' must use field 'String'.", name, a.DataType)
		case a.text() == "":
			return attributeError("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
		}
	case "Binary":
		switch {
		case a.StringValue != nil:
			return attributeError("The message attribute '%s' with type '%s' must use field 'Binary'.", name, a.DataType)
		case !binary:
			return attributeError("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType)
		}
	default:
		return attributeError("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	}
	return nil
}
