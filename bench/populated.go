package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// populated compares a server that has much with one that has nothing else, by
// the median latency of a call, with one client of each: the two take turns.
func (b *bench) populated(what string, full, empty *server, p prepare, limit float64) ([]row, error) {
	var steps [2]load.Step
	var clients [2]client
	for i, s := range []*server{full, empty} {
		clients[i] = load.NewClient(s.addr)
		defer clients[i].Close()
		j, err := p(clients[i])
		if err != nil {
			return nil, err
		}
		steps[i] = j.step()
	}
	m, err := b.inTurn(b.size(200_000)/10, func() error { return steps[0](clients[0]) }, func() error { return steps[1](clients[1]) })
	return []row{{what: "p50: " + what, ours: micros(m[0]), against: "empty server", beside: micros(m[1]), goal: atMost(limit)}}, err
}

// inTurn does two things in turn, n times each after a tenth that does not
// count, and answers the median time that each takes, in µs.
func (b *bench) inTurn(n int, do ...func() error) (medians [2]float64, err error) {
	var latencies [2]load.Histogram
	for i := range n + n/10 {
		for j := range latencies {
			k := (i + j) % 2 // each is the first as often as the other
			begin := time.Now()
			err := do[k]()
			took := time.Since(begin)
			if err = errors.Join(err, b.ctx.Err()); err != nil {
				return medians, err
			}
			if i >= n/10 {
				latencies[k].Record(took)
			}
		}
	}
	for k := range latencies {
		medians[k] = inMicros(latencies[k].Quantile(0.5))
	}
	return medians, nil
}

// twoServers are one to be filled and one that stays empty.
func (b *bench) twoServers() (full, empty *server, err error) {
	if full, err = b.waxseal(); err == nil {
		empty, err = b.waxseal()
	}
	return full, empty, err
}

func manyTopics(b *bench) ([]row, error) {
	full, empty, err := b.twoServers()
	if err != nil {
		return nil, err
	}
	c := load.NewClient(full.addr)
	defer c.Close()
	if _, err := createQueue(c, "others", map[string]string{"Policy": fromTopics}); err != nil {
		return nil, err
	}
	n := b.size(10_000)
	err = load.Times(b.ctx, full.addr, fillers, n, func(c client, i int) error {
		topic, err := createTopic(c, "other-"+strconv.Itoa(i))
		if err != nil {
			return err
		}
		return subscribe(c, topic, "others")
	})
	if err != nil {
		return nil, err
	}
	return b.populated(fmt.Sprintf("Publish beside %s topics with subscriptions", thousands(strconv.Itoa(n))), full, empty, subscribed(1, "RawMessageDelivery", "true"), 1.05)
}

func manyKeys(b *bench) ([]row, error) {
	full, empty, err := b.twoServers()
	if err != nil {
		return nil, err
	}
	n := b.size(100_000)
	err = load.Times(b.ctx, full.addr, fillers, n, func(c client, _ int) error {
		_, err := createKey(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b.populated(fmt.Sprintf("KMS Encrypt beside %s keys", thousands(strconv.Itoa(n))), full, empty, onKey(encrypting), 1.05)
}

func manyRoles(b *bench) ([]row, error) {
	n := b.size(10_000)
	const accounts = 10
	others := object{}
	for a := range accounts {
		roles := make([]object, n/accounts)
		for i := range roles {
			roles[i] = object{"name": "role-" + strconv.Itoa(i), "policies": object{"all": allow("sqs:*")}}
		}
		others[fmt.Sprintf("2%011d", a)] = object{"roles": roles}
	}
	file, err := b.fixtures("roles.yaml", others)
	if err != nil {
		return nil, err
	}
	empty, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	full, err := b.waxsealWith(file)
	if err != nil {
		return nil, err
	}
	return b.populated(fmt.Sprintf("SendMessage beside %s roles of %d accounts", thousands(strconv.Itoa(n)), accounts), full, empty, onQueue(sendKibibyte), 1.05)
}
