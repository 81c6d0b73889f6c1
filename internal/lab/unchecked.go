package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/wire"
)

// members are those of a call's input or output.
type members = map[string]any

// unchecked makes calls in an account and a region that ask nobody's permission and are
// not recorded: an exercise can be taken down whatever its policies deny.
type unchecked struct {
	*runtime.Runtime
	account, region string
}

func (u unchecked) call(ctx context.Context, action string, in members) (out members, err error) {
	service, operation, _ := strings.Cut(action, ":")
	to := u.Dispatcher.Service(service)
	if to == nil || to.Operation(operation) == nil {
		return nil, fmt.Errorf("lab: there is no operation %q", action)
	}
	op := to.Operation(operation)
	root, err := u.Identity.Root(ctx, u.account, u.region)
	if err != nil {
		return nil, err
	}
	request := &api.Request{ID: u.Config().IDs.UUID(), Caller: root, Account: u.account, Region: u.region, Time: u.Now(), SecureTransport: true, BaseURL: baseURL}
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	value, violations, refused := wire.DecodeJSON(text, op.In)
	if refused == nil && len(violations) > 0 {
		refused = to.InvalidInput(ctx, request, value, violations)
	}
	if refused != nil {
		return nil, refused
	}
	answer, err := direct(api.WithRequest(ctx, request), op, value)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(append([]byte{}, wire.JSONOf(answer)...), &out)
	return out, err
}

// direct makes a call past the stages that authorize and record it.
func direct(ctx context.Context, op *api.Operation, in any) (out any, err error) {
	err = api.RetryChanged(func() error {
		resolved, err := op.Resolve(ctx, in)
		if err != nil {
			return err
		}
		if unfit := api.Unfit(resolved.Checks); unfit != nil {
			return unfit
		}
		out, err = op.Call(ctx, in, resolved)
		return err
	})
	return out, err
}

// there tells from the error of a call whether what it is about exists: a service that
// refuses to describe something does not have it.
func there(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	if e, ok := errors.AsType[*api.Error](err); ok && e.Fault != api.Receiver {
		return false, nil
	}
	return false, err
}

// items are the members of a list in an answer.
func items(out members, name string) (all []members) {
	list, _ := out[name].([]any)
	for _, item := range list {
		if m, ok := item.(members); ok {
			all = append(all, m)
		}
	}
	return all
}

// texts are the texts of a list in an answer.
func texts(out members, name string) (all []string) {
	list, _ := out[name].([]any)
	for _, item := range list {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}
