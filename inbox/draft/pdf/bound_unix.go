//go:build linux || darwin

package pdf

import (
	"syscall"
	"time"
)

// bound lets the system end the process where the process itself does not come to it.
func bound() {
	syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: hardCPU, Max: hardCPU})
	syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: 1 << 30, Max: 1 << 30})
}

// cpuTime is what the process has used.
func cpuTime(time.Time) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
