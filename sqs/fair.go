package sqs

import (
	"encoding/binary"

	"github.com/waxseal/waxseal/internal/store"
)

// Fair queues. A message group of a standard queue is a tenant. A tenant with most of
// the messages in flight is noisy: its messages are delivered only when no other
// tenant has one ready, so that the others do not wait for its backlog. Each message
// without a group is a tenant of its own. The records:
//
//	l GROUP 0 ORDER   the state of a message of a group that is ready
//	l GROUP 0         the group's number in flight and its place in r; g GROUP in earlier versions
//	r CLASS ORDER     (2 GROUP) the group's first message that is ready; CLASS is 0, or 1 if it is noisy
//
// AWS does not say when a tenant is noisy. Here it is if it has ten messages in
// flight or more, and more than all others together; that is decided whenever
// one of its messages changes its state.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html.
const (
	quiet = "\x00"
	noisy = "\x01"

	noisyFrom = 10

	// ofGroup begins the value of r for a group, where a state begins with 0 or 1.
	ofGroup = 2
)

// tenant is a group of a standard queue.
type tenant struct {
	inFlight int64
	noisy    bool
	head     order // of the first message that is ready; empty: none is
}

func (t *tenant) class() string {
	if t.noisy {
		return noisy
	}
	return quiet
}

func (t *tenant) encode() []byte {
	b := binary.AppendVarint(nil, t.inFlight)
	return append(append(b, t.class()...), t.head...)
}

func decodeTenant(raw []byte) tenant {
	d := decoder{rest: raw}
	return tenant{inFlight: d.varint(), noisy: d.byte() == noisy[0], head: order(d.rest)}
}

// changeGrouped stores the state of a message with a group while it is ready,
// and its group's place among the ready ones.
func (b *backlog) changeGrouped(o order, group string, from, to *state) {
	b.changeReady(b.groupKey(group, o), from, to)
	own, head, _ := b.group(group)
	was := decodeTenant(own)
	is := tenant{inFlight: was.inFlight + flying(to) - flying(from), head: head}
	is.noisy = is.inFlight >= noisyFrom && 2*is.inFlight > b.n.inFlight
	if from == nil {
		b.n.grouped++
	}
	if to == nil {
		b.n.grouped--
	}
	if is == was {
		return
	}
	if was.head != "" {
		b.tx.Delete(b.key(keyReady, was.class()+string(was.head)))
	}
	if is.head != "" {
		b.tx.Put(b.key(keyReady, is.class()+string(is.head)), append([]byte{ofGroup}, group...))
	}
	if is == (tenant{}) {
		b.tx.Delete(b.ownKey(group))
	} else {
		b.tx.Put(b.ownKey(group), is.encode())
	}
}

// flying counts a message in flight as 1, another as 0.
func flying(st *state) int64 {
	if st.waits() && !st.delayed {
		return 1
	}
	return 0
}

// candidatesStandard yields the ready messages in the order of arrival, those of noisy
// groups last.
func (v *backlogView) candidatesStandard(yield func(candidate) bool) {
	// groups are those of the class whose first message was reached, each with
	// the next message that it has.
	var groups []candidate
	class := quiet
	for key, raw := range v.r.Scan(v.key(keyReady, ""), "", store.All) {
		rest := v.rest(key)
		o := order(rest[1:])
		if rest[:1] != class {
			if !v.merge(&groups, "", yield) {
				return
			}
			class = rest[:1]
		}
		if raw[0] == ofGroup {
			v.follow(&groups, string(raw[1:]), "")
		}
		if !v.merge(&groups, o, yield) {
			return
		}
		if raw[0] != ofGroup && !yield(candidate{o, "", decodeState(v.r, raw)}) {
			return
		}
	}
	v.merge(&groups, "", yield)
}

// follow adds the first message of a group that is ready behind a place, if there is one.
func (v *backlogView) follow(groups *[]candidate, group string, behind order) {
	for o, raw := range v.lineOf(group, behind, 1) {
		*groups = append(*groups, candidate{o, group, decodeState(v.r, raw)})
	}
}

// merge yields the ready messages of groups in the order of arrival, up to a place
// or, where upTo is empty, all of them. It reports whether more is wanted.
func (v *backlogView) merge(groups *[]candidate, upTo order, yield func(candidate) bool) bool {
	for len(*groups) > 0 {
		first := 0
		for i, c := range *groups {
			if c.o < (*groups)[first].o {
				first = i
			}
		}
		c := (*groups)[first]
		if upTo != "" && c.o > upTo {
			return true
		}
		last := len(*groups) - 1
		(*groups)[first] = (*groups)[last]
		*groups = (*groups)[:last]
		v.follow(groups, c.group, c.o)
		if !yield(c) {
			return false
		}
	}
	return true
}
