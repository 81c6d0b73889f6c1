package main

import (
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
	if err := os.MkdirAll(f.data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	database := filepath.Join(f.data, databaseFile)
	_, err := os.Stat(database)
	fresh := errors.Is(err, fs.ErrNotExist)
	if config.RootKey, err = rootKey(f, fresh); err != nil {
		return err
	}
	if config.CA, err = certs.Open(filepath.Join(f.data, caFile), filepath.Join(f.data, caKeyFile), clock.Real); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	engine, err := bolt.Open(database)
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	config.Engine, config.Lanes = engine, lanes
	return nil
}

// rootKey is the key in the file that the flags name. A database that exists
// was made with a root key: making another would lose every key in it.
func rootKey(f serveFlags, fresh bool) ([]byte, error) {
	file := f.rootKey
	if file == "" {
		file = filepath.Join(f.data, rootKeyFile)
	}
	key, err := loadRootKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if !fresh {
		return nil, fmt.Errorf("--root-key: %s is missing, and the state in %s cannot be read without it", file, f.data)
	}
	key = hsm.NewRootKey()
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
