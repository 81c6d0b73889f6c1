package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLocalStackHabits(t *testing.T) {
	for name, test := range map[string]struct {
		env   map[string]string
		debug bool
		hosts []string
		notes []string
	}{
		"nothing":             {},
		"debug":               {env: map[string]string{"DEBUG": "1"}, debug: true},
		"debug of others":     {env: map[string]string{"DEBUG": "express:*"}},
		"prefixed":            {env: map[string]string{"LOCALSTACK_DEBUG": "true"}, debug: true},
		"persistence":         {env: map[string]string{"PERSISTENCE": "1"}, notes: []string{"PERSISTENCE is not heeded: --data or WAXSEAL_DATA names the folder that keeps the state"}},
		"no persistence":      {env: map[string]string{"PERSISTENCE": "0"}},
		"eager":               {env: map[string]string{"EAGER_SERVICE_LOADING": "1"}},
		"gateway":             {env: map[string]string{"GATEWAY_LISTEN": "0.0.0.0:4566"}, notes: []string{"GATEWAY_LISTEN=0.0.0.0:4566 is not heeded: --addr or WAXSEAL_ADDR says where to listen, HTTP and HTTPS on one port"}},
		"queue URLs":          {env: map[string]string{"SQS_ENDPOINT_STRATEGY": "domain"}, notes: []string{"SQS_ENDPOINT_STRATEGY=domain is not heeded: queue URLs are SCHEME://HOST/ACCOUNT/QUEUE by the host that the client calls"}},
		"queue URLs, by path": {env: map[string]string{"SQS_ENDPOINT_STRATEGY": "path"}},
		"IAM":                 {env: map[string]string{"ENFORCE_IAM": "0"}, notes: []string{"ENFORCE_IAM=0 is not heeded: policies are always enforced"}},
		"host":                {env: map[string]string{"HOSTNAME_EXTERNAL": "h"}, hosts: []string{"h"}, notes: []string{"HOSTNAME_EXTERNAL: browsers and the control API may use the name h; URLs carry the host and port by which a client calls, so nothing else depends on it"}},
	} {
		h := localStackHabits(func(name string) (string, bool) { v, ok := test.env[name]; return v, ok })
		var notes []string
		for _, n := range h.notes {
			notes = append(notes, n.text)
		}
		if h.debug != test.debug || !cmp.Equal(h.hosts, test.hosts) || !cmp.Equal(notes, test.notes) {
			t.Errorf("%s: debug %v, hosts %v\n%s", name, h.debug, h.hosts, cmp.Diff(test.notes, notes))
		}
	}
}

func TestServicesThatThereAreNot(t *testing.T) {
	for services, want := range map[string]string{
		"":                  "",
		"sqs, sns:4575,kms": "",
		"s3,sqs,dynamodb":   "LocalStack's variables: SERVICES names s3, dynamodb, which waxseal does not have; it has sqs, sns, kms, always",
	} {
		var log bytes.Buffer
		habits{services: services}.reportServices(slog.New(slog.NewTextHandler(&log, nil)), []string{"sqs", "sns", "kms"})
		if got := log.String(); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: the log says %q", services, got)
		}
	}
}

// LocalStack's variables stand where no flag and no variable of waxseal's does.
func TestLocalStackHabitsFillWhatIsUnset(t *testing.T) {
	for _, c := range []struct {
		name, args, log, region string
		env                     map[string]string
	}{
		{"LocalStack's alone", "", "debug", "eu-west-1", nil},
		{"flags", "--log error --region us-west-2", "error", "us-west-2", nil},
		{"waxseal's variables", "", "warn", "sa-east-1", map[string]string{"WAXSEAL_LOG": "warn", "WAXSEAL_REGION": "sa-east-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"WAXSEAL_LOG", "WAXSEAL_REGION"} {
				t.Setenv(name, c.env[name])
			}
			cmd := newServe()
			if err := cmd.ParseFlags(strings.Fields(c.args)); err != nil {
				t.Fatal(err)
			}
			var f serveFlags
			f.log, f.region = cmd.Flag("log").Value.String(), cmd.Flag("region").Value.String()
			habits{debug: true, region: "eu-west-1", hosts: []string{"h"}}.fill(cmd.Flags(), &f)
			if f.log != c.log || f.region != c.region || !cmp.Equal(f.allowHosts, []string{"h"}) {
				t.Errorf("log %s, region %s, hosts %v", f.log, f.region, f.allowHosts)
			}
		})
	}
}
