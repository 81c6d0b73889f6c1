package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/web"
)

// listing is a server that lists the same VPC endpoints whatever it is asked, by name.
func listing(t *testing.T, endpoints map[string][]vpcEndpoint) *client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.Answer(w, http.StatusOK, map[string]any{"endpoints": endpoints[r.URL.Query().Get("endpoint")]})
	}))
	t.Cleanup(s.Close)
	return &client{endpoint: s.URL, http: s.Client()}
}

func TestThroughVariables(t *testing.T) {
	queues, keys, events := vpcEndpoint{ID: "vpce-1", Service: "sqs", Region: "us-east-1"}, vpcEndpoint{ID: "vpce-2", Service: "kms", Region: "us-east-1"}, vpcEndpoint{ID: "vpce-3", Service: "events", Region: "us-east-1"}
	c := listing(t, map[string][]vpcEndpoint{
		"vpce-1": {queues}, "keys": {keys}, "app": {queues, keys}, "events": {events},
		"other": {{ID: "vpce-4", Service: "sqs", Region: "us-east-1"}}, "far": {{ID: "vpce-5", Service: "sqs", Region: "eu-west-1"}},
	})
	const base = "http://h:1"
	for name, test := range map[string]struct {
		in     through
		want   []string
		failed string
	}{
		"the internet": {through{}, []string{"AWS_ENDPOINT_URL=" + base, "AWS_KMS_ENDPOINT=" + base}, ""},
		"one":          {through{endpoints: []string{"vpce-1"}}, []string{"AWS_ENDPOINT_URL=" + base, "AWS_ENDPOINT_URL_SQS=" + base + "/_vpce/vpce-1", "AWS_KMS_ENDPOINT=" + base}, ""},
		"one for KMS, which Vault knows by another variable": {through{endpoints: []string{"keys", "events"}}, []string{
			"AWS_ENDPOINT_URL=" + base, "AWS_ENDPOINT_URL_EVENTBRIDGE=" + base + "/_vpce/vpce-3", "AWS_ENDPOINT_URL_KMS=" + base + "/_vpce/vpce-2", "AWS_KMS_ENDPOINT=" + base + "/_vpce/vpce-2",
		}, ""},
		"several of one name, isolated": {through{[]string{"app", "vpce-1"}, true}, []string{
			"AWS_ENDPOINT_URL=" + base + "/_vpce/isolated", "AWS_ENDPOINT_URL_KMS=" + base + "/_vpce/vpce-2", "AWS_ENDPOINT_URL_SQS=" + base + "/_vpce/vpce-1", "AWS_KMS_ENDPOINT=" + base + "/_vpce/vpce-2",
		}, ""},
		"isolated":            {through{nil, true}, []string{"AWS_ENDPOINT_URL=" + base + "/_vpce/isolated", "AWS_KMS_ENDPOINT=" + base + "/_vpce/isolated"}, ""},
		"none":                {through{endpoints: []string{"none"}}, nil, `there is no VPC endpoint "none" in account 123456789012, region us-east-1`},
		"two for one service": {through{endpoints: []string{"vpce-1", "other"}}, nil, "vpce-1 and vpce-4 are both for sqs"},
		"in another region":   {through{endpoints: []string{"far"}}, nil, "vpce-5 is in eu-west-1, and clients call us-east-1"},
	} {
		urls, err := test.in.urls(t.Context(), c, base, "123456789012", "us-east-1")
		if err != nil || test.failed != "" {
			if err == nil || !strings.Contains(err.Error(), test.failed) {
				t.Errorf("%s: %v, want %s", name, err, test.failed)
			}
			continue
		}
		got := test.in.variables(base, urls)
		slices.Sort(got)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A shell has no variable left that leads elsewhere, such as back into a VPC.
func TestStaleVariables(t *testing.T) {
	got := stale([]string{
		"AWS_ENDPOINT_URL_SQS=x", "AWS_ENDPOINT_URL_KMS=y", "AWS_ENDPOINT_URL=z", "HOME=/", "AWS_PROFILE=work", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
		"AWS_CONFIG_FILE=/c", "AWS_CA_BUNDLE=/ca", "AWS_PAGER=", "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://h",
	}, []string{"AWS_ENDPOINT_URL_KMS=k", "AWS_ENDPOINT_URL=u"})
	if !slices.Equal(got, []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ENDPOINT_URL_SQS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_PROFILE"}) {
		t.Errorf("%q", got)
	}
}

func TestServiceOfArguments(t *testing.T) {
	for args, want := range map[string]string{
		"sqs list-queues": "sqs", "--region eu-west-1 --debug kms list-keys --query sqs": "kms", "--query=x sns": "sns",
		"s3api list-buckets": "s3", "s3 ls": "s3", "--version": "", "": "", "--region": "",
	} {
		if got := serviceOf(strings.Fields(args)); got != want {
			t.Errorf("aws %s calls %q, want %q", args, got, want)
		}
	}
}

// The shim leads each service's commands where its variable says, as waxseal aws does.
func TestShimInAVPC(t *testing.T) {
	dir := t.TempDir()
	installed := filepath.Join(dir, "aws")
	if err := os.WriteFile(installed, []byte("#!/bin/sh\necho \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	box, err := newSandbox([]string{"PATH=" + os.Getenv("PATH")})
	if err != nil || box.aws == "" {
		t.Fatal("there is no shim:", err)
	}
	defer func() { _ = box.remove() }()
	c := listing(t, map[string][]vpcEndpoint{"app": {{ID: "vpce-1", Service: "sqs", Region: "us-east-1"}, {ID: "vpce-2", Service: "s3", Region: "us-east-1"}, {ID: "vpce-3", Service: "events", Region: "us-east-1"}}})
	const base = "http://h:1"
	if err := box.point(context.Background(), c, base, "123456789012", "us-east-1", &through{endpoints: []string{"app"}}); err != nil {
		t.Fatal(err)
	}
	for _, v := range box.environ() {
		if name, value, _ := strings.Cut(v, "="); strings.HasPrefix(name, allServices) {
			t.Setenv(name, value)
		}
	}
	for args, url := range map[string]string{
		"sqs list-queues": base + "/_vpce/vpce-1", "--region x --query sqs kms list-keys": base, "s3api list-buckets": base + "/_vpce/vpce-2", "s3 ls sqs": base + "/_vpce/vpce-2",
		"events list-rules": base + "/_vpce/vpce-3", "sns publish --message sqs": base, "a;b": base, "--version": base,
	} {
		want := "--endpoint-url " + url + " " + args
		cmd := exec.Command(box.aws, strings.Fields(args)...)
		cmd.Env = box.environ()
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("the shim runs aws %s, %v; want %s", got, err, want)
		}
		if got := strings.Join(withEndpoint(strings.Fields(args)), " "); got != want {
			t.Errorf("waxseal aws runs aws %s; want %s", got, want)
		}
	}
	if out, err := exec.Command(box.aws, "sqs", "list-queues", "--endpoint-url", "http://other").CombinedOutput(); err != nil || string(out) != "sqs list-queues --endpoint-url http://other\n" {
		t.Errorf("an endpoint that is given: %s, %v", out, err)
	}
}
