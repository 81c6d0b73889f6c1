package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncedFile is a file whose Sync leaves out what is not needed to read it again, such as
// the time of its last change.
type syncedFile struct{ *os.File }

func (f syncedFile) Sync() error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}
