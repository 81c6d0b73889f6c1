package ec2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema of security groups and their rules:
//
//	ec2.group       ACCOUNT/REGION/ID        securityGroup
//	ec2.group.name  ACCOUNT/REGION/VPC/NAME  id of the group; the name in lower case
//	ec2.rule        ACCOUNT/REGION/ID        rule
//
// A rule hangs on its group, a group on its VPC, and a group whose rules name another
// group on that one (see links.go).
const groupNameBucket = "ec2.group.name\x00"

var securityGroupKind = &kind{
	name: "security-group", prefix: "sg-",
	malformed: "InvalidGroupId.Malformed", missing: "InvalidGroup.NotFound", text: "The security group '%s' does not exist", // [X025] [X057]
}

// securityGroup is a security group without its rules.
type securityGroup struct {
	record

	Vpc, Name, Description string
}

func (g *securityGroup) kind() *kind { return securityGroupKind }

func (g *securityGroup) conditionKeys(c *policyeval.Context) {
	c.Set("ec2:SecurityGroupID", g.ID)
	c.Set("ec2:Vpc", g.place().arn(vpcKind, g.Vpc))
}

// defaultGroupName is the name of the group that every VPC has [X053]. No other has it.
const defaultGroupName = "default"

func (g *securityGroup) isDefault() bool { return g.Name == defaultGroupName }

var securityGroupRuleKind = &kind{
	name: "security-group-rule", prefix: "sgr-",
	malformed: "InvalidSecurityGroupRuleId.Malformed", missing: "InvalidSecurityGroupRuleId.NotFound", // [X026]
	text: "The security group rule ID '%s' does not exist",
}

// rule is a rule of a security group.
type rule struct {
	record

	Owner  string // id of its security group
	Egress bool   `json:",omitempty"`
	// Number orders the rules of a group as they were made.
	Number int
	traffic
	Description string `json:",omitempty"`
}

func (ru *rule) kind() *kind { return securityGroupRuleKind }

func (ru *rule) conditionKeys(*policyeval.Context) {}

// groupNameKey is the key of a group's name, which is unique in its VPC without regard
// to case [X055].
func groupNameKey(p place, vpc, name string) string {
	return groupNameBucket + p.prefix() + vpc + "/" + strings.ToLower(name)
}

// groupNamed is the group of a name in a VPC; nil: there is none.
func (s *Service) groupNamed(r store.Reader, p place, vpc, name string) *securityGroup {
	id := r.Get(groupNameKey(p, vpc, name))
	if id == nil {
		return nil
	}
	return s.groups.get(r, p, string(id))
}

// defaultGroup is a VPC's default group.
func (s *Service) defaultGroup(r store.Reader, p place, vpc string) *securityGroup {
	return s.groupNamed(r, p, vpc, defaultGroupName)
}

// putGroup stores a new group, which lets everything out [X052].
func (s *Service) putGroup(tx store.Tx, g *securityGroup) {
	p := g.place()
	s.groups.put(tx, g)
	tx.Put(groupNameKey(p, g.Vpc, g.Name), []byte(g.ID))
	link(tx, p, g.Vpc, g.ID)
	s.putRule(tx, s.newRule(g, true, 0, everything(traffic{CIDR: "0.0.0.0/0"})))
}

// everything is traffic of all protocols with a peer.
func everything(peer traffic) traffic {
	peer.Protocol, peer.From, peer.To = anyProtocol, -1, -1
	return peer
}

// deleteGroup removes a group with its rules.
func (s *Service) deleteGroup(tx store.Tx, g *securityGroup) {
	p := g.place()
	s.deleteRules(tx, g, s.rulesOf(tx, p, g.ID))
	tx.Delete(groupNameKey(p, g.Vpc, g.Name))
	unlink(tx, p, g.Vpc, g.ID)
	s.groups.delete(tx, g)
}

// rulesOf are the rules of a group, in the order in which they were made.
func (s *Service) rulesOf(r store.Reader, p place, group string) []*rule {
	var rules []*rule
	for id := range linked(r, p, group, securityGroupRuleKind.prefix) {
		rules = append(rules, s.rules.get(r, p, id))
	}
	slices.SortFunc(rules, func(a, b *rule) int { return cmp.Compare(a.Number, b.Number) })
	return rules
}

// nextNumber is that of the next rule of a group that has these, in their order.
func nextNumber(rules []*rule) int {
	if len(rules) == 0 {
		return 0
	}
	return rules[len(rules)-1].Number + 1
}

// newRule is a rule of a group that is not stored yet.
func (s *Service) newRule(g *securityGroup, egress bool, number int, t traffic) *rule {
	return &rule{
		record: record{Account: g.Account, Region: g.Region, ID: s.newID(securityGroupRuleKind)},
		Owner:  g.ID, Egress: egress, Number: number, traffic: t,
	}
}

// putRule stores a rule, new or changed.
func (s *Service) putRule(tx store.Tx, ru *rule) {
	p := ru.place()
	s.rules.put(tx, ru)
	link(tx, p, ru.Owner, ru.ID)
	if ru.Group != "" && ru.Group != ru.Owner {
		link(tx, p, ru.Group, ru.Owner)
	}
}

// deleteRules removes rules of a group.
func (s *Service) deleteRules(tx store.Tx, g *securityGroup, rules []*rule) {
	p := g.place()
	for _, ru := range rules {
		s.rules.delete(tx, ru)
		unlink(tx, p, g.ID, ru.ID)
	}
	s.unnameGroups(tx, g, rules)
}

// unnameGroups takes a group off those that only rules which it had named.
func (s *Service) unnameGroups(tx store.Tx, g *securityGroup, gone []*rule) {
	p := g.place()
	named := map[string]bool{}
	for _, ru := range s.rulesOf(tx, p, g.ID) {
		named[ru.Group] = true
	}
	for _, ru := range gone {
		if ru.Group != "" && !named[ru.Group] {
			unlink(tx, p, ru.Group, g.ID)
		}
	}
}

// groupInUse reports whether something needs a group: an interface or endpoint that
// has it, or another group whose rules name it [X059]. Only its own rules do not.
func groupInUse(r store.Reader, g *securityGroup) bool {
	for id := range linked(r, g.place(), g.ID, "") {
		if !strings.HasPrefix(id, securityGroupRuleKind.prefix) {
			return true
		}
	}
	return false
}

// groupFamily is security groups as far as VPCs are concerned [X035] [X036].
func (s *Service) groupFamily() family {
	return family{
		bring: func(tx store.Tx, v *vpc) {
			g := &securityGroup{
				record: record{Account: v.Account, Region: v.Region, ID: s.newID(securityGroupKind)},
				Vpc:    v.ID, Name: defaultGroupName, Description: "default VPC security group",
			}
			s.putGroup(tx, g)
			s.putRule(tx, s.newRule(g, false, 1, everything(traffic{Group: g.ID}))) // [X053]
		},
		blocks: func(r store.Reader, v *vpc) bool {
			for id := range linked(r, v.place(), v.ID, securityGroupKind.prefix) {
				if !s.groups.get(r, v.place(), id).isDefault() {
					return true
				}
			}
			return false
		},
		take: func(tx store.Tx, v *vpc) { s.deleteGroup(tx, s.defaultGroup(tx, v.place(), v.ID)) },
	}
}
