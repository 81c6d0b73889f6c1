package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// Credentials from before a reset act as the root user, as any unknown access
// key does; the log is told once in each state, and of no other key.
func TestCredentialsFromElsewhere(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	list := func(accessKey, token string) {
		t.Helper()
		status, body := servertest.Ask(s, http.MethodPost, "/", `{}`,
			"X-Amz-Target", "AmazonSQS.ListQueues", "Content-Type", "application/x-amz-json-1.0", "X-Amz-Security-Token", token,
			"Authorization", strings.Replace(servertest.Scope, "=test/", "="+accessKey+"/", 1))
		servertest.WantAnswer(t, status, body, 200, `{}`)
	}
	const session = "ASIAIOSFODNN7EXAMPLE"
	told := func() int { return strings.Count(log.String(), "accessKeyId="+session) }

	list("test", "test")
	list("AKIAIOSFODNN7EXAMPLE", "token")
	list(session, "")
	if strings.Contains(log.String(), "temporary credentials") {
		t.Errorf("the log is told of keys that are no session's:\n%s", &log)
	}
	list(session, "token")
	list(session, "token")
	if told() != 1 {
		t.Errorf("the log is told %d times:\n%s", told(), &log)
	}
	servertest.Ask(s, http.MethodPost, "/_waxseal/reset", "")
	list(session, "token")
	if told() != 2 {
		t.Errorf("after a reset the log was told %d times:\n%s", told(), &log)
	}
}
