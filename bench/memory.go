package main

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// The pauses after which memory is measured: since the last message was sent,
// and since messages were deleted.
const (
	sinceSent    = 5 * time.Second
	sinceDeleted = 30 * time.Second
)

// hoard is a server with messages, and a way to be rid of them.
type hoard struct {
	what     string
	messages int
	size     int
	limit    float64 // MiB, with the messages
	freed    string
	free     func(s *server, c client, url string) error
}

func hoards(b *bench) []hoard {
	oneByOne := func(s *server, _ client, url string) error { return b.drain(s, url) }
	purge := func(_ *server, c client, url string) error {
		_, err := c.Call(load.SQS("PurgeQueue", object{"QueueUrl": url}))
		return err
	}
	deleteIt := func(_ *server, c client, url string) error { return deleteQueue(c, url) }
	return []hoard{
		{"1 KiB", b.size(100_000), 1024, 150, "deleted one by one", oneByOne},
		{"1 KiB", b.size(100_000), 1024, 150, "their queue deleted", deleteIt},
		{"100 bytes", b.size(1_000_000), 100, 450, "purged", purge},
		{"100 bytes", b.size(1_000_000), 100, 450, "their queue deleted", deleteIt},
	}
}

// memory is what is resident with messages, and when they have gone. The servers
// wait at the same time.
func memory(b *bench) ([]row, error) {
	all := hoards(b)
	servers, urls, kept := make([]*server, len(all)), make([]string, len(all)), make([]int64, len(all))
	for i, h := range all {
		var err error
		if servers[i], err = b.waxseal(); err != nil {
			return nil, err
		}
		c := load.NewClient(servers[i].addr)
		defer c.Close()
		if urls[i], err = createQueue(c, newName(), nil); err != nil {
			return nil, err
		}
		if err := b.fill(servers[i], urls[i], text(h.size), h.messages); err != nil {
			return nil, err
		}
		if err := b.wait(sinceSent); err != nil {
			return nil, err
		}
		if kept[i], err = load.Resident(servers[i].pid); err != nil {
			return nil, err
		}
		if err := h.free(servers[i], c, urls[i]); err != nil {
			return nil, err
		}
	}
	if err := b.wait(sinceDeleted); err != nil {
		return nil, err
	}
	var with, without []row
	for i, h := range all {
		left, err := load.Resident(servers[i].pid)
		if err != nil {
			return nil, err
		}
		what := thousands(strconv.Itoa(h.messages)) + " messages of " + h.what
		payload := quantity{float64(h.messages*h.size) / (1 << 20), "MiB"}
		if first := slices.IndexFunc(all, func(o hoard) bool { return o.size == h.size }); first == i {
			with = append(with, row{what: "Memory: " + what, ours: mebibytes(kept[i]), against: "bodies", beside: payload, goal: most(h.limit, "MiB")})
		}
		without = append(without, row{what: fmt.Sprintf("Memory: %s, %s", what, h.freed), ours: mebibytes(left), against: "before", beside: mebibytes(kept[i]), goal: most(40, "MiB")})
	}
	return append(with, without...), nil
}

// drain receives and deletes what a queue has, each by a call of its own.
func (b *bench) drain(s *server, url string) error {
	return load.Times(b.ctx, s.addr, fillers, fillers, func(c client, _ int) error {
		take := receiving(url, 10)
		for {
			handles, err := c.Fields(take, "ReceiptHandle")
			if err != nil || len(handles) == 0 {
				return err
			}
			for _, handle := range handles {
				if _, err := c.Call(deleting(url, handle)); err != nil {
					return err
				}
			}
		}
	})
}

// trailMemory is what is resident when the trail is full of calls that say much.
func trailMemory(b *bench) ([]row, error) {
	s, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	c := load.NewClient(s.addr)
	defer c.Close()
	key, err := createKey(c)
	if err != nil {
		return nil, err
	}
	before, err := load.Resident(s.pid)
	if err != nil {
		return nil, err
	}
	n := b.size(40_000)
	err = load.Times(b.ctx, s.addr, fillers, n, func(c client, i int) error {
		said := object{"number": strconv.Itoa(i), "long": text(4 << 10)}
		_, err := c.Call(load.KMS("Encrypt", object{"KeyId": key, "Plaintext": []byte("x"), "EncryptionContext": said}))
		return err
	})
	if err == nil {
		err = b.wait(sinceSent)
	}
	if err != nil {
		return nil, err
	}
	after, err := load.Resident(s.pid)
	return []row{{
		what: fmt.Sprintf("Memory: trail full, after %s calls of 4 KiB", thousands(strconv.Itoa(n))), ours: mebibytes(after),
		against: "after the first call", beside: mebibytes(before),
	}}, err
}
