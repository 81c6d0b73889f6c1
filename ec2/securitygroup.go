package ec2

import (
	"context"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

func (s *Service) groupOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateSecurityGroup", s.createSecurityGroup, creates("CreateSecurityGroup"), s.createGroupChecks),
		api.Op("DescribeSecurityGroups", s.DescribeSecurityGroups, "ec2:DescribeSecurityGroups", anything[*DescribeSecurityGroupsInput], api.ReadOnly),
		api.On("DeleteSecurityGroup", s.deleteSecurityGroup, "ec2:DeleteSecurityGroup", s.deletedGroup),

		api.OnChecks("AuthorizeSecurityGroupIngress", s.authorizeSecurityGroupIngress, creates("AuthorizeSecurityGroupIngress"), s.authorizeIngressChecks),
		api.OnChecks("AuthorizeSecurityGroupEgress", s.authorizeSecurityGroupEgress, creates("AuthorizeSecurityGroupEgress"), s.authorizeEgressChecks),
		api.On("RevokeSecurityGroupIngress", s.revokeSecurityGroupIngress, "ec2:RevokeSecurityGroupIngress", s.revokedIngress),
		api.On("RevokeSecurityGroupEgress", s.revokeSecurityGroupEgress, "ec2:RevokeSecurityGroupEgress", s.revokedEgress),
		api.Op("DescribeSecurityGroupRules", s.DescribeSecurityGroupRules, "ec2:DescribeSecurityGroupRules", anything[*DescribeSecurityGroupRulesInput], api.ReadOnly),
		api.OnChecks("ModifySecurityGroupRules", s.modifySecurityGroupRules, []string{"ec2:ModifySecurityGroupRules"}, s.modifyRulesChecks),
		api.On("UpdateSecurityGroupRuleDescriptionsIngress", s.updateDescriptionsIngress, "ec2:UpdateSecurityGroupRuleDescriptionsIngress", s.redescribedIngress),
		api.On("UpdateSecurityGroupRuleDescriptionsEgress", s.updateDescriptionsEgress, "ec2:UpdateSecurityGroupRuleDescriptionsEgress", s.redescribedEgress),
	}
}

// SecurityGroup is a security group as it is described [X054].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html.
type SecurityGroup struct {
	GroupId             string
	IpPermissionsEgress []IpPermission
	Tags                []Tag `name:"tagSet"`
	VpcId               string
	SecurityGroupArn    string
	OwnerId             string
	GroupName           string
	Description         string `name:"groupDescription"` // [X007]
	IpPermissions       []IpPermission
}

// CreateSecurityGroupInput is the input of CreateSecurityGroup.
type CreateSecurityGroupInput struct {
	Description       string `check:"required" query:"GroupDescription"` // [X007]
	GroupName         string `check:"required"`
	VpcId             string
	TagSpecifications []TagSpecification `query:"TagSpecification"`
	DryRun            bool
}

// CreateSecurityGroupOutput is the output of CreateSecurityGroup.
type CreateSecurityGroupOutput struct {
	GroupId          string
	Tags             []Tag `name:"tagSet"`
	SecurityGroupArn string
}

// createGroupChecks finds the VPC: where none is named, the default one [X051].
func (s *Service) createGroupChecks(ctx context.Context, in *CreateSecurityGroupInput) ([]api.Check, *vpc, error) {
	tags, err := specifiedTags(ctx, in.TagSpecifications, securityGroupKind)
	if err != nil {
		return nil, nil, err
	}
	checks := creating("CreateSecurityGroup", newTarget(ctx, securityGroupKind, tags, nil), tags)
	if in.VpcId == "" {
		var v *vpc
		err := s.view(ctx, func(r store.Reader) (err error) {
			v, err = s.defaultVpc(r, placeOf(ctx))
			return err
		})
		return checks, v, err
	}
	t, v, err := onOne(s, s.vpcs, func(in *CreateSecurityGroupInput) string { return in.VpcId })(ctx, in)
	return append(checks, api.Check{Action: "ec2:CreateSecurityGroup", Target: t}), v, err
}

// CreateSecurityGroup makes a security group, which lets everything out and nothing
// in [X052].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html.
func (s *Service) CreateSecurityGroup(ctx context.Context, in *CreateSecurityGroupInput) (*CreateSecurityGroupOutput, error) {
	return api.DoChecks(ctx, in, s.createGroupChecks, s.createSecurityGroup)
}

func (s *Service) createSecurityGroup(ctx context.Context, v *vpc, in *CreateSecurityGroupInput) (*CreateSecurityGroupOutput, error) {
	if err := checkGroupName(in.GroupName); err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description, errGroupDescription); err != nil {
		return nil, err
	}
	tags, err := specifiedTags(ctx, in.TagSpecifications, securityGroupKind)
	if err != nil {
		return nil, err
	}
	p := v.place()
	g := &securityGroup{
		record: record{Account: p.account, Region: p.region, ID: s.newID(securityGroupKind), Tags: tags},
		Vpc:    v.ID, Name: in.GroupName, Description: in.Description,
	}
	err = s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, v); err != nil {
			return err
		}
		if s.groupNamed(tx, p, v.ID, in.GroupName) != nil {
			return errGroupDuplicate.Withf("The security group '%s' already exists for VPC '%s'", in.GroupName, v.ID) // [X056]
		}
		s.putGroup(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &CreateSecurityGroupOutput{GroupId: g.ID, SecurityGroupArn: p.arn(securityGroupKind, g.ID)}
	if len(tags) > 0 { // [X051]
		out.Tags = shownTags(tags)
	}
	return out, nil
}

// words is what names and descriptions are made of [X055].
var words = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}$`)

// checkGroupName refuses what cannot be the name of a security group.
func checkGroupName(name string) error {
	switch {
	case strings.HasPrefix(name, securityGroupKind.prefix):
		return errInvalidValue.Withf("Value (%s) for parameter GroupName is invalid. Group names may not be in the format sg-*.", name)
	case !words.MatchString(name):
		return errInvalidValue.Withf("Value (%s) for parameter GroupName is invalid. Valid names are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*", name)
	}
	return nil
}

// checkDescription refuses what cannot be a description, with the error for it.
func checkDescription(text string, e *api.Error) error {
	if !words.MatchString(text) {
		return e
	}
	return nil
}

// defaultVpc is the default VPC of a place, or the error for a place that has none
// any more.
func (s *Service) defaultVpc(r store.Reader, p place) (*vpc, error) {
	for v := range s.vpcs.all(r, p) {
		if v.IsDefault {
			return v, nil
		}
	}
	return nil, errNoDefaultVpc
}

// theGroup is the group of an input that names it by its id or, if it is in the
// default VPC, by its name.
func (s *Service) theGroup(ctx context.Context, id, name string) (t api.Target, g *securityGroup, err error) {
	p := placeOf(ctx)
	if id == "" && name == "" {
		return t, nil, missing("groupName or groupId")
	}
	if id != "" {
		if err := securityGroupKind.check(id); err != nil {
			return t, nil, err
		}
	}
	err = s.view(ctx, func(r store.Reader) error {
		if id != "" {
			g = s.groups.get(r, p, id)
			t = target(ctx, securityGroupKind, id, g)
			return nil
		}
		v, err := s.defaultVpc(r, p)
		if err != nil {
			return err
		}
		g = s.groupNamed(r, p, v.ID, name)
		if g == nil {
			t = target(ctx, securityGroupKind, "*", g)
			t.Missing = noGroupNamed(name, v)
			return nil
		}
		t = target(ctx, securityGroupKind, g.ID, g)
		return nil
	})
	return t, g, err
}

func noGroupNamed(name string, v *vpc) *api.Error {
	return errGroupNotFound.Withf("The security group '%s' does not exist in default VPC '%s'", name, v.ID)
}

// DeleteSecurityGroupInput is the input of DeleteSecurityGroup.
type DeleteSecurityGroupInput struct {
	GroupId   string
	GroupName string
	DryRun    bool
}

// DeleteSecurityGroupOutput is the output of DeleteSecurityGroup.
type DeleteSecurityGroupOutput struct {
	Return  bool
	GroupId string
}

func (s *Service) deletedGroup(ctx context.Context, in *DeleteSecurityGroupInput) (api.Target, *securityGroup, error) {
	return s.theGroup(ctx, in.GroupId, in.GroupName)
}

// DeleteSecurityGroup deletes a security group that nothing uses.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html.
func (s *Service) DeleteSecurityGroup(ctx context.Context, in *DeleteSecurityGroupInput) (*DeleteSecurityGroupOutput, error) {
	return api.Do(ctx, in, s.deletedGroup, s.deleteSecurityGroup)
}

func (s *Service) deleteSecurityGroup(ctx context.Context, g *securityGroup, _ *DeleteSecurityGroupInput) (*DeleteSecurityGroupOutput, error) {
	if g.isDefault() {
		return nil, errCannotDelete.Withf(`the specified group: "%s" name: "%s" cannot be deleted by a user`, g.ID, g.Name) // [X058]
	}
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, g); err != nil {
			return err
		}
		if groupInUse(tx, g) {
			return errDependency.Withf("resource %s has a dependent object", g.ID) // [X059]
		}
		s.deleteGroup(tx, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DeleteSecurityGroupOutput{true, g.ID}, nil
}

// DescribeSecurityGroupsInput is the input of DescribeSecurityGroups.
type DescribeSecurityGroupsInput struct {
	GroupIds   []string `query:"GroupId"`
	GroupNames []string `query:"GroupName"`
	NextToken  string
	MaxResults *int32 `check:"min=5,max=1000"`
	DryRun     bool
	Filters    []Filter `query:"Filter"`
}

// DescribeSecurityGroupsOutput is the output of DescribeSecurityGroups.
type DescribeSecurityGroupsOutput struct {
	NextToken      string
	SecurityGroups []SecurityGroup `name:"securityGroupInfo"`
}

// ruled is a security group with its rules.
type ruled struct {
	*securityGroup
	rules []*rule
}

// DescribeSecurityGroups lists security groups; by name, those of the default VPC.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html.
func (s *Service) DescribeSecurityGroups(ctx context.Context, in *DescribeSecurityGroupsInput) (*DescribeSecurityGroupsOutput, error) {
	var out *DescribeSecurityGroupsOutput
	err := s.view(ctx, func(r store.Reader) error {
		p := placeOf(ctx)
		groups, err := s.groupsAsked(r, p, in)
		if err != nil {
			return err
		}
		all := make([]ruled, len(groups))
		for i, g := range groups {
			all[i] = ruled{g, s.rulesOf(r, p, g.ID)}
		}
		found, err := filtered(all, in.Filters, s.groupFilters(r, p), func(g ruled) []resource.Tag { return g.Tags })
		if err != nil {
			return err
		}
		found, next, err := page(found, func(g ruled) string { return g.ID }, in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out = &DescribeSecurityGroupsOutput{next, make([]SecurityGroup, len(found))}
		for i, g := range found {
			out.SecurityGroups[i] = g.shown()
		}
		return nil
	})
	return out, err
}

// groupsAsked are the groups of an input's ids and names: all, where it says none.
func (s *Service) groupsAsked(r store.Reader, p place, in *DescribeSecurityGroupsInput) ([]*securityGroup, error) {
	ids := in.GroupIds
	if len(in.GroupNames) > 0 {
		v, err := s.defaultVpc(r, p)
		if err != nil {
			return nil, err
		}
		for _, name := range in.GroupNames {
			g := s.groupNamed(r, p, v.ID, name)
			if g == nil {
				return nil, noGroupNamed(name, v)
			}
			ids = append(ids[:len(ids):len(ids)], g.ID)
		}
	}
	return s.groups.findAll(r, p, ids)
}

// shown is the group as answers show it [X054].
func (g *ruled) shown() SecurityGroup {
	return SecurityGroup{
		GroupId: g.ID, GroupName: g.Name, Description: g.Description, VpcId: g.Vpc, OwnerId: g.Account,
		SecurityGroupArn: g.place().arn(securityGroupKind, g.ID), Tags: shownTags(g.Tags),
		IpPermissions: permissions(g.rules, false), IpPermissionsEgress: permissions(g.rules, true),
	}
}

// groupFilters are those of DescribeSecurityGroups [X067]. Filters on rules are passed by
// a group if any of its rules has the value, for each filter another one [X017].
func (s *Service) groupFilters(r store.Reader, p place) filterTable[ruled] {
	table := filterTable[ruled]{
		"description": one(func(g ruled) string { return g.Description }),
		"group-id":    one(func(g ruled) string { return g.ID }),
		"group-name":  one(func(g ruled) string { return g.Name }),
		"owner-id":    one(func(g ruled) string { return g.Account }),
		"vpc-id":      one(func(g ruled) string { return g.Vpc }),
	}
	for name, value := range map[string]func(*rule) string{
		"cidr":           func(ru *rule) string { return ru.CIDR },
		"from-port":      func(ru *rule) string { return port(&ru.traffic, ru.From) },
		"group-id":       func(ru *rule) string { return ru.Group },
		"group-name":     func(ru *rule) string { return s.nameOf(r, p, ru.Group) },
		"ipv6-cidr":      func(ru *rule) string { return ru.CIDRv6 },
		"prefix-list-id": func(ru *rule) string { return ru.PrefixList },
		"protocol":       func(ru *rule) string { return ru.Protocol },
		"to-port":        func(ru *rule) string { return port(&ru.traffic, ru.To) },
		"user-id":        func(ru *rule) string { return ownerOf(ru) },
	} {
		table["ip-permission."+name] = ofRules(false, value)
		table["egress.ip-permission."+name] = ofRules(true, value)
	}
	return table
}

// ofRules is a filter of what a group's rules of one direction have; a rule without
// the property has the empty value.
func ofRules(egress bool, value func(*rule) string) func(ruled) []string {
	return func(g ruled) (values []string) {
		for _, ru := range g.rules {
			if ru.Egress != egress {
				continue
			}
			if v := value(ru); v != "" {
				values = append(values, v)
			}
		}
		return values
	}
}

// port is a port of a rule as filters name it; empty: its protocol has none.
func port(t *traffic, n int32) string {
	if !t.hasPorts() {
		return ""
	}
	return number(n)
}

// nameOf is the name of the group of an id; empty: there is none.
func (s *Service) nameOf(r store.Reader, p place, id string) string {
	if g := s.groups.get(r, p, id); g != nil {
		return g.Name
	}
	return ""
}

// ownerOf is the account of the group that a rule names; empty: it names none.
func ownerOf(ru *rule) string {
	if ru.Group == "" {
		return ""
	}
	return ru.Account
}
