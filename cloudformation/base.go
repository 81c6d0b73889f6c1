package cloudformation

import (
	"cmp"
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/template"
)

// What is stored holds URLs of this server, those of queues, in a form of their own: a stack
// may be made before the server has an address, and be looked at through another one. So
// what Ref of a queue yields is its URL as who asks reaches it, and it does not count as a
// change if the next one reaches it otherwise.

// base stands for the URL of this server in what is stored: a host that nobody can have.
const base = "http://waxseal.invalid"

// stored is a text with base in place of the URL by which the caller of ctx's request, or
// a call for it, reaches this server.
func stored(ctx context.Context, text string) string {
	r := api.RequestFrom(ctx)
	for _, url := range []string{r.PublicURL(), r.BaseURL} {
		if url != "" {
			text = strings.ReplaceAll(text, url+"/", base+"/")
		}
	}
	return text
}

// defaultURL is the server's URL for who came by none.
const defaultURL = "http://localhost:4566"

// shown is a stored text as the caller of ctx's request reaches this server.
func shown(ctx context.Context, text string) string {
	if !strings.Contains(text, base) {
		return text
	}
	return strings.ReplaceAll(text, base, cmp.Or(api.RequestFrom(ctx).BaseURL, defaultURL))
}

// called is shown for calls that a stack makes.
func (o *run) called(text string) string {
	if !strings.Contains(text, base) {
		return text
	}
	return strings.ReplaceAll(text, base, cmp.Or(api.RequestFrom(o.ctx).PublicURL(), defaultURL))
}

// node is a stored value, which is JSON, for calls that a stack makes; nil: it is none.
func (o *run) node(text string) *template.Node {
	n, err := template.ParseJSON(o.called(text))
	if err != nil {
		return nil
	}
	return n
}
