package integration

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/server"
)

// Nobody is warned of a policy that the documentation or the examples show.
func TestDocumentedPoliciesAreMeant(t *testing.T) {
	const example = "examples/fixtures.yaml"
	files := map[string]string{example: filepath.Join(repository, example)}
	for _, name := range docPages(t) {
		p, err := readPage(repository, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range p.blocks {
			if b.language != "yaml" || isRecipe(b.file) || !strings.Contains(b.text(), "accounts:") {
				continue
			}
			file := filepath.Join(t.TempDir(), "fixtures.yaml")
			if err := os.WriteFile(file, []byte(b.text()), 0o600); err != nil {
				t.Fatal(err)
			}
			files[b.at()] = file
		}
	}
	if len(files) < 5 {
		t.Errorf("only %d blocks are fixtures", len(files))
	}
	for name, file := range files {
		for _, finding := range findings(t, file) {
			t.Errorf("%s: %s", name, finding)
		}
	}
}

// findings are what the log is warned of when a fixture file is applied.
func findings(t *testing.T, file string) (found []string) {
	t.Helper()
	set, err := fixture.Options{Region: "us-east-1"}.Load(file)
	if err != nil {
		return nil // it needs files that its page makes, or is one that its page refuses
	}
	var log bytes.Buffer
	s, err := server.New(t.Context(), server.Config{Fixtures: set, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for line := range strings.Lines(log.String()) {
		var entry struct{ Rule, Finding, Resource string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Rule != "" {
			found = append(found, entry.Resource+": "+entry.Finding)
		}
	}
	return found
}
