package server

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/wire"
)

// act is one API call to be made as somebody else.
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

// acted is what became of it.
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
// policies enforced: for event sources that are not emulated.
func (s *Server) performAct(w http.ResponseWriter, r *http.Request) error {
	if _, err := parameters(r); err != nil {
		return err
	}
	var a act
	if err := decode(r, &a); err != nil {
		return err
	}
	result, err := s.actIn(s.Runtime(), r, &a)
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, result)
	return nil
}

func (s *Server) actIn(rt *runtime.Runtime, r *http.Request, a *act) (*acted, error) {
	name, operation, _ := strings.Cut(a.Action, ":")
	to := rt.Dispatcher.Service(name)
	if to == nil || to.Operation(operation) == nil {
		return nil, refused(http.StatusBadRequest, "action: %q is not an operation such as sns:Publish", a.Action)
	}
	request, err := s.actRequest(rt, r, a)
	if err != nil {
		return nil, err
	}
	op := to.Operation(operation)
	params := a.Params
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
	return &acted{RequestID: request.ID, Status: http.StatusOK, Response: wire.JSONOf(out)}, nil
}

func failedAct(id string, by *dispatch.Service, e *api.Error) *acted {
	return &acted{RequestID: id, Status: by.Status(e), Error: &actError{e.Query(), e.Message}}
}

// actRequest is the environment of the call.
func (s *Server) actRequest(rt *runtime.Runtime, r *http.Request, a *act) (*api.Request, error) {
	request := &api.Request{
		ID: s.config.IDs.UUID(), Region: a.Region, Time: s.config.Clock.Now(),
		SecureTransport: true, BaseURL: s.baseURL(r), SourceIP: sourceIP(r), UserAgent: r.UserAgent(),
	}
	if request.Region == "" {
		request.Region = s.config.Region
	}
	if err := s.config.Regions.Check(request.Region); err != nil {
		return nil, refused(http.StatusBadRequest, "region: %v", err)
	}
	switch {
	case a.Service != "" && a.As != "":
		return nil, refused(http.StatusBadRequest, "either service or as says who acts, not both")
	case a.Service != "":
		if !servicePrincipal.MatchString(a.Service) {
			return nil, refused(http.StatusBadRequest, "service: %q is not a service principal such as s3.amazonaws.com", a.Service)
		}
		request.Caller = identity.ServicePrincipal(a.Service)
		request.SourceARN, request.SourceAccount = a.SourceArn, a.SourceAccount
		request.Account = a.SourceAccount
		if source, err := arn.Parse(a.SourceArn); request.Account == "" && err == nil {
			request.Account = source.AccountID
		}
		if request.Account == "" {
			request.Account = s.config.Account
		}
		return request, nil
	case a.As != "":
		if a.SourceArn != "" || a.SourceAccount != "" {
			return nil, refused(http.StatusBadRequest, "sourceArn and sourceAccount are of calls by a service")
		}
		caller, err := rt.Identity.Principal(r.Context(), s.config.Account, request.Region, a.As)
		if err != nil {
			return nil, refused(http.StatusNotFound, "as: %v", err)
		}
		request.Caller, request.Account = caller, caller.Account
		return request, nil
	default:
		return nil, refused(http.StatusBadRequest, "service or as is to say who acts")
	}
}
