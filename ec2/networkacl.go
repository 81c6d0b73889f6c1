package ec2

import (
	"context"
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (s *Service) aclOperations() []api.Operation {
	return []api.Operation{
		api.Op("DescribeNetworkAcls", s.DescribeNetworkAcls, "ec2:DescribeNetworkAcls", anything[*DescribeNetworkAclsInput], api.ReadOnly),
	}
}

var (
	networkACLKind = &kind{
		name: "network-acl", prefix: "acl-",
		malformed: "InvalidNetworkAclId.Malformed", missing: "InvalidNetworkAclID.NotFound", text: "The networkAcl ID '%s' does not exist", // [X026]
	}
	aclAssociationKind = &kind{prefix: "aclassoc-"}
)

// networkACL is the default network ACL of a VPC: others cannot be made. It is stored
// in ec2.acl, and hangs on its VPC.
type networkACL struct {
	record

	Vpc string
	// Associations are with every subnet of the VPC, in the order in which they were made [X070].
	Associations []aclAssociation
}

// aclAssociation is the association of a network ACL with a subnet.
type aclAssociation struct{ ID, Subnet string }

func (a *networkACL) kind() *kind { return networkACLKind }

func (a *networkACL) conditionKeys(c *policyeval.Context) {
	c.Set("ec2:NetworkAclID", a.ID)
	c.Set("ec2:Vpc", a.place().arn(vpcKind, a.Vpc))
}

// aclFamily is network ACLs as far as VPCs and subnets are concerned [X035] [X036].
func (s *Service) aclFamily() family {
	edit := func(tx store.Tx, p place, vpc string, change func(*networkACL)) {
		a := s.acls.edit(tx, p, firstLinked(tx, p, vpc, networkACLKind.prefix))
		change(a)
		s.acls.put(tx, a)
	}
	return family{
		bring: func(tx store.Tx, v *vpc) {
			a := &networkACL{record: record{Account: v.Account, Region: v.Region, ID: s.newID(networkACLKind)}, Vpc: v.ID}
			s.acls.put(tx, a)
			link(tx, v.place(), v.ID, a.ID)
		},
		take: func(tx store.Tx, v *vpc) {
			a := s.acls.get(tx, v.place(), firstLinked(tx, v.place(), v.ID, networkACLKind.prefix))
			s.acls.delete(tx, a)
			unlink(tx, v.place(), v.ID, a.ID)
		},
		join: func(tx store.Tx, sn *subnet) {
			edit(tx, sn.place(), sn.Vpc, func(a *networkACL) {
				a.Associations = append(a.Associations, aclAssociation{s.newID(aclAssociationKind), sn.ID})
			})
		},
		leave: func(tx store.Tx, sn *subnet) {
			edit(tx, sn.place(), sn.Vpc, func(a *networkACL) {
				a.Associations = slices.DeleteFunc(a.Associations, func(with aclAssociation) bool { return with.Subnet == sn.ID })
			})
		},
	}
}

// NetworkAcl is a network ACL as it is described.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAcl.html.
type NetworkAcl struct {
	Associations []NetworkAclAssociation `name:"associationSet"`
	Entries      []NetworkAclEntry       `name:"entrySet"`
	IsDefault    bool                    `name:"default"` // [X070]
	NetworkAclId string
	Tags         []Tag `name:"tagSet"`
	VpcId        string
	OwnerId      string
}

// NetworkAclAssociation is the association of a network ACL with a subnet.
type NetworkAclAssociation struct {
	NetworkAclAssociationId string
	NetworkAclId            string
	SubnetId                string
}

// NetworkAclEntry is a rule of a network ACL.
type NetworkAclEntry struct {
	CidrBlock     string
	Egress        bool
	IcmpTypeCode  *IcmpTypeCode
	Ipv6CidrBlock string
	PortRange     *PortRange
	Protocol      string
	RuleAction    string
	RuleNumber    int32
}

// IcmpTypeCode is a type and code of ICMP.
type IcmpTypeCode struct{ Code, Type *int32 }

// PortRange is a range of ports.
type PortRange struct{ From, To *int32 }

// defaultEntries are those of every default ACL: everything may pass, each way, and
// the last rule, which nobody can remove, would refuse the rest [X070].
var defaultEntries = []NetworkAclEntry{
	defaultEntry(true, "allow", 100), defaultEntry(true, "deny", 32767),
	defaultEntry(false, "allow", 100), defaultEntry(false, "deny", 32767),
}

func defaultEntry(egress bool, action string, number int32) NetworkAclEntry {
	return NetworkAclEntry{CidrBlock: "0.0.0.0/0", Egress: egress, Protocol: anyProtocol, RuleAction: action, RuleNumber: number}
}

// DescribeNetworkAclsInput is the input of DescribeNetworkAcls.
type DescribeNetworkAclsInput struct {
	NextToken     string
	MaxResults    *int32 `check:"min=5,max=1000"`
	DryRun        bool
	NetworkAclIds []string `query:"NetworkAclId"`
	Filters       []Filter `query:"Filter"`
}

// DescribeNetworkAclsOutput is the output of DescribeNetworkAcls.
type DescribeNetworkAclsOutput struct {
	NetworkAcls []NetworkAcl `name:"networkAclSet"`
	NextToken   string
}

// aclFilters are those of DescribeNetworkAcls [X071].
var aclFilters = filterTable[*networkACL]{
	"association.association-id": every((*networkACL).associations, func(a aclAssociation) string { return a.ID }),
	"association.network-acl-id": func(a *networkACL) []string {
		if len(a.Associations) == 0 {
			return nil
		}
		return []string{a.ID}
	},
	"association.subnet-id": every((*networkACL).associations, func(a aclAssociation) string { return a.Subnet }),
	"default":               one(func(*networkACL) string { return "true" }),
	"entry.cidr":            ofEntries(func(e NetworkAclEntry) string { return e.CidrBlock }),
	"entry.egress":          ofEntries(func(e NetworkAclEntry) string { return strconv.FormatBool(e.Egress) }),
	"entry.icmp.code":       none[*networkACL],
	"entry.icmp.type":       none[*networkACL],
	"entry.ipv6-cidr":       none[*networkACL],
	"entry.port-range.from": none[*networkACL],
	"entry.port-range.to":   none[*networkACL],
	"entry.protocol":        ofEntries(func(e NetworkAclEntry) string { return e.Protocol }),
	"entry.rule-action":     ofEntries(func(e NetworkAclEntry) string { return e.RuleAction }),
	"entry.rule-number":     ofEntries(func(e NetworkAclEntry) string { return number(e.RuleNumber) }),
	"network-acl-id":        one(idOf[*networkACL]),
	"owner-id":              one(func(a *networkACL) string { return a.Account }),
	"vpc-id":                one(func(a *networkACL) string { return a.Vpc }),
}

func (a *networkACL) associations() []aclAssociation { return a.Associations }

// ofEntries is a filter of what one of an ACL's rules has.
func ofEntries(value func(NetworkAclEntry) string) func(*networkACL) []string {
	return every(func(*networkACL) []NetworkAclEntry { return defaultEntries }, value)
}

// every is a filter of a property that each part of something has.
func every[T, P any](parts func(T) []P, value func(P) string) func(T) []string {
	return func(item T) (values []string) {
		for _, p := range parts(item) {
			values = append(values, value(p))
		}
		return values
	}
}

// none is a filter of a property that nothing has.
func none[T any](T) []string { return nil }

// DescribeNetworkAcls lists network ACLs.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html.
func (s *Service) DescribeNetworkAcls(ctx context.Context, in *DescribeNetworkAclsInput) (*DescribeNetworkAclsOutput, error) {
	var out *DescribeNetworkAclsOutput
	err := s.view(ctx, func(r store.Reader) error {
		found, err := s.acls.findAll(r, placeOf(ctx), in.NetworkAclIds)
		if err != nil {
			return err
		}
		found, err = filtered(found, in.Filters, aclFilters, tagsOf[*networkACL])
		if err != nil {
			return err
		}
		found, next, err := page(found, idOf[*networkACL], in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out = &DescribeNetworkAclsOutput{make([]NetworkAcl, len(found)), next}
		for i, a := range found {
			out.NetworkAcls[i] = a.shown()
		}
		return nil
	})
	return out, err
}

// shown is the ACL as answers show it.
func (a *networkACL) shown() NetworkAcl {
	shown := NetworkAcl{
		Associations: make([]NetworkAclAssociation, len(a.Associations)), Entries: defaultEntries, IsDefault: true,
		NetworkAclId: a.ID, Tags: shownTags(a.Tags), VpcId: a.Vpc, OwnerId: a.Account,
	}
	for i, with := range a.Associations {
		shown.Associations[i] = NetworkAclAssociation{with.ID, a.ID, with.Subnet}
	}
	return shown
}
