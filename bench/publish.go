package main

import (
	"fmt"
	"strconv"

	"github.com/waxseal/waxseal/bench/load"
)

// subscribed is a topic with queues that are subscribed to it, made for a round
// of publishing; the round ends when all is delivered.
func subscribed(queues int, attributes ...string) prepare {
	return func(c client) (*job, error) {
		name := newName()
		topic, err := createTopic(c, name)
		if err != nil {
			return nil, err
		}
		urls := make([]string, queues)
		for i := range urls {
			queue := name + "-" + strconv.Itoa(i)
			if urls[i], err = createQueue(c, queue, map[string]string{"Policy": fromTopics}); err != nil {
				return nil, err
			}
			if err := subscribe(c, topic, queue, attributes...); err != nil {
				return nil, err
			}
		}
		return &job{
			step:   publishing(topic),
			settle: func(c client, steps int) error { return arrived(c, urls, steps) },
			clean: func(c client) error {
				if _, err := c.Call(load.SNS("DeleteTopic", "TopicArn", topic)); err != nil {
					return err
				}
				for _, url := range urls {
					if err := deleteQueue(c, url); err != nil {
						return err
					}
				}
				return nil
			},
		}, nil
	}
}

// publish compares the CPU time of Publish, deliveries included, with that of
// SendMessage to the same server.
func publish(b *bench) ([]row, error) {
	s, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	raw := []string{"RawMessageDelivery", "true"}
	const further, many, enveloped = 10, 100, 5
	m, err := b.alternate(
		b.cpu(s, onQueue(sendKibibyte)),
		b.cpu(s, subscribed(1, raw...)),
		b.cpu(s, subscribed(1+further, raw...)),
		b.cpu(s, subscribed(many, raw...)),
		b.cpu(s, subscribed(enveloped, raw...)),
		b.cpu(s, subscribed(enveloped)))
	if err != nil {
		return nil, err
	}
	send, one := micros(m[0]), micros(m[1])
	return []row{
		{what: "CPU: Publish, raw, to one queue", ours: one, against: "SendMessage", beside: send, goal: atMost(1.40)},
		{what: "CPU: Publish, raw, each further queue", ours: micros((m[2] - m[1]) / further), against: "SendMessage", beside: send, goal: most(15, "µs")},
		{what: fmt.Sprintf("CPU: Publish, raw, to %d queues, each", many), ours: micros(m[3] / many), against: "SendMessage", beside: send, goal: most(25, "µs")},
		{what: fmt.Sprintf("CPU: Publish, signed envelope, to %d queues", enveloped), ours: micros(m[5]), against: "raw", beside: micros(m[4])},
	}, nil
}
