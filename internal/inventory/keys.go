package inventory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/kms"
)

// Key is a key and who used it, as far as the calls are remembered.
type Key struct {
	kms.Summary
	UsedBy []KeyUse `json:"usedBy"`
}

// KeyUse is what a principal used a key for.
type KeyUse struct {
	// Principal is an ARN, that of the role for its sessions, or the name of a service.
	Principal string `json:"principal"`
	For       string `json:"for"`               // the ARN of the queue or topic in the encryption context; empty: none
	Service   string `json:"service,omitempty"` // that called KMS for the principal, such as sqs.amazonaws.com
	Calls     int    `json:"calls"`
	Last      string `json:"last"` // RFC 3339
}

// Keys are the keys, by ARN.
func (x Inventory) Keys(ctx context.Context, of Scope) ([]Key, error) {
	found, err := x.KMS.Summaries(ctx, of)
	if found, err = byKey(found, err, func(k *kms.Summary) string { return k.ARN }); err != nil {
		return nil, err
	}
	uses := x.keyUses()
	list := make([]Key, len(found))
	for i := range found {
		list[i] = Key{found[i], uses.of(found[i].ARN)}
		if last := found[i].LastUsed; last != nil {
			last.Principal = uses.callers[last.RequestID]
		}
	}
	return list, nil
}

// keyUses are the uses of keys that the calls which are remembered show.
type keyUses struct {
	byKey   map[string]map[keyUser]*KeyUse
	callers map[string]string // by the id of the request
}

type keyUser struct{ principal, made, service string }

func (x Inventory) keyUses() keyUses {
	uses := keyUses{map[string]map[keyUser]*KeyUse{}, map[string]string{}}
	for call := range x.Dispatcher.Records().Newest() {
		if call.Service().Name != "kms" || call.Failed() {
			continue
		}
		events := call.Events() // the caller's record is the last
		uses.add(events[len(events)-1])
	}
	return uses
}

// add counts a successful call of KMS. The newest come first.
func (u *keyUses) add(e *trail.Event) {
	who := who(&e.UserIdentity)
	u.callers[e.RequestID] = who
	if !kms.IsUse(e.EventName) {
		return
	}
	_, made := e.MadeFor()
	user := keyUser{who, made, e.UserIdentity.InvokedBy}
	if user.service == who {
		user.service = ""
	}
	for _, r := range e.Resources {
		if !strings.Contains(r.ARN, ":key/") {
			continue
		}
		of := u.byKey[r.ARN]
		if of == nil {
			of = map[keyUser]*KeyUse{}
			u.byKey[r.ARN] = of
		}
		if of[user] == nil {
			of[user] = &KeyUse{Principal: who, For: made, Service: user.service, Last: e.EventTime}
		}
		of[user].Calls++
	}
}

// of are the uses of a key, the newest first.
func (u *keyUses) of(key string) []KeyUse {
	list := []KeyUse{}
	for _, use := range u.byKey[key] {
		list = append(list, *use)
	}
	slices.SortFunc(list, func(a, b KeyUse) int {
		return cmp.Or(-cmp.Compare(a.Last, b.Last), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.For, b.For), cmp.Compare(a.Service, b.Service))
	})
	return list
}

// who is the principal of an event: the role for its sessions.
func who(u *trail.UserIdentity) string {
	if s := u.SessionContext; s != nil && s.SessionIssuer != nil {
		return s.SessionIssuer.ARN
	}
	return u.Name()
}
