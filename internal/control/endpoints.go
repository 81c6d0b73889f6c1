package control

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/web"
)

// vpcEndpoint is a VPC endpoint as it is listed for those who are to call through it.
type vpcEndpoint struct {
	ID      string `json:"id"`
	Service string `json:"service"` // such as sqs
	Type    string `json:"type"`    // Interface or Gateway
	VPC     string `json:"vpc"`
	Account string `json:"account"`
	Region  string `json:"region"`
	State   string `json:"state"`
}

// listVPCEndpoints answers VPC endpoints for services that are emulated: the one of an
// id, those of an account and region with a Name tag, or all that these have. Those that
// are being deleted take no calls, and are none.
func (a *API) listVPCEndpoints(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "endpoint", "account", "region")
	if err != nil {
		return err
	}
	rt, name := a.config.Runtime(), query.Get("endpoint")
	account, region := cmp.Or(query.Get("account"), rt.Account()), cmp.Or(query.Get("region"), a.config.Region)
	if !arn.IsAccountID(account) {
		return web.Refused(http.StatusBadRequest, "account is one of 12 digits, not %q", account)
	}
	if err := a.config.Regions.Check(region); err != nil {
		return web.Refused(http.StatusBadRequest, "region: %v", err)
	}
	ids := []string{name}
	if !strings.HasPrefix(name, "vpce-") {
		if ids, err = endpointsNamed(r.Context(), rt.EC2, name, account, region); err != nil {
			return err
		}
	}
	list := []vpcEndpoint{}
	for _, id := range ids {
		e, err := rt.EC2.Endpoint(r.Context(), id)
		if err != nil {
			return err
		}
		if e != nil && e.Available() && rt.Dispatcher.Service(e.Service) != nil {
			list = append(list, vpcEndpoint{e.ID, e.Service, e.Type, e.VPC, e.Account, e.Region, e.State})
		}
	}
	web.Answer(w, http.StatusOK, map[string]any{"endpoints": list})
	return nil
}

// endpointsNamed are the ids of the VPC endpoints of an account and region that have a
// Name tag; an empty name: of all.
func endpointsNamed(ctx context.Context, s *ec2.Service, name, account, region string) (ids []string, err error) {
	in := &ec2.DescribeVpcEndpointsInput{}
	if name != "" {
		in.Filters = []ec2.Filter{{Name: "tag:Name", Values: []string{literal.Replace(name)}}}
	}
	ctx = api.WithRequest(ctx, &api.Request{Account: account, Region: region, Caller: new(api.Caller)})
	for {
		out, err := s.DescribeVpcEndpoints(ctx, in)
		if err != nil {
			return nil, err
		}
		for i := range out.VpcEndpoints {
			ids = append(ids, out.VpcEndpoints[i].VpcEndpointId)
		}
		if out.NextToken == "" {
			return ids, nil
		}
		in.NextToken = out.NextToken
	}
}

// literal takes the meaning from the wildcards of a filter's value [X017].
var literal = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`)
