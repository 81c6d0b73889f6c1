package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/bench/load"
)

// filters compares the CPU time of Publish to a topic with many subscriptions
// that have filter policies with that of one with few, where as many match.
func filters(b *bench) ([]row, error) {
	s, err := b.waxseal()
	if err != nil {
		return nil, err
	}
	c := load.NewClient(s.addr)
	defer c.Close()
	many, few := b.size(10_000), 10
	var contestants []contestant
	matches := []int{0, 1, 10}
	for _, n := range []int{many, few} {
		topic, urls, err := b.filtered(s, c, n)
		if err != nil {
			return nil, err
		}
		for _, m := range matches {
			contestants = append(contestants, b.cpu(s, filteredPublish(topic, urls, m)))
		}
	}
	m, err := b.alternate(contestants...)
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, n := range matches {
		rows = append(rows, row{
			what: fmt.Sprintf("CPU: Publish to %s filtered subscriptions, %d match", thousands(strconv.Itoa(many)), n),
			ours: micros(m[i]), against: fmt.Sprintf("%d subscriptions", few), beside: micros(m[i+len(matches)]),
		})
	}
	return rows, nil
}

// filtered is a topic with subscriptions, each of which takes what is for one
// store and has a price.
func (b *bench) filtered(s *server, c client, n int) (topic string, urls []string, err error) {
	name := newName()
	if topic, err = createTopic(c, name); err != nil {
		return "", nil, err
	}
	urls = make([]string, n)
	err = load.Times(b.ctx, s.addr, fillers, n, func(c client, i int) error {
		queue := name + "-" + strconv.Itoa(i)
		url, err := createQueue(c, queue, map[string]string{"Policy": fromTopics})
		if err != nil {
			return err
		}
		urls[i] = url
		filter := fmt.Sprintf(`{"store":["store-%d"],"price":[{"numeric":[">",0]}]}`, i)
		return subscribe(c, topic, queue, "RawMessageDelivery", "true", "FilterPolicy", filter)
	})
	return topic, urls, err
}

// filteredPublish publishes a message that so many of the topic's filters take.
func filteredPublish(topic string, urls []string, matches int) prepare {
	stores := make([]string, max(matches, 1))
	for i := range stores {
		stores[i] = fmt.Sprintf("%q", "store-"+strconv.Itoa(i))
		if matches == 0 {
			stores[i] = `"none"`
		}
	}
	attributes := []string{
		"MessageAttributes.entry.1.Name", "store",
		"MessageAttributes.entry.1.Value.DataType", "String.Array",
		"MessageAttributes.entry.1.Value.StringValue", "[" + strings.Join(stores, ",") + "]",
		"MessageAttributes.entry.2.Name", "price",
		"MessageAttributes.entry.2.Value.DataType", "Number",
		"MessageAttributes.entry.2.Value.StringValue", "100",
	}
	return func(c client) (*job, error) {
		// The queues have what was published before.
		before := make([]int, matches)
		for i := range before {
			var err error
			if before[i], err = count(c, urls[i], "ApproximateNumberOfMessages"); err != nil {
				return nil, err
			}
		}
		return &job{
			step: publishing(topic, attributes...),
			settle: func(c client, steps int) error {
				for i, n := range before {
					if err := arrived(c, urls[i:i+1], n+steps); err != nil {
						return err
					}
				}
				return nil
			},
		}, nil
	}
}
