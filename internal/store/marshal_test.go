package store

import (
	"testing"
	"time"
)

func TestDeadlinesEndWithTheLastYear(t *testing.T) {
	type inner struct{ Until *time.Time }
	beyond := time.Date(10006, 1, 1, 0, 0, 0, 0, time.UTC)
	again := beyond
	record := &struct {
		At    time.Time
		List  []inner
		ByKey map[string]inner
		Now   time.Time
		none  time.Time
	}{At: beyond, List: []inner{{&again}}, ByKey: map[string]inner{"k": {&again}}, Now: time.Unix(0, 0).UTC(), none: beyond}
	raw, err := Marshal(record)
	const want = `{"At":"9999-12-31T23:59:59Z","List":[{"Until":"9999-12-31T23:59:59Z"}],"ByKey":{"k":{"Until":"9999-12-31T23:59:59Z"}},"Now":"1970-01-01T00:00:00Z"}`
	if err != nil || string(raw) != want {
		t.Errorf("%s, %v", raw, err)
	}
	if record.At.Year() != 9999 || record.none.Year() != 10006 {
		t.Errorf("the record has %v", record.At)
	}
	if _, err := Marshal(&struct{ F func() }{}); err == nil {
		t.Error("a record that has no JSON is marshaled")
	}
}
