package runtime

import (
	"cmp"
	"context"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// sources are the files and lines of the policies that fixtures declare, so that
// explanations can give the line in the file. A policy that was changed by a call
// since then is found in no file.
type sources map[sourceKey]*source

// sourceKey is a policy's owner and the policy's name there: the owner again for a
// kind of policy of which an owner has only one.
type sourceKey struct{ owner, name string }

type source struct {
	fixture.Placed
	text string // as it is stored
}

func (s sources) add(p fixture.Placed) { s[sourceKey{p.Owner, p.Name}] = &source{Placed: p} }

// readSources notes the stored text of each declared policy, by which the policy is
// recognized later.
func (rt *Runtime) readSources(ctx context.Context, declared sources) error {
	policies, err := rt.PoliciesInForce(ctx)
	if err != nil {
		return err
	}
	for _, p := range policies {
		if s := declared[sourceKey{p.Owner, p.Policy.Name}]; s != nil {
			s.text = p.Policy.Document.Text()
			s.Kept(s.text)
		}
	}
	return nil
}

// find is where an owner's policy was declared; nil: in no file.
func (s sources) find(owner string, p *policyeval.Policy) *source {
	if found := s[sourceKey{owner, p.Name}]; found != nil && found.text == p.Document.Text() {
		return found
	}
	return nil
}

// PlaceOf is the file and line of a position in an owner's policy; without a file it
// is the document's line.
func (rt *Runtime) PlaceOf(owner string, p *policyeval.Policy, position policyeval.Position) (file string, line int) {
	if found := rt.sources.find(owner, p); found != nil {
		return found.At(position)
	}
	return "", position.Line
}

// PlaceIn names a position in a policy that a decision was taken with by its file and
// line; empty: no file declares it.
func (rt *Runtime) PlaceIn(p *policyeval.Policy, position policyeval.Position) string {
	if found := rt.sources.find(cmp.Or(p.Owner, p.Name), p); found != nil {
		return resource.Place(found.At(position))
	}
	return ""
}
