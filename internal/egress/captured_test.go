package egress

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/sns"
)

func TestCapturedMessagesAreBounded(t *testing.T) {
	o := NewCaptured()
	for range 500 {
		o.Capture(sns.Captured{Body: strings.Repeat("x", 1<<20)})
	}
	if n := o.log.Bytes(); n > budget {
		t.Errorf("captured messages hold %d bytes", n)
	}
}
