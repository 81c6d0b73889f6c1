package ec2

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/testsize"
)

// Whatever is made, changed and deleted, in whatever order, the index says what hangs
// on what, and nothing else.
func TestLinks(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := &wanderer{n, random}
	for step := range testsize.Of(3000, 300) {
		w.step()
		if step%20 != 0 {
			continue
		}
		n.read(func(r store.Reader) {
			if diff := cmp.Diff(n.linksThere(r), n.linksStored(r)); diff != "" {
				t.Fatalf("step %d: -what there is +what the index says\n%s", step, diff)
			}
		})
	}
}

// linksThere are the links that all resources of the network have by themselves.
func (n *network) linksThere(r store.Reader) []string {
	links := map[string]bool{}
	add := func(on, id string) { links[on+"/"+id] = true }
	for sn := range n.Service.subnets.all(r, n.place) {
		add(sn.Vpc, sn.ID)
	}
	for g := range n.groups.all(r, n.place) {
		add(g.Vpc, g.ID)
	}
	for ru := range n.rules.all(r, n.place) {
		add(ru.Owner, ru.ID)
		if ru.Group != "" && ru.Group != ru.Owner {
			add(ru.Group, ru.Owner)
		}
	}
	for a := range n.acls.all(r, n.place) {
		add(a.Vpc, a.ID)
	}
	for t := range n.routeTables.all(r, n.place) {
		add(t.Vpc, t.ID)
		if t.Main != "" {
			add(t.Main, t.ID)
		}
		for _, a := range t.Associations {
			add(a.ID, t.ID)
			add(a.Subnet, t.ID)
		}
	}
	for ni := range n.interfaces.all(r, n.place) {
		for _, on := range append([]string{ni.Vpc, ni.Subnet}, ni.Groups...) {
			add(on, ni.ID)
		}
	}
	for e := range n.endpoints.all(r, n.place) {
		for _, on := range append([]string{e.Vpc}, e.Groups...) {
			add(on, e.ID)
		}
	}
	return sortedKeys(links)
}

// linksStored are the links of the index.
func (n *network) linksStored(r store.Reader) []string {
	links := map[string]bool{}
	prefix := linkBucket + n.place.prefix()
	for key := range r.Scan(prefix, "", store.All) {
		links[key[len(prefix):]] = true
	}
	return sortedKeys(links)
}

func sortedKeys(set map[string]bool) []string {
	keys := []string{}
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// wanderer does one random thing after another.
type wanderer struct {
	*network
	random *rand.Rand
}

// pick is one of some things; none where there are none.
func pick[T any](w *wanderer, of []T) (one T) {
	if len(of) == 0 {
		return one
	}
	return of[w.random.IntN(len(of))]
}

func idsIn[T any, P pointer[T]](w *wanderer, c *collection[T, P]) (ids []string) {
	w.read(func(r store.Reader) {
		ids = nil
		for e := range c.all(r, w.place) {
			ids = append(ids, e.base().ID)
		}
	})
	return ids
}

// step does something, which may be refused.
func (w *wanderer) step() {
	group, rule, table := pick(w, idsIn(w, w.groups)), pick(w, idsIn(w, w.rules)), pick(w, idsIn(w, w.routeTables))
	port := int32(w.random.IntN(4))
	permission := permit("tcp", port, port, pick(w, append(idsIn(w, w.groups), "10.0.0.0/8")))
	switch w.random.IntN(15) {
	case 0:
		_, _ = w.CreateSecurityGroup(w.ctx, &CreateSecurityGroupInput{GroupName: fmt.Sprint("g", w.random.IntN(6)), Description: "d"})
	case 1:
		_, _ = w.DeleteSecurityGroup(w.ctx, &DeleteSecurityGroupInput{GroupId: group})
	case 2, 3:
		_, _ = w.AuthorizeSecurityGroupIngress(w.ctx, &AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: []IpPermission{permission}})
	case 4:
		_, _ = w.RevokeSecurityGroupIngress(w.ctx, &RevokeSecurityGroupIngressInput{GroupId: group, IpPermissions: []IpPermission{permission}})
	case 5:
		_, _ = w.RevokeSecurityGroupEgress(w.ctx, &RevokeSecurityGroupEgressInput{GroupId: group, SecurityGroupRuleIds: []string{rule}})
	case 6:
		w.modify(rule, port)
	case 7:
		_, _ = w.CreateRouteTable(w.ctx, &CreateRouteTableInput{VpcId: w.vpc.ID})
	case 8:
		_, _ = w.AssociateRouteTable(w.ctx, &AssociateRouteTableInput{RouteTableId: table, SubnetId: pick(w, w.subnets).ID})
	case 9:
		w.disassociate(table)
	case 10:
		w.attachOrDetach(group)
	case 11, 12, 13:
		w.endpoint(group, table)
	default:
		_, _ = w.DeleteRouteTable(w.ctx, &DeleteRouteTableInput{RouteTableId: table})
	}
}

// modify makes a rule that names a group name another.
func (w *wanderer) modify(id string, port int32) {
	var owner string
	w.read(func(r store.Reader) {
		if ru := w.rules.get(r, w.place, id); ru != nil {
			owner = ru.Owner
		}
	})
	_, _ = w.ModifySecurityGroupRules(w.ctx, &ModifySecurityGroupRulesInput{GroupId: owner, SecurityGroupRules: []SecurityGroupRuleUpdate{{
		SecurityGroupRuleId: id,
		SecurityGroupRule:   &SecurityGroupRuleRequest{IpProtocol: "tcp", FromPort: &port, ToPort: &port, ReferencedGroupId: pick(w, idsIn(w, w.groups))},
	}}})
}

// disassociate ends an association of a table.
func (w *wanderer) disassociate(table string) {
	var association string
	w.read(func(r store.Reader) {
		if t := w.routeTables.get(r, w.place, table); t != nil {
			association = pick(w, t.Associations).ID
		}
	})
	_, _ = w.DisassociateRouteTable(w.ctx, &DisassociateRouteTableInput{AssociationId: association})
}

// endpoint makes, changes or deletes a VPC endpoint.
func (w *wanderer) endpoint(group, table string) {
	id, subnet, another := pick(w, idsIn(w, w.endpoints)), pick(w, w.subnets).ID, pick(w, idsIn(w, w.groups))
	switch w.random.IntN(5) {
	case 0:
		_, _ = w.CreateVpcEndpoint(w.ctx, &CreateVpcEndpointInput{VpcId: w.vpc.ID, ServiceName: "com.amazonaws.us-east-1.s3", RouteTableIds: []string{table}})
	case 1:
		private := false
		in := &CreateVpcEndpointInput{VpcId: w.vpc.ID, ServiceName: "com.amazonaws.us-east-1.sqs", VpcEndpointType: "Interface", PrivateDnsEnabled: &private, SecurityGroupIds: []string{group}}
		if w.random.IntN(2) == 0 {
			in.SubnetIds = []string{subnet}
		}
		_, _ = w.CreateVpcEndpoint(w.ctx, in)
	case 2:
		_, _ = w.ModifyVpcEndpoint(w.ctx, &ModifyVpcEndpointInput{VpcEndpointId: id, AddSecurityGroupIds: []string{group}, RemoveSecurityGroupIds: []string{another}})
	case 3:
		_, _ = w.ModifyVpcEndpoint(w.ctx, &ModifyVpcEndpointInput{VpcEndpointId: id, AddSecurityGroupIds: []string{group}, AddSubnetIds: []string{subnet}})
	default:
		_, _ = w.DeleteVpcEndpoints(w.ctx, &DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	}
}

// attachOrDetach makes an interface of no endpoint with a group, gives it another group,
// or takes it away.
func (w *wanderer) attachOrDetach(group string) {
	var id string
	w.read(func(r store.Reader) {
		id = ""
		for ni := range w.interfaces.all(r, w.place) {
			if w.endpoints.get(r, w.place, ni.Endpoint) == nil {
				id = ni.ID
			}
		}
	})
	if id == "" {
		w.attachAt(pick(w, w.subnets), byte(200+w.random.IntN(50)), group)
		return
	}
	again := w.random.IntN(2) == 0
	err := w.write(func(tx store.Tx) error {
		if again {
			w.regroup(tx, w.place, id, []string{group})
			return nil
		}
		w.detach(tx, w.interfaces.get(tx, w.place, id))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
