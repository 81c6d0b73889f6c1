package ec2_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/ec2"
)

func TestClientTokens(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16").VpcId
	other := w.newVpc("10.1.0.0/16").VpcId
	create := func(vpc, token string) (string, error) {
		out, err := w.CreateRouteTable(here, &ec2.CreateRouteTableInput{VpcId: vpc, ClientToken: token})
		if err != nil {
			return "", err
		}
		if out.ClientToken != token {
			t.Errorf("the answer says token %q", out.ClientToken)
		}
		return out.RouteTable.RouteTableId, nil
	}
	first, err := create(v, "a/b")
	must(t, first, err)
	for name, test := range map[string]struct {
		token string
		same  bool
	}{"the same token": {"a/b", true}, "another": {"a", false}, "none": {"", false}} {
		again, err := create(v, test.token)
		if must(t, again, err); (again == first) != test.same { // [X023]
			t.Errorf("%s: %s and %s", name, first, again)
		}
	}
	_, err = create(other, "a/b")
	wantError(t, err, "IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")
	elsewhere, err := w.CreateRouteTable(at(account, "eu-west-1"), &ec2.CreateRouteTableInput{VpcId: v, ClientToken: "a/b"})
	if elsewhere != nil {
		t.Error("a token is known in another region")
	}
	wantError(t, err, "InvalidVpcID.NotFound", "The vpc ID '"+v+"' does not exist")

	w.clock.Advance(24 * time.Hour)
	later, err := create(v, "a/b")
	if must(t, later, err) == first {
		t.Error("a token is remembered for more than a day")
	}
	if again, err := create(v, "a/b"); must(t, again, err) != later {
		t.Error("the token of the day before is not remembered anew")
	}
	for _, n := range []int{65, 1 << 16} { // longer than a key of the store may be
		_, err = create(v, strings.Repeat("x", n))
		wantError(t, err, "InvalidParameterValue", "Value ("+strings.Repeat("x", n)+") for parameter clientToken is invalid. A client token has at most 64 characters.")
	}
}
