package nearest

import "testing"

func TestOf(t *testing.T) {
	known := []string{"us-east-1", "us-west-2", "eu-west-1"}
	for name, want := range map[string]string{"us-est-1": "us-east-1", "US-EAST-1": "us-east-1", "eu-wst-1": "eu-west-1", "elasticmq": "", "": ""} {
		if got := Of(name, known); got != want {
			t.Errorf("Of(%q) = %q, want %q", name, got, want)
		}
	}
}
