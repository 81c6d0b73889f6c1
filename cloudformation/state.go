package cloudformation

import (
	"fmt"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// The schema. PLACE is ACCOUNT NUL REGION NUL, STACK is PLACE UUID, and NUL a zero byte.
//
//	cloudformation.stack       STACK                  stackRecord, also of a deleted stack, for 90 days
//	cloudformation.name        PLACE NAME             nameRecord: which stack has the name now
//	cloudformation.deployment  STACK NUL UUID         deploymentRecord: a template and what it is deployed with
//	cloudformation.resource    STACK NUL LOGICALID    resourceRecord
//	cloudformation.event       STACK NUL NUMBER       eventRecord, the newest first
//	cloudformation.changeset   STACK NUL UUID         changeSetRecord
//	cloudformation.set         PLACE UUID             nameRecord: whose the change set of that id is
//	cloudformation.owner       PLACE TYPE NUL NAME    ownerRecord: which stack gave a resource its name
//	cloudformation.export      PLACE NAME             exportRecord
//	cloudformation.import      PLACE NAME NUL UUID    importRecord: the stack of that id uses the export
type tables struct {
	stacks      *store.Table[stackRecord]
	names       *store.Table[nameRecord]
	deployments *store.Table[deploymentRecord]
	resources   *store.Table[resourceRecord]
	events      *store.Table[eventRecord]
	changeSets  *store.Table[changeSetRecord]
	sets        *store.Table[nameRecord]
	owners      *store.Table[ownerRecord]
	exports     *store.Table[exportRecord]
	imports     *store.Table[importRecord]
}

func newTables() tables {
	return tables{
		stacks:      store.NewTable[stackRecord]("cloudformation.stack"),
		names:       store.NewTable[nameRecord]("cloudformation.name"),
		deployments: store.NewTable[deploymentRecord]("cloudformation.deployment"),
		resources:   store.NewTable[resourceRecord]("cloudformation.resource"),
		events:      store.NewTable[eventRecord]("cloudformation.event"),
		changeSets:  store.NewTable[changeSetRecord]("cloudformation.changeset"),
		sets:        store.NewTable[nameRecord]("cloudformation.set"),
		owners:      store.NewTable[ownerRecord]("cloudformation.owner"),
		exports:     store.NewTable[exportRecord]("cloudformation.export"),
		imports:     store.NewTable[importRecord]("cloudformation.import"),
	}
}

const nul = "\x00"

// stackID is which stack is meant: a name may have been that of several.
type stackID struct{ account, region, name, uuid string }

func placePrefix(account, region string) string { return account + nul + region + nul }

func (id stackID) key() string { return placePrefix(id.account, id.region) + id.uuid }

func (id stackID) nameKey() string { return placePrefix(id.account, id.region) + id.name }

func (id stackID) arn() string {
	return arn.New("cloudformation", id.region, id.account, "stack/"+id.name+"/"+id.uuid).String() // [C006]
}

// below is the key of something of the stack's.
func (id stackID) below(name string) string { return id.key() + nul + name }

// stackRecord is a stack.
type stackRecord struct {
	Account, Region, Name, UUID string
	Status                      string
	Reason                      string    `json:",omitempty"`
	Created                     time.Time `json:",omitzero"`
	Updated                     time.Time `json:",omitzero"`
	Deleted                     time.Time `json:",omitzero"`

	// Current is the deployment that the stack is in, empty before the first; Stable the one
	// that a rollback leads to, empty: none.
	Current string `json:",omitempty"`
	Stable  string `json:",omitempty"`
	// ChangeSet is the ARN of the change set by which the last operation came; empty: by none.
	ChangeSet string `json:",omitempty"`

	Protected       bool `json:",omitempty"`
	DisableRollback bool `json:",omitempty"`
	// OnFailure is what becomes of a stack that cannot be created.
	OnFailure string `json:",omitempty"`
	// RetainExceptOnCreate: what an operation made goes when that is rolled back, whatever
	// the template says.
	RetainExceptOnCreate bool   `json:",omitempty"`
	DeletionMode         string `json:",omitempty"`
	Timeout              int32  `json:",omitempty"`
	// Parent is the ARN of the stack whose resource this one is, Root of the outermost.
	Parent string `json:",omitempty"`
	Root   string `json:",omitempty"`

	Outputs []outputRecord `json:",omitempty"`
	// Imports are the names of the exports that the stack uses.
	Imports []string `json:",omitempty"`

	// Operation is the one that is going on, or was the last.
	Operation operationRecord
	// Operations are the newest, newest first.
	Operations []pastOperation `json:",omitempty"`

	store.Version `json:"-"`
}

func (s *stackRecord) id() stackID { return stackID{s.Account, s.Region, s.Name, s.UUID} }

func (s *stackRecord) arn() string { return s.id().arn() }

// gone reports whether the stack is deleted.
func (s *stackRecord) gone() bool { return s.Status == deleteComplete }

// operationRecord is what is to be done with a stack, and for whom.
type operationRecord struct {
	ID string `json:",omitempty"`
	// Kind is what was asked for, as DescribeStacks names it.
	Kind  string `json:",omitempty"`
	Token string `json:",omitempty"` // the client's
	// Principal asked for it, and BaseURL is how it reached this server; Role does it in
	// its place.
	Principal string `json:",omitempty"`
	BaseURL   string `json:",omitempty"`
	Role      string `json:",omitempty"`
	// Previous is the status that the stack had before.
	Previous string `json:",omitempty"`
	// Retain are the resources that a deletion leaves, or a rollback skips.
	Retain []string `json:",omitempty"`
}

// pastOperation is an operation as DescribeStacks lists it.
type pastOperation struct{ Kind, ID string }

// outputRecord is an output of a stack.
type outputRecord struct {
	Key, Value  string
	Description string `json:",omitempty"`
	Export      string `json:",omitempty"`
}

// nameRecord says which stack is meant.
type nameRecord struct{ UUID string }

// deploymentRecord is a template and what it is deployed with. It is never changed.
type deploymentRecord struct {
	ID   string
	Text string // the template, as it was given
	// Processed is the template behind its transforms; empty: it has none.
	Processed    string            `json:",omitempty"`
	Description  string            `json:",omitempty"`
	Parameters   []parameterRecord `json:",omitempty"`
	Tags         []resource.Tag    `json:",omitempty"`
	Capabilities []string          `json:",omitempty"`
	Topics       []string          `json:",omitempty"` // NotificationARNs
	Role         string            `json:",omitempty"`
}

// parameterRecord is the value of a parameter of a template.
type parameterRecord struct {
	Key, Value string
	// Resolved is what the parameter's name stands for in the parameter store.
	Resolved string `json:",omitempty"`
	Secret   bool   `json:",omitempty"` // NoEcho
}

// resourceRecord is a resource of a stack.
type resourceRecord struct {
	LogicalID string
	Type      string
	// Order is how many were made before it in its stack.
	Order int
	// Needs are the resources that must be there before it, and are deleted after it.
	Needs []string `json:",omitempty"`
	// Now is what there is; nil: nothing. Before is what there was before the running
	// operation, where that changed it, and Replaced what it replaced, to be deleted at its end.
	Now      *physical  `json:",omitempty"`
	Before   *physical  `json:",omitempty"`
	Replaced []physical `json:",omitempty"`
	// New: the running operation made it.
	New bool `json:",omitempty"`
	// Removed: it is not in the stack's template any more, and is to be deleted.
	Removed bool `json:",omitempty"`

	Metadata    string    `json:",omitempty"`
	Description string    `json:",omitempty"`
	Status      string    `json:",omitempty"`
	Reason      string    `json:",omitempty"`
	Updated     time.Time `json:",omitzero"`

	store.Version `json:"-"`
}

// physical is what stands for a resource in the service that has it.
type physical struct {
	ID   string
	Type string
	// Token is the random part of its made-up name.
	Token      string            `json:",omitempty"`
	Properties string            `json:",omitempty"` // JSON
	Attributes map[string]string `json:",omitempty"` // JSON, by name
	Tags       map[string]string `json:",omitempty"`
	// DeletionPolicy and ReplacePolicy are those that it was deployed with.
	DeletionPolicy string `json:",omitempty"`
	ReplacePolicy  string `json:",omitempty"`
	// LeftOut: nothing was made, for the type is not emulated.
	LeftOut bool `json:",omitempty"`
	// partly is what was just left out of it, in sentences.
	partly []string
}

// properties are those that the resource was made with.
func (p *physical) properties() *template.Node {
	if p == nil || p.Properties == "" {
		return &template.Node{Kind: template.Map}
	}
	n, err := template.ParseJSON(p.Properties)
	if err != nil { // it was written by JSON
		return &template.Node{Kind: template.Map}
	}
	return n
}

// attribute is an attribute of the resource; nil: it has none of that name.
func (p *physical) attribute(name string) *template.Node {
	text, ok := p.Attributes[name]
	if !ok {
		return nil
	}
	n, err := template.ParseJSON(text)
	if err != nil {
		return nil
	}
	return n
}

// eventRecord is an event of a stack.
type eventRecord struct {
	ID         string
	Operation  string `json:",omitempty"`
	Kind       string `json:",omitempty"` // of the operation
	LogicalID  string
	PhysicalID string `json:",omitempty"`
	Type       string
	Status     string
	Reason     string `json:",omitempty"`
	Properties string `json:",omitempty"`
	Token      string `json:",omitempty"`
	Time       time.Time
	ChangeSet  string            `json:",omitempty"` // ARN of the one whose validation it is of
	Validation *validationRecord `json:",omitempty"`
}

// validationRecord is what a validation before the deployment found.
type validationRecord struct{ Name, Path, Reason string }

// eventKey orders events, the newest first.
func (id stackID) eventKey(number uint64) string { return id.below(fmt.Sprintf("%016x", ^number)) }

// changeSetRecord is a change set.
type changeSetRecord struct {
	Name, UUID      string
	Description     string `json:",omitempty"`
	Type            string // CREATE or UPDATE
	Created         time.Time
	Status          string
	Reason          string `json:",omitempty"`
	ExecutionStatus string
	Deployment      string
	// Warning is what its values lack.
	Warning string `json:",omitempty"`
	// Changes is what it would do, Outline the same as it is shown without values.
	Changes        []ResourceChange `json:",omitempty"`
	Outline        []ResourceChange `json:",omitempty"`
	IncludeNested  bool             `json:",omitempty"`
	ImportExisting bool             `json:",omitempty"`
	OnStackFailure string           `json:",omitempty"`
	DeploymentMode string           `json:",omitempty"`
	Operation      string           `json:",omitempty"`

	store.Version `json:"-"`
}

func (id stackID) changeSetARN(c *changeSetRecord) string {
	return arn.New("cloudformation", id.region, id.account, "changeSet/"+c.Name+"/"+c.UUID).String() // [C006]
}

// ownerRecord says whose resource has a name that a template gave.
type ownerRecord struct{ Stack, LogicalID string }

// exportRecord is an exported output.
type exportRecord struct{ Stack, Value string }

// importRecord says that a stack uses an export.
type importRecord struct{ Stack, Name string }

// The states of stacks and resources that the code compares.
const (
	createInProgress       = "CREATE_IN_PROGRESS"
	createFailed           = "CREATE_FAILED"
	createComplete         = "CREATE_COMPLETE"
	rollbackInProgress     = "ROLLBACK_IN_PROGRESS"
	rollbackFailed         = "ROLLBACK_FAILED"
	rollbackComplete       = "ROLLBACK_COMPLETE"
	deleteInProgress       = "DELETE_IN_PROGRESS"
	deleteFailed           = "DELETE_FAILED"
	deleteSkipped          = "DELETE_SKIPPED"
	deleteComplete         = "DELETE_COMPLETE"
	updateInProgress       = "UPDATE_IN_PROGRESS"
	updateCleanup          = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	updateComplete         = "UPDATE_COMPLETE"
	updateFailed           = "UPDATE_FAILED"
	updateRollback         = "UPDATE_ROLLBACK_IN_PROGRESS"
	updateRollbackFailed   = "UPDATE_ROLLBACK_FAILED"
	updateRollbackCleanup  = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
	updateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE"
	reviewInProgress       = "REVIEW_IN_PROGRESS"
)

// stackType is the type of stacks, as resources of others and in their own events.
const stackType = "AWS::CloudFormation::Stack"

// keep is how long a deleted stack is shown [C038].
const keep = 90 * 24 * time.Hour

// maxOperations is how many operations of a stack are listed.
const maxOperations = 5

// began notes the operation that begins.
func (s *stackRecord) began(op operationRecord) {
	op.Previous = s.Status
	s.Operation = op
	s.Operations = append([]pastOperation{{op.Kind, op.ID}}, s.Operations...)
	s.Operations = slices.Clip(s.Operations[:min(len(s.Operations), maxOperations)])
}
