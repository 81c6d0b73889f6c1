package runtime

import (
	"context"
	"errors"
	"log/slog"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/draft"
)

// prepare writes to the state what a Runtime begins with: the check of the root key
// and what the fixtures declare. Everything is written in one transaction, or nothing
// where something fails. It answers where the policies stand that files declare.
func prepare(ctx context.Context, c Config) (sources, error) {
	prepared := draft.New(c.Engine)
	c.Engine = prepared
	if err := checkRootKey(ctx, c.Engine, c.HSM); err != nil {
		return nil, err
	}
	declared, err := applyFixtures(ctx, c)
	if err != nil {
		return nil, err
	}
	return declared, prepared.Commit(ctx)
}

// applyFixtures writes to a state what the fixtures declare, with services of its own
// that do nothing in the background.
func applyFixtures(ctx context.Context, c Config) (sources, error) {
	if c.Fixtures == nil {
		return nil, nil
	}
	declared := sources{}
	c.idle = true
	rt := New(c)
	defer rt.Close()
	target := rt.Target(c.Log)
	target.Placed = declared.add
	if err := c.Fixtures.Apply(ctx, target); err != nil {
		return nil, err
	}
	return declared, rt.readSources(ctx, declared)
}

// Target is what fixtures are applied to, with the log that gets lint's findings.
func (rt *Runtime) Target(log *slog.Logger) fixture.Target {
	return fixture.Target{
		Identity: rt.Identity, IAM: rt.IAM, KMS: rt.KMS, SQS: rt.SQS, SNS: rt.SNS, S3: rt.S3, Trails: rt.CloudTrail, EC2: rt.EC2, Events: rt.Events,
		CloudFormation: rt.CloudFormation, Account: rt.config.Account, Region: rt.config.Region, Now: rt.Now(), BaseURL: fixtureURL, Log: log,
	}
}

// fixtureURL is the base of URLs in what declared subscriptions replay: no client
// has called yet whose request would show the server's address.
const fixtureURL = "http://localhost:4566"

// rootKeyCheck is the key of a record that only the right root key can decrypt.
const rootKeyCheck = "server\x00root-key"

// ErrRootKey says that the store was made with another root key.
var ErrRootKey = errors.New("the root key is not the one that the state was made with")

// checkRootKey makes sure that the keys in the store can be unwrapped with the root
// key; in a new store it writes the record by which the next start can check this.
func checkRootKey(ctx context.Context, engine store.Engine, module *hsm.Module) error {
	return engine.Update(ctx, func(tx store.Tx) error {
		sealed := tx.Get(rootKeyCheck)
		if sealed == nil {
			tx.Put(rootKeyCheck, module.Wrap(nil, rootKeyCheck))
			return nil
		}
		if _, err := module.Unwrap(sealed, rootKeyCheck); err != nil {
			return ErrRootKey
		}
		return nil
	})
}

// clockKey is where the clock's offset stands in the store, so that it survives a restart.
const clockKey = "server\x00clock"

// LoadClock turns a clock as the state says that it was.
func LoadClock(ctx context.Context, engine store.Engine, c *clock.Turnable) error {
	return engine.View(ctx, func(r store.Reader) error {
		v := r.Get(clockKey)
		if v == nil {
			return nil
		}
		offset, err := clock.ParseOffset(v)
		if err == nil {
			c.SetOffset(offset)
		}
		return err
	})
}

// SaveClock has the state say how the clock is turned.
func (rt *Runtime) SaveClock(ctx context.Context) error {
	offset := rt.config.Clock.Offset().Append(nil)
	return rt.config.Engine.Update(ctx, func(tx store.Tx) error {
		tx.Put(clockKey, offset)
		return nil
	})
}
