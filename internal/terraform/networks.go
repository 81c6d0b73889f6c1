package terraform

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) vpc(one *resource) {
	o := r.add(one, "vpcs")
	o.put("id", one.get("id"))
	o.put("cidr", one.get("cidr_block"))
	o.put("tags", one.tags())
	one.inRegion(o)
}

// inVPC adds to a list of the resource's VPC.
func (r *reader) inVPC(one *resource, section string) *object {
	vpc := r.owner(one, "vpc_id", "aws_vpc", "aws_default_vpc")
	if vpc == nil {
		return nil
	}
	one.made = newObject(one.node)
	push(vpc.list(section), one.made.Node)
	one.made.put("id", one.get("id"))
	return one.made
}

func (r *reader) subnet(one *resource) {
	if o := r.inVPC(one, "subnets"); o != nil {
		o.put("cidr", one.get("cidr_block"))
		o.put("az", one.get("availability_zone"))
		o.put("tags", one.tags())
	}
}

func (r *reader) securityGroup(one *resource) {
	o := r.inVPC(one, "securityGroups")
	if o == nil {
		return
	}
	o.put("name", one.get("name"))
	o.put("description", one.get("description"))
	o.put("tags", one.tags())
	for _, rule := range items(one.get("ingress")) {
		r.ingress(one, o, rule, "protocol", items(member(rule, "cidr_blocks")))
		for _, name := range []string{"ipv6_cidr_blocks", "prefix_list_ids", "security_groups", "self"} {
			if n := member(rule, name); says(n) && n.Value != "false" {
				r.warn(one, "a rule's %s left out: fixtures let IPv4 blocks in", name)
			}
		}
	}
	if one.get("egress") != nil {
		return
	}
	if list := member(one.values, "egress"); list != nil {
		o.put("egress", one.word("none"))
	}
}

// letsOut opens the group of a rule, where a state says that there is one that lets out.
func (r *reader) letsOut(one *resource) {
	if group := r.find(one, "security_group_id", "aws_security_group"); group != nil {
		group.made.put("egress", one.word("all"))
	}
}

// groupRule is a rule that is a resource of its own.
func (r *reader) groupRule(one *resource) {
	if one.text("type") == "egress" {
		r.letsOut(one)
		return
	}
	o := r.owner(one, "security_group_id", "aws_security_group")
	if o == nil {
		return
	}
	blocks, protocol := items(one.get("cidr_blocks")), "protocol"
	if one.kind != "aws_security_group_rule" {
		protocol = "ip_protocol"
		if block := one.get("cidr_ipv4"); block != nil {
			blocks = []*yaml.Node{block}
		}
	}
	if len(blocks) == 0 {
		r.warn(one, "left out: fixtures let IPv4 blocks in")
		return
	}
	r.ingress(one, o, one.values, protocol, blocks)
}

// ingress lets the blocks of a rule into a security group.
func (r *reader) ingress(one *resource, o *object, rule *yaml.Node, protocol string, blocks []*yaml.Node) {
	ports := ""
	switch strings.ToLower(text(member(rule, protocol))) {
	case "-1", "all":
		ports = "0-65535"
	case "tcp", "6":
		ports = text(member(rule, "from_port"))
		if last := text(member(rule, "to_port")); last != ports {
			ports += "-" + last
		}
	default:
		return // no client of AWS's comes by another protocol
	}
	list := o.list("ingress")
	for _, block := range blocks {
		there := false
		for _, other := range list.Content {
			there = there || text(member(other, "port")) == ports && text(member(other, "cidr")) == block.Value
		}
		if !there {
			in := newObject(one.node)
			in.put("port", one.word(ports))
			in.put("cidr", block)
			push(list, in.Node)
		}
	}
}

func (r *reader) endpoint(one *resource) {
	kind := one.text("vpc_endpoint_type")
	if kind == "GatewayLoadBalancer" || kind == "Resource" || kind == "ServiceNetwork" {
		r.warn(one, "left out: waxseal has no endpoints of type %s", kind)
		return
	}
	o := r.inVPC(one, "endpoints")
	if o == nil {
		return
	}
	o.put("service", one.get("service_name"))
	if kind == "" {
		kind = "Gateway"
	}
	o.put("type", one.word(kind))
	o.put("policy", r.known(one, "policy"))
	o.put("tags", one.tags())
	if kind == "Gateway" {
		return
	}
	for _, id := range items(r.known(one, "subnet_ids")) {
		o.once("subnets", id)
	}
	for _, id := range items(r.known(one, "security_group_ids")) {
		r.endpointIn(one, o, id)
	}
	if one.is("private_dns_enabled") {
		o.put("privateDns", one.get("private_dns_enabled"))
	}
}

// endpointIn puts an endpoint into a security group, if that is one of the file: the
// default one is the VPC's own.
func (r *reader) endpointIn(one *resource, o *object, id *yaml.Node) {
	for _, other := range r.resources {
		if other.kind == "aws_default_security_group" && other.text("id") == id.Value {
			return
		}
	}
	o.once("securityGroups", id)
}

func (r *reader) endpointSubnet(one *resource) {
	if o := r.owner(one, "vpc_endpoint_id", "aws_vpc_endpoint"); o != nil {
		o.once("subnets", r.known(one, "subnet_id"))
	}
}

func (r *reader) endpointGroup(one *resource) {
	if o := r.owner(one, "vpc_endpoint_id", "aws_vpc_endpoint"); o != nil {
		if id := r.known(one, "security_group_id"); id != nil {
			r.endpointIn(one, o, id)
		}
	}
}
