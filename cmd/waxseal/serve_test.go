package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/store/journal"
)

// until stops what writes a text to it.
type until struct {
	text string
	stop func()
}

func (u until) Write(b []byte) (int, error) {
	if strings.Contains(string(b), u.text) {
		u.stop()
	}
	return len(b), nil
}

// started runs serve as the flags have it and stops it once it is ready.
func started(t *testing.T, args ...string) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := newRoot()
	cmd.SetArgs(append([]string{"serve", "--addr", "127.0.0.1:0", "--init-scripts", t.TempDir()}, args...))
	cmd.SetOut(until{"Ready.", cancel})
	cmd.SetErr(io.Discard)
	return cmd.ExecuteContext(ctx)
}

// files are what a folder holds, by name; nil where it is not there.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	contents := map[string]string{}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		contents[e.Name()] = string(content)
	}
	return contents
}

// What is wrong with a flag or a data folder is said, and nothing is touched.
func TestServeTouchesNothingOnBadInput(t *testing.T) {
	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key := func(digit string) string { return strings.Repeat(digit, 64) }
	tests := []struct {
		name    string
		prepare func(data, elsewhere string) // elsewhere is a file
		args    []string
		wrong   string
	}{
		{"region", nil, []string{"--region", "no where"}, `--region: "no where" is not a region of AWS's, such as us-east-1; --allow-region NAME allows others`},
		{"a database", nil, []string{"--data", "postgres://user:secret@db/waxseal"}, "--data: postgres://… is no folder, and databases are not supported"},
		{"a database without content", func(data, _ string) {
			if err := started(t, "--data", data); err != nil {
				t.Fatal(err)
			}
			write(filepath.Join(data, databaseFile), "")
		}, nil, "--data: DATA/waxseal.db is empty: its state is lost, or was never written; remove it to begin anew"},
		{"a URL for a host name", nil, []string{"--allow-host", "emulator.example,http://emulator.example/"}, `--allow-host: "http://emulator.example/" is no host name, such as emulator.example`},
		{"a pattern of host names", nil, []string{"--allow-host", "*.example"}, `--allow-host: "*.example" is no host name, such as emulator.example`},
		{"an address without a port", nil, []string{"--addr", "localhost"}, `--addr: "localhost" is no HOST:PORT; did you mean localhost:4566?`},
		{"an address that is not here", nil, []string{"--addr", "192.0.2.1:0"}, "--addr: listen tcp 192.0.2.1:0"},
		{"a folder for fixtures", func(_, file string) {
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
			write(filepath.Join(file, "manifest.json"), "{}")
		}, []string{"--init", "FILE"}, "FILE/manifest.json: this is no manifest of a folder that cdk synth made"},
		{"account", nil, []string{"--account", "12"}, `--account: "12" is not an account of 12 digits`},
		{"root key that is none", func(_, file string) { write(file, "abc") }, []string{"--root-key", "FILE"}, "FILE does not hold a root key of 64 hexadecimal digits"},
		{"CA without its key", func(data, _ string) {
			if err := os.Mkdir(data, 0o700); err != nil {
				t.Fatal(err)
			}
			write(filepath.Join(data, caFile), "x")
		}, nil, caKeyFile},
		{"another root key", func(data, file string) {
			if err := started(t, "--data", data); err != nil {
				t.Fatal(err)
			}
			write(file, key("a"))
		}, []string{"--root-key", "FILE"}, "--root-key: it is not the one that the state in DATA was made with"},
		{"no root key any more", func(data, _ string) {
			if err := started(t, "--data", data); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(filepath.Join(data, rootKeyFile)); err != nil {
				t.Fatal(err)
			}
		}, nil, "--root-key: DATA/root.key is missing, and the state in DATA cannot be read without it"},
		{"a folder that another process has just begun with", func(data, _ string) {
			if err := os.Mkdir(data, 0o700); err != nil {
				t.Fatal(err)
			}
			engine, err := journal.Open(filepath.Join(data, databaseFile), journal.Full)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = engine.Close() })
		}, nil, "--data: store: DATA/waxseal.db is in use by another process"},
		{"fixtures that are none", func(_, file string) { write(file, "accounts: []") }, []string{"--init", "FILE"}, "accounts is a mapping"},
		{"fixtures that do not go with the state", func(data, file string) {
			fixtures := "accounts: {'123456789012': {queues: [{name: before}], keys: [{id: 1234abcd-12ab-34cd-56ef-1234567890ab, alias: alias/a}]}}"
			write(file, fixtures)
			if err := started(t, "--data", data, "--init", file); err != nil {
				t.Fatal(err)
			}
			// The role and the first key come before what is refused.
			write(file, strings.NewReplacer("1234abcd", "5678abcd", "queues:", "roles: [{name: half}], queues:", "keys: [", "keys: [{alias: alias/b}, ").Replace(fixtures))
		}, []string{"--init", "FILE"}, "alias/a is the alias of another key"},
		{"init scripts", func(_, file string) {
			write(file, "")
		}, []string{"--init-scripts", "FILE"}, "--init-scripts: "},
		{"a root key where none can be made", nil, []string{"--root-key", "FILE/none/root.key"}, "--root-key: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "key")
			if test.prepare != nil {
				test.prepare(data, file)
			}
			before := files(t, data)
			args := []string{"--data", data}
			names := strings.NewReplacer("FILE", file, "DATA", data)
			for _, a := range test.args {
				args = append(args, names.Replace(a))
			}
			if err := started(t, args...); err == nil || !strings.Contains(err.Error(), names.Replace(test.wrong)) {
				t.Errorf("serve says %v, want %s", err, names.Replace(test.wrong))
			}
			after := files(t, data)
			if (before == nil) != (after == nil) || !slices.Equal(slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before))) {
				t.Errorf("%v became %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
			}
			for name, content := range before {
				if after[name] != content {
					t.Errorf("%s was changed", name)
				}
			}
		})
	}
}

// The state of one run is the next one's, with the same root key.
func TestServeStartsOnItsState(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for range 2 {
		if err := started(t, "--data", data); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := slices.Sorted(maps.Keys(files(t, data))), []string{caKeyFile, caFile, rootKeyFile, databaseFile}; !slices.Equal(got, want) {
		t.Errorf("the folder holds %v, want %v", got, want)
	}
}

// With --until-eof the server runs as long as its standard input is open.
func TestServeEndsWithItsStandardInput(t *testing.T) {
	in, writer := io.Pipe()
	ready, ended := make(chan struct{}), make(chan error, 1)
	cmd := newRoot()
	cmd.SetArgs([]string{"serve", "--until-eof", "--addr", "127.0.0.1:0", "--init-scripts", t.TempDir()})
	cmd.SetIn(in)
	cmd.SetOut(until{"Ready.", func() { close(ready) }})
	cmd.SetErr(io.Discard)
	go func() { ended <- cmd.ExecuteContext(t.Context()) }()
	select {
	case err := <-ended:
		t.Fatalf("it ended before its input: %v", err)
	case <-ready:
	}
	if _, err := io.WriteString(writer, "this is not the end\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended before its input: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("it goes on without its input")
	}
}

func TestAKeyThatOthersCanReadIsWarnedOf(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes there")
	}
	file := filepath.Join(t.TempDir(), "root.key")
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true} {
		var log bytes.Buffer
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		warnOfReaders(slog.New(slog.NewTextHandler(&log, nil)), file)
		if got := strings.Contains(log.String(), "can be read by others"); got != warned {
			t.Errorf("%o: the log says %q", mode, log.String())
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// An open control API beyond this machine is warned of, and only then.
func TestListeningBeyondLoopbackIsWarnedOf(t *testing.T) {
	for _, test := range []struct {
		addr, token string
		want        bool
	}{
		{"0.0.0.0:4566", "", true}, {"[::]:4566", "", true}, {"192.0.2.1:4566", "", true},
		{"0.0.0.0:4566", "s3cret", false}, {"127.0.0.1:4566", "", false}, {"[::1]:4566", "", false},
	} {
		addr, err := net.ResolveTCPAddr("tcp", test.addr)
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		warnOfOpenControl(slog.New(slog.NewTextHandler(&log, nil)), addr, test.token)
		if got := strings.Contains(log.String(), "whoever reaches this address can use the control API"); got != test.want {
			t.Errorf("%s with token %q: the warning is there: %v", test.addr, test.token, got)
		}
	}
}

// A first start that was killed before it had made its root key is no obstacle to the next.
func TestServeAfterAFirstStartWasKilled(t *testing.T) {
	data := t.TempDir()
	engine, err := journal.Open(filepath.Join(data, databaseFile), journal.Full)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	if err := started(t, "--data", data); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(data, rootKeyFile)); err != nil {
		t.Error(err)
	}
}
