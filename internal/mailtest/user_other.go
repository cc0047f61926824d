//go:build !unix

package mailtest

import (
	"errors"
	"os"
	"os/exec"
)

type account struct {
	name, group string
	uid, gid    int
}

func unprivileged(...string) (account, error) {
	return account{}, errors.New("mailtest: starting servers takes a unix system")
}

func (account) own(string) error    { return nil }
func (account) runAs(*exec.Cmd)     {}
func asSelf(*exec.Cmd)              {}
func terminate(p *os.Process) error { return p.Kill() }
func killGroup(p *os.Process) error { return p.Kill() }
