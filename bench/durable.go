package main

import (
	"fmt"
	"path/filepath"

	"github.com/waxseal/waxseal/bench/floor"
	"github.com/waxseal/waxseal/bench/load"
)

// crowd is how many clients write at once where commits are shared.
const crowd = 64

// durable compares a state on disk with bare commits to the same disk.
func durable(b *bench) ([]row, error) {
	s, err := b.waxseal("--data", filepath.Join(b.dir, "durable"))
	if err != nil {
		return nil, err
	}
	f, err := b.floor(filepath.Join(b.dir, "group"))
	if err != nil {
		return nil, err
	}
	file, err := floor.OpenBolt(filepath.Join(b.dir, "bare"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	c := load.NewClient(s.addr)
	defer c.Close()
	url, err := createQueue(c, newName(), nil)
	if err != nil {
		return nil, err
	}
	send := sendKibibyte(url)()
	one, err := b.inTurn(b.size(20_000)/10,
		func() error { return send(c) },
		func() error { return file.Commit([][]byte{[]byte(kibibyte)}) })
	if err != nil {
		return nil, err
	}
	short := b.shortly()
	m, err := short.alternate(short.rate(s, crowd, unprepared(sendKibibyte(url))), short.rate(f, crowd, unprepared(sendKibibyte("q"))))
	if err != nil {
		return nil, err
	}
	rows := []row{
		{what: "On disk: SendMessage, one client, p50", ours: micros(one[0]), against: "bare commit", beside: micros(one[1]), goal: atMost(1.30)},
		{what: fmt.Sprintf("On disk: SendMessage, %d clients", crowd), ours: perSecond(m[0]), against: "floor with a group commit", beside: perSecond(m[1]), goal: atLeast(0.90)},
	}
	more, err := relaxed(b)
	return append(rows, more...), err
}

// relaxed compares a state that reaches the disk when it does with one in memory.
func relaxed(b *bench) ([]row, error) {
	s, err := b.waxseal("--data", filepath.Join(b.dir, "relaxed"), "--durability", "relaxed")
	if err != nil {
		return nil, err
	}
	memory, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	var rates []contestant
	for _, s := range []*server{s, memory} {
		c := load.NewClient(s.addr)
		defer c.Close()
		url, err := createQueue(c, newName(), nil)
		if err != nil {
			return nil, err
		}
		rates = append(rates, b.rate(s, b.workers, unprepared(sendKibibyte(url))))
	}
	m, err := b.alternate(rates...)
	if err != nil {
		return nil, err
	}
	return []row{{
		what: fmt.Sprintf("On disk, relaxed: SendMessage, %d clients", b.workers), ours: perSecond(m[0]),
		against: "in memory", beside: perSecond(m[1]), goal: atLeast(0.85),
	}}, nil
}

// shortly has more rounds, and shorter ones: a disk that others use changes its
// pace within seconds.
func (b *bench) shortly() *bench {
	const times = 5
	short := *b
	short.rounds, short.round = times*b.rounds, b.round/times
	return &short
}
