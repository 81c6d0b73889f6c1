package provision

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/template"
)

// groupHandlers are those of security groups and their rules.
var groupHandlers = map[string]Handler{
	"AWS::EC2::SecurityGroup":        {createSecurityGroup, updateSecurityGroup, deleteSecurityGroup},
	"AWS::EC2::SecurityGroupIngress": ruleHandler("Ingress"),
	"AWS::EC2::SecurityGroupEgress":  ruleHandler("Egress"),
}

// maxSecurityGroupName is how long the name of a group is at most.
const maxSecurityGroupName = 255

// createSecurityGroup makes a security group with its rules. Ref of one whose template names
// no VPC is its name [C228].
func createSecurityGroup(ctx context.Context, j *Job) error {
	name := j.named("GroupName", maxSecurityGroupName)
	made, err := j.Call(ctx, "ec2", "CreateSecurityGroup", j.tagged("security-group", j.arguments(map[string]any{
		"GroupName": name,
	}, "Description=GroupDescription", "VpcId")))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "GroupId")
	shown, err := j.Call(ctx, "ec2", "DescribeSecurityGroups", map[string]any{"GroupIds": []string{j.PhysicalID}})
	if err != nil {
		return err
	}
	j.attributes(map[string]any{"Id": j.PhysicalID, "GroupId": j.PhysicalID})
	if j.Properties.Get("VpcId") == nil {
		j.Attributes["Ref"] = template.Text(name)
	}
	j.setFirst("VpcId", texts(shown, "securityGroupInfo", "VpcId"))
	return j.setRules(ctx)
}

// setRules has the rules become what the properties say. A group whose template says
// nothing of what goes out has the rule that a new group comes with.
func (j *Job) setRules(ctx context.Context) error {
	out := func(properties *template.Node) []*template.Node {
		if rules := properties.Get("SecurityGroupEgress"); rules != nil && len(rules.Items) > 0 {
			return rules.Items
		}
		return []*template.Node{everywhere}
	}
	in := func(properties *template.Node) []*template.Node {
		return slices.Collect(properties.Get("SecurityGroupIngress").All())
	}
	return first(
		func() error { return j.changeRules(ctx, "Ingress", in(j.Before), in(j.Properties)) },
		func() error { return j.changeRules(ctx, "Egress", out(j.Before), out(j.Properties)) },
	)
}

// everywhere is the rule by which everything goes out of a new group.
var everywhere = (&template.Node{Kind: template.Map}).With("IpProtocol", template.Text("-1")).With("CidrIp", template.Text("0.0.0.0/0"))

// changeRules takes away the rules of one direction that are gone, and adds the new ones.
// One that has another description alone stays.
func (j *Job) changeRules(ctx context.Context, direction string, before, now []*template.Node) error {
	var redescribed []any
	among := func(list []*template.Node, rule *template.Node) bool {
		return slices.ContainsFunc(list, func(other *template.Node) bool { return bare(other).Equal(bare(rule)) })
	}
	var removed, added []any
	for _, rule := range before {
		if !among(now, rule) {
			removed = append(removed, permission(bare(rule)))
		}
	}
	for _, rule := range now {
		switch {
		case !among(before, rule):
			added = append(added, permission(rule))
		case !slices.ContainsFunc(before, rule.Equal):
			redescribed = append(redescribed, permission(rule))
		}
	}
	for _, call := range []struct {
		operation string
		rules     []any
	}{
		{"RevokeSecurityGroup" + direction, removed},
		{"AuthorizeSecurityGroup" + direction, added},
		{"UpdateSecurityGroupRuleDescriptions" + direction, redescribed},
	} {
		if len(call.rules) == 0 {
			continue
		}
		if err := j.do(ctx, "ec2", call.operation, map[string]any{"GroupId": j.PhysicalID, "IpPermissions": call.rules}); err != nil {
			return err
		}
	}
	return nil
}

// bare is a rule without its description.
func bare(rule *template.Node) *template.Node {
	n := &template.Node{Kind: template.Map}
	for _, m := range rule.Members {
		if m.Key != "Description" {
			n.Members = append(n.Members, m)
		}
	}
	return n
}

// permission is a rule of a template as EC2 takes it: what it is for stands in a list.
func permission(rule *template.Node) map[string]any {
	p := given(map[string]any{"IpProtocol": rule.Get("IpProtocol").String()}, rule, "FromPort", "ToPort")
	peer := func(list string, in map[string]any) {
		if len(in) > 0 {
			p[list] = []any{given(in, rule, "Description")}
		}
	}
	peer("IpRanges", given(map[string]any{}, rule, "CidrIp"))
	peer("Ipv6Ranges", given(map[string]any{}, rule, "CidrIpv6"))
	peer("PrefixListIds", given(given(map[string]any{}, rule, "PrefixListId=SourcePrefixListId"), rule, "PrefixListId=DestinationPrefixListId"))
	peer("groups", given(given(map[string]any{}, rule, "GroupId=SourceSecurityGroupId", "GroupName=SourceSecurityGroupName", "UserId=SourceSecurityGroupOwnerId"),
		rule, "GroupId=DestinationSecurityGroupId"))
	return p
}

func updateSecurityGroup(ctx context.Context, j *Job) error {
	return first(
		func() error { return j.setRules(ctx) },
		func() error { return j.retagEC2(ctx) },
	)
}

func deleteSecurityGroup(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "ec2", "DeleteSecurityGroup", map[string]any{"GroupId": j.PhysicalID}))
}

// ruleHandler is how one rule of a group is made [C228].
func ruleHandler(direction string) Handler {
	group := func(j *Job) map[string]any { return j.arguments(map[string]any{}, "GroupId", "GroupName") }
	return Handler{
		Create: func(ctx context.Context, j *Job) error {
			in := with(group(j), "IpPermissions", []any{permission(j.Properties)})
			made, err := j.Call(ctx, "ec2", "AuthorizeSecurityGroup"+direction, in)
			if err != nil {
				return err
			}
			for _, id := range texts(made, "securityGroupRuleSet", "SecurityGroupRuleId") {
				j.PhysicalID = id
			}
			j.attributes(map[string]any{"Id": j.PhysicalID})
			return nil
		},
		Update: func(ctx context.Context, j *Job) error {
			in := with(group(j), "SecurityGroupRuleDescriptions", []any{map[string]any{
				"SecurityGroupRuleId": j.PhysicalID, "Description": j.Properties.Get("Description").String(),
			}})
			return j.do(ctx, "ec2", "UpdateSecurityGroupRuleDescriptions"+direction, in)
		},
		Delete: func(ctx context.Context, j *Job) error {
			return gone(j.do(ctx, "ec2", "RevokeSecurityGroup"+direction, with(group(j), "SecurityGroupRuleIds", []string{j.PhysicalID})))
		},
	}
}
