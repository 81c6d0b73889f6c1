package record

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"weak"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Profile is what many requests have in common: who calls, and how the calls come here.
type Profile struct {
	trail.Piece
	keeper *Keeper
	// request is a request without what is its own, its caller without the policies.
	request  api.Request
	tls      trail.TLSDetails // the zero value: there is none
	policies policies         // the caller's
	endpoint []policy         // the VPC endpoint's
	cut      bool             // a text was longer than what is kept

	mu     sync.Mutex
	caller weak.Pointer[api.Caller] // with the policies, where somebody still has it
}

func pieceOfProfile(p *Profile) *trail.Piece { return &p.Piece }

// Profile is that of a request with its caller. tls describes its connection; nil: it has none.
func (k *Keeper) Profile(r *api.Request, tls *trail.TLSDetails) *Profile {
	h := hash(r.Caller.AccessKeyID, r.Caller.ARN, r.UserAgent, InvokedBy(r))
	k.mu.Lock()
	defer k.mu.Unlock()
	if p := k.profiles.find(h, func(p *Profile) bool { return p.is(r, tls) }); p != nil {
		return p
	}
	p := k.newProfile(r, tls)
	if !p.cut { // one that is cut is not found again
		put(k, &k.profiles, h, p, pieceOfProfile)
	}
	return p
}

func (k *Keeper) newProfile(r *api.Request, tls *trail.TLSDetails) *Profile {
	p := &Profile{keeper: k, request: *r}
	kept, caller := &p.request, *r.Caller
	p.caller = weak.Make(r.Caller)
	p.policies = k.policies(&caller.Policies)
	caller.Policies = policyeval.Policies{}
	kept.Caller = &caller
	if tls != nil {
		p.tls = *tls
	}
	if e := r.VPCEndpoint; e != nil {
		endpoint := *e
		p.endpoint = k.layer(single(e.Policy))
		endpoint.Policy, kept.VPCEndpoint = nil, &endpoint
	}
	kept.ID, kept.EventID, kept.Origin, kept.Time, kept.Generation, kept.TraceHeader, kept.Auth = "", uuid.Nil, "", time.Time{}, "", "", nil
	kept.CalledVia = slices.Clone(r.CalledVia)
	for _, text := range []*string{&kept.UserAgent, &kept.Referer, &kept.BaseURL, &kept.SourceIP, &kept.Region, &kept.SourceARN, &p.tls.ClientProvidedHostHeader} {
		p.cut = p.cut || len(*text) > maxText
		*text = strings.Clone(trail.Cut(*text, maxText))
	}
	p.measure()
	return p
}

func (p *Profile) measure() {
	r := &p.request
	n, parts := p.policies.measure(nil)
	n += profileOverhead + len(r.UserAgent) + len(r.Referer) + len(r.BaseURL) + len(r.SourceIP) + len(r.Region) + len(r.SourceARN) + len(p.tls.ClientProvidedHostHeader)
	c := r.Caller
	n += len(c.ARN) + len(c.IssuerARN) + len(c.UserID) + len(c.Name) + len(c.AccessKeyID) + TagsSize(c.Tags)
	for i := range c.Names {
		n += itemOverhead + len(c.Names[i].ARN)
	}
	if s := c.Session; s != nil {
		n += sessionOverhead + len(s.Name) + len(s.SourceIdentity) + TagsSize(s.SAML)
	}
	if e := r.VPCEndpoint; e != nil {
		n += sessionOverhead + len(e.ID) + len(e.VPC) + len(e.PublicURL)
		for i := range p.endpoint {
			parts = append(parts, &p.endpoint[i].document.Piece)
		}
	}
	p.Size, p.Parts = n, parts
}

// is reports whether the profile is that of a request.
func (p *Profile) is(r *api.Request, tls *trail.TLSDetails) bool {
	k := &p.request
	if tls == nil {
		tls = &trail.TLSDetails{}
	}
	return k.UserAgent == r.UserAgent && k.BaseURL == r.BaseURL && k.SourceIP == r.SourceIP && k.Region == r.Region && k.Account == r.Account &&
		k.SecureTransport == r.SecureTransport && k.Referer == r.Referer && k.InvokedBy == r.InvokedBy && k.SourceARN == r.SourceARN &&
		k.SourceAccount == r.SourceAccount && k.OwnerUntold == r.OwnerUntold && k.SystemTags == r.SystemTags &&
		slices.Equal(k.CalledVia, r.CalledVia) && p.tls == *tls && p.through(r.VPCEndpoint) && p.of(r.Caller)
}

// through reports whether it is of requests that come through a VPC endpoint; nil: through none.
func (p *Profile) through(e *api.VPCEndpoint) bool {
	k := p.request.VPCEndpoint
	if k == nil || e == nil {
		return (k == nil) == (e == nil)
	}
	return sameLayer(p.endpoint, single(e.Policy)) && k.ID == e.ID && k.VPC == e.VPC && k.Account == e.Account &&
		k.Region == e.Region && k.Service == e.Service && k.PublicURL == e.PublicURL
}

// of reports whether it is of a caller, with the policies that it has.
func (p *Profile) of(c *api.Caller) bool {
	k := p.request.Caller
	return k.ARN == c.ARN && k.AccessKeyID == c.AccessKeyID && k.UserID == c.UserID && k.Session == c.Session &&
		k.Type == c.Type && k.Account == c.Account && k.IssuerARN == c.IssuerARN && k.ID == c.ID &&
		k.Service == c.Service && k.Name == c.Name && k.OrgID == c.OrgID && k.OrgPath == c.OrgPath &&
		slices.EqualFunc(k.Names, c.Names, sameName) && sameTexts(k.Tags, c.Tags) && p.policies.are(&c.Policies)
}

func sameName(a, b policyeval.Name) bool { return a.ARN == b.ARN && slices.Equal(a.Former, b.Former) }

// sameTexts is maps.Equal, at once where it is the same map.
func sameTexts(a, b map[string]string) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.ValueOf(a).UnsafePointer() == reflect.ValueOf(b).UnsafePointer() || maps.Equal(a, b))
}

// restored is the caller with its policies: the very one, where somebody still has it.
func (p *Profile) restored() *api.Caller {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.caller.Value(); c != nil {
		return c
	}
	c := *p.request.Caller
	c.Policies = p.policies.restore()
	p.caller = weak.Make(&c)
	return &c
}

// restore is one of its requests, but for what no decision and no record hangs on.
func (p *Profile) restore(i *instance) *api.Request {
	r := p.request
	r.Caller, r.Time, r.ID, r.Origin = p.restored(), i.at.Time(), i.id.String(), i.origin.String()
	if r.VPCEndpoint != nil {
		endpoint := *r.VPCEndpoint
		if len(p.endpoint) > 0 {
			endpoint.Policy = p.endpoint[0].restore()
		}
		r.VPCEndpoint = &endpoint
	}
	return &r
}

// connection describes the connection of its requests; nil: they have none.
func (p *Profile) connection() *trail.TLSDetails {
	if p.tls == (trail.TLSDetails{}) {
		return nil
	}
	tls := p.tls
	return &tls
}
