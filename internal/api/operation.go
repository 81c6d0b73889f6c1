package api

import (
	"context"
	"reflect"
)

// A call's input is resolved once: to what must be allowed, and to what the
// operation then works on. So the policy that decides and the record that is
// acted on are of one version (see Confirm).
//
// In, Out and R, what an operation works on, are pointers, here and below: the
// compiler makes one function for all pointers, where it would make one for every
// shape, which once was a seventh of the program.

// Resolved is what an input means at the time of the call.
type Resolved struct {
	// Checks are what must be allowed before the operation is called. None: anybody may.
	Checks []Check
	// on is what the operation works on; nil for one that acts on nothing stored,
	// and where the target is missing.
	on any
}

// Resolve finds what in, a pointer to a value of type In, means now.
func (o *Operation) Resolve(ctx context.Context, in any) (Resolved, error) { return o.resolve(ctx, in) }

// Call performs the operation on what in was resolved to, once everything is
// allowed and nothing is missing. The result is a pointer to a value of type Out.
// The error is ErrChanged where in has to be resolved, and decided on, again.
func (o *Operation) Call(ctx context.Context, in any, r Resolved) (any, error) {
	return o.call(ctx, r.on, in)
}

// On is an operation that takes one decision: whether the caller may perform
// action on the target that resolve makes of the input. The method works on what
// resolve answers beside the target, which may be nil only where the target is missing.
func On[R, In, Out any](name string, method func(context.Context, R, In) (Out, error), action string,
	resolve func(context.Context, In) (Target, R, error), options ...Option,
) Operation {
	return OnChecks(name, method, []string{action}, func(ctx context.Context, in In) ([]Check, R, error) {
		t, on, err := resolve(ctx, in)
		if err != nil {
			return nil, on, err
		}
		return []Check{{Action: action, Target: t}}, on, nil
	}, options...)
}

// OnChecks is an operation that takes several decisions, or whose decisions hang
// on more than the input's names. actions lists every action that its checks can
// ask for.
func OnChecks[R, In, Out any](name string, method func(context.Context, R, In) (Out, error), actions []string,
	resolve func(context.Context, In) ([]Check, R, error), options ...Option,
) Operation {
	return operation[In, Out](name, actions,
		func(ctx context.Context, in any) (Resolved, error) {
			checks, on, err := resolve(ctx, in.(In))
			return Resolved{checks, on}, err
		},
		func(ctx context.Context, on, in any) (any, error) { return answer(method(ctx, on.(R), in.(In))) },
		options)
}

// Op is On for an operation that acts on nothing that is stored already.
func Op[In, Out any](name string, method func(context.Context, In) (Out, error), action string,
	target func(context.Context, In) (Target, error), options ...Option,
) Operation {
	return OpChecks(name, method, []string{action}, func(ctx context.Context, in In) ([]Check, error) {
		t, err := target(ctx, in)
		if err != nil {
			return nil, err
		}
		return []Check{{Action: action, Target: t}}, nil
	}, options...)
}

// OpChecks is OnChecks for an operation that acts on nothing that is stored already.
func OpChecks[In, Out any](name string, method func(context.Context, In) (Out, error), actions []string,
	checks func(context.Context, In) ([]Check, error), options ...Option,
) Operation {
	return operation[In, Out](name, actions,
		func(ctx context.Context, in any) (Resolved, error) {
			found, err := checks(ctx, in.(In))
			return Resolved{Checks: found}, err
		},
		func(ctx context.Context, _, in any) (any, error) { return answer(method(ctx, in.(In))) },
		options)
}

// Unguarded is an operation that anybody who is authenticated may call, and that no policy can deny.
func Unguarded[In, Out any](name string, method func(context.Context, In) (Out, error), options ...Option) Operation {
	return OpChecks(name, method, nil, func(context.Context, In) ([]Check, error) { return nil, nil }, options...)
}

func operation[In, Out any](name string, actions []string,
	resolve func(context.Context, any) (Resolved, error), call func(context.Context, any, any) (any, error), options []Option,
) Operation {
	o := Operation{
		Name: name, Actions: actions,
		In: reflect.TypeFor[In]().Elem(), Out: reflect.TypeFor[Out]().Elem(),
		resolve: resolve, call: call,
	}
	for _, option := range options {
		option(&o)
	}
	return o
}

// answer is a method's answer: no output where it failed.
func answer(out any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return out, nil
}
