package integration

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestChapterOfSNSInPython works through the chapter's snippets on SNS with
// boto3, as they are printed, and finds what AWS would answer at each step.
func TestChapterOfSNSInPython(t *testing.T) {
	t.Parallel()
	py := python(t)
	p := serve(t)
	out := run(t, p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle()), py, "python/chapter_sns.py", chapter, p.url)
	want := strings.Join([]string{
		"publish before the queue policy: 200", // [B24]
		"publish to the topic of ArnEquals: 200",
		"publish to another topic: 200",
		"in the queue: ['hello']",
		"S3 before the topic policy: 200", // [D9]: the default policy's AWS:SourceOwner
		"S3: 200",
		"S3 for another bucket: AuthorizationError", // [E3]
		"EventBridge to S3's topic: AuthorizationError",
		"EventBridge: 200", // [H10]: no condition at all
		"S3 to EventBridge's topic: AuthorizationError",
		"the owner, whom the policy no longer names: 200", // [H10]: through IAM
		"key of pettracker-events: alias/pettracker-sns",
		"key of image-uploads: alias/pettracker-sns",
		"publish before the alias is made: KMSNotFound", // [H11]
		"publish: 200",
		"S3 to the encrypted topic: KMSAccessDenied", // [B12]
		"S3 to the encrypted topic, with the key's statement: 200",
		"in the queue: ['from s3.amazonaws.com']", // [B5] [H12]: who receives needs no key
		"the owner, with the AWS managed key: 200",
		"S3, with the AWS managed key: KMSAccessDenied", // [B12]
	}, "\n") + "\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("what the chapter's snippets bring about (-want +got):\n%s", diff)
	}
}
