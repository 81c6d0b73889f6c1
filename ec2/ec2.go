package ec2

import (
	"log/slog"
	"reflect"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// Config is what a Service works with. The first three fields are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// Regions are those that there are; nil: AWS's.
	Regions *arn.Regions
	// EncodeMessage encodes the details of a denial, for sts:DecodeAuthorizationMessage
	// to decode; nil: denials carry none.
	EncodeMessage func(details string) string
	// Log takes warnings. Nil: they are dropped.
	Log *slog.Logger
}

// Service implements the part of Amazon EC2 that VPC endpoints need. It is safe for
// concurrent use.
type Service struct {
	engine  store.Engine
	clock   clock.Clock
	ids     *ids.Source
	regions *arn.Regions
	encode  func(string) string

	settlements *store.Table[settlement]
	tokens      *store.Table[remembered]
	vpcs        *collection[vpc, *vpc]
	subnets     *collection[subnet, *subnet]
	groups      *collection[securityGroup, *securityGroup]
	rules       *collection[rule, *rule]
	acls        *collection[networkACL, *networkACL]
	routeTables *collection[routeTable, *routeTable]
	interfaces  *collection[networkInterface, *networkInterface]
	endpoints   *collection[vpcEndpoint, *vpcEndpoint]
	deleting    *store.Table[vpcEndpoint]
	whose       *store.Table[whose]
	// shelves are all collections.
	shelves []shelf

	endpointPolicies resource.Policies
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs, regions: c.Regions, encode: c.EncodeMessage,
		settlements: store.NewTable[settlement]("ec2.place"),
		tokens:      store.NewTable[remembered]("ec2.token"),
		deleting:    store.NewTable[vpcEndpoint]("ec2.deleting"),
		whose:       store.NewTable[whose]("ec2.whose"),

		endpointPolicies: newEndpointPolicies(&c),
	}
	s.vpcs = newCollection[vpc](s, "ec2.vpc", vpcKind)
	s.subnets = newCollection[subnet](s, "ec2.subnet", subnetKind)
	s.groups = newCollection[securityGroup](s, "ec2.group", securityGroupKind)
	s.rules = newCollection[rule](s, "ec2.rule", securityGroupRuleKind)
	s.acls = newCollection[networkACL](s, "ec2.acl", networkACLKind)
	s.routeTables = newCollection[routeTable](s, "ec2.routetable", routeTableKind)
	s.interfaces = newCollection[networkInterface](s, "ec2.interface", networkInterfaceKind)
	s.endpoints = newCollection[vpcEndpoint](s, "ec2.endpoint", endpointKind)
	return s
}

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "ec2", Title: "EC2", Principal: "ec2.amazonaws.com",
		Dialects:       []api.Dialect{&api.EC2Query{Version: "2016-11-15", Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/"}}, // [X001] [X002]
		Operations:     s.operations(),
		Denied:         s.denied,
		OwnerOnly:      s.denied,
		Invalid:        invalid,
		DryRun:         dryRun,
		CompleteEvent:  completeEvent,
		ConnectionKeys: connectionKeys,
	}
}

// operations is the service's table: that of each family.
func (s *Service) operations() []api.Operation {
	return slices.Concat(
		s.placeOperations(),
		s.vpcOperations(),
		s.subnetOperations(),
		s.endpointOperations(),
		s.endpointServiceOperations(),
		s.tagOperations(),
		s.groupOperations(),
		s.aclOperations(),
		s.routeOperations(),
		s.interfaceOperations(),
	)
}

// dryRun is the answer to a call that is allowed and only wants to know that [X011].
func dryRun(in any) *api.Error {
	if asked := reflect.ValueOf(in).Elem().FieldByName("DryRun"); asked.IsValid() && asked.Bool() {
		return errDryRun
	}
	return nil
}

// completeEvent names errors as the records of EC2's calls do, which say whose fault
// an error is.
func completeEvent(e *trail.Event) {
	if e.ErrorCode != "" {
		e.ErrorCode = "Client." + e.ErrorCode
	}
}
