package main

import (
	"strings"
	"testing"
)

// Paragraphs and items are filled; code is printed as it stands.
func TestPageMarkdown(t *testing.T) {
	const code = "    {\"Effect\": \"Allow\",\n     \"Action\": \"sqs:SendMessage\"}"
	var b strings.Builder
	newPage(&b).markdown("Two\nlines:\n\n" + code + "\n\n- one\n  more\n- two\n")
	if got, want := b.String(), "Two lines:\n\n"+code+"\n\n- one more\n- two\n\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
