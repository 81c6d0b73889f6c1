package integration

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// signer is a user of S3, whose signatures are verified, with the bucket pics.
func signer(t *testing.T) (*s3.Client, func(method, url, media string, body []byte, header ...string) (int, string)) {
	t.Helper()
	p := serve(t)
	id, secret := p.keeper(p.url)
	config := p.config(p.url)
	config.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
	c := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("pics")}); err != nil {
		t.Fatal(err)
	}
	return c, func(method, url, media string, body []byte, header ...string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if media != "" {
			r.Header.Set("Content-Type", media)
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer, err := config.HTTPClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
}

// A form is taken as it was signed, and no other; what is wrong with its policy is told only
// to those who signed it [S120] [S131].
func TestFormsAsTheyWereSigned(t *testing.T) {
	t.Parallel()
	c, ask := signer(t)
	form, err := s3.NewPresignClient(c).PresignPostObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("pics"), Key: aws.String("a.txt")})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, field, value string
		status             int
		want               []string
	}{
		{"as signed", "", "", http.StatusNoContent, nil},
		{"another policy", "policy", form.Values["policy"][:len(form.Values["policy"])-2], http.StatusForbidden, []string{
			"<Code>SignatureDoesNotMatch</Code>", "<SignatureProvided>" + form.Values["X-Amz-Signature"] + "<", "<StringToSign>" + form.Values["policy"][:len(form.Values["policy"])-2] + "<", "<StringToSignBytes>",
		}},
		{"another signature", "X-Amz-Signature", strings.Repeat("0", 64), http.StatusForbidden, []string{"<Code>SignatureDoesNotMatch</Code>"}},
		{"another key", "key", "b.txt", http.StatusForbidden, []string{"Policy Condition failed"}},
		{"one more field", "acl", "public-read", http.StatusForbidden, []string{"Extra input fields: acl"}},
		{"another date", "X-Amz-Date", "20200101T000000Z", http.StatusForbidden, []string{"Policy Condition failed"}},
	} {
		fields := maps.Clone(form.Values)
		if test.field != "" {
			fields[test.field] = test.value
		}
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, value := range fields {
			if err := w.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		file, _ := w.CreateFormFile("file", "a.txt")
		_, _ = file.Write([]byte("text"))
		_ = w.Close()
		status, body := ask(http.MethodPost, form.URL, w.FormDataContentType(), b.Bytes())
		if status != test.status {
			t.Errorf("%s: %d %s", test.name, status, body)
		}
		for _, want := range test.want {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s in %s", test.name, want, body)
			}
		}
	}
}

// A presigned URL stands for the headers in its query, and nobody can add one [S136].
func TestPresignedURLsWithHeaders(t *testing.T) {
	t.Parallel()
	c, ask := signer(t)
	// As other SDKs do it: what would be a header is in the query before it is signed.
	sign := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	presign := func(query string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, *c.Options().BaseEndpoint+"/pics/k?X-Amz-Expires=60&"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		who, err := c.Options().Credentials.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		link, _, err := sign.PresignHTTP(t.Context(), who, r, "UNSIGNED-PAYLOAD", "s3", "us-east-1", time.Now()) //nolint:forbidigo // signatures are for real time
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	if status, body := ask(http.MethodPut, presign("x-amz-meta-color=red&If-None-Match=*"), "", nil); status != http.StatusOK {
		t.Fatal(status, body)
	}
	if got, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("pics"), Key: aws.String("k")}); err != nil || got.Metadata["color"] != "red" {
		t.Errorf("%v %v", got, err)
	}
	plain := presign("x-amz-meta-color=blue")
	for name, test := range map[string]struct {
		url    string
		header []string
		status int
	}{
		"S136: a condition": {presign("If-None-Match=*"), nil, http.StatusPreconditionFailed},
		"one more":          {plain + "&x-amz-meta-size=1", nil, http.StatusForbidden},
		"another":           {strings.Replace(plain, "=blue", "=black", 1), nil, http.StatusForbidden},
		"a header":          {plain, []string{"X-Amz-Meta-Size", "1"}, http.StatusForbidden},
		"S124: another":     {plain, []string{"X-Amz-Meta-Color", "black"}, http.StatusForbidden},
	} {
		if status, body := ask(http.MethodPut, test.url, "", nil, test.header...); status != test.status {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}
