package kms_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/waxseal/waxseal/cloudtrail"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/policyeval"
)

// encrypting is Encrypt as the dispatcher carries it, on a state in memory, by a role
// that a policy allows it; with the event history, or without one.
func encrypting(b *testing.B, history bool) func() {
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		b.Fatal(err)
	}
	engine, turnable, source, log := mem.New(), clock.New(), ids.New(), slog.New(slog.DiscardHandler)
	c := dispatch.Config{
		Clock: turnable, IDs: source, Log: log, Account: "123456789012", Parameters: wire.TrailParameters,
		Identity: identity.New(identity.Config{Engine: engine, Clock: turnable, IDs: source, HSM: module}),
	}
	if history {
		kept := cloudtrail.New(cloudtrail.Config{Engine: engine, Clock: turnable, IDs: source, Log: log})
		c.Recorded = func(call *record.Call) { kept.Record(call) }
	}
	d := dispatch.New(c)
	service := d.Register(kms.New(kms.Config{Engine: engine, Clock: turnable, IDs: source, HSM: module, Log: log, Names: c.Identity}).API())
	document, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}`)
	if err != nil {
		b.Fatal(err)
	}
	caller := &api.Caller{UserID: "AROAEXAMPLE:s", Name: "r", Session: &api.Session{Name: "s"}, Principal: policyeval.Principal{
		Type: policyeval.AssumedRole, Account: "123456789012", ID: "AROAEXAMPLE",
		ARN: "arn:aws:sts::123456789012:assumed-role/r/s", IssuerARN: "arn:aws:iam::123456789012:role/r",
	}}
	caller.Policies.Identity = []*policyeval.Policy{{Name: "use", Document: document}}
	call := func(name string, in any) any {
		r := &api.Request{
			ID: source.UUID(), Caller: caller, Account: caller.Account, Region: "us-east-1", Time: turnable.Now(), SourceIP: "127.0.0.1", UserAgent: "bench",
		}
		out, err := d.Do(context.Background(), &dispatch.Call{Service: service, Operation: service.Operation(name), Request: r, Input: in})
		if err != nil {
			b.Fatal(err)
		}
		return out
	}
	made := call("CreateKey", new(kms.CreateKeyInput)).(*kms.CreateKeyOutput)
	in := &kms.EncryptInput{KeyId: made.KeyMetadata.KeyId, Plaintext: make([]byte, 64), EncryptionContext: where}
	return func() { call("Encrypt", in) }
}

// BenchmarkEncryptBesideHistory alternates between rounds of calls with and without the
// event history, and reports how much of its throughput the first has of the second: by
// the medians of the rounds, because other processes disturb some of them.
func BenchmarkEncryptBesideHistory(b *testing.B) {
	const round = 50
	with, without := encrypting(b, true), encrypting(b, false)
	for range 15_000 { // until both keep as many calls as they will
		with()
		without()
	}
	calls := [2]func(){with, without}
	var took [2][]time.Duration
	for n := 0; b.Loop(); n++ {
		for i := range calls {
			i = (i + n) % 2 // neither is always the first
			began := time.Now()
			for range round {
				calls[i]()
			}
			took[i] = append(took[i], time.Since(began))
		}
	}
	var medians [2]float64
	for i := range took {
		slices.Sort(took[i])
		medians[i] = float64(took[i][len(took[i])/2].Nanoseconds()) / round
	}
	b.ReportMetric(100*medians[1]/medians[0], "%ofThroughput")
	b.ReportMetric(medians[0], "ns/callWith")
	b.ReportMetric(medians[1], "ns/callWithout")
}
