package ec2

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// ModifySecurityGroupRulesInput is the input of ModifySecurityGroupRules.
type ModifySecurityGroupRulesInput struct {
	GroupId            string                    `check:"required"`
	SecurityGroupRules []SecurityGroupRuleUpdate `check:"required" query:"SecurityGroupRule"`
	DryRun             bool
}

// SecurityGroupRuleUpdate is what a rule shall be.
type SecurityGroupRuleUpdate struct {
	SecurityGroupRuleId string `check:"required"`
	SecurityGroupRule   *SecurityGroupRuleRequest
}

// SecurityGroupRuleRequest is a rule with one peer.
type SecurityGroupRuleRequest struct {
	IpProtocol        string
	FromPort          *int32
	ToPort            *int32
	CidrIpv4          string
	CidrIpv6          string
	PrefixListId      string
	ReferencedGroupId string
	Description       string
}

// ModifySecurityGroupRulesOutput is the output of ModifySecurityGroupRules.
type ModifySecurityGroupRulesOutput struct{ Return bool }

// permission is the rule as a permission.
func (q *SecurityGroupRuleRequest) permission() IpPermission {
	p := IpPermission{IpProtocol: q.IpProtocol, FromPort: q.FromPort, ToPort: q.ToPort}
	if q.CidrIpv4 != "" {
		p.IpRanges = []IpRange{{q.CidrIpv4, q.Description}}
	}
	if q.CidrIpv6 != "" {
		p.Ipv6Ranges = []Ipv6Range{{q.CidrIpv6, q.Description}}
	}
	if q.PrefixListId != "" {
		p.PrefixListIds = []PrefixListId{{q.PrefixListId, q.Description}}
	}
	if q.ReferencedGroupId != "" {
		p.UserIdGroupPairs = []UserIdGroupPair{{GroupId: q.ReferencedGroupId, Description: q.Description}}
	}
	return p
}

// modifyRulesChecks asks about the group and each of the rules.
func (s *Service) modifyRulesChecks(ctx context.Context, in *ModifySecurityGroupRulesInput) ([]api.Check, *securityGroup, error) {
	const action = "ec2:ModifySecurityGroupRules"
	t, g, err := s.theGroup(ctx, in.GroupId, "")
	if err != nil {
		return nil, nil, err
	}
	checks := []api.Check{{Action: action, Target: t}}
	for _, update := range in.SecurityGroupRules {
		t, _, err := onOne(s, s.rules, func(u *SecurityGroupRuleUpdate) string { return u.SecurityGroupRuleId })(ctx, &update)
		if err != nil {
			return nil, nil, err
		}
		checks = append(checks, api.Check{Action: action, Target: t})
	}
	return checks, g, nil
}

// ModifySecurityGroupRules changes what rules let through. A rule stays what kind of
// peer it has: a range, a list or a group.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html.
func (s *Service) ModifySecurityGroupRules(ctx context.Context, in *ModifySecurityGroupRulesInput) (*ModifySecurityGroupRulesOutput, error) {
	return api.DoChecks(ctx, in, s.modifyRulesChecks, s.modifySecurityGroupRules)
}

func (s *Service) modifySecurityGroupRules(ctx context.Context, g *securityGroup, in *ModifySecurityGroupRulesInput) (*ModifySecurityGroupRulesOutput, error) {
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, g); err != nil {
			return err
		}
		for i := range in.SecurityGroupRules {
			if err := s.modifyRule(tx, g, &in.SecurityGroupRules[i]); err != nil {
				return err
			}
		}
		return s.checkDistinct(tx, g)
	})
	if err != nil {
		return nil, err
	}
	return &ModifySecurityGroupRulesOutput{true}, nil
}

// modifyRule makes one rule what it shall be.
func (s *Service) modifyRule(tx store.Tx, g *securityGroup, update *SecurityGroupRuleUpdate) error {
	p := g.place()
	before, err := s.rules.find(tx, p, update.SecurityGroupRuleId)
	if err != nil {
		return err
	}
	if before.Owner != g.ID {
		return securityGroupRuleKind.notFound(before.ID)
	}
	if update.SecurityGroupRule == nil {
		return missing("SecurityGroupRule")
	}
	wanted, err := s.trafficOf(tx, g, []IpPermission{update.SecurityGroupRule.permission()})
	switch {
	case err != nil:
		return err
	case len(wanted) != 1:
		return errCombination.With("Only one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId can be specified")
	case wanted[0].peer() != before.peer():
		return errInvalidValue.Withf("You may not specify %s for an existing %s rule.", withArticle(wanted[0].peer()), before.peer())
	}
	ru := s.rules.edit(tx, p, before.ID)
	ru.traffic, ru.Description = wanted[0].traffic, wanted[0].Description
	s.putRule(tx, ru)
	s.unnameGroups(tx, g, []*rule{before})
	return nil
}

// peer is what kind of peer the traffic has.
func (t *traffic) peer() string {
	switch {
	case t.CIDR != "":
		return "IPv4 CIDR"
	case t.CIDRv6 != "":
		return "IPv6 CIDR"
	case t.PrefixList != "":
		return "prefix list id"
	default:
		return "referenced group id"
	}
}

func withArticle(noun string) string {
	if strings.HasPrefix(noun, "I") {
		return "an " + noun
	}
	return "a " + noun
}

// checkDistinct refuses a group that has a rule twice.
func (s *Service) checkDistinct(r store.Reader, g *securityGroup) error {
	type key struct {
		egress bool
		traffic
	}
	seen := map[key]bool{}
	for _, ru := range s.rulesOf(r, g.place(), g.ID) {
		k := key{ru.Egress, ru.traffic}
		if seen[k] {
			return duplicateRule(&ru.traffic)
		}
		seen[k] = true
	}
	return nil
}

// UpdateSecurityGroupRuleDescriptionsIngressInput is the input of
// UpdateSecurityGroupRuleDescriptionsIngress.
type UpdateSecurityGroupRuleDescriptionsIngressInput struct {
	DryRun                        bool
	GroupId                       string
	GroupName                     string
	IpPermissions                 []IpPermission
	SecurityGroupRuleDescriptions []SecurityGroupRuleDescription `query:"SecurityGroupRuleDescription"`
}

// SecurityGroupRuleDescription is the description of a rule.
type SecurityGroupRuleDescription struct {
	SecurityGroupRuleId string
	Description         string
}

// UpdateSecurityGroupRuleDescriptionsIngressOutput is the output of
// UpdateSecurityGroupRuleDescriptionsIngress.
type UpdateSecurityGroupRuleDescriptionsIngressOutput struct{ Return bool }

// UpdateSecurityGroupRuleDescriptionsEgressInput is the input of
// UpdateSecurityGroupRuleDescriptionsEgress.
type UpdateSecurityGroupRuleDescriptionsEgressInput struct {
	DryRun                        bool
	GroupId                       string
	GroupName                     string
	IpPermissions                 []IpPermission
	SecurityGroupRuleDescriptions []SecurityGroupRuleDescription `query:"SecurityGroupRuleDescription"`
}

// UpdateSecurityGroupRuleDescriptionsEgressOutput is the output of
// UpdateSecurityGroupRuleDescriptionsEgress.
type UpdateSecurityGroupRuleDescriptionsEgressOutput struct{ Return bool }

func (s *Service) redescribedIngress(ctx context.Context, in *UpdateSecurityGroupRuleDescriptionsIngressInput) (api.Target, *securityGroup, error) {
	return s.theGroup(ctx, in.GroupId, in.GroupName)
}

func (s *Service) redescribedEgress(ctx context.Context, in *UpdateSecurityGroupRuleDescriptionsEgressInput) (api.Target, *securityGroup, error) {
	return s.theGroup(ctx, in.GroupId, in.GroupName)
}

// UpdateSecurityGroupRuleDescriptionsIngress changes the descriptions of rules, and
// nothing else of them.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html.
func (s *Service) UpdateSecurityGroupRuleDescriptionsIngress(ctx context.Context, in *UpdateSecurityGroupRuleDescriptionsIngressInput) (*UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	return api.Do(ctx, in, s.redescribedIngress, s.updateDescriptionsIngress)
}

func (s *Service) updateDescriptionsIngress(ctx context.Context, g *securityGroup, in *UpdateSecurityGroupRuleDescriptionsIngressInput) (*UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	if err := s.redescribe(ctx, g, false, in.IpPermissions, in.SecurityGroupRuleDescriptions); err != nil {
		return nil, err
	}
	return &UpdateSecurityGroupRuleDescriptionsIngressOutput{true}, nil
}

// UpdateSecurityGroupRuleDescriptionsEgress changes the descriptions of rules, and
// nothing else of them.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsEgress.html.
func (s *Service) UpdateSecurityGroupRuleDescriptionsEgress(ctx context.Context, in *UpdateSecurityGroupRuleDescriptionsEgressInput) (*UpdateSecurityGroupRuleDescriptionsEgressOutput, error) {
	return api.Do(ctx, in, s.redescribedEgress, s.updateDescriptionsEgress)
}

func (s *Service) updateDescriptionsEgress(ctx context.Context, g *securityGroup, in *UpdateSecurityGroupRuleDescriptionsEgressInput) (*UpdateSecurityGroupRuleDescriptionsEgressOutput, error) {
	if err := s.redescribe(ctx, g, true, in.IpPermissions, in.SecurityGroupRuleDescriptions); err != nil {
		return nil, err
	}
	return &UpdateSecurityGroupRuleDescriptionsEgressOutput{true}, nil
}

// redescribe gives rules of a group other descriptions: those that permissions mean, or
// those of ids.
func (s *Service) redescribe(ctx context.Context, g *securityGroup, egress bool, list []IpPermission, ids []SecurityGroupRuleDescription) error {
	switch {
	case len(list) == 0 && len(ids) == 0:
		return missing("ipPermissions")
	case len(list) > 0 && len(ids) > 0:
		return errCombination.With("The parameter ipPermissions cannot be used with the parameter securityGroupRuleDescriptions")
	}
	return s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, g); err != nil {
			return err
		}
		texts, err := s.descriptions(tx, g, egress, list, ids)
		if err != nil {
			return err
		}
		for id, text := range texts {
			if err := checkDescription(text, errRuleDescription); err != nil {
				return err
			}
			ru := s.rules.edit(tx, g.place(), id)
			ru.Description = text
			s.rules.put(tx, ru)
		}
		return nil
	})
}

// descriptions are, by the rules' ids, the descriptions that a request gives.
func (s *Service) descriptions(r store.Reader, g *securityGroup, egress bool, list []IpPermission, ids []SecurityGroupRuleDescription) (map[string]string, error) {
	texts := map[string]string{}
	if len(ids) > 0 {
		names := make([]string, len(ids))
		for i, d := range ids {
			names[i] = d.SecurityGroupRuleId
			texts[d.SecurityGroupRuleId] = d.Description
		}
		_, err := s.rulesNamed(r, g, egress, names)
		return texts, err
	}
	wanted, err := s.trafficOf(r, g, list)
	if err != nil {
		return nil, err
	}
	byTraffic := s.byTraffic(r, g, egress)
	for _, w := range wanted {
		ru := byTraffic[w.traffic]
		if ru == nil {
			return nil, errPermissionNotFound
		}
		texts[ru.ID] = w.Description
	}
	return texts, nil
}
