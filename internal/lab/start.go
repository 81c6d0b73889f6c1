package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trial"
	"github.com/waxseal/waxseal/learn"
)

// Refused says why something is not done, in words for a person. Nothing was changed then.
type Refused struct{ message string }

func (r *Refused) Error() string { return r.message }

// notStarted refuses what is about an exercise that is not under way.
func notStarted(e *learn.Exercise, other *record) error {
	message := "exercise " + e.Name + " was not started"
	if other != nil {
		message += ": " + other.Exercise + " is under way"
	}
	return &Refused{message}
}

// Start makes what an exercise begins with, in place of the exercise that is under way. It
// fails with *Refused, and changes nothing, where something is there already that it would
// make, or that the learner is to make. It answers what it has made.
func Start(ctx context.Context, rt *runtime.Runtime, e *learn.Exercise) (made []Made, err error) {
	set, err := fixtures(rt, e)
	if err != nil {
		return nil, err
	}
	changing.Lock()
	defer changing.Unlock()
	before, err := current(ctx, rt)
	if err != nil {
		return nil, err
	}
	// First on a copy, where the exercise before is removed, too.
	err = trial.On(ctx, rt, func(t *trial.Trial) error {
		if before != nil {
			if err := before.remove(ctx, t.Runtime); err != nil {
				return err
			}
		}
		_, err := begin(ctx, t, set, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := removeCurrent(ctx, rt); err != nil {
		return nil, err
	}
	err = trial.Change(ctx, rt, func(t *trial.Trial, tx store.Tx) error {
		started, err := begin(ctx, t, set, e)
		if err != nil {
			return err
		}
		made = started.made()
		return started.put(tx)
	})
	return made, err
}

// Made is something that an exercise begins with.
type Made struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// made is what the record names, but for keys that are better known by an alias.
func (r *record) made() (made []Made) {
	alias := slices.ContainsFunc(r.Made, func(one fixture.Resource) bool { return one.Kind == "alias" })
	for _, one := range slices.Backward(r.Made) {
		if one.Kind != "key" || !alias {
			made = append(made, Made{one.Kind, one.Name})
		}
	}
	return made
}

// fixtures are an exercise's start state.
func fixtures(rt *runtime.Runtime, e *learn.Exercise) (*fixture.Set, error) {
	c := rt.Config()
	return fixture.Options{Account: c.Account, Region: c.Region, Regions: c.Regions, StrictPrincipals: c.Strict.Principals}.Parse(e.Name+"/start.yaml", e.Start)
}

// begin makes what an exercise begins with, and answers the record of that.
func begin(ctx context.Context, t *trial.Trial, set *fixture.Set, e *learn.Exercise) (*record, error) {
	started := &record{Exercise: e.Name, Started: t.Now(), Made: set.Resources(t.Config().Region), Makes: e.Makes}
	var taken []string
	for _, r := range started.all(t.Runtime) {
		found, err := exists(ctx, t.Runtime, r)
		if err != nil {
			return nil, err
		}
		if found {
			taken = append(taken, r.Kind+" "+r.Name)
		}
	}
	if len(taken) > 0 {
		slices.Sort(taken)
		return nil, &Refused{fmt.Sprintf("exercise %s needs names that are taken: %s; delete what has them, or start waxseal serve anew", e.Name, strings.Join(slices.Compact(taken), ", "))}
	}
	if err := set.Apply(ctx, t.Target(nil)); err != nil {
		return nil, &Refused{fmt.Sprintf("exercise %s cannot be started: %v", e.Name, err)}
	}
	if err := t.Settle(ctx); err != nil {
		return nil, err
	}
	for _, c := range e.Before {
		if _, err := (unchecked{t.Runtime, t.Account(), t.Config().Region}).call(ctx, c.Call, c.Params); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", e.Name, c.Call, err)
		}
		if err := t.Settle(ctx); err != nil {
			return nil, err
		}
	}
	return started, started.findKeys(ctx, t.Runtime)
}

// all are the resources that the exercise makes and those that its learner makes.
func (r *record) all(rt *runtime.Runtime) []fixture.Resource {
	all := slices.Clone(r.Made)
	for _, m := range r.Makes {
		all = append(all, fixture.Resource{Kind: m.Kind, Account: rt.Account(), Region: rt.Config().Region, Name: m.Name})
	}
	return all
}

// findKeys notes the keys that were made with an alias and no id.
func (r *record) findKeys(ctx context.Context, rt *runtime.Runtime) error {
	for _, one := range slices.Clone(r.Made) {
		if one.Kind != "alias" {
			continue
		}
		out, err := unchecked{rt, one.Account, one.Region}.call(ctx, "kms:DescribeKey", members{"KeyId": one.Name})
		if err != nil {
			return err
		}
		key, _ := out["KeyMetadata"].(members)
		id, _ := key["KeyId"].(string)
		made := fixture.Resource{Kind: "key", Account: one.Account, Region: one.Region, Name: id}
		if !slices.Contains(r.Made, made) {
			r.Made = append(r.Made, made)
		}
	}
	return nil
}
