package control

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/inventory"
	"github.com/waxseal/waxseal/internal/web"
)

// listVPCEndpoints answers VPC endpoints for services that are emulated: the one of an
// id, those of an account and region with a Name tag, or all that these have. The account
// all stands for every account, and then for every region where none is named.
func (a *API) listVPCEndpoints(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "endpoint", "account", "region")
	if err != nil {
		return err
	}
	name := query.Get("endpoint")
	of := inventory.Scope{Account: cmp.Or(query.Get("account"), a.config.Runtime().Account()), Region: cmp.Or(query.Get("region"), a.config.Region)}
	if of.Account == "all" {
		of = inventory.Scope{Region: query.Get("region")}
	}
	if err := a.checkScope(of); err != nil {
		return err
	}
	byID := strings.HasPrefix(name, "vpce-")
	if byID { // wherever it is
		of = inventory.Scope{}
	}
	list, err := a.inventory().Endpoints(r.Context(), of)
	if err != nil {
		return err
	}
	if name != "" {
		list = slices.DeleteFunc(list, func(e ec2.EndpointSummary) bool { return byID && e.ID != name || !byID && e.Name != name })
	}
	web.Answer(w, http.StatusOK, map[string]any{"endpoints": list})
	return nil
}
