package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/web"
	"github.com/waxseal/waxseal/internal/wire"
)

// act is one API call to be made as another principal.
type act struct {
	// Service is the service principal that calls, such as s3.amazonaws.com; or
	// As is a principal of the default account: root, role/NAME, user/NAME or an ARN.
	Service, As string
	Action      string // such as sns:Publish
	// SourceArn and SourceAccount say on behalf of which resource a service calls.
	SourceArn, SourceAccount string
	Region                   string // empty: the default
	Params                   json.RawMessage
}

// acted is the result of an act.
type acted struct {
	RequestID string          `json:"requestId"`
	Status    int             `json:"status"`
	Response  json.RawMessage `json:"response,omitempty"`
	Error     *actError       `json:"error,omitempty"`
}

type actError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

var servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)

// performAct performs one API call as an AWS service principal or as a role,
// policies enforced: for what is not emulated.
func (a *API) performAct(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Parameters(r); err != nil {
		return err
	}
	var asked act
	if err := web.Decode(r, &asked); err != nil {
		return err
	}
	result, err := a.actIn(a.config.Runtime(), r, &asked)
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, result)
	return nil
}

func (a *API) actIn(rt *runtime.Runtime, r *http.Request, asked *act) (*acted, error) {
	name, operation, _ := strings.Cut(asked.Action, ":")
	to := rt.Dispatcher.Service(name)
	if to == nil || to.Operation(operation) == nil {
		return nil, web.Refused(http.StatusBadRequest, "action: %q is not an operation such as sns:Publish", asked.Action)
	}
	request, err := a.actRequest(rt, r, asked)
	if err != nil {
		return nil, err
	}
	op := to.Operation(operation)
	params := asked.Params
	if len(params) == 0 {
		params = json.RawMessage("{}")
	}
	in, violations, bad := wire.DecodeJSON(params, op.In)
	if bad == nil && len(violations) > 0 {
		bad = to.InvalidInput(r.Context(), request, in, violations)
	}
	if bad != nil {
		return failedAct(request.ID, to, bad), nil
	}
	out, failed := rt.Dispatcher.Do(r.Context(), &dispatch.Call{Service: to, Operation: op, Request: request, Input: in})
	if failed != nil {
		return failedAct(request.ID, to, api.AsError(failed)), nil
	}
	response, err := wire.WholeJSONOf(out)
	switch {
	case errors.Is(err, wire.ErrLongStream):
		return nil, web.Refused(http.StatusBadRequest, "%v: it is not shown here, so read it by S3's own API", err)
	case err != nil:
		return failedAct(request.ID, to, api.AsError(err)), nil
	}
	return &acted{RequestID: request.ID, Status: http.StatusOK, Response: response}, nil
}

func failedAct(id string, by *dispatch.Service, e *api.Error) *acted {
	return &acted{RequestID: id, Status: by.Status(e), Error: &actError{e.Query(), e.Message}}
}

// actRequest is the environment of the call.
func (a *API) actRequest(rt *runtime.Runtime, r *http.Request, asked *act) (*api.Request, error) {
	request := &api.Request{
		ID: a.config.IDs.UUID(), Region: asked.Region, Time: a.config.Clock.Now(),
		SecureTransport: true, BaseURL: web.BaseURL(r), SourceIP: web.SourceIP(r), UserAgent: r.UserAgent(),
	}
	if request.Region == "" {
		request.Region = a.config.Region
	}
	if err := a.config.Regions.Check(request.Region); err != nil {
		return nil, web.Refused(http.StatusBadRequest, "region: %v", err)
	}
	switch {
	case asked.Service != "" && asked.As != "":
		return nil, web.Refused(http.StatusBadRequest, "either service or as says who acts, not both")
	case asked.Service != "":
		if !servicePrincipal.MatchString(asked.Service) {
			return nil, web.Refused(http.StatusBadRequest, "service: %q is not a service principal such as s3.amazonaws.com", asked.Service)
		}
		request.Caller = identity.ServicePrincipal(asked.Service)
		request.SourceARN, request.SourceAccount = asked.SourceArn, asked.SourceAccount
		request.Account = asked.SourceAccount
		if source, err := arn.Parse(asked.SourceArn); request.Account == "" && err == nil {
			request.Account = source.AccountID
		}
		if request.Account == "" {
			request.Account = rt.Account()
		}
		return request, nil
	case asked.As != "":
		if asked.SourceArn != "" || asked.SourceAccount != "" {
			return nil, web.Refused(http.StatusBadRequest, "sourceArn and sourceAccount are of calls by a service")
		}
		caller, err := rt.Identity.Principal(r.Context(), rt.Account(), request.Region, asked.As)
		if err != nil {
			return nil, web.Refused(http.StatusNotFound, "as: %v", err)
		}
		request.Caller, request.Account = caller, caller.Account
		return request, nil
	default:
		return nil, web.Refused(http.StatusBadRequest, "service or as is to say who acts")
	}
}
