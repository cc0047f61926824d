package blob

import (
	"errors"
	"syscall"
)

// renamesOpen: a file can be renamed while it is open.
const renamesOpen = false

// Windows: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_WRITE_PROTECT.
const (
	handleDiskFull = syscall.Errno(39)
	diskFullErrno  = syscall.Errno(112)
	writeProtect   = syscall.Errno(19)
)

func diskFull(err error) bool {
	return errors.Is(err, handleDiskFull) || errors.Is(err, diskFullErrno) || errors.Is(err, syscall.ENOSPC)
}

func readOnly(err error) bool { return errors.Is(err, writeProtect) }

// syncDir has nothing to do: a directory cannot be flushed here, the file system journals names.
func syncDir(string) error { return nil }
