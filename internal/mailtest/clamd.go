package mailtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Infected is what the signatures of StartClamd find, and as what.
const (
	Infected        = "HANDOFF-TEST-CONTENT-THAT-COUNTS-AS-INFECTED"
	InfectedFinding = "Handoff.Test.UNOFFICIAL"
)

// Clamd is a clamd of its own on loopback that knows one signature.
type Clamd struct {
	Addr string // host:port

	*server
}

// StartClamd scans until Close, taking streams of up to 1 MB. The error wraps ErrMissing if clamd is not installed.
func StartClamd(ctx context.Context) (*Clamd, error) {
	program, err := find("clamd")
	if err != nil {
		return nil, err
	}
	var failed error
	for range 3 { // somebody else may take the port first
		dir, err := os.MkdirTemp("", "handoff-clamd")
		if err != nil {
			return nil, err
		}
		c, err := startClamd(ctx, program, dir)
		if err == nil {
			return c, nil
		}
		failed = errors.Join(err, os.RemoveAll(dir))
	}
	return nil, failed
}

func startClamd(ctx context.Context, program, dir string) (*Clamd, error) {
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	signatures := filepath.Join(dir, "signatures")
	if err := os.Mkdir(signatures, 0o755); err != nil {
		return nil, err
	}
	rule := fmt.Sprintf("Handoff.Test:0:*:%x\n", Infected)
	if err := os.WriteFile(filepath.Join(signatures, "test.ndb"), []byte(rule), 0o644); err != nil {
		return nil, err
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "User root\n" // or it would drop to a user who cannot read the directory
	}
	conf := filepath.Join(dir, "clamd.conf")
	text := fmt.Sprintf("%sForeground yes\nTCPAddr 127.0.0.1\nTCPSocket %d\nDatabaseDirectory %s\nTemporaryDirectory %s\nStreamMaxLength 1M\nMaxThreads 4\n",
		user, ports[0], signatures, dir)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "--config-file="+conf)
	asSelf(cmd)
	c := &Clamd{Addr: loopback(ports[0])}
	if c.server, err = run(ctx, dir, cmd, c.Addr); err != nil {
		return nil, err
	}
	return c, nil
}
