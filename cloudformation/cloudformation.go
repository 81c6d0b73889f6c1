package cloudformation

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/notice"
	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Service works with. A field is required unless its comment says
// what its zero value means.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// World is everything outside.
	World World
	// Idle services do nothing in the background.
	Idle bool
	// Log takes warnings. Nil: they are dropped.
	Log *slog.Logger
}

// World is what stacks are made in: the other services, and who calls them.
type World interface {
	// Calls are the calls of a stack's resources: as the caller of ctx's request, or in a
	// session of its service role, if role is not empty. It fails where the role cannot be
	// assumed.
	Calls(ctx context.Context, stack, role string) (provision.Calls, error)
	// As is ctx for what a principal of an account does (root, or an ARN), which reached
	// this server by a URL.
	As(ctx context.Context, account, region, principal, baseURL string) (context.Context, error)
	// Object reads an object of S3 as the caller of ctx's request; version may be empty.
	Object(ctx context.Context, bucket, key, version string) (string, error)
	// Zones are the availability zones of the region of ctx's request, in order.
	Zones(ctx context.Context) ([]string, error)
	// Explained adds to the reason of a denial, which a call of that id met, which
	// statement or policy decided.
	Explained(ctx context.Context, reason, requestID string) string
}

// Service implements AWS CloudFormation. It is safe for concurrent use.
type Service struct {
	engine store.Engine
	clock  clock.Clock
	ids    *ids.Source
	log    *slog.Logger
	world  World
	idle   bool
	// warned are the types that were warned of.
	warned  notice.Set
	recover recovery
	tables
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{engine: c.Engine, clock: c.Clock, ids: c.IDs, log: c.Log, world: c.World, idle: c.Idle, tables: newTables()}
}

const (
	serviceName      = "cloudformation"
	servicePrincipal = "cloudformation.amazonaws.com"
)

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:      serviceName,
		Title:     "CloudFormation",
		Principal: servicePrincipal,

		ResourceType: stackType,

		Dialects:   []api.Dialect{&api.AWSQuery{Version: "2010-05-15", Namespace: "http://cloudformation.amazonaws.com/doc/2010-05-15/"}}, // [C001]
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		OwnerOnly:  denied,
	}
}

func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateStack", s.CreateStack, []string{"cloudformation:CreateStack", passRole}, s.createStackChecks),
		api.OnChecks("UpdateStack", s.updateStack, []string{"cloudformation:UpdateStack", passRole}, s.updateStackChecks),
		api.OnChecks("DeleteStack", s.deleteStack, []string{"cloudformation:DeleteStack", passRole}, s.deleteStackChecks),
		api.OnChecks("RollbackStack", s.rollbackStack, []string{"cloudformation:RollbackStack", passRole}, s.rollbackStackChecks),
		api.OnChecks("ContinueUpdateRollback", s.continueUpdateRollback, []string{"cloudformation:ContinueUpdateRollback", passRole}, s.continueUpdateRollbackChecks),
		api.On("CancelUpdateStack", s.cancelUpdateStack, "cloudformation:CancelUpdateStack", onStack(s, (*CancelUpdateStackInput).stack, stackMissing)),
		api.On("UpdateTerminationProtection", s.updateTerminationProtection, "cloudformation:UpdateTerminationProtection",
			onStack(s, (*UpdateTerminationProtectionInput).stack, stackMissing)),

		api.OpChecks("CreateChangeSet", s.CreateChangeSet, []string{"cloudformation:CreateChangeSet", passRole}, s.createChangeSetChecks),
		api.On("DescribeChangeSet", s.describeChangeSet, "cloudformation:DescribeChangeSet", onChangeSet(s, (*DescribeChangeSetInput).changeSet), api.ReadOnly),
		api.On("ExecuteChangeSet", s.executeChangeSet, "cloudformation:ExecuteChangeSet", onChangeSet(s, (*ExecuteChangeSetInput).changeSet)),
		api.On("DeleteChangeSet", s.deleteChangeSet, "cloudformation:DeleteChangeSet", s.deleteChangeSetTarget),
		api.On("ListChangeSets", s.listChangeSets, "cloudformation:ListChangeSets", onStack(s, (*ListChangeSetsInput).stack, stackMissing), api.ReadOnly),

		api.On("DescribeStacks", s.describeStacks, "cloudformation:DescribeStacks", s.describeStacksTarget, api.ReadOnly),
		api.Op("ListStacks", s.ListStacks, "cloudformation:ListStacks", onAnyStack[*ListStacksInput], api.ReadOnly),
		api.On("DescribeStackEvents", s.describeStackEvents, "cloudformation:DescribeStackEvents", onStack(s, (*DescribeStackEventsInput).stack, stackMissing), api.ReadOnly),
		api.On("DescribeEvents", s.describeEvents, "cloudformation:DescribeEvents", s.describeEventsTarget, api.ReadOnly),
		api.On("DescribeStackResource", s.describeStackResource, "cloudformation:DescribeStackResource",
			onStack(s, (*DescribeStackResourceInput).stack, quotedMissing), api.ReadOnly),
		api.On("DescribeStackResources", s.describeStackResources, "cloudformation:DescribeStackResources", s.describeStackResourcesTarget, api.ReadOnly),
		api.On("ListStackResources", s.listStackResources, "cloudformation:ListStackResources", onStack(s, (*ListStackResourcesInput).stack, stackIDMissing), api.ReadOnly),

		api.On("GetTemplate", s.getTemplate, "cloudformation:GetTemplate", s.getTemplateTarget, api.ReadOnly),
		api.On("GetTemplateSummary", s.getTemplateSummary, "cloudformation:GetTemplateSummary", s.getTemplateSummaryTarget, api.ReadOnly),
		api.Op("ValidateTemplate", s.ValidateTemplate, "cloudformation:ValidateTemplate", validateTemplateTarget, api.ReadOnly),
		api.On("GetStackPolicy", s.getStackPolicy, "cloudformation:GetStackPolicy", onStack(s, (*GetStackPolicyInput).stack, stackMissing), api.ReadOnly),

		api.Op("ListExports", s.ListExports, "cloudformation:ListExports", onAny[*ListExportsInput], api.ReadOnly),
		api.Op("ListImports", s.ListImports, "cloudformation:ListImports", onAny[*ListImportsInput], api.ReadOnly),
	}
}
