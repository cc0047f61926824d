//go:build unix

package draft

import (
	"os/exec"
	"syscall"
)

// isolate gives the command a process group of its own, which is killed with all that it started.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
