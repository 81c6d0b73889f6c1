package template

import (
	"errors"
	"fmt"
)

// Error is what is wrong with a template, in AWS's words, and where.
type Error struct {
	Message string
	// At is where in the text; zero: nowhere in particular.
	At Position
	// Transform is the transform that failed. AWS runs transforms after it has answered: such
	// a fault becomes the reason of a failed change set or stack.
	Transform string
}

func (e *Error) Error() string { return e.Message }

// AttributeError says that resources of a type have no such attribute. A Lookup returns
// it from GetAtt, and what comes of it depends on where the function stands. [C028]
type AttributeError struct{ Type, Attribute string }

func (e *AttributeError) Error() string {
	return "Requested attribute " + e.Attribute + " does not exist in schema for " + e.Type
}

// LookupError is an error of a Lookup, and where the function stands that asked it.
type LookupError struct {
	Err error
	At  Position
}

func (e *LookupError) Error() string { return e.Err.Error() }

// Unwrap is the Lookup's error.
func (e *LookupError) Unwrap() error { return e.Err }

// PlaceOf is where in a template an error stands; zero: nowhere.
func PlaceOf(err error) Position {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.At
	}
	if e := (*LookupError)(nil); errors.As(err, &e) {
		return e.At
	}
	return Position{}
}

// fault is an error with a message as it is.
func fault(at Position, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), At: at}
}

// malformed is an error in the form of the template.
func malformed(at Position, format string, args ...any) *Error {
	return fault(at, "Template format error: "+format, args...)
}

// misused is an error in the use of a function.
func misused(at Position, format string, args ...any) *Error {
	return fault(at, "Template error: "+format, args...)
}

// What is said of functions whose arguments are not what they are to be. [C130]-[C146]
const (
	badRef         = "every Ref object must have a single String value."
	badGetAtt      = "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"
	badGetAttText  = "if specifying one argument to Fn::GetAtt, that argument must be a non-empty string in format <LogicalId>.<Attribute>"
	badSub         = "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string"
	badSubName     = "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons"
	badSubKey      = "every key of the context object of every Fn::Sub object must contain only alphanumeric characters and underscores"
	badSubValue    = "every value of the context object of every Fn::Sub object must be a string or a function that returns a string"
	badJoin        = "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
	badSplit       = "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."
	badSelect      = "Fn::Select requires a list argument with two elements: an integer index and a list"
	badFindInMap   = "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"
	badBase64      = "every Fn::Base64 object must have a String-typed value."
	badGetAZs      = "every Fn::GetAZs object must have a String-typed value."
	badCidr        = "every Fn::Cidr object requires two parameters, (1) an ip block and (2) the number of subnet masks to be generated, and optionally (3) the number of subnet bits"
	badImport      = "the attribute in Fn::ImportValue must be a string or a function that returns a string"
	badImportNeeds = "the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs"
	badIf          = "Fn::If requires a list argument with three elements"
	badIfCondition = "Fn::If requires a list argument with the first element being a condition"
	badEquals      = "every Fn::Equals object requires a list of 2 string parameters."
	badNot         = "every Fn::Not object requires one boolean parameter."
	badMany        = "every %s object requires a list of at least 2 and at most 10 boolean parameters."
	badCondition   = "every Condition object must have a single String value."
)
