package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/waxseal/waxseal/learn"
)

// progress is what a learner has done, as it is kept in a file.
type progress struct {
	file  string
	known map[string]exerciseProgress // by the exercises' names
}

// exerciseProgress is what was done in one exercise.
type exerciseProgress struct {
	Done  time.Time `json:"done,omitzero"`
	Hints int       `json:"hints,omitempty"`
}

// progressFile is $XDG_STATE_HOME/waxseal/learn.json.
//
// See https://specifications.freedesktop.org/basedir/latest/.
func progressFile() (string, error) {
	state := fromEnv("XDG_STATE_HOME", "")
	if !filepath.IsAbs(state) { // such a value is to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("nowhere to keep the progress: %w; XDG_STATE_HOME may say where", err)
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "waxseal", "learn.json"), nil
}

// progressForm is the form of the file.
type progressForm struct {
	Exercises map[string]exerciseProgress `json:"exercises"`
}

func (p *progress) read() (err error) {
	p.known = map[string]exerciseProgress{}
	if p.file, err = progressFile(); err != nil {
		return err
	}
	text, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var k progressForm
	if err := json.Unmarshal(text, &k); err != nil {
		return fmt.Errorf("%s, which has your progress, is damaged: %w; mend it, or delete it to begin anew", p.file, err)
	}
	if k.Exercises != nil {
		p.known = k.Exercises
	}
	return nil
}

func (p *progress) of(e *learn.Exercise) exerciseProgress { return p.known[e.Name] }

// change changes what is known of an exercise, in the file as it is now.
func (p *progress) change(e *learn.Exercise, change func(*exerciseProgress)) error {
	if err := p.read(); err != nil {
		return err
	}
	one := p.known[e.Name]
	change(&one)
	p.known[e.Name] = one
	return p.write()
}

// forget forgets the exercises of these names, or all where there are none.
func (p *progress) forget(names ...string) error {
	if len(names) == 0 {
		clear(p.known)
	}
	for _, name := range names {
		delete(p.known, name)
	}
	return p.write()
}

// write writes the file in place of the one before, or fails and leaves that.
func (p *progress) write() (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the progress cannot be kept: %w", err)
		}
	}()
	const private = 0o700
	folder := filepath.Dir(p.file)
	if err := os.MkdirAll(folder, private); err != nil {
		return err
	}
	text, err := json.MarshalIndent(progressForm{p.known}, "", "  ")
	if err != nil {
		return err
	}
	written, err := os.CreateTemp(folder, "learn-*.json") // which only its owner may read
	if err != nil {
		return err
	}
	_, err = written.Write(append(text, '\n'))
	err = errors.Join(err, written.Sync(), written.Close())
	if err == nil {
		err = os.Rename(written.Name(), p.file)
	}
	if err != nil {
		_ = os.Remove(written.Name())
	}
	return err
}
