package control_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/learn"
	"github.com/waxseal/waxseal/server"
)

// Hints are given one by one, with the numbers and names that the server has.
func TestHints(t *testing.T) {
	s := servertest.New(t, server.Config{Account: "210987654321"})
	all, err := learn.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		for i, hint := range e.In("210987654321", "us-east-1").Hints {
			status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/learn/hint?exercise="+e.Name+"&number="+string(rune('1'+i)), "")
			var got struct{ Hint string }
			if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || got.Hint != hint {
				t.Errorf("%s, hint %d: %d %s, want %q", e.Name, i+1, status, body, hint)
			}
		}
	}
	for query, want := range map[string]struct {
		status int
		text   string
	}{
		"exercise=1&number=4":    {http.StatusNotFound, "has 3 hints"},
		"exercise=none&number=1": {http.StatusNotFound, `there is no exercise \"none\"`},
		"exercise=1&number=0":    {http.StatusBadRequest, "number is a positive number"},
		"exercise=1":             {http.StatusBadRequest, "number is a positive number"},
		"exercise=1&hint=1":      {http.StatusBadRequest, "hint"},
	} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/learn/hint?"+query, "")
		if status != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %s, want %d %s", query, status, body, want.status, want.text)
		}
	}
}

func TestLearn(t *testing.T) {
	s := servertest.New(t, server.Config{})
	ask := func(method, path, body string, status int, wants ...string) {
		t.Helper()
		got, answer := servertest.Ask(s, method, "/_waxseal/learn"+path, body)
		for _, want := range append(wants, "") {
			servertest.WantAnswer(t, got, answer, status, want)
		}
	}
	const first, other = `{"exercise":"encrypted-by-default"}`, `{"exercise":"a-key-of-your-own"}`
	ask(http.MethodGet, "", "", 200, `"current":null`, `"account":"123456789012"`, `"name":"encrypted-by-default"`, `"hints":3`)
	ask(http.MethodPost, "/check", first, 409, "was not started")
	ask(http.MethodPost, "/start", first, 200, `"made":[`, `{"kind":"queue","name":"pettracker-notifications"}`)
	ask(http.MethodGet, "", "", 200, `"current":"encrypted-by-default"`)
	ask(http.MethodPost, "/check", first, 200, `"passed":false`, `"passed":true`, `"detail":"`, `http://127.0.0.1:4566/123456789012/pettracker-notifications`)
	ask(http.MethodPost, "/check", other, 409, "exercise a-key-of-your-own was not started: encrypted-by-default is under way")
	servertest.SQS(s, "SetQueueAttributes", `{"QueueUrl":"http://localhost:4566/123456789012/pettracker-notifications","Attributes":{"SqsManagedSseEnabled":"true"}}`)
	ask(http.MethodPost, "/check", first, 200, `{"passed":true,"checks":[`)
	ask(http.MethodPost, "/remove", "", 204)
	ask(http.MethodGet, "", "", 200, `"current":null`)
	ask(http.MethodPost, "/start", `{"exercise":"none"}`, 404, `no exercise \"none\"`)
	ask(http.MethodPost, "/start", `{"exercize":"none"}`, 400)
	ask(http.MethodGet, "?all=1", "", 400)
	ask(http.MethodPost, "/remove?all=1", "", 400)
}

func TestLearnRefusesTakenNames(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"pettracker-notifications"}`)
	status, answer := servertest.Ask(s, http.MethodPost, "/_waxseal/learn/start", `{"exercise":"encrypted-by-default"}`)
	servertest.WantAnswer(t, status, answer, 409, "names that are taken: queue pettracker-notifications")
}

// A reset ends the exercise that is under way, for what it made is gone.
func TestResetEndsTheExercise(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.Ask(s, http.MethodPost, "/_waxseal/learn/start", `{"exercise":"encrypted-by-default"}`)
	servertest.Ask(s, http.MethodPost, "/_waxseal/reset", "")
	if _, answer := servertest.Ask(s, http.MethodGet, "/_waxseal/learn", ""); !strings.Contains(answer, `"current":null`) {
		t.Error(answer)
	}
}
