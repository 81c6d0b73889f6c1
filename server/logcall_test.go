package server

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestRequestsAreLoggedAtDebugOneLineEach(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, Config{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	log.Reset()
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Authorization", scope, "X-Amz-Security-Token", "token-secret"}
	ask(s, http.MethodPost, "/", "Action=CreateQueue&Version=2012-11-05&QueueName=q", form...)
	ask(s, http.MethodPost, "/", "Action=SendMessage&Version=2012-11-05&QueueUrl=absent&MessageBody=body-secret", form...)
	ask(s, http.MethodGet, "/?Action=Nonsense", "")
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
