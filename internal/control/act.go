package control

import (
	"encoding/json"
	"errors"
	"net/http"

	calls "github.com/waxseal/waxseal/internal/act"
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
	result, err := calls.Perform(r.Context(), rt, &calls.Call{
		Service: asked.Service, SourceArn: asked.SourceArn, SourceAccount: asked.SourceAccount, As: asked.As,
		Action: asked.Action, Params: asked.Params, Region: asked.Region,
		BaseURL: web.BaseURL(r), SourceIP: web.SourceIP(r), UserAgent: r.UserAgent(),
	})
	switch {
	case errors.Is(err, wire.ErrLongStream):
		return nil, web.Refused(http.StatusBadRequest, "%v: it is not shown here, so read it by S3's own API", err)
	case errors.Is(err, identity.ErrNotFound):
		return nil, web.Refused(http.StatusNotFound, "%v", err)
	case err != nil:
		if _, ok := errors.AsType[*calls.Malformed](err); ok {
			return nil, web.Refused(http.StatusBadRequest, "%v", err)
		}
		return nil, err
	}
	answer := &acted{RequestID: result.RequestID, Status: result.Status, Response: result.Response}
	if e := result.Error; e != nil {
		answer.Error = &actError{e.Query(), e.Message}
	}
	return answer, nil
}
