package mem

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Engine { return New() })
}

func TestNothingOutlivesTheProcess(t *testing.T) {
	if New().Durable() {
		t.Error("it is durable")
	}
}
