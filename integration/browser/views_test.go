//go:build !race

package browser

import "testing"

// view is an address of the console and what is to be read there.
type view struct {
	name, address string
	shows         []string
}

// views are all views of a server with shop.yaml, after the story.
func views(s story) []view {
	return []view{
		{"decisions", "#/decisions", []string{"sqs:PurgeQueue", "assumed-role/reporting/waxseal", "anonymous", "events.amazonaws.com"}},
		{"a denial", at("decisions", s.untagged), []string{"not authorized to perform: sqs:SendMessage", "SendFromProduction", "aws:PrincipalTag/Environment", "production", "test"}},
		{"an encrypted send", at("decisions", s.sent), []string{"kms:GenerateDataKey", "SendOrders"}},
		{"graph", "#/graph", []string{"order-service", "notifications", "sqs:PurgeQueue"}},
		{"queues", "#/queues", []string{"4 queues", "notifications-dead", "SSE-KMS", "invoices.fifo", "not encrypted"}},
		{"a queue", at("queues", notifications), []string{"SSE-KMS", "alias/notifications", "5 min", "notifications-dead", "NewsOfPets", "role/order-service", "Wrapped data key"}},
		{"topics", "#/topics", []string{"2 topics", "pet-events", "images"}},
		{"a topic", at("topics", petEvents), []string{`{"pet":["cat"]}`, "the message as it is", "failure", "success"}},
		{"rules", "#/rules", []string{"2 rules", "adopted", "rate(1 day)"}},
		{"a rule", at("rules", "arn:aws:events:us-east-1:"+account+":rule/pets/adopted"), []string{`"adopted"`, "audit", "failure"}},
		{"buckets", "#/buckets", []string{"pettracker-images", "pettracker-logs"}},
		{"a bucket", at("buckets", "arn:aws:s3:::pettracker-images"), []string{"s3:ObjectCreated:*", "images", "success"}},
		{"keys", "#/keys", []string{"alias/notifications", "every 90 days", "alias/retired", "Disabled"}},
		{"a key", at("keys", notificationsKey), []string{"alias/notifications", "Enabled", "role/reporting", `"purpose":"report"`, "sqs.amazonaws.com"}},
		{"cost", "#/cost", []string{"notifications", "129,600", "25,920", "90"}},
		{"identities", "#/identities", []string{"order-service", "alice", "operators", "partner"}},
		{"an identity", at("identities", "arn:aws:iam::"+account+":role/order-service"), []string{"policy/boundary", "publish", "production", "SendMessage"}},
		{"policies", "#/policies", []string{"notifications", "1 of 2", "testdata/shop.yaml"}},
		{"a policy", at("policies", notifications), []string{"NewsOfPets", "NobodyPurges", "condition failed 1", "denied 1"}},
		{"endpoints", "#/network", []string{"queues", "vpce-0123456789abcdef0", "available"}},
		{"an endpoint", at("network", "vpce-0123456789abcdef0"), []string{"OnlyTheShop", "subnet-11111111"}},
		{"trails", "#/trails", []string{"evidence", "logging"}},
		{"a trail", at("trails", "arn:aws:cloudtrail:us-east-1:"+account+":trail/evidence"), []string{"pettracker-logs", notifications}},
		{"exercises", "#/learn", []string{"Troubleshooting and Optimization", "minutes"}},
		{"clock", "#/clock", []string{"Ahead of real time", "UTC"}},
	}
}

// Each view shows what there is, whatever it is looked at with, and to everybody: axe-core
// finds nothing serious in it.
func TestViews(t *testing.T) {
	t.Parallel()
	e := emulate(t, "shop.yaml")
	s := happen(t, e)
	for _, test := range []struct {
		name  string
		look  look
		rules []string // of axe; none: all
	}{
		{"light", look{}, nil},
		{"dark", look{dark: true}, []string{"color-contrast", "link-in-text-block"}},
		{"narrow", look{width: 390, height: 844}, nil},
		{"narrow and dark", look{width: 390, height: 844, dark: true}, []string{"color-contrast"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := open(t, e.url(), "", test.look)
			for _, v := range views(s) {
				p.visit(v.address)
				p.reads(v.name, v.shows)
				p.accessible(v.name, test.rules...)
				if over := eval[string](p, overflow); over != "" {
					t.Errorf("%s: it must be scrolled sideways, for %s", v.name, over)
				}
				if n := p.count("h1"); n != 1 {
					t.Errorf("%s has %d headings of the first level", v.name, n)
				}
				if background := eval[int](p, lightness); (background < 128) != test.look.dark {
					t.Errorf("%s: its background has a lightness of %d", v.name, background)
				}
			}
		})
	}
}

// overflow is what makes the page wider than its window; empty: nothing does.
const overflow = `document.documentElement.scrollWidth <= innerWidth ? '' :
	[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 100)).slice(-1)[0] ?? 'something'`
