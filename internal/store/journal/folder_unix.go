//go:build !windows

package journal

import (
	"errors"
	"os"
)

// syncFolder brings to the disk which files a folder has.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
