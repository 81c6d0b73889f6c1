// Package greeter is the smallest service that there can be: one operation, which
// greets a person and counts how often it did. Tests show with it that a service is a
// folder and a line; CONTRIBUTING explains it line by line.
package greeter

import (
	"context"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Service works with.
type Config struct {
	Engine store.Engine
}

// Service greets people.
type Service struct {
	engine store.Engine
	people *store.Table[person]
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	return &Service{c.Engine, store.NewTable[person]("greeter.person")}
}

// API describes the service.
func (s *Service) API() api.Service {
	return api.Service{
		Name:         "greeter",
		Title:        "Greeter",
		Principal:    "greeter.amazonaws.com",
		Dialects:     []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "Greeter"}},
		ResourceType: "AWS::Greeter::Person",
		Denied:       func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) },
		Invalid:      func(v []api.Violation) *api.Error { return errValidation.With(api.ValidationText(v)) },
		Operations: []api.Operation{
			api.Op("Greet", s.Greet, "greeter:Greet", onPerson),
		},
	}
}

var (
	errAccessDenied = &api.Error{Code: "AccessDeniedException"}
	errValidation   = &api.Error{Code: "ValidationException"}
)

// person is what is stored of somebody who was greeted.
type person struct {
	Greeted int
}

// GreetInput is the input of Greet.
type GreetInput struct {
	Name string `check:"required,min=1,max=64"`
}

// GreetOutput is the output of Greet.
type GreetOutput struct {
	Greeting string
}

// onPerson is the person of an input as what a call acts on.
func onPerson(ctx context.Context, in *GreetInput) (api.Target, error) {
	r := api.RequestFrom(ctx)
	return api.Target{ARN: arn.New("greeter", r.Region, r.Account, "person/"+in.Name).String(), Account: r.Account}, nil
}

// Greet greets somebody.
func (s *Service) Greet(ctx context.Context, in *GreetInput) (*GreetOutput, error) {
	key := api.RequestFrom(ctx).Account + "/" + in.Name
	var greeted int
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		p := person{1}
		if before := s.people.Get(tx, key); before != nil {
			p.Greeted += before.Greeted
		}
		s.people.Put(tx, key, &p)
		greeted = p.Greeted
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &GreetOutput{"Hello, " + in.Name + ", for the " + strconv.Itoa(greeted) + ". time"}, nil
}
