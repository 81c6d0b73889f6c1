package localstack

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Scripts that run at the stages of the server's life, as LocalStack runs its own.
//
// See https://docs.localstack.cloud/references/init-hooks.

// The stages of LocalStack's life.
const (
	StageBoot     = "BOOT"
	StageStart    = "START"
	StageReady    = "READY"
	StageShutdown = "SHUTDOWN"
)

var stages = []string{StageBoot, StageStart, StageReady, StageShutdown}

// The states of a script.
const (
	scriptUnknown    = "UNKNOWN" // not run yet
	scriptRunning    = "RUNNING"
	scriptSuccessful = "SUCCESSFUL"
	scriptError      = "ERROR"
)

// script is an init script as LocalStack shows it.
type script struct {
	Stage string `json:"stage"`
	Name  string `json:"name"`
	State string `json:"state"`

	path string
}

// InitScripts are the scripts of all stages, and the state of each. The zero value
// has none.
type InitScripts struct {
	log     *slog.Logger
	scripts []*script

	mu        sync.Mutex // guards the scripts' states and what follows
	completed map[string]bool
}

// FindInitScripts looks for the scripts of each stage in the folders boot.d,
// start.d, ready.d and shutdown.d of dir. A folder may be missing. Files that are no
// shell scripts are logged, and later how each script has ended.
func FindInitScripts(dir string, log *slog.Logger) (*InitScripts, error) {
	i := &InitScripts{log: log}
	for _, stage := range stages {
		found, err := i.scriptsIn(stage, filepath.Join(dir, strings.ToLower(stage)+".d"))
		if err != nil {
			return nil, err
		}
		i.scripts = append(i.scripts, found...)
	}
	return i, nil
}

// Any reports whether there are any.
func (i *InitScripts) Any() bool { return len(i.scripts) > 0 }

// scriptsIn are the scripts in a folder in the order of their names; those of its
// subfolders come after its own.
func (i *InitScripts) scriptsIn(stage, dir string) (found []*script, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var deeper []*script
	for _, e := range entries {
		// A file mounted by Kubernetes is a link into a folder ..data, which is not to be entered.
		if strings.HasPrefix(e.Name(), "..") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		info, statErr := os.Stat(path)
		switch {
		case statErr != nil:
			err = errors.Join(err, statErr)
		case info.IsDir():
			more, moreErr := i.scriptsIn(stage, path)
			deeper, err = append(deeper, more...), errors.Join(err, moreErr)
		case filepath.Ext(path) == ".sh":
			found = append(found, &script{stage, e.Name(), scriptUnknown, path})
		default:
			i.log.Warn("an init script is not run, for it is no shell script (.sh)", "file", path)
		}
	}
	return append(found, deeper...), err
}

// Run runs the scripts of a stage one after the other, with the environment env;
// their standard output and error go to output. A script that fails is logged, and
// the next one runs all the same. Run ends early when ctx does.
func (i *InitScripts) Run(ctx context.Context, stage string, env []string, output *os.File) {
	for _, one := range i.scripts {
		if one.Stage != stage || ctx.Err() != nil {
			continue
		}
		i.log.Info("an init script runs", "stage", stage, "file", one.path)
		i.set(one, scriptRunning)
		if err := run(ctx, one.path, env, output); err != nil {
			i.log.LogAttrs(ctx, slog.LevelError, "an init script failed", slog.String("file", one.path), slog.Any("cause", err))
			i.set(one, scriptError)
			continue
		}
		i.set(one, scriptSuccessful)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.completed == nil {
		i.completed = map[string]bool{}
	}
	i.completed[stage] = true
}

// run runs a script: directly where it is executable, else with the shell.
func run(ctx context.Context, path string, env []string, output *os.File) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path)
	if info.Mode()&0o111 == 0 {
		cmd = exec.CommandContext(ctx, "sh", path)
	}
	// A file, not a writer: what a script leaves running may keep it open.
	cmd.Env, cmd.Stdout, cmd.Stderr = env, output, output
	return cmd.Run()
}

func (i *InitScripts) set(one *script, state string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	one.State = state
}

// of are the scripts of a stage in their present states; an empty stage means all.
func (i *InitScripts) of(stage string) []script {
	list := []script{}
	for _, one := range i.scripts {
		if stage == "" || one.Stage == stage {
			list = append(list, *one)
		}
	}
	return list
}
