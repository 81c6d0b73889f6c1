package s3_test

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/s3"
)

// through is a request that comes through a VPC endpoint with a policy of the statements.
func through(statements string) func(*api.Request) {
	return func(r *api.Request) {
		r.SourceIP = "10.0.1.7"
		r.VPCEndpoint = &api.VPCEndpoint{ID: "vpce-1", VPC: "vpc-1", Account: owner, Region: "us-east-1", Service: "s3", Policy: document(statements)}
	}
}

// TestThroughEndpoint: the policy of a VPC endpoint limits what passes it, also what undoes the
// bucket's policy [S204], and a bucket's policy can ask for an endpoint.
func TestThroughEndpoint(t *testing.T) {
	h := newHouse(t)
	must(t, h.put(root(owner), "public/a"))
	const all = `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`
	public := `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/public/*"}`
	get := func(key string) any { return &s3.GetObjectInput{Bucket: "photos", Key: key} }
	must(t, h.call(root(owner), "GetObject", get("public/a"), through(public)))
	says := func(action, resource string) string {
		return "AccessDenied: User: arn:aws:iam::" + owner + ":root is not authorized to perform: " + action + ` on resource: "` + resource + `" because no VPC endpoint policy allows the ` + action + " action"
	}
	if got, want := text(h.call(root(owner), "GetObject", get("a"), through(public))), says("s3:GetObject", photos+"/a"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := text(h.call(root(owner), "DeleteBucketPolicy", &s3.DeleteBucketPolicyInput{Bucket: "photos"}, through(public))), says("s3:DeleteBucketPolicy", photos); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	h.policy(denies(`"*"`, `,"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}`))
	must(t, h.call(user(owner, everything), "GetObject", get("a"), through(all)))
	if got := text(h.call(user(owner, everything), "GetObject", get("a"))); !strings.HasSuffix(got, "with an explicit deny in a resource-based policy") {
		t.Error(got)
	}
	h.policy(strings.TrimSuffix(readable(`"*"`), "}") + `,"Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}`)
	must(t, h.call(anonymous(), "GetObject", get("a"), through(all)))
	if got := text(h.call(anonymous(), "GetObject", get("a"))); got != denied {
		t.Error(got)
	}
}
