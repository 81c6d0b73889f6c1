package integration

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestChapterOfS3InPython runs the chapter's pattern by which S3 publishes to a topic.
func TestChapterOfS3InPython(t *testing.T) {
	t.Parallel()
	py := python(t)
	p := serve(t)
	out := run(t, p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle()), py, "python/chapter_s3.py", chapter, p.url)
	const refused = "InvalidArgument: Unable to validate the following destination configurations: image-uploads: " +
		"Permissions on the destination topic do not allow S3 to publish notifications from this bucket"
	want := strings.Join([]string{
		"without AllowS3Publish: " + refused,
		"with AllowS3Publish: taken",
		"another bucket: " + refused,
		"put: 200",
		"in the queue: [[('ObjectCreated:Put', 'cats/tom+1.jpg', 'uploads')], 's3:TestEvent']",
		"encrypted under a key that leaves S3 out: " + refused,
	}, "\n") + "\n"
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("what the chapter's pattern brings about (-want +got):\n%s", diff)
	}
}
