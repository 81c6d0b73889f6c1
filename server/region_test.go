package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// inRegion makes a call of each service as the root user, signed for a region.
func inRegion(s http.Handler, service, region string) (int, string) {
	header := []string{"Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/" + region + "/" + service + "/aws4_request, SignedHeaders=host, Signature=0"}
	switch service {
	case "sqs":
		return servertest.Ask(s, http.MethodPost, "/", "{}", append(header, "X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0")...)
	case "kms":
		return servertest.Ask(s, http.MethodPost, "/", "{}", append(header, "X-Amz-Target", "TrentService.ListKeys", "Content-Type", "application/x-amz-json-1.1")...)
	case "organizations":
		return servertest.Ask(s, http.MethodPost, "/", "{}", append(header, "X-Amz-Target", "AWSOrganizationsV20161128.ListRoots", "Content-Type", "application/x-amz-json-1.1")...)
	}
	body := map[string]string{
		"sqs-query": "Action=ListQueues&Version=2012-11-05", "sns": "Action=ListTopics&Version=2010-03-31",
		"sts": "Action=GetCallerIdentity&Version=2011-06-15", "iam": "Action=ListUsers&Version=2010-05-08",
	}[service]
	header[1] = strings.Replace(header[1], "sqs-query", "sqs", 1)
	return servertest.Ask(s, http.MethodPost, "/", body, append(header, "Content-Type", "application/x-www-form-urlencoded")...)
}

func TestARegionThatAWSDoesNotHaveIsRefused(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	const text = "Credential should be scoped to a valid region, not 'us-est-1'."
	for service, code := range map[string]string{
		"sqs": "InvalidSignatureException", "kms": "InvalidSignatureException", "organizations": "InvalidSignatureException",
		"sqs-query": "SignatureDoesNotMatch", "sns": "SignatureDoesNotMatch", "sts": "SignatureDoesNotMatch", "iam": "SignatureDoesNotMatch",
	} {
		want := http.StatusForbidden
		if service == "kms" || service == "organizations" {
			want = http.StatusBadRequest // [C1]
		}
		for range 2 {
			status, body := inRegion(s, service, "us-est-1")
			body = strings.ReplaceAll(body, "&#39;", "'")
			if status != want || !strings.Contains(body, code) || !strings.Contains(body, text) {
				t.Errorf("%s: %d %s", service, status, body)
			}
		}
		if status, body := inRegion(s, service, "ap-southeast-7"); status >= 500 || strings.Contains(body, text) {
			t.Errorf("%s in a region of AWS's: %d %s", service, status, body)
		}
	}
	if n := strings.Count(log.String(), "--allow-region allows it"); n != 1 {
		t.Errorf("the log says %d times how the region is allowed:\n%s", n, log.String())
	}
	if len(servertest.Events(s)) == 0 {
		t.Fatal("nothing is recorded")
	}
	for _, e := range servertest.Events(s) {
		want := "ap-southeast-7"
		if e.EventSource == "iam.amazonaws.com" || e.EventSource == "organizations.amazonaws.com" { // global services
			want = "us-east-1"
		}
		if e.AWSRegion != want {
			t.Errorf("recorded: %s in %s", e.EventName, e.AWSRegion)
		}
	}
}

func TestAnAllowedRegionIsLikeAnyOther(t *testing.T) {
	regions, err := arn.NewRegions("elasticmq")
	if err != nil {
		t.Fatal(err)
	}
	s := servertest.New(t, server.Config{Regions: regions})
	if status, body := inRegion(s, "sqs", "elasticmq"); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
	if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/act", `{"service":"s3.amazonaws.com","action":"sqs:ListQueues","region":"us-est-1","params":{}}`); status != http.StatusBadRequest || !strings.Contains(body, "did you mean us-east-1") {
		t.Errorf("act: %d %s", status, body)
	}
}

// A host names a region where its second label is one, and not where it looks like one.
func TestRegionOfAHost(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for host, want := range map[string]string{
		"sqs.eu-west-1.localhost": "eu-west-1", "sqs.my-app-1.internal": "us-east-1", "localhost": "us-east-1",
	} {
		servertest.Ask(s, http.MethodPost, "/", "Action=ListQueues&Version=2012-11-05", "Content-Type", "application/x-www-form-urlencoded", "Host", host)
		if got := slices.Collect(s.Runtime().Dispatcher.Events())[0].AWSRegion; got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}
