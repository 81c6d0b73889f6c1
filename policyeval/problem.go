package policyeval

import "fmt"

// Kind is what a document is used as. Services accept different documents.
type Kind uint8

// The kinds of documents.
const (
	IdentityPolicy Kind = iota // inline, of a user, group or role
	ManagedPolicy              // of IAM; also a permissions boundary
	SessionPolicy
	TrustPolicy
	QueuePolicy
	TopicPolicy
	KeyPolicy
	BucketPolicy
	EndpointPolicy
	SCP
	RCP
	BusPolicy // of EventBridge
)

var kindNames = [...]string{
	"identity-based policy", "managed policy", "session policy", "role trust policy", "queue policy", "topic policy",
	"key policy", "bucket policy", "VPC endpoint policy", "service control policy", "resource control policy",
	"event bus policy",
}

func (k Kind) String() string { return kindNames[k] }

// ofResource reports whether documents of the kind belong to a resource.
func (k Kind) ofResource() bool {
	return k == TrustPolicy || k == QueuePolicy || k == TopicPolicy || k == KeyPolicy || k == BucketPolicy || k == BusPolicy
}

// ofIAM reports whether IAM or STS checks documents of the kind.
func (k Kind) ofIAM() bool {
	return k == IdentityPolicy || k == ManagedPolicy || k == SessionPolicy || k == TrustPolicy
}

// ProblemCode is what is wrong with a document. A service words its own error from it.
type ProblemCode uint8

// The codes.
const (
	// UnknownElement: an element that the policy language, or this kind of document,
	// does not have.
	UnknownElement ProblemCode = iota
	// BadVersion: a Version that the service does not accept.
	BadVersion
	// NoStatement: the list of statements is empty.
	NoStatement
	// MissingElement: Principal, Action or Resource.
	MissingElement
	// ProhibitedElement: an element that the kind of document must not have.
	ProhibitedElement
	// ProhibitedEffect: an Allow where only Deny is permitted.
	ProhibitedEffect
	// BadAction: an action that is malformed.
	BadAction
	// UnknownAction: an action that the service does not have.
	UnknownAction
	// ActionOutOfScope: an action that does not belong in the policy of this resource.
	ActionOutOfScope
	// OwnerOnlyAction: an action that only the owner may call, allowed to a
	// principal of another account.
	OwnerOnlyAction
	// BadResource: a resource that is malformed.
	BadResource
	// BadPrincipal: a principal that is malformed.
	BadPrincipal
	// UnknownPrincipal: a principal that does not exist.
	UnknownPrincipal
	// BadCondition: an operator that does not exist, or a value that the operator
	// cannot read.
	BadCondition
	// OverlyPermissiveCondition: ForAllValues where KMS refuses it.
	OverlyPermissiveCondition
	// DuplicateSid: two statements with the same Sid.
	DuplicateSid
	// BadCharacter: a character that the service does not accept.
	BadCharacter
	// TooLarge: a document, or a part of it, beyond a limit of the service.
	TooLarge
)

var problemNames = [...]string{
	"UnknownElement", "BadVersion", "NoStatement", "MissingElement", "ProhibitedElement", "ProhibitedEffect", "BadAction",
	"UnknownAction", "ActionOutOfScope", "OwnerOnlyAction", "BadResource", "BadPrincipal", "UnknownPrincipal",
	"BadCondition", "OverlyPermissiveCondition", "DuplicateSid", "BadCharacter", "TooLarge",
}

func (c ProblemCode) String() string { return problemNames[c] }

// Problem is one reason why AWS refuses to store a document.
type Problem struct {
	Code      ProblemCode
	Statement int // from 0; -1: the document as a whole
	Position  Position
	// Value is the offending text: an action, a principal, a resource.
	Value string
	// Message says what is wrong; for IAM's kinds in IAM's own words, for bucket policies in S3's.
	Message string
}

func (p Problem) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", p.Position.Line, p.Position.Column, p.Message)
}
