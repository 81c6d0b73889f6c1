package identity_test

import (
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// BenchmarkCredentials is what every signed request pays: the look-up of its
// access key, among a thousand, and the note of its use.
func BenchmarkCredentials(b *testing.B) {
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		b.Fatal(err)
	}
	d := identity.New(identity.Config{Engine: mem.New(), Clock: clock.NewStill(start), IDs: ids.NewSeeded(1), HSM: module})
	for i := range 1000 {
		spec := identity.UserSpec{
			Account: account, Region: region, Name: fmt.Sprintf("u%d", i), KeyID: fmt.Sprintf("AKIA%016d", i), Secret: "s",
			Policies: map[string]string{"p": allow}, Managed: []string{"arn:aws:iam::aws:policy/AmazonSQSFullAccess"},
		}
		if err := d.ApplyUser(b.Context(), spec); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c, err := d.Credentials(b.Context(), fmt.Sprintf("AKIA%016d", i%1000))
		if err != nil || c.Caller == nil {
			b.Fatal(c, err)
		}
		if err := d.Used(b.Context(), c.Caller, "sqs", region); err != nil {
			b.Fatal(err)
		}
	}
}
