package record

import (
	"hash/maphash"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Decision is a decision as it is kept: enough to make it again when somebody asks.
type Decision struct {
	question *question
	own      *varying // nil: it has what the question has
	instance instance
	seq      uint64
	size     int32
	allowed  bool
	reason   policyeval.Reason
	layer    policyeval.Layer
	cut      bool
}

// question is what many decisions are about.
type question struct {
	trail.Piece
	asked
	varying
	tags     map[string]string // of the resource
	policies policies          // those that are not the caller's
}

// asked is what tells questions apart, but for their policies and tags.
type asked struct {
	profile                          *Profile
	service, action, account, phrase string
	// on is the resource that the policies belong to; empty: none does.
	on               string
	kind             policyeval.Kind // of its policy
	missing, unlocks bool
}

// varying is of what a question has that which may be another every time.
type varying struct {
	resource, message string
	context           string // the keys that are set, in their compact form
}

func (v *varying) ownSize() int { return len(v.resource) + len(v.message) + len(v.context) }

// Decision is a decision on a request of the profile as it is kept; tags are the resource's.
func (k *Keeper) Decision(p *Profile, d *trail.Decision, tags map[string]string) *Decision {
	kept := &Decision{
		instance: instanceOf(d.RequestID, d.Origin, d.Time),
		allowed:  d.Verdict.Allowed, reason: d.Verdict.Reason, layer: d.Verdict.Layer,
	}
	var room [512]byte
	context := d.Request.Context.AppendSet(room[:0])
	own := varying{trail.Cut(d.Request.Resource, maxText), trail.Cut(d.Message, trail.MaxErrorMessage), ""}
	on := hangsOn{others(&d.Policies), tags}
	on.policies.Grants = cutGrants(on.policies.Grants)
	kept.cut = p.cut || len(own.resource) < len(d.Request.Resource) || len(own.message) < len(d.Message) || len(on.policies.Grants) < len(d.Policies.Grants)
	if len(context) > maxContext {
		kept.cut, context = true, cutContext(string(context)).AppendSet(nil)
	}
	q := asked{p, d.Service, d.Request.Action, d.Request.ResourceAccount, d.Phrase, "", d.ResourcePolicy, d.Missing, d.Request.Unlocks}
	switch {
	case d.Policies.Resource != nil:
		q.on = d.Policies.Resource.Name
	case len(tags) > 0:
		q.on = own.resource
	}
	kept.question, kept.own = k.question(&q, &own, context, &on)
	kept.size = int32(decisionOverhead + kept.instance.size())
	if kept.own != nil {
		kept.size += int32(varyingOverhead + kept.own.ownSize())
	}
	return kept
}

// question is the question that a decision is about and, where that is not in it, what
// the decision has of its own.
func (k *Keeper) question(q *asked, own *varying, context []byte, on *hangsOn) (*question, *varying) {
	k.mu.Lock()
	defer k.mu.Unlock()
	h := hash(q.on, q.action, own.resource, own.message) ^ maphash.Bytes(seed, context)
	same := func(o *question) bool {
		return o.asked == *q && o.resource == own.resource && o.message == own.message && o.context == string(context) && o.about(on)
	}
	if found := k.questions.find(h, same); found != nil {
		return found, nil
	}
	if !k.again(h) {
		separate := &varying{strings.Clone(own.resource), strings.Clone(own.message), string(context)}
		h = hash(q.on, q.action)
		base := k.questions.find(h, func(o *question) bool { return o.asked == *q && o.varying == varying{} && o.about(on) })
		if base == nil {
			base = k.newQuestion(q, varying{}, on)
			put(k, &k.questions, h, base, pieceOfQuestion)
		}
		return base, separate
	}
	found := k.newQuestion(q, varying{own.resource, own.message, string(context)}, on)
	put(k, &k.questions, h, found, pieceOfQuestion)
	return found, nil
}

func pieceOfQuestion(q *question) *trail.Piece { return &q.Piece }

// hangsOn is what a decision hangs on beside its question and the caller's policies.
type hangsOn struct {
	policies policyeval.Policies
	tags     map[string]string // of the resource
}

// others are of a decision's policies those that are not the caller's.
func others(p *policyeval.Policies) policyeval.Policies {
	return policyeval.Policies{Resource: p.Resource, Block: p.Block, RCPs: p.RCPs, Endpoint: p.Endpoint, Grants: p.Grants}
}

func (q *question) about(on *hangsOn) bool {
	return sameTexts(q.tags, on.tags) && q.policies.are(&on.policies)
}

func (k *Keeper) newQuestion(a *asked, v varying, on *hangsOn) *question {
	q := &question{asked: *a, varying: v, tags: on.tags, policies: k.policies(&on.policies)}
	for _, text := range []*string{&q.account, &q.phrase, &q.on, &q.resource, &q.message} {
		*text = strings.Clone(*text) // which may be a part of a large one
	}
	q.Size, q.Parts = q.policies.measure([]*trail.Piece{&a.profile.Piece})
	q.Size += questionOverhead + q.ownSize() + len(q.account) + len(q.phrase) + len(q.on) + TagsSize(on.tags)
	return q
}

// Piece is what it shares with others.
func (d *Decision) Piece() *trail.Piece { return &d.question.Piece }

// Size is how many bytes it takes, without its Piece.
func (d *Decision) Size() int { return int(d.size) }

// Of is [trail.Decision.Of], for an id as it is kept.
func (d *Decision) Of(requestID trail.ID) bool { return d.instance.of(requestID) }

// Restore makes the decision again.
func (d *Decision) Restore() *trail.Decision {
	q, own := d.question, d.own
	if own == nil {
		own = &q.varying
	}
	r := q.profile.restore(&d.instance)
	made := &trail.Decision{
		Seq: d.seq, RequestID: r.ID, Origin: r.Origin, Service: q.service, Time: r.Time, Principal: r.Caller.DisplayName(),
		Request: policyeval.Request{
			Principal: r.Caller.Principal, Action: q.action, Resource: own.resource, ResourceAccount: q.account, Unlocks: q.unlocks,
			Context: new(policyeval.Context),
		},
		Policies: r.Caller.Policies, ResourcePolicy: q.kind,
		Verdict: policyeval.Verdict{Allowed: d.allowed, Reason: d.reason, Layer: d.layer},
		Message: own.message, Phrase: q.phrase, Missing: q.missing, Cut: d.cut,
	}
	made.Request.Context.SetFrom(own.context)
	made.Request.Context.SetSource(q.profile.keeper.Source(r, q.account, q.tags))
	p := q.policies.restore()
	made.Policies.Resource, made.Policies.Block, made.Policies.RCPs = p.Resource, p.Block, p.RCPs
	made.Policies.Endpoint, made.Policies.Grants = p.Endpoint, p.Grants
	return made
}
