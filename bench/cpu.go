package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// job is a load of one round.
type job struct {
	step func() load.Step
	// settle, if any, waits until what the load set off is done, too.
	settle func(c client, steps int) error
	// clean, if any, removes what was made for the round.
	clean func(c client) error
}

// prepare makes what a round's load needs.
type prepare func(c client) (*job, error)

// contestant is one round's result of what takes part in a comparison.
type contestant func() (float64, error)

// alternate lets contestants take turns, after a round of each that does not
// count, and answers the median of each one's rounds.
func (b *bench) alternate(contestants ...contestant) (medians []float64, err error) {
	results := make([][]float64, len(contestants))
	for round := range b.rounds + 1 {
		for i, c := range contestants {
			value, err := c()
			if err != nil {
				return nil, err
			}
			if round > 0 {
				results[i] = append(results[i], value)
			}
		}
	}
	for _, r := range results {
		medians = append(medians, median(r))
	}
	return medians, nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// onServer runs a job's round on a server and answers what f makes of it.
func (b *bench) onServer(s *server, workers int, p prepare, f func(r *load.Result, cpu time.Duration) float64) contestant {
	return func() (value float64, err error) {
		c := load.NewClient(s.addr)
		defer c.Close()
		j, err := p(c)
		if err != nil {
			return 0, err
		}
		before, err := load.CPU(s.pid)
		if err != nil {
			return 0, err
		}
		r, err := load.For(b.ctx, s.addr, workers, b.round, j.step)
		if err == nil && j.settle != nil {
			err = j.settle(c, r.Steps)
		}
		if err != nil {
			return 0, err
		}
		after, err := load.CPU(s.pid)
		if err == nil && j.clean != nil {
			err = j.clean(c)
		}
		return f(r, after-before), err
	}
}

// cpu is the server's CPU time for each of a job's steps, in µs.
func (b *bench) cpu(s *server, p prepare) contestant {
	return b.onServer(s, b.workers, p, func(r *load.Result, cpu time.Duration) float64 {
		return float64(cpu.Nanoseconds()) / 1e3 / float64(r.Steps)
	})
}

// rate is a job's steps a second.
func (b *bench) rate(s *server, workers int, p prepare) contestant {
	return b.onServer(s, workers, p, func(r *load.Result, _ time.Duration) float64 { return r.PerSecond() })
}

// unprepared is a load that needs nothing.
func unprepared(step func() load.Step) prepare {
	return func(client) (*job, error) { return &job{step: step}, nil }
}

// onQueue is a load on a queue that is made for each round.
func onQueue(sends func(url string) func() load.Step) prepare {
	return onQueueWith(func(client) (map[string]string, error) { return nil, nil }, sends)
}

// onQueueWith makes the queue with attributes.
func onQueueWith(attributes func(c client) (map[string]string, error), sends func(url string) func() load.Step) prepare {
	return func(c client) (*job, error) {
		a, err := attributes(c)
		if err != nil {
			return nil, err
		}
		url, err := createQueue(c, newName(), a)
		if err != nil {
			return nil, err
		}
		return &job{step: sends(url), clean: func(c client) error { return deleteQueue(c, url) }}, nil
	}
}

// newName is a name that nothing has had.
func newName() string { return fmt.Sprintf("bench-%d", time.Now().UnixNano()) }

func sendKibibyte(url string) func() load.Step   { return sending(url, kibibyte) }
func batchKibibytes(url string) func() load.Step { return batching(url, kibibyte) }

// ownKey makes a key of KMS, for a queue's attributes.
func ownKey(c client) (map[string]string, error) {
	key, err := createKey(c)
	return map[string]string{"KmsMasterKeyId": key}, err
}

// onKey is a load on a key that is made for each round.
func onKey(calls func(key string) func() load.Step) prepare {
	return func(c client) (*job, error) {
		key, err := createKey(c)
		return &job{step: calls(key)}, err
	}
}

func decrypting(c client, key string) (*job, error) {
	ciphertext, err := encrypted(c, key)
	return &job{step: always(func() *load.Request { return load.KMS("Decrypt", object{"CiphertextBlob": ciphertext}) })}, err
}

func dataKeys(key string) func() load.Step {
	return always(func() *load.Request { return load.KMS("GenerateDataKey", object{"KeyId": key, "KeySpec": "AES_256"}) })
}

// cpuMeasurements compare the CPU time of requests with the floor's.
var cpuMeasurements = []measurement{
	againstFloor("cpu/send", "SendMessage", onQueue(sendKibibyte), unprepared(sendKibibyte("q")), 1, 1.20),
	againstFloor("cpu/sse-kms", "SendMessage to an SSE-KMS queue", onQueueWith(ownKey, sendKibibyte), unprepared(sendKibibyte("q")), 1, 1.20),
	againstFloor("cpu/batch", "SendMessageBatch of ten", onQueue(batchKibibytes), unprepared(batchKibibytes("q")), 1, 1.20),
	againstFloor("cpu/cycle", "Send, receive, delete", onQueue(cycling), unprepared(sendKibibyte("q")), 3, 1.30),
	againstFloor("cpu/encrypt", "KMS Encrypt", onKey(encrypting), unprepared(encrypting("k")), 1, 1.20),
	againstFloor("cpu/decrypt", "KMS Decrypt",
		func(c client) (*job, error) {
			key, err := createKey(c)
			if err != nil {
				return nil, err
			}
			return decrypting(c, key)
		},
		func(c client) (*job, error) { return decrypting(c, "k") }, 1, 1.20),
	againstFloor("cpu/data-key", "KMS GenerateDataKey", onKey(dataKeys), unprepared(dataKeys("k")), 1, 1.20),
}

// againstFloor compares the CPU time of a load with that of the floor's: one
// step of ours with so many of the floor's.
func againstFloor(name, what string, ours, floors prepare, times, limit float64) measurement {
	return measurement{name, func(b *bench) ([]row, error) {
		w, err := b.waxseal()
		if err != nil {
			return nil, err
		}
		f, err := b.floor("")
		if err != nil {
			return nil, err
		}
		m, err := b.alternate(b.cpu(w, ours), b.cpu(f, floors))
		if err != nil {
			return nil, err
		}
		return []row{{what: "CPU: " + what, ours: micros(m[0]), against: "floor", beside: micros(m[1]), times: times, goal: atMost(limit)}}, nil
	}}
}
