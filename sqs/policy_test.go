package sqs

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// [H7]: a policy that names a role that does not exist.
func TestUnknownPrincipals(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/ghost"},"Action":"sqs:SendMessage","Resource":"*"}]}`
	exists := func(_ context.Context, arn string) bool { return arn == "arn:aws:iam::123456789012:role/real" }
	var log bytes.Buffer
	set := func(options func(*Config), policy string) error {
		t.Helper()
		w := newTestbed(t, options)
		url := w.create("q")
		_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": policy}})
		if stored := w.attributes(url)["Policy"]; (stored == policy) != (err == nil) {
			t.Errorf("%v, and stored is %q", err, stored)
		}
		return err
	}
	strict := func(c *Config) { c.PrincipalExists, c.StrictPrincipals = exists, true }
	warn := func(c *Config) {
		c.PrincipalExists, c.Log = exists, slog.New(slog.NewTextHandler(&log, nil))
	}
	wantError(t, set(strict, policy), "InvalidAttributeValue", "Invalid value for the parameter Policy.")
	if err := set(strict, strings.Replace(policy, "ghost", "real", 1)); err != nil {
		t.Errorf("a role that exists: %v", err)
	}
	if err := set(func(*Config) {}, policy); err != nil {
		t.Errorf("nobody asks: %v", err)
	}
	if err := set(warn, policy); err != nil || !strings.Contains(log.String(), "role/ghost") {
		t.Errorf("with a warning: %v, log %q", err, log.String())
	}
}

// AWS says nothing but that the policy is bad.
func TestPrincipalsThatNoneCanBe(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	set := func(principal string) error {
		_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{
			"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":` + principal + `,"Action":"sqs:SendMessage","Resource":"*"}]}`,
		}})
		return err
	}
	for _, principal := range []string{
		`{"AWS":"arn:aws:iam::abc:root"}`, `{"AWS":"12345678901"}`, `{"AWS":"arn:awz:iam::123456789012:root"}`, `{"AWS":"arn:aws-cn:iam::123456789012:root"}`,
		`{"AWS":"arn:aws:iam::123456789012:group/g"}`, `{"Service":"snss.amazonaws.com"}`, `{"Service":["sns.amazonaws.com","s3.amazonaws"]}`,
	} {
		wantError(t, set(principal), "InvalidAttributeValue", "Invalid value for the parameter Policy.")
		if got := w.attributes(url)["Policy"]; got != "" {
			t.Errorf("%s is stored: %s", principal, got)
		}
	}
	for _, principal := range []string{`{"Service":"sns.ap-east-1.amazonaws.com"}`, `{"Service":"tagging.amazonaws.com"}`, `{"AWS":"arn:aws:iam::123456789012:root"}`} {
		if err := set(principal); err != nil {
			t.Errorf("%s: %v", principal, err)
		}
	}
}

// A policy that is too large is over a limit, not malformed [Q171c].
func TestPolicyLimits(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	statement := func(actions int, sid string) string {
		return `{"Sid":"` + sid + `","Effect":"Allow","Principal":"*","Action":[` + strings.TrimSuffix(strings.Repeat(`"sqs:SendMessage",`, actions), ",") + `],"Resource":"*"}`
	}
	policy := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	many := slices.Repeat([]string{statement(1, "")}, 21)
	for document, message := range map[string]string{
		policy(many...):                                 "21 statements were found in the submitted policy, max allowed is 20",
		policy(statement(8, "")):                        "8 actions were found in a statement from the submitted policy, max allowed is 7",
		policy(statement(1, strings.Repeat("x", 8192))): "Submitted policy is over max allowed size.",
	} {
		attributes := map[string]string{"Policy": document}
		_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: attributes})
		wantError(t, err, "OverLimit", message)
		_, err = w.CreateQueue(ctx(), &CreateQueueInput{QueueName: "other", Attributes: attributes})
		wantError(t, err, "OverLimit", message)
		if e := api.AsError(err); e.HTTPStatus() != 403 || e.Query() != "OverLimit" {
			t.Errorf("%d %s, want 403 OverLimit", e.HTTPStatus(), e.Query())
		}
	}
	for _, document := range []string{policy(many[:20]...), policy(statement(7, ""))} {
		if _, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": document}}); err != nil {
			t.Error(err)
		}
	}
}
