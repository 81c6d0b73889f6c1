package control

import (
	"context"
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/inventory"
	"github.com/waxseal/waxseal/internal/web"
)

// inventoryRoutes are the lists of what there is: of an account and region, or of all.
func (a *API) inventoryRoutes(c *mux.Router) {
	c.HandleFunc("/queues", a.handle.Of(inventoryList(a, "queues", inventory.Inventory.Queues))).Methods(http.MethodGet)
	c.HandleFunc("/topics", a.handle.Of(inventoryList(a, "topics", inventory.Inventory.Topics))).Methods(http.MethodGet)
	c.HandleFunc("/keys", a.handle.Of(inventoryList(a, "keys", inventory.Inventory.Keys))).Methods(http.MethodGet)
	c.HandleFunc("/identities", a.handle.Of(inventoryList(a, "identities", inventory.Inventory.Identities))).Methods(http.MethodGet)
	c.HandleFunc("/buckets", a.handle.Of(inventoryList(a, "buckets", inventory.Inventory.Buckets))).Methods(http.MethodGet)
	c.HandleFunc("/trails", a.handle.Of(inventoryList(a, "trails", inventory.Inventory.Trails))).Methods(http.MethodGet)
	c.HandleFunc("/rules", a.handle.Of(inventoryList(a, "rules", inventory.Inventory.Rules))).Methods(http.MethodGet)
	c.HandleFunc("/data-keys", a.handle.Of(inventoryList(a, "dataKeys", inventory.Inventory.DataKeys))).Methods(http.MethodGet)
	c.HandleFunc("/kms-cost", a.handle.Of(a.showCost)).Methods(http.MethodGet)
	c.HandleFunc("/access", a.handle.Of(a.showAccess)).Methods(http.MethodGet)
	c.HandleFunc("/policies", a.handle.Of(a.listPolicies)).Methods(http.MethodGet)
}

// showCost answers what the calls of KMS for queues and topics cost.
func (a *API) showCost(w http.ResponseWriter, r *http.Request) error {
	of, err := a.scope(r)
	if err != nil {
		return err
	}
	cost, err := a.inventory().Costs(r.Context(), of)
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, cost)
	return nil
}

// showAccess answers who may do what with a resource, or what a principal may do.
func (a *API) showAccess(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, "resource", "principal")
	if err != nil {
		return err
	}
	resource, principal := query.Get("resource"), query.Get("principal")
	var found []inventory.Access
	switch {
	case (resource == "") == (principal == ""):
		return web.Refused(http.StatusBadRequest, "either resource or principal says whose access is asked for")
	case resource != "":
		found, err = a.inventory().AccessTo(r.Context(), resource)
	default:
		found, err = a.inventory().AccessOf(r.Context(), principal)
	}
	if errors.Is(err, inventory.ErrNoSubject) {
		return web.Refused(http.StatusNotFound, "%s: %v", resource+principal, err)
	}
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"access": found})
	return nil
}

// listPolicies answers the policies in force, or those of a key with their documents.
func (a *API) listPolicies(w http.ResponseWriter, r *http.Request) error {
	if !r.URL.Query().Has("key") {
		return inventoryList(a, "policies", inventory.Inventory.Policies)(w, r)
	}
	query, err := web.Parameters(r, "key", "owner")
	if err != nil {
		return err
	}
	found, err := a.inventory().Documents(r.Context(), query.Get("key"), query.Get("owner"))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return web.Refused(http.StatusNotFound, "no policy in force has the key %q", query.Get("key"))
	}
	web.Answer(w, http.StatusOK, map[string]any{"policies": found})
	return nil
}

func (a *API) inventory() inventory.Inventory {
	return inventory.Inventory{Runtime: a.config.Runtime()}
}

// inventoryList answers a list under its name.
func inventoryList[T any](a *API, name string, list func(inventory.Inventory, context.Context, inventory.Scope) ([]T, error)) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		of, err := a.scope(r)
		if err != nil {
			return err
		}
		found, err := list(a.inventory(), r.Context(), of)
		if err != nil {
			return err
		}
		web.Answer(w, http.StatusOK, map[string]any{name: found})
		return nil
	}
}

// scope is which account and region a request asks for.
func (a *API) scope(r *http.Request) (of inventory.Scope, err error) {
	query, err := web.Parameters(r, "account", "region")
	if err != nil {
		return of, err
	}
	of = inventory.Scope{Account: query.Get("account"), Region: query.Get("region")}
	return of, a.checkScope(of)
}

func (a *API) checkScope(of inventory.Scope) error {
	if of.Account != "" && !arn.IsAccountID(of.Account) {
		return web.Refused(http.StatusBadRequest, "account is one of 12 digits, not %q", of.Account)
	}
	if of.Region != "" {
		if err := a.config.Regions.Check(of.Region); err != nil {
			return web.Refused(http.StatusBadRequest, "region: %v", err)
		}
	}
	return nil
}
