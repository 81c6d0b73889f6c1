package s3

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
)

// statement is a policy of one statement on the test's bucket and its objects.
func statement(fields string) string {
	return `{"Version":"2012-10-17","Statement":[{"Resource":["arn:aws:s3:::pettracker-images","arn:aws:s3:::pettracker-images/*"],` + fields + `}]}`
}

const (
	openToAll = `"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"]`
	forOther  = `"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:*"`
)

// unblock takes Block Public Access away.
func (w *world) unblock() {
	w.t.Helper()
	if _, err := w.DeletePublicAccessBlock(w.ctx, &DeletePublicAccessBlockInput{Bucket: name}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) putPolicy(text string) error {
	_, err := w.PutBucketPolicy(w.ctx, &PutBucketPolicyInput{Bucket: name, Policy: text})
	return err
}

// TestBucketPolicy: put, read, replaced, deleted, and not there [S200].
func TestBucketPolicy(t *testing.T) {
	w := newWorld(t)
	none := "NoSuchBucketPolicy: The bucket policy does not exist; BucketName=pettracker-images"
	_, err := w.GetBucketPolicy(w.ctx, &GetBucketPolicyInput{Bucket: name})
	failsWith(t, err, none)
	_, err = w.GetBucketPolicyStatus(w.ctx, &GetBucketPolicyStatusInput{Bucket: name})
	failsWith(t, err, none) // [S208]
	for _, text := range []string{statement(forOther), statement(`"Effect":"Deny","Principal":"*","Action":"s3:PutObject"`)} {
		if err := w.putPolicy(text); err != nil {
			t.Fatal(err)
		}
		w.open() // a policy stays
		out, err := w.GetBucketPolicy(w.ctx, &GetBucketPolicyInput{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		want := text
		if text == statement(forOther) { // an account is shown as its root user
			want = statement(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:*"`)
		}
		if diff := cmp.Diff(want, out.Policy); diff != "" {
			t.Error(diff)
		}
	}
	for range 2 {
		if _, err := w.DeleteBucketPolicy(w.ctx, &DeleteBucketPolicyInput{Bucket: name}); err != nil {
			t.Fatal(err)
		}
		_, err = w.GetBucketPolicy(w.ctx, &GetBucketPolicyInput{Bucket: name})
		failsWith(t, err, none)
	}
	_, err = w.GetBucketPolicy(w.ctx, &GetBucketPolicyInput{Bucket: "no-bucket"})
	failsWith(t, err, "NoSuchBucket: The specified bucket does not exist; BucketName=no-bucket")
}

// TestBucketPolicyRefused: a text that is refused changes nothing.
func TestBucketPolicyRefused(t *testing.T) {
	w := newWorld(t)
	kept := statement(forOther)
	if err := w.putPolicy(kept); err != nil {
		t.Fatal(err)
	}
	before := w.raw()
	for text, want := range map[string]string{
		"":                            "Policies must be valid JSON and the first byte must be '{'", // [S201]
		"invalid":                     "Policies must be valid JSON and the first byte must be '{'",
		" " + kept:                    "Policies must be valid JSON and the first byte must be '{'",
		"{}":                          "Missing required field Statement",
		`{"Statement":`:               "This policy contains invalid Json",
		statement(`"Effect":"Allow"`): "Missing required field Principal",
		statement(`"Effect":"Allow","Principal":{"AWS":"nobody"},"Action":"s3:*"`):                                             "Invalid principal in policy", // [S202]
		statement(`"Effect":"Allow","Principal":{"AWS":"AIDAAAAAAAAAAAAAAAAA"},"Action":"s3:HeadObject"`):                      "Policy has invalid action",
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images"}}`: "Action does not apply to any resource(s) in statement",
		`{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::other/*"}}`:           "Policy has invalid resource",
	} {
		failsWith(t, w.putPolicy(text), "MalformedPolicy: "+want)
	}
	if diff := cmp.Diff(string(before), string(w.raw())); diff != "" {
		t.Error(diff)
	}
}

// TestPublicPolicy: Block Public Access judges the whole new policy, and says whether the
// present one is public [S208] [S210] [S212].
func TestPublicPolicy(t *testing.T) {
	w := newWorld(t)
	both := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images/*"},
		{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::pettracker-images/public/*"}]}`
	for _, text := range []string{statement(openToAll), both} {
		failsWith(t, w.putPolicy(text), `AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::pettracker-images" `+
			"because public policies are blocked by the BlockPublicPolicy block public access setting.")
	}
	public := func() bool {
		t.Helper()
		out, err := w.GetBucketPolicyStatus(w.ctx, &GetBucketPolicyStatusInput{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		return *out.PolicyStatus.IsPublic
	}
	if err := w.putPolicy(statement(forOther)); err != nil || public() {
		t.Errorf("the policy for one account is public, or refused: %v", err)
	}
	if _, err := w.PutPublicAccessBlock(w.ctx, &PutPublicAccessBlockInput{
		Bucket: name, PublicAccessBlockConfiguration: &PublicAccessBlockConfiguration{RestrictPublicBuckets: new(true)},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.putPolicy(both); err != nil || !public() {
		t.Errorf("the policy for everyone is not public, or refused: %v", err)
	}
}

// TestPublicAccessBlock: all is blocked of a new bucket; what a request leaves out is not [S041] [S209].
func TestPublicAccessBlock(t *testing.T) {
	w := newWorld(t)
	get := func() *PublicAccessBlockConfiguration {
		t.Helper()
		out, err := w.GetPublicAccessBlock(w.ctx, &GetPublicAccessBlockInput{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		return out.PublicAccessBlockConfiguration
	}
	yes, no := new(true), new(false)
	if diff := cmp.Diff(&PublicAccessBlockConfiguration{yes, yes, yes, yes}, get()); diff != "" {
		t.Error(diff)
	}
	put := func(c *PublicAccessBlockConfiguration) error {
		_, err := w.PutPublicAccessBlock(w.ctx, &PutPublicAccessBlockInput{Bucket: name, PublicAccessBlockConfiguration: c})
		return err
	}
	if err := put(&PublicAccessBlockConfiguration{BlockPublicPolicy: yes}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&PublicAccessBlockConfiguration{no, yes, no, no}, get()); diff != "" {
		t.Error(diff)
	}
	failsWith(t, put(nil), wording(ErrMalformedXML))
	for range 2 {
		w.unblock()
		_, err := w.GetPublicAccessBlock(w.ctx, &GetPublicAccessBlockInput{Bucket: name})
		failsWith(t, err, "NoSuchPublicAccessBlockConfiguration: The public access block configuration was not found; BucketName=pettracker-images")
	}
}

// TestPoliciesInForce: the documents that decisions are taken with are those that are
// listed, and stay when something else about the bucket changes.
func TestPoliciesInForce(t *testing.T) {
	w := newWorld(t)
	if err := w.putPolicy(statement(forOther)); err != nil {
		t.Fatal(err)
	}
	list, err := w.PoliciesInForce(w.ctx)
	if err != nil || len(list) != 1 || list[0].Owner != "arn:aws:s3:::pettracker-images" {
		t.Fatalf("%v, %v", list, err)
	}
	w.unblock()
	target, _, err := w.resolveBucket(w.ctx, &HeadBucketInput{Bucket: name})
	if err != nil || target.Policy.Document != list[0].Policy.Document {
		t.Errorf("%v, or it is another document", err)
	}
	again, err := w.PoliciesInForce(w.ctx)
	if err != nil || again[0].Policy != list[0].Policy {
		t.Errorf("%v, or it is another policy", err)
	}
}

// TestPolicyEpoch: a policy keeps when it was set.
func TestPolicyEpoch(t *testing.T) {
	w := newWorld(t)
	w.policies.Names = epochs(7)
	if err := w.putPolicy(statement(`"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"s3:*"`)); err != nil {
		t.Fatal(err)
	}
	target, _, err := w.resolveBucket(w.ctx, &HeadBucketInput{Bucket: name})
	if err != nil || target.Policy.Epoch != 7 {
		t.Errorf("%v: %+v", err, target.Policy)
	}
	out, err := w.GetBucketPolicy(w.ctx, &GetBucketPolicyInput{Bucket: name})
	if want := statement(`"Effect":"Allow","Principal":{"AWS":"AROA arn:aws:iam::111122223333:role/app"},"Action":"s3:*"`); err != nil || out.Policy != want {
		t.Errorf("%v: %s", err, out.Policy)
	}
}

// epochs is a directory in which the epoch is always the same, and every role has been deleted since.
type epochs uint64

func (e epochs) Epoch(store.Reader) uint64 { return uint64(e) }

func (e epochs) Shown(_ store.Reader, _ uint64, principal string) string { return "AROA " + principal }
