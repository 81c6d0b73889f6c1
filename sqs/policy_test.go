package sqs

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
)

// H7: a policy that names a role that does not exist.
func TestUnknownPrincipals(t *testing.T) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/ghost"},"Action":"sqs:SendMessage","Resource":"*"}]}`
	exists := func(_ context.Context, arn string) bool { return arn == "arn:aws:iam::123456789012:role/real" }
	var log bytes.Buffer
	set := func(options func(*Config), policy string) error {
		t.Helper()
		w := newWorld(t, options)
		url := w.create("q")
		_, err := w.SetQueueAttributes(ctx(), &SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"Policy": policy}})
		if stored := w.attributes(url)["Policy"]; (stored == policy) != (err == nil) {
			t.Errorf("%v, and stored is %q", err, stored)
		}
		return err
	}
	strict := func(c *Config) { c.PrincipalExists = exists }
	warn := func(c *Config) {
		c.PrincipalExists, c.WarnPrincipals, c.Log = exists, true, slog.New(slog.NewTextHandler(&log, nil))
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
