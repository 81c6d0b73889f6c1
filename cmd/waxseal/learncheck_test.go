package main

import "testing"

// Two checks with the same outcome are one to who watches, though each has ids of its own.
func TestWhatIsFleetingMakesNoNewResult(t *testing.T) {
	for _, test := range []struct {
		one, other string
		same       bool
	}{
		{"was denied (Request ID: 1ac57980-1f0e-41f4-9606-240cdda7509a)", "was denied (Request ID: 98a57980-1f0e-41f4-9606-240cdda75010)", true},
		{`{"ReceiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a6AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy"}`, `{"ReceiptHandle": "BQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a6AQEBwJnKyrHigUMZj6rYigCgxlaS3SLz"}`, true},
		{"role/pettracker-reminder was denied", "role/pettracker-booking was denied", false},
		{`"passed":false`, `"passed":true`, false},
	} {
		one, other := fleeting.ReplaceAllString(test.one, ""), fleeting.ReplaceAllString(test.other, "")
		if (one == other) != test.same {
			t.Errorf("%q and %q", one, other)
		}
	}
}
