package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
)

// SecurityGroupRule is a rule of a security group as it is described [X060].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html.
type SecurityGroupRule struct {
	SecurityGroupRuleId  string
	GroupId              string
	GroupOwnerId         string
	IsEgress             bool
	IpProtocol           string
	FromPort             *int32
	ToPort               *int32
	CidrIpv4             string
	CidrIpv6             string
	PrefixListId         string
	ReferencedGroupInfo  *ReferencedSecurityGroup
	Description          string
	Tags                 []Tag `name:"tagSet"`
	SecurityGroupRuleArn string
}

// ReferencedSecurityGroup is the group that a rule names.
type ReferencedSecurityGroup struct {
	GroupId                string
	PeeringStatus          string
	UserId                 string
	VpcId                  string
	VpcPeeringConnectionId string
}

// shown is the rule as answers show it. Where its protocol has no ports, they are -1.
func (ru *rule) shown() SecurityGroupRule {
	shown := SecurityGroupRule{
		SecurityGroupRuleId: ru.ID, SecurityGroupRuleArn: ru.place().arn(securityGroupRuleKind, ru.ID),
		GroupId: ru.Owner, GroupOwnerId: ru.Account, IsEgress: ru.Egress, IpProtocol: ru.Protocol, FromPort: &ru.From, ToPort: &ru.To,
		CidrIpv4: ru.CIDR, CidrIpv6: ru.CIDRv6, PrefixListId: ru.PrefixList,
		Description: ru.Description, Tags: shownTags(ru.Tags),
	}
	if ru.Group != "" {
		shown.ReferencedGroupInfo = &ReferencedSecurityGroup{GroupId: ru.Group, UserId: ru.Account}
	}
	return shown
}

// permissions are rules of one direction as groups show them: a permission for each
// protocol and range of ports, in the order of the rules [X052].
func permissions(rules []*rule, egress bool) []IpPermission {
	all := []IpPermission{}
	at := map[traffic]int{}
	for _, ru := range rules {
		if ru.Egress != egress {
			continue
		}
		key := traffic{Protocol: ru.Protocol, From: ru.From, To: ru.To}
		i, ok := at[key]
		if !ok {
			i = len(all)
			at[key] = i
			all = append(all, emptyPermission(&ru.traffic))
		}
		ru.addTo(&all[i])
	}
	return all
}

// emptyPermission is the permission of traffic without anybody who has it.
func emptyPermission(t *traffic) IpPermission {
	p := IpPermission{
		IpProtocol: t.Protocol, UserIdGroupPairs: []UserIdGroupPair{},
		IpRanges: []IpRange{}, Ipv6Ranges: []Ipv6Range{}, PrefixListIds: []PrefixListId{},
	}
	if t.hasPorts() {
		p.FromPort, p.ToPort = &t.From, &t.To
	}
	return p
}

// addTo adds whom the rule is about to a permission.
func (ru *rule) addTo(p *IpPermission) {
	switch {
	case ru.CIDR != "":
		p.IpRanges = append(p.IpRanges, IpRange{ru.CIDR, ru.Description})
	case ru.CIDRv6 != "":
		p.Ipv6Ranges = append(p.Ipv6Ranges, Ipv6Range{ru.CIDRv6, ru.Description})
	case ru.PrefixList != "":
		p.PrefixListIds = append(p.PrefixListIds, PrefixListId{ru.PrefixList, ru.Description})
	default:
		p.UserIdGroupPairs = append(p.UserIdGroupPairs, UserIdGroupPair{GroupId: ru.Group, UserId: ru.Account, Description: ru.Description})
	}
}

// DescribeSecurityGroupRulesInput is the input of DescribeSecurityGroupRules.
type DescribeSecurityGroupRulesInput struct {
	Filters              []Filter `query:"Filter"`
	SecurityGroupRuleIds []string `query:"SecurityGroupRuleId"`
	DryRun               bool
	NextToken            string
	MaxResults           *int32 `check:"min=5,max=1000"`
}

// DescribeSecurityGroupRulesOutput is the output of DescribeSecurityGroupRules.
type DescribeSecurityGroupRulesOutput struct {
	SecurityGroupRules []SecurityGroupRule `name:"securityGroupRuleSet"`
	NextToken          string
}

// ruleFilters are those of DescribeSecurityGroupRules [X068].
var ruleFilters = filterTable[*rule]{
	"group-id":               one(func(ru *rule) string { return ru.Owner }),
	"security-group-rule-id": one(idOf[*rule]),
}

// DescribeSecurityGroupRules lists the rules of security groups.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html.
func (s *Service) DescribeSecurityGroupRules(ctx context.Context, in *DescribeSecurityGroupRulesInput) (*DescribeSecurityGroupRulesOutput, error) {
	var out *DescribeSecurityGroupRulesOutput
	err := s.view(ctx, func(r store.Reader) error {
		found, err := s.rules.findAll(r, placeOf(ctx), in.SecurityGroupRuleIds)
		if err != nil {
			return err
		}
		found, err = filtered(found, in.Filters, ruleFilters, tagsOf[*rule])
		if err != nil {
			return err
		}
		found, next, err := page(found, idOf[*rule], in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out = &DescribeSecurityGroupRulesOutput{make([]SecurityGroupRule, len(found)), next}
		for i, ru := range found {
			out.SecurityGroupRules[i] = ru.shown()
		}
		return nil
	})
	return out, err
}
