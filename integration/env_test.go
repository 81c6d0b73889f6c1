package integration

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// After env, the AWS CLI of a shell, of its scripts and of what they start reaches waxseal
// for every service, whatever the shell had before.
func TestEnvLeadsTheCLI(t *testing.T) {
	t.Parallel()
	awsCLI(t)
	cli, err := exec.LookPath("aws")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t)
	env := wordless("AWS_ENDPOINT_URL_SQS=http://127.0.0.1:1", "AWS_PROFILE=work", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "WAXSEAL="+binary(t),
		"HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir(), "PATH="+filepath.Dir(cli)+":/usr/bin:/bin")
	for _, command := range []string{
		"aws sqs create-queue --queue-name a --query QueueUrl",
		"echo list-queues | xargs aws sqs",
		"sh -c 'aws sqs get-queue-url --queue-name a'",
		"aws kms list-keys", "aws s3 ls", "aws events list-rules",
	} {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", `eval "$("$WAXSEAL" env --endpoint-url `+p.url+`)" && `+command)
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}

// Where env fails, so does eval, and the shell has no credentials left.
func TestEnvFails(t *testing.T) {
	t.Parallel()
	p := serve(t)
	nobody := "http://127.0.0.1:" + freePort(t)
	others := func(status int, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	lost, odd, page := others(404, "not found"), others(200, `{"AccessKeyId": ""}`), others(200, "<html>")
	for args, want := range map[string]string{
		"--endpoint-url " + p.url + " --as role/none": "there is no role none in account 123456789012; make it first, for example: waxseal aws iam create-role …",
		"--shell csh":              `--shell: "csh" is none of`,
		"--htps":                   "unknown flag: --htps",
		"--endpoint-url " + nobody: "no server answers at " + nobody,
		"--endpoint-url " + nobody + " --as role/x": "no server answers at " + nobody,
		"--endpoint-url " + lost:                    "what answers at " + lost + " is not waxseal",
		"--endpoint-url " + odd:                     "what answers at " + odd + " is not waxseal",
		"--endpoint-url " + page:                    page + " does not answer as waxseal does",
	} {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", `eval "$("$WAXSEAL" env `+args+`)"; echo "status $?, secret $AWS_SECRET_ACCESS_KEY"`)
		cmd.Env = wordless("WAXSEAL="+binary(t), "AWS_ACCESS_KEY_ID=AKIAREAL", "AWS_SECRET_ACCESS_KEY=s3cret")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) || !strings.HasSuffix(string(out), "status 1, secret \n") {
			t.Errorf("env %s: %v\n%s\nwant %s", args, err, out, want)
		}
		if got := program(t, wordless(), append([]string{"env"}, strings.Fields(args)...)...); got.status != 2 {
			t.Errorf("env %s: status %d, %s", args, got.status, got.stderr)
		}
	}
}
