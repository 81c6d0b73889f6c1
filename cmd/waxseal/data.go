package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/journal"
	"github.com/waxseal/waxseal/server"
)

// The files of a data folder.
const (
	databaseFile = "waxseal.db"
	rootKeyFile  = "root.key"
	caFile       = "ca.pem"
	caKeyFile    = "ca-key.pem"
)

// lanes is how many deliveries of one SNS message run at a time where each waits for a disk.
const lanes = 16

// scheme is the beginning of a URL.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)

// openData sets what is kept between runs: the engine, the root key and the CA.
// It adds to made the files and folders that it creates, also where it fails.
func openData(f serveFlags, config *server.Config, made *madeFiles) error {
	if f.data == "" {
		if f.rootKey == "" {
			return nil
		}
		var err error
		config.RootKey, err = loadRootKey(f.rootKey)
		warnOfReaders(config.Log, f.rootKey)
		return err
	}
	if scheme := scheme.FindString(f.data); scheme != "" {
		// The rest of it may hold a password.
		return fmt.Errorf("--data: %s… is no folder, and databases are not supported", scheme)
	}
	// Existing files are read before anything is created.
	database := filepath.Join(f.data, databaseFile)
	found, err := os.Stat(database)
	fresh := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !fresh:
		return fmt.Errorf("--data: %w", err)
	case err == nil && found.Mode().IsRegular() && found.Size() == 0:
		return fmt.Errorf("--data: %s is empty: its state is lost, or was never written; remove it to begin anew", database)
	}
	keyFile := cmp.Or(f.rootKey, filepath.Join(f.data, rootKeyFile))
	if config.RootKey, err = loadRootKey(keyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	made.missing(f.data, filepath.Join(f.data, caFile), filepath.Join(f.data, caKeyFile), keyFile, database)
	warnOfReaders(config.Log, keyFile)
	warnOfReaders(config.Log, filepath.Join(f.data, caKeyFile))
	if err := os.MkdirAll(f.data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	// The database is opened first: the process that has it open owns the
	// folder.
	engine, err := journal.Open(database, journal.Durability(f.durability))
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	config.Engine = engine
	if config.RootKey == nil && !fresh {
		if err := requireEmpty(engine); err != nil {
			return fmt.Errorf("--root-key: %s is missing, and the state in %s %w", keyFile, f.data, err)
		}
	}
	if f.durability == string(journal.Full) {
		config.Lanes = lanes
	}
	if config.CA, err = certs.Open(filepath.Join(f.data, caFile), filepath.Join(f.data, caKeyFile), clock.Real); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if config.RootKey == nil {
		config.RootKey, err = makeRootKey(keyFile)
	}
	return err
}

// madeFiles are the files and folders that a start creates.
type madeFiles struct{ files, folders []string }

// missing adds those of the files, and of the folders on the path of folder, that do
// not exist.
func (m *madeFiles) missing(folder string, files ...string) {
	for absent(folder) {
		m.folders = append(m.folders, folder)
		folder = filepath.Dir(folder)
	}
	for _, file := range files {
		if absent(file) {
			m.files = append(m.files, file)
		}
	}
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// undo removes what a failed start has created, and closes the engine. Without
// an engine the folder belongs to another process, which created the files.
func (m *madeFiles) undo(engine store.Engine) {
	if engine != nil {
		left := remove(m.files)
		_ = engine.Close() // its data is not needed any more
		remove(left)       // Windows does not remove open files
	}
	remove(m.folders)
}

// remove removes files and empty folders, and returns those that it could not
// remove.
func remove(paths []string) (left []string) {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			left = append(left, path)
		}
	}
	return left
}

// warnOfReaders logs a warning about a key file that others than its owner can
// read. It is accepted nevertheless, because secrets that an orchestrator
// mounts are often readable.
func warnOfReaders(log *slog.Logger, file string) {
	const others = 0o077
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&others == 0 {
		return
	}
	log.Warn("a key can be read by others than its owner; chmod 600 keeps it secret", "file", file, "mode", info.Mode().Perm().String())
}

// requireEmpty is an error where an engine holds anything. What is there was made with a
// root key, and with another one all keys in it would be lost. Nothing is there where the
// first start was killed before it had made its root key.
func requireEmpty(engine store.Engine) error {
	return engine.View(context.Background(), func(r store.Reader) error {
		for range r.Scan("", "", 1) {
			return errors.New("cannot be read without it")
		}
		return nil
	})
}

func makeRootKey(file string) ([]byte, error) {
	key := hsm.NewRootKey()
	// A file that was created meanwhile belongs to another process.
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--root-key: %w", err)
	}
	// What is encrypted under it is worth nothing once a power cut has taken it.
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close(), syncFolder(filepath.Dir(file))); err != nil {
		return nil, fmt.Errorf("--root-key: %w", err)
	}
	return key, nil
}

// syncFolder brings to the disk which files a folder has.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // which keeps that by itself
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// loadRootKey reads a root key: 64 hexadecimal digits.
func loadRootKey(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--root-key: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != hsm.KeySize {
		return nil, fmt.Errorf("--root-key: %s does not hold a root key of %d hexadecimal digits", file, 2*hsm.KeySize)
	}
	return key, nil
}
