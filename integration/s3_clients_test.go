package integration

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/waxseal/waxseal/internal/testsize"
)

// largeObject is the length of an object that clients put in parts, in bytes.
var largeObject = testsize.Of(200<<20, 20<<20)

// Clients of S3 work unchanged, whatever they sign and however they send: as a user,
// whose signatures are verified.

func TestS3InPython(t *testing.T) {
	t.Parallel()
	py := python(t)
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "PYTHONUTF8=1")
		if strings.HasPrefix(endpoint, "https:") {
			env = append(env, "AWS_CA_BUNDLE="+p.caBundle())
		}
		if out := run(t, env, py, "python/s3_client.py", strconv.Itoa(largeObject)); out != "ok\n" {
			t.Errorf("printed %q", out)
		}
	})
}

func TestS3InJavaScript(t *testing.T) {
	t.Parallel()
	js := node(t)
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		ca := p.caBundle()
		id, secret := p.keeper(endpoint)
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "AWS_CA_BUNDLE="+ca, "NODE_EXTRA_CA_CERTS="+ca, "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret)
		if out := run(t, env, js, "js/s3_client.mjs", "pics-"+strings.Split(endpoint, ":")[0]); out != "ok\n" {
			t.Errorf("printed %q", out)
		}
	})
}

// keeper is the access key of a user who may do everything with S3.
func (p *process) keeper(url string) (id, secret string) {
	p.t.Helper()
	return p.user("keeper", url, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
}

// user is the access key of a new user with one policy. Its name tells the scheme of the url
// by which it is made.
func (p *process) user(name, url string, statements ...string) (id, secret string) {
	p.t.Helper()
	scheme, _, _ := strings.Cut(url, ":")
	user := aws.String(name + "-" + scheme)
	c := iam.NewFromConfig(p.config(url))
	if _, err := c.CreateUser(p.t.Context(), &iam.CreateUserInput{UserName: user}); err != nil {
		p.t.Fatal(err)
	}
	if _, err := c.PutUserPolicy(p.t.Context(), &iam.PutUserPolicyInput{
		UserName: user, PolicyName: aws.String("policy"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`),
	}); err != nil {
		p.t.Fatal(err)
	}
	key, err := c.CreateAccessKey(p.t.Context(), &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		p.t.Fatal(err)
	}
	return *key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey
}

func TestS3InGo(t *testing.T) {
	t.Parallel()
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		id, secret := p.keeper(endpoint)
		config := p.config(endpoint)
		config.Credentials = credentials.NewStaticCredentialsProvider(id, secret, "")
		c := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
		bucket, key := aws.String("pics"), aws.String("a b/../é+%")
		if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
			t.Fatal(err)
		}
		want := make([]byte, 1<<20)
		_, _ = rand.Read(want)
		if _, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: bytes.NewReader(want), Metadata: map[string]string{"name": "v"}}); err != nil {
			t.Fatal(err)
		}
		got, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		if err != nil || !bytes.Equal(body, want) || got.Metadata["name"] != "v" {
			t.Errorf("%d bytes, %v, %v", len(body), got.Metadata, err)
		}
		link, err := s3.NewPresignClient(c).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		for url, status := range map[string]int{link.URL: http.StatusOK, link.URL + "0": http.StatusForbidden} {
			request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
			answer, err := config.HTTPClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode != status || status == http.StatusOK && !bytes.Equal(body, want) {
				t.Errorf("%s: %s, %d bytes", url, answer.Status, len(body))
			}
		}
		_, err = c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String("none")})
		if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "NoSuchKey" {
			t.Errorf("a key that is not there: %v", err)
		}
	})
}

func TestS3WithCLI(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	schemes(t, func(t *testing.T, p *process, endpoint string) {
		if strings.HasPrefix(endpoint, "http:") && !testsize.Full() {
			return // the CLI takes seconds to begin, each of many times
		}
		id, secret := p.keeper(endpoint)
		env := p.env("AWS_ENDPOINT_URL="+endpoint, "AWS_CA_BUNDLE="+p.caBundle(), "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret)
		aws := func(args ...string) string {
			t.Helper()
			return run(t, env, "aws", append([]string{"s3"}, args...)...)
		}
		dir := t.TempDir()
		for name, text := range map[string]string{"in/a.txt": "a", "in/sub/b c.txt": "b", "in/é.txt": "é"} {
			file := filepath.Join(dir, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		aws("mb", "s3://pics")
		aws("cp", filepath.Join(dir, "in/a.txt"), "s3://pics/one")
		aws("sync", filepath.Join(dir, "in"), "s3://pics/tree")
		if out := aws("sync", filepath.Join(dir, "in"), "s3://pics/tree"); out != "" {
			t.Errorf("a second sync did something: %s", out)
		}
		list := aws("ls", "--recursive", "s3://pics")
		for _, key := range []string{"one", "tree/a.txt", "tree/sub/b c.txt", "tree/é.txt"} {
			if !strings.Contains(list, " "+key+"\n") {
				t.Errorf("%s is not listed:\n%s", key, list)
			}
		}
		aws("sync", "s3://pics/tree", filepath.Join(dir, "out"))
		if got := readFile(t, filepath.Join(dir, "out/sub/b c.txt")); got != "b" {
			t.Errorf("read back %q", got)
		}
		link := strings.TrimSpace(aws("presign", "s3://pics/one", "--expires-in", "60"))
		answer, err := p.config(endpoint).HTTPClient.Do(must(http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusOK || string(body) != "a" {
			t.Errorf("%s: %s %s", link, answer.Status, body)
		}
		large := make([]byte, largeObject)
		_, _ = rand.Read(large[:1<<20])
		file := filepath.Join(dir, "large")
		if err := os.WriteFile(file, large, 0o600); err != nil {
			t.Fatal(err)
		}
		aws("cp", file, "s3://pics/large")
		aws("cp", "s3://pics/large", "s3://pics/copy")
		aws("cp", "s3://pics/copy", file+".back")
		if back := readFile(t, file+".back"); back != string(large) {
			t.Errorf("%d bytes of %d came back, or others", len(back), len(large))
		}
		aws("rm", "--recursive", "s3://pics")
		aws("rb", "s3://pics")
		if out := aws("ls"); out != "" {
			t.Errorf("left: %s", out)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return v
}
