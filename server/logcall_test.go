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

func TestRequestsAreLoggedAtDebugOneLineEach(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	log.Reset()
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Authorization", servertest.Scope, "X-Amz-Security-Token", "token-secret"}
	servertest.Ask(s, http.MethodPost, "/", "Action=CreateQueue&Version=2012-11-05&QueueName=q", form...)
	servertest.Ask(s, http.MethodPost, "/", "Action=SendMessage&Version=2012-11-05&QueueUrl=absent&MessageBody=body-secret", form...)
	servertest.Ask(s, http.MethodGet, "/?Action=Nonsense", "")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	wanted := []string{
		"msg=request method=POST service=sqs operation=CreateQueue principal=arn:aws:iam::123456789012:root status=200 error=\"\" took=",
		"msg=request method=POST service=sqs operation=SendMessage principal=arn:aws:iam::123456789012:root status=400 error=QueueDoesNotExist took=",
		"msg=request method=GET service=\"\" operation=Nonsense principal=\"\" status=400 error=InvalidAction took=",
	}
	if len(lines) != len(wanted) {
		t.Fatalf("the log says:\n%s", log.String())
	}
	for i, want := range wanted {
		if !strings.Contains(lines[i], want) || strings.Contains(lines[i], "secret") || !strings.Contains(lines[i], " request=") {
			t.Errorf("line %d: %s\nwant %s", i, lines[i], want)
		}
	}
}

func TestTheLogIsToldNoLongTextsOfCallsThatAreRefused(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	long := strings.Repeat("x", 1<<20)
	const form = "application/x-www-form-urlencoded"
	servertest.Ask(s, http.MethodPost, "/"+long, "Action="+long, "Content-Type", form)
	servertest.Ask(s, http.MethodPost, "/?Action="+long, "", "Content-Type", form, "Origin", "http://"+long)
	servertest.Ask(s, http.MethodPost, "/?Action=ListQueues", "", "Content-Type", form, "User-Agent", "Mozilla/5.0", "Host", long+".example")
	servertest.Ask(s, http.MethodPost, "/?Action="+long, "", "Authorization", strings.Replace(servertest.Scope, "/sqs/", "/rds/", 1))
	for line := range strings.Lines(log.String()) {
		if len(line) > 3*server.MaxLogged {
			t.Errorf("a line of %d bytes: %.200s", len(line), line)
		}
	}
	if n := strings.Count(log.String(), "WARN"); n < 4 {
		t.Errorf("only %d lines", n)
	}
}
