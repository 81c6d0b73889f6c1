package organizations_test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/organizations"
)

// pathForm is the pattern of a path in AWS's model.
var pathForm = regexp.MustCompile(`^(o-[a-z0-9]{10,32}\/r-[0-9a-z]{4,32}(\/ou\-[0-9a-z]{4,32}-[a-z0-9]{8,32})*(\/\d{12})*)\/$`)

func TestPathsOfUnitsAndAccounts(t *testing.T) {
	w := newOrganization(t)
	org := must[*organizations.DescribeOrganizationOutput](t)(w.DescribeOrganization(w.ctx(), &organizations.DescribeOrganizationInput{})).Organization.Id
	outer := w.unit(w.root, "outer")
	inner := w.unit(outer, "inner")
	must[*organizations.MoveAccountOutput](t)(w.MoveAccount(w.ctx(), &organizations.MoveAccountInput{AccountId: w.member, SourceParentId: w.root, DestinationParentId: inner}))

	wanted := org + "/" + w.root + "/" + outer + "/" + inner + "/"
	described := must[*organizations.DescribeOrganizationalUnitOutput](t)(w.DescribeOrganizationalUnit(w.ctx(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: inner})).OrganizationalUnit
	listed := must[*organizations.ListOrganizationalUnitsForParentOutput](t)(w.ListOrganizationalUnitsForParent(w.ctx(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: outer})).OrganizationalUnits
	if described.Path != wanted || len(listed) != 1 || listed[0].Path != wanted || !pathForm.MatchString(wanted) {
		t.Errorf("the unit's path is %q and %+v, want %s", described.Path, listed, wanted)
	}
	for id, path := range map[string]string{w.member: wanted + w.member + "/", management: org + "/" + w.root + "/" + management + "/"} {
		got := must[*organizations.DescribeAccountOutput](t)(w.DescribeAccount(w.ctx(), &organizations.DescribeAccountInput{AccountId: id})).Account.Paths
		if diff := cmp.Diff([]string{path}, got); diff != "" || !pathForm.MatchString(path) {
			t.Errorf("paths of %s: %s", id, diff)
		}
	}
}

// A list of one has pages, too: a token that is none is refused.
func TestListsOfOneHavePages(t *testing.T) {
	w := newOrganization(t)
	_, err := w.ListRoots(w.ctx(), &organizations.ListRootsInput{NextToken: "?"})
	fails(t, err, "InvalidInputException")
	_, err = w.ListParents(w.ctx(), &organizations.ListParentsInput{ChildId: w.member, NextToken: "?"})
	fails(t, err, "InvalidInputException")
}
