package integration

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/waxseal/waxseal"
)

// fromPage are the headers of a request that a browser makes for a page of another origin.
var fromPage = http.Header{
	"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"}, "Origin": {"https://shop.example"},
	"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"},
}

// ask makes a request as a browser does, and answers its status, its body and a header.
func ask(t *testing.T, config *aws.Config, headers http.Header, method, url string, body []byte, media string) (status int, text, sandbox string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = maps.Clone(headers)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	answer, err := config.HTTPClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(read), answer.Header.Get("Content-Security-Policy")
}

// postForm is what a browser sends of a form with a file.
func postForm(t *testing.T, fields map[string]string, file string) (media string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := w.WriteField(name, fields[name]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "cat.jpg")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, file)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.Bytes()
}

// A page of another origin does with S3 what the URLs and forms that it was given are
// signed for, and reads what anybody may read. It does nothing in a name whose signature
// nobody can verify, and writes nothing in nobody's.
func TestPagesOfOtherOrigins(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	root := cloud.Config()
	admin := s3.NewFromConfig(root)
	mustMakeBucket(t, admin, "uploads")
	mustOpenBucket(t, admin, "uploads", `["s3:GetObject","s3:PutObject"]`)
	role := cloud.As(cloud.Role("uploader", waxseal.Allow("s3:*")))
	object := &s3.GetObjectInput{Bucket: aws.String("uploads"), Key: aws.String("cat.jpg")}
	put := &s3.PutObjectInput{Bucket: aws.String("uploads"), Key: aws.String("cat.jpg")}

	for _, test := range []struct {
		name   string
		config aws.Config
		posted int
	}{
		{"signed by a role", role, http.StatusNoContent},
		{"signed with a key that is not known", root, http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			presign := s3.NewPresignClient(s3.NewFromConfig(test.config, func(o *s3.Options) { o.UsePathStyle = true }))
			form, err := presign.PresignPostObject(t.Context(), put)
			if err != nil {
				t.Fatal(err)
			}
			media, body := postForm(t, form.Values, "meow")
			status, text, _ := ask(t, &test.config, fromPage, http.MethodPost, form.URL, body, media)
			if status != test.posted || status != http.StatusNoContent && !strings.Contains(text, "Refused by waxseal, not by AWS: a page of another origin may not ask for this.") {
				t.Errorf("the form is answered %d %s", status, text)
			}
			changed := maps.Clone(form.Values)
			changed["key"] = "dog.jpg"
			media, body = postForm(t, changed, "woof")
			if status, text, _ := ask(t, &test.config, fromPage, http.MethodPost, form.URL, body, media); status != http.StatusForbidden {
				t.Errorf("a form that was changed is answered %d %s", status, text)
			}
			link, err := presign.PresignGetObject(t.Context(), object)
			if err != nil {
				t.Fatal(err)
			}
			want := map[int]int{http.StatusNoContent: http.StatusOK, http.StatusForbidden: http.StatusForbidden}[test.posted]
			if status, text, _ := ask(t, &test.config, fromPage, http.MethodGet, link.URL, nil, ""); status != want || status == http.StatusOK && text != "meow" {
				t.Errorf("the link is answered %d %s", status, text)
			}
		})
	}
	nobody := *root.BaseEndpoint + "/uploads/"
	if status, text, _ := ask(t, &root, fromPage, http.MethodGet, nobody+"cat.jpg", nil, ""); status != http.StatusOK || text != "meow" {
		t.Errorf("an image that anybody may read is answered %d %s", status, text)
	}
	if status, text, _ := ask(t, &root, fromPage, http.MethodPut, nobody+"cat.jpg", []byte("x"), ""); status != http.StatusForbidden {
		t.Errorf("a page's own put is answered %d %s", status, text)
	}
	media, body := postForm(t, map[string]string{"key": "mouse.jpg"}, "squeak")
	if status, text, _ := ask(t, &root, fromPage, http.MethodPost, nobody, body, media); status != http.StatusForbidden {
		t.Errorf("a page's own form is answered %d %s", status, text)
	}
	if status, text, _ := ask(t, &root, http.Header{}, http.MethodPost, nobody, body, media); status != http.StatusNoContent {
		t.Errorf("the same form of no page is answered %d %s", status, text)
	}
}

// An object that is a page has an origin of its own, whoever opens it: what asks for an
// object from there is of another origin, and the control API answers no other origin.
func TestStoredPagesHaveNoOrigin(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	root := cloud.Config()
	admin := s3.NewFromConfig(root)
	mustMakeBucket(t, admin, "pages")
	mustOpenBucket(t, admin, "pages", `"s3:GetObject"`)
	_, err := admin.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("pages"), Key: aws.String("index.html"), ContentType: aws.String("text/html"), Body: strings.NewReader("<script>fetch('/_waxseal/reset',{method:'POST'})</script>"),
	})
	if err != nil {
		t.Fatal(err)
	}
	typed := maps.Clone(fromPage)
	typed.Del("Origin")
	typed.Set("Sec-Fetch-Site", "none")
	page := *root.BaseEndpoint + "/pages/index.html"
	status, _, sandbox := ask(t, &root, typed, http.MethodGet, page, nil, "")
	if status != http.StatusOK || !strings.HasPrefix(sandbox, "sandbox ") || strings.Contains(sandbox, "allow-same-origin") || strings.Contains(sandbox, "escape") {
		t.Errorf("the page is answered %d with the policy %q", status, sandbox)
	}
	inPage := maps.Clone(fromPage) // as browsers send it for a page of a sandbox
	inPage.Set("Origin", "null")
	if status, text, _ := ask(t, &root, inPage, http.MethodPost, *root.BaseEndpoint+"/_waxseal/reset", nil, ""); status != http.StatusForbidden {
		t.Errorf("the page's script is answered %d %s", status, text)
	}
	if _, _, sandbox := ask(t, &root, http.Header{}, http.MethodGet, page, nil, ""); sandbox != "" {
		t.Errorf("no browser is told the policy %q", sandbox)
	}
}

func mustMakeBucket(t *testing.T, c *s3.Client, name string) {
	t.Helper()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
}

// mustOpenBucket lets anybody take actions on the objects of a bucket.
func mustOpenBucket(t *testing.T, c *s3.Client, name, actions string) {
	t.Helper()
	_, err := c.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{Bucket: &name, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{}})
	if err != nil {
		t.Fatal(err)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":` + actions + `,"Resource":"arn:aws:s3:::` + name + `/*"}]}`
	if _, err := c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &name, Policy: &policy}); err != nil {
		t.Fatal(err)
	}
}
