package main

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/waxseal/waxseal/internal/certs"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/store/bolt"
	"github.com/waxseal/waxseal/server"
)

// The files of a data folder.
const (
	databaseFile = "waxseal.db"
	rootKeyFile  = "root.key"
	caFile       = "ca.pem"
	caKeyFile    = "ca-key.pem"
)

// lanes is how many deliveries of one SNS message run at a time with a database on disk.
const lanes = 16

// openData sets what is kept from run to run: the engine, the root key and the CA.
func openData(f serveFlags, config *server.Config) error {
	if f.data == "" {
		if f.rootKey == "" {
			return nil
		}
		var err error
		config.RootKey, err = loadRootKey(f.rootKey)
		return err
	}
	// What is there is read before anything is made.
	database := filepath.Join(f.data, databaseFile)
	_, err := os.Stat(database)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return fmt.Errorf("--data: %w", err)
	}
	keyFile := cmp.Or(f.rootKey, filepath.Join(f.data, rootKeyFile))
	if config.RootKey, err = loadRootKey(keyFile); err != nil && !(fresh && errors.Is(err, fs.ErrNotExist)) {
		return rootKeyGone(err, keyFile, f.data)
	}
	if err := os.MkdirAll(f.data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if config.CA, err = certs.Open(filepath.Join(f.data, caFile), filepath.Join(f.data, caKeyFile), clock.Real); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if config.RootKey == nil {
		if config.RootKey, err = makeRootKey(keyFile); err != nil {
			return err
		}
	}
	engine, err := bolt.Open(database)
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	config.Engine, config.Lanes = engine, lanes
	return nil
}

// rootKeyGone is the error of a root key that cannot be had. A database that
// exists was made with one: making another would lose every key in it.
func rootKeyGone(err error, file, data string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--root-key: %s is missing, and the state in %s cannot be read without it", file, data)
	}
	return err
}

func makeRootKey(file string) ([]byte, error) {
	key := hsm.NewRootKey()
	if err := os.WriteFile(file, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("--root-key: %w", err)
	}
	return key, nil
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
