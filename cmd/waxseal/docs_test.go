package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each page of the repository is a topic, and its text is what is printed.
func TestDocs(t *testing.T) {
	list, status, err := command(t, "", "docs")
	if err != nil || status != 0 {
		t.Fatal(status, err)
	}
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../docs/*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, more...)
	if lines := strings.Count(list, "\n"); lines != len(files) || lines < 25 {
		t.Errorf("%d topics of %d files:\n%s", lines, len(files), list)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		topic := strings.TrimSuffix(filepath.ToSlash(file)[len("../../docs/"):], ".md")
		for _, name := range []string{topic, "docs/" + topic + ".md"} {
			if got, status, err := command(t, "", "docs", name); err != nil || status != 0 || got != string(text) {
				t.Errorf("%s: status %d, %v, %d bytes", name, status, err, len(got))
			}
		}
		if !strings.Contains(list, topic+" ") {
			t.Errorf("%s is not listed", topic)
		}
	}
	for topic, want := range map[string]string{
		"encrypton": `there is no topic "encrypton"; did you mean encryption?`,
		"lambda":    `there is no topic "lambda"; waxseal docs lists them`,
	} {
		if out, status, err := command(t, "", "docs", topic); status != exitUsage || out != "" || err == nil || err.Error() != want {
			t.Errorf("%s: status %d, %v, %q", topic, status, err, out)
		}
	}
}
