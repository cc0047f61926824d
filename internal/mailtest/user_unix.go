//go:build unix

package mailtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is a user of this machine that a server runs as.
type account struct {
	name, group string
	uid, gid    int
}

// unprivileged is the first of names that exists, for servers that refuse root; the current user when that is not root.
func unprivileged(names ...string) (account, error) {
	if os.Geteuid() != 0 {
		u, err := user.Current()
		if err != nil {
			return account{}, fmt.Errorf("look up the current user: %w", err)
		}
		return newAccount(u)
	}
	for _, n := range names {
		if u, err := user.Lookup(n); err == nil {
			return newAccount(u)
		}
	}
	return account{}, fmt.Errorf("none of the users %v exists", names)
}

func newAccount(u *user.User) (account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, err
	}
	group := u.Gid
	if g, err := user.LookupGroupId(u.Gid); err == nil {
		group = g.Name
	}
	return account{name: u.Username, group: group, uid: uid, gid: gid}, nil
}

// own gives the account a directory.
func (a account) own(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(dir, a.uid, a.gid)
}

// runAs makes cmd run as the account, in a process group that a terminal's interrupt does not reach.
func (a account) runAs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 && a.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}

// asSelf makes cmd run as the current user, in a process group of its own.
func asSelf(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks a process to end.
func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }

// killGroup ends a process that asSelf started, and all that it started, at once.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }
