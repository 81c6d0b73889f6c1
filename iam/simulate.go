package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// SimulateCustomPolicyInput is the input of SimulateCustomPolicy.
type SimulateCustomPolicyInput struct {
	OrderedOrganizationPolicyInputList []OrderedOrganizationPolicyType
	PolicyInputList                    []string `check:"required" itemcheck:"min=1,max=131072" itempattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PermissionsBoundaryPolicyInputList []string `itemcheck:"min=1,max=131072" itempattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	ActionNames                        []string `check:"required" itemcheck:"min=3,max=128"`
	ResourceArns                       []string `itemcheck:"min=1,max=2048"`
	ResourcePolicy                     string   `check:"min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	ResourceOwner                      string   `check:"min=1,max=2048"`
	CallerArn                          string   `check:"min=1,max=2048"`
	ContextEntries                     []ContextEntry
	ResourceHandlingOption             string `check:"min=1,max=64"`
	MaxItems                           *int   `check:"min=1,max=1000"`
	Marker                             string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
}

// SimulateCustomPolicyOutput is the output of SimulateCustomPolicy.
type SimulateCustomPolicyOutput struct {
	EvaluationResults []EvaluationResult
	IsTruncated       bool
	Marker            string
}

// OrderedOrganizationPolicyType is one level of an organization, from the root down.
type OrderedOrganizationPolicyType struct {
	ServiceControlPolicyInputList []string
}

// ContextEntry is a condition key with its values.
type ContextEntry struct {
	ContextKeyName   string `check:"min=5,max=256"`
	ContextKeyType   string `enum:"string|stringList|numeric|numericList|boolean|booleanList|ip|ipList|binary|binaryList|date|dateList"`
	ContextKeyValues []string
}

// SimulateCustomPolicy evaluates the policies in the request for the calls that
// it names, without making these.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html.
func (s *Service) SimulateCustomPolicy(ctx context.Context, in *SimulateCustomPolicyInput) (*SimulateCustomPolicyOutput, error) {
	account, _ := call(ctx)
	sim := simulation{account: account, actions: in.ActionNames, resources: in.ResourceArns}
	var err error
	if sim.policies.Identity, err = sim.compileAll("PolicyInputList", in.PolicyInputList); err != nil {
		return nil, err
	}
	for i, level := range in.OrderedOrganizationPolicyInputList {
		name := fmt.Sprintf("OrderedOrganizationPolicyInputList.%d.ServiceControlPolicyInputList", i+1)
		scps, err := sim.compileAll(name, level.ServiceControlPolicyInputList)
		if err != nil {
			return nil, err
		}
		sim.policies.SCPs = append(sim.policies.SCPs, scps)
	}
	if in.ResourcePolicy != "" && in.CallerArn == "" {
		return nil, errInvalidInput.With("CallerArn must be specified when a ResourcePolicy is.")
	}
	if err := sim.prepare(in.CallerArn, in.ResourcePolicy, in.ResourceOwner, in.PermissionsBoundaryPolicyInputList, in.ContextEntries); err != nil {
		return nil, err
	}
	results, err := sim.run()
	if err != nil {
		return nil, err
	}
	part, next, err := page(results, resultKey, in.Marker, in.MaxItems)
	return &SimulateCustomPolicyOutput{EvaluationResults: part, Marker: next, IsTruncated: next != ""}, err
}

// sourcePolicyType is the SourcePolicyType of every statement, wherever its policy comes from.
const sourcePolicyType = "IAM Policy"

// simulation is a set of policies and the calls to ask them about.
type simulation struct {
	account            string // that simulates, and owns what no ARN says the owner of
	caller             policyeval.Principal
	actions, resources []string
	owner              string // of resources whose ARNs have no account
	policies           policyeval.Policies
	keys               policyeval.Context
}

// compileAll compiles documents that are given as input, named after their member.
func (sim *simulation) compileAll(member string, documents []string) ([]*policyeval.Policy, error) {
	var policies []*policyeval.Policy
	for i, document := range documents {
		p, err := sim.compile(fmt.Sprintf("%s.%d", member, i+1), document)
		if err != nil {
			return nil, err
		}
		policies = append(policies, p)
	}
	return policies, nil
}

func (sim *simulation) compile(name, document string) (*policyeval.Policy, error) {
	d, err := policyeval.Parse(document)
	if err != nil {
		return nil, errInvalidInput.Withf("Invalid policy document in %s: %s", name, err)
	}
	return &policyeval.Policy{Name: name, Document: d, Epoch: policyeval.Latest}, nil
}

// prepare adds what both simulating operations take.
func (sim *simulation) prepare(callerARN, resourcePolicy, owner string, boundaries []string, entries []ContextEntry) (err error) {
	if sim.caller, err = sim.principal(callerARN); err != nil {
		return err
	}
	if len(boundaries) > 1 {
		return errInvalidInput.With("Only one permissions boundary policy can be specified.")
	}
	if len(boundaries) == 1 {
		if sim.policies.Boundary, err = sim.compileAll("PermissionsBoundaryPolicyInputList", boundaries); err != nil {
			return err
		}
	}
	if resourcePolicy != "" {
		if sim.policies.Resource, err = sim.compile("ResourcePolicy", resourcePolicy); err != nil {
			return err
		}
	}
	if sim.owner = sim.caller.Account; owner != "" {
		if sim.owner = accountOf(owner); sim.owner == "" {
			return errInvalidInput.Withf("Invalid ResourceOwner: %s", owner)
		}
	}
	if len(sim.resources) == 0 {
		sim.resources = []string{"*"}
	}
	return sim.setKeys(entries)
}

// accountOf is the account that a ResourceOwner names: by its id, or by its root's ARN.
func accountOf(owner string) string {
	if arn.IsAccountID(owner) {
		return owner
	}
	if a, err := arn.Parse(owner); err == nil && a.Resource == "root" {
		return a.AccountID
	}
	return ""
}

// principal is the simulated caller: the user or role of that ARN, or some user
// of the account where none is named.
func (sim *simulation) principal(callerARN string) (policyeval.Principal, error) {
	if callerARN == "" {
		return policyeval.Principal{Type: policyeval.User, Account: sim.account}, nil
	}
	invalid := errInvalidInput.Withf("Invalid caller: %s", callerARN)
	a, err := arn.Parse(callerARN)
	if err != nil || a.Service != "iam" || !arn.IsAccountID(a.AccountID) {
		return policyeval.Principal{}, invalid
	}
	p := policyeval.Principal{Type: policyeval.User, Account: a.AccountID, ARN: callerARN}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch {
	case kind == "user" && name != "", kind == "group" && name != "":
	case kind == "root" && name == "":
		p.Type = policyeval.Root
	case kind == "role" && name != "":
		p.Type, p.IssuerARN = policyeval.AssumedRole, callerARN
		a.Service, a.Resource = "sts", "assumed-role/"+name[strings.LastIndexByte(name, '/')+1:]+"/simulated"
		p.ARN = a.String()
	default:
		return policyeval.Principal{}, invalid
	}
	return p, nil
}

// setKeys sets the condition keys that are given, over those that are set.
func (sim *simulation) setKeys(entries []ContextEntry) error {
	for _, e := range entries {
		switch {
		case e.ContextKeyName == "":
			return errInvalidInput.With("Invalid context entry: a key name is required.")
		case strings.HasSuffix(e.ContextKeyType, "List"):
			sim.keys.SetList(e.ContextKeyName, e.ContextKeyValues)
		case len(e.ContextKeyValues) == 1:
			sim.keys.Set(e.ContextKeyName, e.ContextKeyValues[0])
		default:
			return errInvalidInput.Withf("Invalid number of values for context key %s of type %s.", e.ContextKeyName, or(e.ContextKeyType, "string"))
		}
	}
	return nil
}

// run evaluates every action on every resource.
func (sim *simulation) run() ([]EvaluationResult, error) {
	var results []EvaluationResult
	for _, action := range sim.actions {
		service, name, ok := strings.Cut(action, ":")
		if !ok || service == "" || name == "" || strings.ContainsAny(action, "*? ") || strings.Contains(name, ":") {
			return nil, errInvalidInput.Withf("Invalid action: %s", action)
		}
		for _, resource := range sim.resources {
			if _, err := arn.Parse(resource); err != nil && resource != "*" {
				return nil, errInvalidInput.Withf("Invalid resource: %s", resource)
			}
			results = append(results, sim.evaluate(action, resource, len(results)))
		}
	}
	return results, nil
}

// evaluate is the result for one call. Each result is of one resource, and its
// ResourceSpecificResults have that one.
func (sim *simulation) evaluate(action, resource string, number int) EvaluationResult {
	request := &policyeval.Request{Principal: sim.caller, Action: action, Resource: resource, Context: &sim.keys}
	if a, err := arn.Parse(resource); err == nil && a.AccountID == "" {
		request.ResourceAccount = sim.owner
	}
	d := policyeval.Evaluate(request, &sim.policies)
	result := EvaluationResult{
		EvalActionName: action, EvalResourceName: resource, EvalDecision: decision(&d),
		MatchedStatements: sim.matched(&d), MissingContextValues: sim.missing(), number: number,
	}
	if len(sim.policies.SCPs) > 0 {
		result.OrganizationsDecisionDetail = &OrganizationsDecisionDetail{d.Passes(policyeval.LayerSCP)}
	}
	if len(sim.policies.Boundary) > 0 {
		result.PermissionsBoundaryDecisionDetail = &PermissionsBoundaryDecisionDetail{d.Passes(policyeval.LayerBoundary)}
	}
	if resource == "*" {
		return result
	}
	result.EvalDecisionDetails = map[string]string{}
	specific := ResourceSpecificResult{
		EvalResourceName: resource, EvalResourceDecision: result.EvalDecision,
		MatchedStatements: result.MatchedStatements, MissingContextValues: result.MissingContextValues,
		PermissionsBoundaryDecisionDetail: result.PermissionsBoundaryDecisionDetail,
	}
	if sim.crosses(resource, request) && d.Passes(policyeval.LayerSCP) {
		result.EvalDecisionDetails["IAM Policy"] = layerDecision(&d, policyeval.LayerIdentity)
		result.EvalDecisionDetails["Resource Policy"] = layerDecision(&d, policyeval.LayerResource)
		if len(sim.policies.Boundary) > 0 {
			result.EvalDecisionDetails["Permissions Boundary Policy"] = layerDecision(&d, policyeval.LayerBoundary)
		}
		specific.EvalDecisionDetails = result.EvalDecisionDetails
	}
	result.ResourceSpecificResults = []ResourceSpecificResult{specific}
	return result
}

func (sim *simulation) crosses(resource string, request *policyeval.Request) bool {
	owner := request.ResourceAccount
	if a, err := arn.Parse(resource); err == nil && a.AccountID != "" {
		owner = a.AccountID
	}
	return owner != sim.caller.Account
}

// The decisions of a simulation.
const (
	allowed      = "allowed"
	explicitDeny = "explicitDeny"
	implicitDeny = "implicitDeny"
)

func decision(d *policyeval.Decision) string {
	switch {
	case d.Allowed:
		return allowed
	case d.Reason == policyeval.ExplicitDeny:
		return explicitDeny
	default:
		return implicitDeny
	}
}

// layerDecision is what one kind of policy decides by itself.
func layerDecision(d *policyeval.Decision, layer policyeval.Layer) string {
	for i := range d.Steps {
		if s := &d.Steps[i]; s.Layer == layer && s.Applies() && s.Effect() == policyeval.Deny {
			return explicitDeny
		}
	}
	if d.Passes(layer) {
		return allowed
	}
	return implicitDeny
}

// matched are the statements that the decision rests on: the denies of identity-based
// and resource-based policies and boundaries, or otherwise the allows.
func (sim *simulation) matched(d *policyeval.Decision) []Statement {
	statements := []Statement{}
	for _, step := range d.By() {
		switch step.Layer {
		case policyeval.LayerIdentity, policyeval.LayerResource, policyeval.LayerBoundary:
		default:
			continue
		}
		start, end := positions(step.Policy.Document, int(step.Statement))
		statements = append(statements, Statement{
			SourcePolicyId: step.Policy.Name, SourcePolicyType: sourcePolicyType, StartPosition: &start, EndPosition: &end,
		})
	}
	return statements
}

// positions are where IAM says that a statement is. Its parser tells where it
// stands: before a statement in a list that is behind the bracket or the
// statement before, and behind the brace of one that is alone.
func positions(d *policyeval.Document, statement int) (start, end Position) {
	all := d.Statements()
	s := &all[statement]
	end = Position{Line: s.End.Line, Column: s.End.Column}
	switch bracket, ok := listStart(d.Text(), all[0].Begin); {
	case !ok:
		start = Position{Line: s.Begin.Line, Column: s.Begin.Column + 1}
	case statement == 0:
		start = bracket
	default:
		before := all[statement-1].End
		start = Position{Line: before.Line, Column: before.Column}
	}
	return start, end
}

// listStart is the place behind the bracket that opens the list of statements,
// of which the first begins at first; false: there is no list.
func listStart(text string, first policyeval.Position) (Position, bool) {
	at, bracket, ok := Position{Line: 1, Column: 1}, Position{}, false
	for _, c := range text {
		if at.Line == first.Line && at.Column == first.Column {
			break
		}
		at.Column++
		switch c {
		case '\n':
			at = Position{Line: at.Line + 1, Column: 1}
		case ' ', '\t', '\r':
		default:
			bracket, ok = at, c == '['
		}
	}
	return bracket, ok
}

// missing are the keys that the policies ask for and the simulation does not give.
func (sim *simulation) missing() []string {
	missing := []string{}
	policies := slices.Clone(sim.policies.Identity)
	if sim.policies.Resource != nil {
		policies = append(policies, sim.policies.Resource)
	}
	for _, key := range contextKeys(policies) {
		if _, _, ok := sim.keys.Get(key); !ok {
			missing = append(missing, key)
		}
	}
	return missing
}

// resultKey keeps results in the order in which they were asked for.
func resultKey(r EvaluationResult) string { return fmt.Sprintf("%06d", r.number) }

// EvaluationResult is what became of one simulated call.
type EvaluationResult struct {
	EvalActionName                    string
	EvalDecision                      string
	EvalDecisionDetails               map[string]string
	EvalResourceName                  string
	MatchedStatements                 []Statement
	MissingContextValues              []string
	OrganizationsDecisionDetail       *OrganizationsDecisionDetail
	PermissionsBoundaryDecisionDetail *PermissionsBoundaryDecisionDetail
	ResourceSpecificResults           []ResourceSpecificResult

	number int
}

// ResourceSpecificResult is what became of a simulated call on one resource.
type ResourceSpecificResult struct {
	EvalResourceDecision              string
	EvalResourceName                  string
	EvalDecisionDetails               map[string]string
	MatchedStatements                 []Statement
	MissingContextValues              []string
	PermissionsBoundaryDecisionDetail *PermissionsBoundaryDecisionDetail
}

// OrganizationsDecisionDetail says whether the organization's policies allow.
type OrganizationsDecisionDetail struct{ AllowedByOrganizations bool }

// PermissionsBoundaryDecisionDetail says whether the permissions boundary allows.
type PermissionsBoundaryDecisionDetail struct{ AllowedByPermissionsBoundary bool }

// Statement is a statement of a policy that decided, and where it stands.
type Statement struct {
	EndPosition      *Position
	SourcePolicyId   string
	SourcePolicyType string
	StartPosition    *Position
}

// Position is a place in a document. Lines and columns count from 1.
type Position struct{ Column, Line int }
