package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// RevokeSecurityGroupIngressInput is the input of RevokeSecurityGroupIngress, which
// names rules by their ids or by what they let in.
type RevokeSecurityGroupIngressInput struct {
	CidrIp                     string
	FromPort                   *int32
	GroupId                    string
	GroupName                  string
	IpPermissions              []IpPermission
	IpProtocol                 string
	SourceSecurityGroupName    string
	SourceSecurityGroupOwnerId string
	ToPort                     *int32
	SecurityGroupRuleIds       []string `query:"SecurityGroupRuleId"`
	DryRun                     bool
}

// RevokeSecurityGroupIngressOutput is the output of RevokeSecurityGroupIngress [X064].
type RevokeSecurityGroupIngressOutput struct {
	Return                    bool
	UnknownIpPermissions      []IpPermission             `name:"unknownIpPermissionSet"`
	RevokedSecurityGroupRules []RevokedSecurityGroupRule `name:"revokedSecurityGroupRuleSet"`
}

// RevokeSecurityGroupEgressInput is the input of RevokeSecurityGroupEgress.
type RevokeSecurityGroupEgressInput struct {
	SecurityGroupRuleIds       []string `query:"SecurityGroupRuleId"`
	DryRun                     bool
	GroupId                    string `check:"required"`
	SourceSecurityGroupName    string
	SourceSecurityGroupOwnerId string
	IpProtocol                 string
	FromPort                   *int32
	ToPort                     *int32
	CidrIp                     string
	IpPermissions              []IpPermission
}

// RevokeSecurityGroupEgressOutput is the output of RevokeSecurityGroupEgress [X064].
type RevokeSecurityGroupEgressOutput struct {
	Return                    bool
	UnknownIpPermissions      []IpPermission             `name:"unknownIpPermissionSet"`
	RevokedSecurityGroupRules []RevokedSecurityGroupRule `name:"revokedSecurityGroupRuleSet"`
}

// RevokedSecurityGroupRule is a rule that a group has no more.
type RevokedSecurityGroupRule struct {
	SecurityGroupRuleId string
	GroupId             string
	IsEgress            bool
	IpProtocol          string
	FromPort            *int32
	ToPort              *int32
	CidrIpv4            string
	CidrIpv6            string
	PrefixListId        string
	ReferencedGroupId   string
	Description         string
}

func (in *RevokeSecurityGroupIngressInput) flat() *flat {
	return &flat{in.CidrIp, in.IpProtocol, in.SourceSecurityGroupName, in.SourceSecurityGroupOwnerId, in.FromPort, in.ToPort}
}

func (in *RevokeSecurityGroupEgressInput) flat() *flat {
	return &flat{in.CidrIp, in.IpProtocol, in.SourceSecurityGroupName, in.SourceSecurityGroupOwnerId, in.FromPort, in.ToPort}
}

func (s *Service) revokedIngress(ctx context.Context, in *RevokeSecurityGroupIngressInput) (api.Target, *securityGroup, error) {
	return s.theGroup(ctx, in.GroupId, in.GroupName)
}

func (s *Service) revokedEgress(ctx context.Context, in *RevokeSecurityGroupEgressInput) (api.Target, *securityGroup, error) {
	return s.theGroup(ctx, in.GroupId, "")
}

// RevokeSecurityGroupIngress lets less into a security group.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html.
func (s *Service) RevokeSecurityGroupIngress(ctx context.Context, in *RevokeSecurityGroupIngressInput) (*RevokeSecurityGroupIngressOutput, error) {
	return api.Do(ctx, in, s.revokedIngress, s.revokeSecurityGroupIngress)
}

func (s *Service) revokeSecurityGroupIngress(ctx context.Context, g *securityGroup, in *RevokeSecurityGroupIngressInput) (*RevokeSecurityGroupIngressOutput, error) {
	list, err := in.flat().permissions(in.IpPermissions)
	if err != nil {
		return nil, err
	}
	unknown, revoked, err := s.revoke(ctx, g, false, list, in.SecurityGroupRuleIds)
	if err != nil {
		return nil, err
	}
	return &RevokeSecurityGroupIngressOutput{true, unknown, revoked}, nil
}

// RevokeSecurityGroupEgress lets less out of a security group.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html.
func (s *Service) RevokeSecurityGroupEgress(ctx context.Context, in *RevokeSecurityGroupEgressInput) (*RevokeSecurityGroupEgressOutput, error) {
	return api.Do(ctx, in, s.revokedEgress, s.revokeSecurityGroupEgress)
}

func (s *Service) revokeSecurityGroupEgress(ctx context.Context, g *securityGroup, in *RevokeSecurityGroupEgressInput) (*RevokeSecurityGroupEgressOutput, error) {
	if err := in.flat().refused(); err != nil {
		return nil, err
	}
	unknown, revoked, err := s.revoke(ctx, g, true, in.IpPermissions, in.SecurityGroupRuleIds)
	if err != nil {
		return nil, err
	}
	return &RevokeSecurityGroupEgressOutput{true, unknown, revoked}, nil
}

// revoke takes rules from a group. unknown are the permissions that it had no rules for.
func (s *Service) revoke(ctx context.Context, g *securityGroup, egress bool, list []IpPermission, ids []string) (unknown []IpPermission, revoked []RevokedSecurityGroupRule, err error) {
	switch {
	case len(list) == 0 && len(ids) == 0:
		return nil, nil, missing("ipPermissions")
	case len(list) > 0 && len(ids) > 0:
		return nil, nil, errCombination.With("The parameter ipPermissions cannot be used with the parameter securityGroupRuleIds")
	}
	err = s.update(ctx, func(tx store.Tx) error {
		unknown, revoked = nil, nil
		if err := confirm(tx, g); err != nil {
			return err
		}
		rules, strange, err := s.meant(tx, g, egress, list, ids)
		if err != nil {
			return err
		}
		s.deleteRules(tx, g, rules)
		unknown = permissions(strange, egress)
		for _, ru := range rules {
			revoked = append(revoked, ru.revoked())
		}
		return nil
	})
	if len(unknown) == 0 {
		unknown = nil // no element in the answer
	}
	return unknown, revoked, err
}

// meant are the rules of a group that permissions or ids mean. strange are those that
// the group does not have: in the default VPC that is no error [X062] [X063].
func (s *Service) meant(r store.Reader, g *securityGroup, egress bool, list []IpPermission, ids []string) (rules, strange []*rule, err error) {
	if len(ids) > 0 {
		rules, err = s.rulesNamed(r, g, egress, ids)
		return rules, nil, err
	}
	wanted, err := s.trafficOf(r, g, list)
	if err != nil {
		return nil, nil, err
	}
	present := s.byTraffic(r, g, egress)
	for _, w := range wanted {
		if ru := present[w.traffic]; ru != nil {
			rules = append(rules, ru)
			continue
		}
		strange = append(strange, &rule{record: g.record, Owner: g.ID, Egress: egress, traffic: w.traffic, Description: w.Description})
	}
	if len(strange) > 0 && !s.vpcs.get(r, g.place(), g.Vpc).IsDefault {
		return nil, nil, errPermissionNotFound
	}
	return rules, strange, nil
}

// rulesNamed are the rules of a group and direction with ids.
func (s *Service) rulesNamed(r store.Reader, g *securityGroup, egress bool, ids []string) ([]*rule, error) {
	rules, err := s.rules.findAll(r, g.place(), ids)
	if err != nil {
		return nil, err
	}
	for _, ru := range rules {
		if ru.Owner != g.ID || ru.Egress != egress {
			return nil, securityGroupRuleKind.notFound(ru.ID)
		}
	}
	return rules, nil
}

// revoked is the rule as it is shown when it is gone.
func (ru *rule) revoked() RevokedSecurityGroupRule {
	return RevokedSecurityGroupRule{
		SecurityGroupRuleId: ru.ID, GroupId: ru.Owner, IsEgress: ru.Egress, IpProtocol: ru.Protocol,
		FromPort: &ru.From, ToPort: &ru.To, CidrIpv4: ru.CIDR, CidrIpv6: ru.CIDRv6, PrefixListId: ru.PrefixList,
		ReferencedGroupId: ru.Group, Description: ru.Description,
	}
}
