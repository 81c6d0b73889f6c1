package explain

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Graph is who talks to whom, as far as decisions are remembered.
type Graph struct {
	Nodes []Node `json:"nodes"` // by id
	Edges []Edge `json:"edges"` // by from, to and through
}

// Node is who calls, what is called, or a VPC endpoint on the way.
type Node struct {
	// ID is an ARN, a service principal's name, anonymous, the id of a VPC endpoint, or SERVICE:*
	// for calls that are about no resource. A role stands for its sessions, and a bucket for
	// its objects.
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Label   string `json:"label"`
	Account string `json:"account"` // empty of what is of none
}

// Edge is all calls of one node on another, by one way.
type Edge struct {
	From    string       `json:"from"`
	To      string       `json:"to"`
	Through string       `json:"through,omitempty"` // the id of a VPC endpoint
	Actions []EdgeAction `json:"actions"`           // by name
	Allowed int          `json:"allowed"`
	Denied  int          `json:"denied"`
	Last    LastCall     `json:"last"`
}

// EdgeAction counts the decisions on one action.
type EdgeAction struct {
	Action  string `json:"action"`
	Allowed int    `json:"allowed"`
	Denied  int    `json:"denied"`
}

// LastCall is the newest decision of an edge.
type LastCall struct {
	RequestID string    `json:"requestId"`
	Action    string    `json:"action"`
	Decision  string    `json:"decision"`
	Time      time.Time `json:"time"`
}

// Graph is drawn from the decisions that are remembered.
func (x Explainer) Graph(ctx context.Context) (*Graph, error) {
	aliases, err := x.KMS.AliasNames(ctx)
	if err != nil {
		return nil, err
	}
	nodes, edges := map[string]Node{}, map[[3]string]*edge{}
	for d := range x.Dispatcher.Decisions().Newest() {
		from, to := caller(&d.Request.Principal), called(d)
		if alias := aliases[to.ID]; alias != "" {
			to.Label = alias
		}
		nodes[from.ID], nodes[to.ID] = from, to
		key := [3]string{from.ID, to.ID, d.Endpoint()}
		if key[2] != "" {
			nodes[key[2]] = Node{key[2], "endpoint", key[2], ""}
		}
		if edges[key] == nil { // the newest comes first
			edges[key] = &edge{
				Edge:    Edge{From: from.ID, To: to.ID, Through: key[2], Last: LastCall{d.RequestID, d.Request.Action, d.Effect(), d.Time}},
				actions: map[string]*EdgeAction{},
			}
		}
		edges[key].add(d)
	}
	g := &Graph{Nodes: []Node{}, Edges: []Edge{}}
	for _, id := range slices.Sorted(maps.Keys(nodes)) {
		g.Nodes = append(g.Nodes, nodes[id])
	}
	for _, e := range edges {
		g.Edges = append(g.Edges, e.counted())
	}
	slices.SortFunc(g.Edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Through, b.Through))
	})
	return g, nil
}

// edge is an Edge that is being counted.
type edge struct {
	Edge
	actions map[string]*EdgeAction // by the action in lower case
}

func (e *edge) add(d *trail.Decision) {
	name := strings.ToLower(d.Request.Action)
	if e.actions[name] == nil {
		e.actions[name] = &EdgeAction{Action: d.Request.Action}
	}
	if d.Allowed() {
		e.actions[name].Allowed++
		e.Allowed++
	} else {
		e.actions[name].Denied++
		e.Denied++
	}
}

func (e *edge) counted() Edge {
	for _, name := range slices.Sorted(maps.Keys(e.actions)) {
		e.Actions = append(e.Actions, *e.actions[name])
	}
	return e.Edge
}

// caller is the node of a principal.
func caller(who *policyeval.Principal) Node {
	switch who.Type {
	case policyeval.Anonymous:
		return Node{"anonymous", "anonymous", "anonymous", ""}
	case policyeval.Service:
		return Node{who.Service, "service", who.Service, ""}
	default:
		id := who.ARN
		if who.Type == policyeval.AssumedRole && who.IssuerARN != "" {
			id = who.IssuerARN
		}
		a, err := arn.Parse(id)
		if err != nil {
			return Node{id, "principal", id, who.Account}
		}
		return Node{id, "principal", a.Resource, cmp.Or(who.Account, a.AccountID)}
	}
}

// called is the node of what a decision is about.
func called(d *trail.Decision) Node {
	a, err := arn.Parse(resource.PolicyHolder(d.Request.Resource))
	if err != nil || a.Resource == "" || strings.HasSuffix(a.Resource, "*") { // all, or what is about to be made
		return Node{d.Service + ":*", "other", d.Service, d.Request.ResourceAccount}
	}
	if a.Service == "sns" { // a subscription is its topic's
		a.Resource, _, _ = strings.Cut(a.Resource, ":")
	}
	n := Node{a.String(), "other", a.Resource, cmp.Or(a.AccountID, d.Request.ResourceAccount)}
	if kind := wholeServices[a.Service]; kind != "" {
		n.Kind = kind
		return n
	}
	first, path, _ := strings.Cut(a.Resource, "/")
	switch kind := kindsOf[a.Service+":"+first]; kind {
	case "":
	case "principal":
		n.Kind = kind
	case "endpoint":
		return Node{path, kind, path, ""}
	default:
		n.Kind, n.Label = kind, path
	}
	return n
}

// wholeServices are the kinds of nodes of services all of whose resources are of one kind,
// and kindsOf those by what the resource of an ARN begins with.
var (
	wholeServices = map[string]string{"sqs": "queue", "sns": "topic", "s3": "bucket"}
	kindsOf       = map[string]string{
		"kms:key": "key", "events:event-bus": "bus", "events:rule": "rule", "ec2:vpc-endpoint": "endpoint",
		"iam:role": "principal", "iam:user": "principal", "iam:root": "principal",
	}
)
