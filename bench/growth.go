package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// fillers is how many clients fill queues.
const fillers = 32

// growth compares each call's median latency, with one client, on a queue that
// holds much and on an empty one of the same server: calls take turns.
func growth(b *bench, durable bool) ([]row, error) {
	var args []string
	where, limit, turns := "in memory", 1.05, b.size(60_000)/10
	if durable {
		args = []string{"--data", filepath.Join(b.dir, "growth")}
		where, limit, turns = "on disk", 1.10, b.size(20_000)/10
	}
	s, err := b.waxseal(args...)
	if err != nil {
		return nil, err
	}
	c := load.NewClient(s.addr)
	defer c.Close()
	ready, inFlight := b.size(1_000_000), b.size(100_000)
	var rows []row
	for _, kind := range []struct {
		what string
		fill func(url string) error
	}{
		{thousands(strconv.Itoa(ready)) + " ready", func(url string) error { return b.fill(s, url, text(100), ready) }},
		{thousands(strconv.Itoa(inFlight)) + " in flight", func(url string) error {
			if err := b.fill(s, url, text(100), inFlight); err != nil {
				return err
			}
			return b.hold(s, url, inFlight)
		}},
	} {
		name := newName()
		full, err := createQueue(c, name+"-full", nil)
		if err != nil {
			return nil, err
		}
		empty, err := createQueue(c, name+"-empty", nil)
		if err != nil {
			return nil, err
		}
		if err := kind.fill(full); err != nil {
			return nil, err
		}
		r, err := b.turns(turns, c, newTurner(full, nil), newTurner(empty, nil))
		if err != nil {
			return nil, err
		}
		rows = append(rows, growthRows(fmt.Sprintf("%s, %s", kind.what, where), "empty queue", r, limit)...)
		if err := deleteQueue(c, full); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// growthFIFO does the same with a FIFO queue of many groups beside one that has a single
// group like them. On an empty queue the calls would not be alike: what is received there
// is the last of its group, and so no group gets a new place in the line afterwards. On
// the full queue a message goes to another group than the one that is received from next.
func growthFIFO(b *bench) ([]row, error) {
	s, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	c := load.NewClient(s.addr)
	defer c.Close()
	groups := b.size(10_000)
	name, attributes := newName(), map[string]string{"FifoQueue": "true"}
	full, err := createQueue(c, name+"-full.fifo", attributes)
	if err != nil {
		return nil, err
	}
	one, err := createQueue(c, name+"-one.fifo", attributes)
	if err != nil {
		return nil, err
	}
	fill := func(c client, url string, group int) error {
		_, err := c.Call(batch(url, text(100), func(k int) object {
			return object{"MessageGroupId": strconv.Itoa(group), "MessageDeduplicationId": fmt.Sprintf("%d-%d", group, k)}
		}))
		return err
	}
	if err := fill(c, one, 0); err != nil {
		return nil, err
	}
	if err := load.Times(b.ctx, s.addr, fillers, groups, func(c client, i int) error { return fill(c, full, i) }); err != nil {
		return nil, err
	}
	r, err := b.turns(b.size(40_000)/10, c,
		newTurner(full, func(i int) int { return (i + groups/2) % groups }),
		newTurner(one, func(int) int { return 0 }))
	if err != nil {
		return nil, err
	}
	return growthRows(fmt.Sprintf("FIFO, %s groups of ten, in memory", thousands(strconv.Itoa(groups))), "one group", r, 1.05), nil
}

// fill sends n messages.
func (b *bench) fill(s *server, url, body string, n int) error {
	return load.Times(b.ctx, s.addr, fillers, n/10, func(c client, _ int) error {
		_, err := c.Call(batch(url, body, nil))
		return err
	})
}

// hold receives n messages and keeps them in flight.
func (b *bench) hold(s *server, url string, n int) error {
	return load.Times(b.ctx, s.addr, fillers, n/10, func(c client, _ int) error {
		handles, err := c.Fields(receiving(url, 10), "ReceiptHandle")
		if err == nil && len(handles) < 10 {
			err = fmt.Errorf("%d messages instead of ten", len(handles))
		}
		return err
	})
}

// calls are those that take turns, in the order in which they do.
var calls = []string{"SendMessage", "ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes"}

// turns calls each of two queues in turn so many times, and answers the median
// latency of each call, in µs, on the one and on the other.
func (b *bench) turns(n int, c client, one, other *turner) (medians map[string][2]float64, err error) {
	latencies := map[string]*[2]load.Histogram{}
	for _, call := range calls {
		latencies[call] = new([2]load.Histogram)
	}
	queues := [2]*turner{one, other}
	for i := range n + n/10 {
		if err := b.ctx.Err(); err != nil {
			return nil, err
		}
		for k, call := range calls {
			for j := range queues {
				q := (i + k + j) % 2 // each is the first as often as the other
				r := queues[q].request(call, i)
				c.Prepare(r)
				begin := time.Now()
				body, err := c.Call(r)
				took := time.Since(begin)
				if err == nil {
					err = queues[q].answered(call, body)
				}
				if err != nil {
					return nil, err
				}
				if i >= n/10 { // the first do not count
					latencies[call][q].Record(took)
				}
			}
		}
	}
	medians = map[string][2]float64{}
	for call, l := range latencies {
		medians[call] = [2]float64{inMicros(l[0].Quantile(0.5)), inMicros(l[1].Quantile(0.5))}
	}
	return medians, nil
}

func inMicros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// turner sends and receives one message of a queue at a time.
type turner struct {
	url, handle      string
	group            func(i int) int // of a FIFO queue: the group of the message that is sent
	take, attributes *load.Request
}

func newTurner(url string, group func(i int) int) *turner {
	return &turner{
		url: url, group: group, take: receiving(url, 1),
		attributes: load.SQS("GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{"All"}}),
	}
}

func (q *turner) request(call string, i int) *load.Request {
	switch call {
	case "SendMessage":
		in := object{"QueueUrl": q.url, "MessageBody": text(100)}
		if q.group != nil {
			in["MessageGroupId"], in["MessageDeduplicationId"] = strconv.Itoa(q.group(i)), strconv.Itoa(i)
		}
		return load.SQS(call, in)
	case "ReceiveMessage":
		return q.take
	case "ChangeMessageVisibility":
		return load.SQS(call, object{"QueueUrl": q.url, "ReceiptHandle": q.handle, "VisibilityTimeout": held / 2})
	case "DeleteMessage":
		return deleting(q.url, q.handle)
	default:
		return q.attributes
	}
}

func (q *turner) answered(call string, body []byte) error {
	if call != "ReceiveMessage" {
		return nil
	}
	handles, err := load.Fields(body, "ReceiptHandle")
	if err == nil && len(handles) != 1 {
		err = fmt.Errorf("%d messages are received", len(handles))
	}
	if err != nil {
		return err
	}
	q.handle = handles[0]
	return nil
}

func growthRows(what, against string, medians map[string][2]float64, limit float64) (rows []row) {
	for _, call := range calls {
		m := medians[call]
		rows = append(rows, row{what: "p50: " + call + ", " + what, ours: micros(m[0]), against: against, beside: micros(m[1]), goal: atMost(limit)})
	}
	return rows
}
