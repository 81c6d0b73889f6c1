package ec2

import (
	"context"
	"net/netip"
	"slices"
	"strings"
)

// PrefixList is the list of the addresses of a service that gateway endpoints lead to.
type PrefixList struct {
	Cidrs          []string `name:"cidrSet"`
	PrefixListId   string
	PrefixListName string
}

// prefixListIDs are the ids that AWS's lists have in some of its regions [X085]; in
// the others they are made from the name.
var prefixListIDs = map[string]string{
	"com.amazonaws.ap-northeast-1.s3":  "pl-61a54008",
	"com.amazonaws.ap-northeast-2.s3":  "pl-78a54011",
	"com.amazonaws.ap-southeast-1.s3":  "pl-6fa54006",
	"com.amazonaws.ap-southeast-2.s3":  "pl-6ca54005",
	"com.amazonaws.eu-central-1.s3":    "pl-6ea54007",
	"com.amazonaws.eu-west-1.dynamodb": "pl-6fa54006",
	"com.amazonaws.eu-west-1.s3":       "pl-6da54004",
	"com.amazonaws.sa-east-1.s3":       "pl-6aa54003",
	"com.amazonaws.us-east-1.s3":       "pl-63a5400a",
	"com.amazonaws.us-east-2.dynamodb": "pl-4ca54025",
	"com.amazonaws.us-east-2.s3":       "pl-7ba54012",
	"com.amazonaws.us-west-1.s3":       "pl-6ba54002",
	"com.amazonaws.us-west-2.s3":       "pl-68a54001",
}

// prefixCIDRs stand for the addresses of the services, which AWS changes all the
// time: blocks that are set aside for documentation, so that no firewall is opened
// for anybody by them.
//
// See https://www.rfc-editor.org/rfc/rfc5737.
var prefixCIDRs = map[string]string{"dynamodb": "198.51.100.0/24", "s3": "192.0.2.0/24"}

// prefixLists are those of a region, in the order of their ids.
func prefixLists(region string) []PrefixList {
	var lists []PrefixList
	for _, name := range gatewayServices {
		s, _ := findEndpointService(region, "com.amazonaws."+region+"."+name)
		lists = append(lists, s.prefixList())
	}
	slices.SortFunc(lists, func(a, b PrefixList) int { return strings.Compare(a.PrefixListId, b.PrefixListId) })
	return lists
}

// prefixList is the list of a service that gateway endpoints lead to.
func (s endpointService) prefixList() PrefixList {
	name := s.fullName
	id := prefixListIDs[name]
	if id == "" {
		id = "pl-" + derived(fewerDigits, hexadecimal, name)
	}
	return PrefixList{Cidrs: []string{prefixCIDRs[s.name]}, PrefixListId: id, PrefixListName: name}
}

// prefixes are the addresses of the prefix list of an id; nil: there is none.
func (s *Service) prefixes(p place, id string) []netip.Prefix {
	for _, l := range prefixLists(p.region) {
		if l.PrefixListId != id {
			continue
		}
		var blocks []netip.Prefix
		for _, cidr := range l.Cidrs {
			blocks = append(blocks, netip.MustParsePrefix(cidr))
		}
		return blocks
	}
	return nil
}

// DescribePrefixListsInput is the input of DescribePrefixLists.
type DescribePrefixListsInput struct {
	PrefixListIds []string `query:"PrefixListId"`
	Filters       []Filter `query:"Filter"`
	MaxResults    *int32   `check:"min=1"`
	NextToken     string
	DryRun        bool
}

// DescribePrefixListsOutput is the output of DescribePrefixLists.
type DescribePrefixListsOutput struct {
	PrefixLists []PrefixList `name:"prefixListSet"`
	NextToken   string
}

// prefixListFilters are those of DescribePrefixLists [X085].
var prefixListFilters = filterTable[PrefixList]{
	"prefix-list-id":   one(func(l PrefixList) string { return l.PrefixListId }),
	"prefix-list-name": one(func(l PrefixList) string { return l.PrefixListName }),
}

// DescribePrefixLists lists the addresses of the services that gateway endpoints lead
// to. Terraform asks for those of every endpoint's service: where no gateway endpoints
// lead to it, the list is empty [X127].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html.
func (s *Service) DescribePrefixLists(ctx context.Context, in *DescribePrefixListsInput) (*DescribePrefixListsOutput, error) {
	lists := prefixLists(placeOf(ctx).region)
	if len(in.PrefixListIds) > 0 {
		all := lists
		lists = nil
		for _, id := range unique(in.PrefixListIds) {
			if err := prefixListKind.check(id); err != nil {
				return nil, err
			}
			i := slices.IndexFunc(all, func(l PrefixList) bool { return l.PrefixListId == id })
			if i < 0 {
				return nil, prefixListKind.notFound(id)
			}
			lists = append(lists, all[i])
		}
	}
	lists, err := filtered(lists, in.Filters, prefixListFilters, nil)
	if err != nil {
		return nil, err
	}
	lists, next, err := page(lists, func(l PrefixList) string { return l.PrefixListId }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &DescribePrefixListsOutput{lists, next}, nil
}

// prefixListKind is prefix lists.
var prefixListKind = &kind{
	name: "prefix-list", prefix: "pl-",
	malformed: "InvalidPrefixListId.Malformed", missing: "InvalidPrefixListId.NotFound", text: "The prefix list ID '%s' does not exist", // [X026]
}
