package localstack_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/localstack"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// writeScript writes a file of the tree below a folder of init scripts.
func writeScript(t *testing.T, dir, name, content string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// withScripts is a server with the scripts of a folder.
func withScripts(t *testing.T, dir string) (*server.Server, *localstack.InitScripts) {
	t.Helper()
	scripts, err := localstack.FindInitScripts(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return servertest.New(t, server.Config{InitScripts: scripts}), scripts
}

func TestInitScripts(t *testing.T) {
	dir := t.TempDir()
	writeScript(t, dir, "ready.d/b.sh", "#!/bin/sh\necho b $NAME\n", 0o700)
	writeScript(t, dir, "ready.d/a.sh", "echo a; exit 3\n", 0o600)
	writeScript(t, dir, "ready.d/aa/c.sh", "#!/bin/sh\necho c\n", 0o700)
	writeScript(t, dir, "ready.d/d.py", "print('d')\n", 0o600)
	writeScript(t, dir, "shutdown.d/e.sh", "#!/bin/sh\necho e\n", 0o700)
	s, scripts := withScripts(t, dir)
	status, body := servertest.Ask(s, http.MethodGet, "/_localstack/init", "")
	servertest.WantAnswer(t, status, body, 200, `{"completed":{"BOOT":false,"READY":false,"SHUTDOWN":false,"START":false},"scripts":[`+
		`{"stage":"READY","name":"a.sh","state":"UNKNOWN"},{"stage":"READY","name":"b.sh","state":"UNKNOWN"},`+
		`{"stage":"READY","name":"c.sh","state":"UNKNOWN"},{"stage":"SHUTDOWN","name":"e.sh","state":"UNKNOWN"}]}`)

	output, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = output.Close() }()
	scripts.Run(t.Context(), localstack.StageReady, []string{"NAME=n", "PATH=" + os.Getenv("PATH")}, output)
	printed, err := os.ReadFile(output.Name())
	if err != nil || string(printed) != "a\nb n\nc\n" {
		t.Errorf("the scripts printed %q, %v", printed, err)
	}
	status, body = servertest.Ask(s, http.MethodGet, "/_localstack/init/ready", "")
	servertest.WantAnswer(t, status, body, 200, `{"completed":true,"scripts":[{"stage":"READY","name":"a.sh","state":"ERROR"},`+
		`{"stage":"READY","name":"b.sh","state":"SUCCESSFUL"},{"stage":"READY","name":"c.sh","state":"SUCCESSFUL"}]}`)
	status, body = servertest.Ask(s, http.MethodGet, "/_localstack/init/SHUTDOWN", "")
	servertest.WantAnswer(t, status, body, 200, `{"completed":false,"scripts":[{"stage":"SHUTDOWN","name":"e.sh","state":"UNKNOWN"}]}`)
	status, body = servertest.Ask(s, http.MethodGet, "/_localstack/init/noon", "")
	servertest.WantAnswer(t, status, body, 404, "no such stage noon")
}

// Kubernetes mounts a ConfigMap as links to links: each script is one all the same.
func TestInitScriptsOfAConfigMap(t *testing.T) {
	dir := t.TempDir()
	writeScript(t, dir, "ready.d/..2026_01_01/a.sh", "echo a\n", 0o600)
	for from, to := range map[string]string{"..data": "..2026_01_01", "a.sh": "..data/a.sh"} {
		if err := os.Symlink(to, filepath.Join(dir, "ready.d", from)); err != nil {
			t.Skip(err)
		}
	}
	s, _ := withScripts(t, dir)
	status, body := servertest.Ask(s, http.MethodGet, "/_localstack/init/ready", "")
	servertest.WantAnswer(t, status, body, 200, `{"completed":false,"scripts":[{"stage":"READY","name":"a.sh","state":"UNKNOWN"}]}`)
}

func TestNoInitScripts(t *testing.T) {
	s, scripts := withScripts(t, filepath.Join(t.TempDir(), "absent"))
	scripts.Run(t.Context(), localstack.StageReady, nil, os.Stderr)
	status, body := servertest.Ask(s, http.MethodGet, "/_localstack/init/ready", "")
	servertest.WantAnswer(t, status, body, 200, `{"completed":true,"scripts":[]}`)
	if _, body := servertest.Ask(s, http.MethodHead, "/_localstack/health", ""); strings.Contains(body, "error") {
		t.Errorf("HEAD of the health: %s", body)
	}
	file := filepath.Join(t.TempDir(), "f")
	writeScript(t, filepath.Dir(file), "f/boot.d", "", 0o600)
	if _, err := localstack.FindInitScripts(file, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a stage's folder that is a file is taken")
	}
}
