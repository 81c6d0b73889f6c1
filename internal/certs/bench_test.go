package certs

import (
	"fmt"
	"testing"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New(now)
	}
}

func BenchmarkMint(b *testing.B) {
	c := New(now)
	for i := 0; b.Loop(); i++ {
		if _, err := c.certificate(fmt.Sprintf("host%d", i), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKept(b *testing.B) {
	c := New(now)
	for b.Loop() {
		if _, err := c.certificate("localhost", nil); err != nil {
			b.Fatal(err)
		}
	}
}
