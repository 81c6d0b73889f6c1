package learn

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// folderOf is the files of an exercise, with changes.
func folderOf(change map[string]string) fstest.MapFS {
	files := map[string]string{
		"exercise.yaml": "title: T\ndomain: Security\nminutes: 1\nstory: S\ngoal: G of 123456789012\nhints: [a, b, c]\nmakes: [{alias: own}, {queue: q}]\n",
		"start.yaml":    "accounts: {}\n",
		"checks.yaml":   "- {say: S, as: root, call: 'sqs:ListQueues', params: {A: 1}, expect: allowed, response: {a: x, b: null}}\n- advance: 10m\n",
		"answer.sh":     "aws\n", "answer.md": "E\n",
	}
	maps.Copy(files, change)
	folder := fstest.MapFS{}
	for name, text := range files {
		if text != "" {
			folder["07-a-b/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return folder
}

func TestRead(t *testing.T) {
	all, err := Read(folderOf(map[string]string{"before.yaml": "- {call: 'sqs:ListQueues', params: {}}\n"}))
	if err != nil {
		t.Fatal(err)
	}
	e := all[0]
	if e.Number != 7 || e.Name != "a-b" || len(e.Checks) != 2 || time.Duration(e.Checks[1].Advance) != 10*time.Minute || len(e.Before) != 1 {
		t.Errorf("read %+v", e)
	}
	if diff := cmp.Diff([]Resource{{"alias", "alias/own"}, {"queue", "q"}}, e.Makes); diff != "" {
		t.Error(diff)
	}
	if r := e.Checks[0].Response; *r["a"] != "x" || r["b"] != nil || len(r) != 2 {
		t.Errorf("the response is %v", r)
	}
	if moved := e.In("210987654321", Region); moved.Goal != "G of 210987654321" || moved.Number != 7 || e.Goal != "G of 123456789012" {
		t.Errorf("elsewhere: %+v", moved)
	}
	for _, which := range []string{"7", "07", "a-b"} {
		if Find(all, which) != e {
			t.Errorf("%s is not found", which)
		}
	}
	if Find(all, "8") != nil || Find(all, "") != nil {
		t.Error("something else is found")
	}
}

func TestReadRefuses(t *testing.T) {
	exercise := string(folderOf(nil)["07-a-b/exercise.yaml"].Data)
	check := func(text string) map[string]string { return map[string]string{"checks.yaml": text} }
	changed := func(from, to string) map[string]string {
		return map[string]string{"exercise.yaml": strings.Replace(exercise, from, to, 1)}
	}
	for want, change := range map[string]map[string]string{
		"field titel not found":          changed("title", "titel"),
		"title is missing":               changed("title: T", "title: ''"),
		"title has 61 characters":        changed("title: T", "title: "+strings.Repeat("x", 61)),
		"domain is one of":               changed("Security", "Safety"),
		"minutes is a number":            changed("minutes: 1", "minutes: 0"),
		"there are 2 hints, not 3":       changed("[a, b, c]", "[a, b]"),
		`"car" is none of`:               changed("queue: q", "car: q"),
		"answer.md is missing":           {"answer.md": " "},
		"start.yaml":                     {"start.yaml": ""},
		"checks.yaml has no check":       check("[]"),
		"field cal not found":            check("- {say: S, cal: x}"),
		"a check is one of call":         check("- {say: S}"),
		"say is missing":                 check("- {as: root, call: 'a:B', expect: allowed}"),
		"one of as, service":             check("- {say: S, call: 'a:B', expect: allowed}"),
		"expect is missing":              check("- {say: S, as: root, call: 'a:B'}"),
		"over is http or https":          check("- {say: S, as: root, over: ftp, call: 'a:B', expect: denied}"),
		"sourceArn and sourceAccount":    check("- {say: S, as: root, sourceArn: a, call: 'a:B', expect: denied}"),
		"response and save are of calls": check("- {say: S, as: root, call: 'a:B', expect: denied, save: {A: b}}"),
		"is no operation":                check("- {say: S, as: root, call: B, expect: denied}"),
		"no duration such as":            check("- advance: soon"),
		"eventName is missing":           check("- {say: S, recorded: {}}"),
		"bucket is that of":              check("- {say: S, logged: {eventName: A}}"),
		"expect is none":                 check("- {say: S, recorded: {eventName: A, expect: all}}"),
		"a second document":              check("- advance: 1m\n---\n- advance: 1m"),
		"field param not found":          {"before.yaml": "- {call: 'a:B', param: {}}"},
	} {
		if _, err := Read(folderOf(change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

// The exercises in the program are well formed, and no two have a name of a resource in common.
func TestAll(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range all {
		if e.Number != i+1 {
			t.Errorf("exercise %d is called %d-%s", i+1, e.Number, e.Name)
		}
	}
}
