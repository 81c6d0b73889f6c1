package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// AuthorizeSecurityGroupIngressInput is the input of AuthorizeSecurityGroupIngress. The
// members from CidrIp to ToPort are one permission, written flat.
type AuthorizeSecurityGroupIngressInput struct {
	CidrIp                     string
	FromPort                   *int32
	GroupId                    string
	GroupName                  string
	IpPermissions              []IpPermission
	IpProtocol                 string
	SourceSecurityGroupName    string
	SourceSecurityGroupOwnerId string
	ToPort                     *int32
	TagSpecifications          []TagSpecification `query:"TagSpecification"`
	DryRun                     bool
}

// AuthorizeSecurityGroupIngressOutput is the output of AuthorizeSecurityGroupIngress.
type AuthorizeSecurityGroupIngressOutput struct {
	Return             bool
	SecurityGroupRules []SecurityGroupRule `name:"securityGroupRuleSet"`
}

// AuthorizeSecurityGroupEgressInput is the input of AuthorizeSecurityGroupEgress, which
// takes no flat permission [X066].
type AuthorizeSecurityGroupEgressInput struct {
	TagSpecifications          []TagSpecification `query:"TagSpecification"`
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

// AuthorizeSecurityGroupEgressOutput is the output of AuthorizeSecurityGroupEgress.
type AuthorizeSecurityGroupEgressOutput struct {
	Return             bool
	SecurityGroupRules []SecurityGroupRule `name:"securityGroupRuleSet"`
}

// flat is the permission that the older members of an input say.
type flat struct {
	cidr, protocol, group, owner string
	from, to                     *int32
}

func (f *flat) given() bool { return *f != flat{} }

// permissions are those of an input: its list, or what its older members say. A group
// alone is let in by TCP, UDP and ICMP altogether.
func (f *flat) permissions(list []IpPermission) ([]IpPermission, error) {
	switch {
	case !f.given():
		return list, nil
	case len(list) > 0:
		return nil, errCombination.With("The parameter ipPermissions cannot be used with the parameters of a single permission")
	case f.group == "" && f.owner == "":
		p := IpPermission{IpProtocol: f.protocol, FromPort: f.from, ToPort: f.to}
		if f.cidr != "" {
			p.IpRanges = []IpRange{{CidrIp: f.cidr}}
		}
		return []IpPermission{p}, nil
	case f.cidr != "" || f.protocol != "" || f.from != nil || f.to != nil:
		return nil, errCombination.With("The parameter sourceSecurityGroupName cannot be used with the parameters cidrIp, ipProtocol, fromPort and toPort")
	}
	all, none, most := int32(-1), int32(0), int32(maxPort)
	pairs := []UserIdGroupPair{{GroupName: f.group, UserId: f.owner}}
	return []IpPermission{
		{IpProtocol: tcp, FromPort: &none, ToPort: &most, UserIdGroupPairs: pairs},
		{IpProtocol: udp, FromPort: &none, ToPort: &most, UserIdGroupPairs: pairs},
		{IpProtocol: icmp, FromPort: &all, ToPort: &all, UserIdGroupPairs: pairs},
	}, nil
}

// refused is the error for a flat permission where the operation takes none [X066].
func (f *flat) refused() error {
	if f.given() {
		return errUnsupported.With("The parameters of a single permission are not supported; use ipPermissions.")
	}
	return nil
}

func (in *AuthorizeSecurityGroupIngressInput) flat() *flat {
	return &flat{in.CidrIp, in.IpProtocol, in.SourceSecurityGroupName, in.SourceSecurityGroupOwnerId, in.FromPort, in.ToPort}
}

func (in *AuthorizeSecurityGroupEgressInput) flat() *flat {
	return &flat{in.CidrIp, in.IpProtocol, in.SourceSecurityGroupName, in.SourceSecurityGroupOwnerId, in.FromPort, in.ToPort}
}

func (s *Service) authorizeIngressChecks(ctx context.Context, in *AuthorizeSecurityGroupIngressInput) ([]api.Check, *securityGroup, error) {
	return s.authorizeChecks(ctx, "AuthorizeSecurityGroupIngress", in.GroupId, in.GroupName, in.TagSpecifications)
}

func (s *Service) authorizeEgressChecks(ctx context.Context, in *AuthorizeSecurityGroupEgressInput) ([]api.Check, *securityGroup, error) {
	return s.authorizeChecks(ctx, "AuthorizeSecurityGroupEgress", in.GroupId, "", in.TagSpecifications)
}

// authorizeChecks are those of an operation that adds rules. The rules themselves are
// asked about where they get tags.
func (s *Service) authorizeChecks(ctx context.Context, operation, id, name string, specifications []TagSpecification) ([]api.Check, *securityGroup, error) {
	tags, err := specifiedTags(ctx, specifications, securityGroupRuleKind)
	if err != nil {
		return nil, nil, err
	}
	t, g, err := s.theGroup(ctx, id, name)
	if err != nil {
		return nil, nil, err
	}
	checks := []api.Check{{Action: "ec2:" + operation, Target: t}}
	if len(tags) > 0 {
		checks = append(checks, creating(operation, newTarget(ctx, securityGroupRuleKind, tags, nil), tags)...)
	}
	return checks, g, nil
}

// AuthorizeSecurityGroupIngress lets more into a security group.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html.
func (s *Service) AuthorizeSecurityGroupIngress(ctx context.Context, in *AuthorizeSecurityGroupIngressInput) (*AuthorizeSecurityGroupIngressOutput, error) {
	return api.DoChecks(ctx, in, s.authorizeIngressChecks, s.authorizeSecurityGroupIngress)
}

func (s *Service) authorizeSecurityGroupIngress(ctx context.Context, g *securityGroup, in *AuthorizeSecurityGroupIngressInput) (*AuthorizeSecurityGroupIngressOutput, error) {
	list, err := in.flat().permissions(in.IpPermissions)
	if err != nil {
		return nil, err
	}
	rules, err := s.authorize(ctx, g, false, list, in.TagSpecifications)
	if err != nil {
		return nil, err
	}
	return &AuthorizeSecurityGroupIngressOutput{true, rules}, nil
}

// AuthorizeSecurityGroupEgress lets more out of a security group.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html.
func (s *Service) AuthorizeSecurityGroupEgress(ctx context.Context, in *AuthorizeSecurityGroupEgressInput) (*AuthorizeSecurityGroupEgressOutput, error) {
	return api.DoChecks(ctx, in, s.authorizeEgressChecks, s.authorizeSecurityGroupEgress)
}

func (s *Service) authorizeSecurityGroupEgress(ctx context.Context, g *securityGroup, in *AuthorizeSecurityGroupEgressInput) (*AuthorizeSecurityGroupEgressOutput, error) {
	if err := in.flat().refused(); err != nil {
		return nil, err
	}
	rules, err := s.authorize(ctx, g, true, in.IpPermissions, in.TagSpecifications)
	if err != nil {
		return nil, err
	}
	return &AuthorizeSecurityGroupEgressOutput{true, rules}, nil
}

// authorize adds rules to a group: all that permissions say, or none [X060].
func (s *Service) authorize(ctx context.Context, g *securityGroup, egress bool, list []IpPermission, specifications []TagSpecification) ([]SecurityGroupRule, error) {
	if len(list) == 0 {
		return nil, missing("ipPermissions")
	}
	tags, err := specifiedTags(ctx, specifications, securityGroupRuleKind)
	if err != nil {
		return nil, err
	}
	var added []*rule
	err = s.update(ctx, func(tx store.Tx) error {
		added = nil
		if err := confirm(tx, g); err != nil {
			return err
		}
		wanted, err := s.trafficOf(tx, g, list)
		if err != nil {
			return err
		}
		present, number := s.byTraffic(tx, g, egress), nextNumber(s.rulesOf(tx, g.place(), g.ID))
		for i, w := range wanted {
			if present[w.traffic] != nil {
				return duplicateRule(&w.traffic)
			}
			ru := s.newRule(g, egress, number+i, w.traffic)
			ru.Description, ru.Tags = w.Description, tags
			present[w.traffic] = ru
			added = append(added, ru)
		}
		if tooMany(present) {
			return errTooManyRules
		}
		for _, ru := range added {
			s.putRule(tx, ru)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	shown := make([]SecurityGroupRule, len(added))
	for i, ru := range added {
		if shown[i] = ru.shown(); len(tags) == 0 {
			shown[i].Tags = nil
		}
	}
	return shown, nil
}

// byTraffic are the rules of a group and direction.
func (s *Service) byTraffic(r store.Reader, g *securityGroup, egress bool) map[traffic]*rule {
	rules := map[traffic]*rule{}
	for _, ru := range s.rulesOf(r, g.place(), g.ID) {
		if ru.Egress == egress {
			rules[ru.traffic] = ru
		}
	}
	return rules
}

// duplicateRule is the error for a rule that the group has already [X061].
func duplicateRule(t *traffic) error {
	return errPermissionDuplicate.Withf(`the specified rule "%s" already exists`, t.text())
}

// maxRules is how many rules of one direction a group may have [X069]. Rules for IPv4
// and for IPv6 count apart, and those that name a list or a group count for both.
//
// See https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html.
const maxRules = 60

func tooMany(rules map[traffic]*rule) bool {
	v4, v6 := 0, 0
	for t := range rules {
		if t.CIDRv6 == "" {
			v4++
		}
		if t.CIDR == "" {
			v6++
		}
	}
	return v4 > maxRules || v6 > maxRules
}

// trafficOf is what permissions of a request on a group say.
func (s *Service) trafficOf(r store.Reader, g *securityGroup, list []IpPermission) ([]described, error) {
	wanted, err := trafficOf(list, func(pair *UserIdGroupPair) (string, error) { return s.paired(r, g, pair) })
	if err != nil {
		return nil, err
	}
	for _, w := range wanted {
		if err := s.checkPrefixList(g.place(), w.PrefixList); err != nil {
			return nil, err
		}
	}
	return wanted, nil
}

// checkPrefixList refuses a prefix list that there is not.
func (s *Service) checkPrefixList(p place, id string) error {
	if id != "" && s.prefixes(p, id) == nil {
		return prefixListKind.notFound(id)
	}
	return nil
}

// paired is the id of the group that a pair names: by its id, or in the default VPC by
// its name. It is in the VPC of the group that names it.
func (s *Service) paired(r store.Reader, g *securityGroup, pair *UserIdGroupPair) (string, error) {
	p := g.place()
	if pair.VpcPeeringConnectionId != "" {
		return "", unsupported("VpcPeeringConnectionId")
	}
	var named *securityGroup
	switch {
	case pair.GroupId != "":
		if err := securityGroupKind.check(pair.GroupId); err != nil {
			return "", err
		}
		if pair.UserId == "" || pair.UserId == p.account {
			named = s.groups.get(r, p, pair.GroupId)
		}
		if named == nil {
			return "", securityGroupKind.notFound(pair.GroupId)
		}
	case pair.GroupName != "":
		v, err := s.defaultVpc(r, p)
		if err != nil {
			return "", err
		}
		if pair.UserId == "" || pair.UserId == p.account {
			named = s.groupNamed(r, p, v.ID, pair.GroupName)
		}
		if named == nil {
			return "", noGroupNamed(pair.GroupName, v)
		}
	default:
		return "", errMissing.With("Source group ID missing.")
	}
	if named.Vpc != g.Vpc {
		return "", errGroupNotFound.With("You have specified two resources that belong to different networks.")
	}
	return named.ID, nil
}
