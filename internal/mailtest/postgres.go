package mailtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// StartPostgres makes an empty PostgreSQL cluster in a temporary directory and serves it on loopback until stop, which also
// removes it. As root it runs as the user postgres or nobody. The error wraps ErrMissing if PostgreSQL is not installed.
func StartPostgres(ctx context.Context) (dsn string, stop func() error, err error) {
	initdb, err := find("postgresql")
	if err != nil {
		return "", nil, err
	}
	as, err := unprivileged("postgres", "nobody")
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "handoff-postgres")
	if err != nil {
		return "", nil, err
	}
	s, addr, err := startPostgres(ctx, initdb, dir, as)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return fmt.Sprintf("postgres://handoff@%s/postgres?sslmode=disable", addr), s.Close, nil
}

func startPostgres(ctx context.Context, initdb, dir string, as account) (*server, string, error) {
	if err := as.own(dir); err != nil {
		return nil, "", err
	}
	cluster := filepath.Join(dir, "cluster")
	create := exec.CommandContext(ctx, initdb, "-D", cluster, "-U", "handoff", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	create.Dir = dir
	as.runAs(create)
	if out, err := create.CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var last error
	for range 3 { // somebody else may take the port first
		ports, err := freePorts(1)
		if err != nil {
			return nil, "", err
		}
		// fsync=off: the cluster does not outlive the process that started it
		cmd := exec.Command(filepath.Join(filepath.Dir(initdb), "postgres"), "-D", cluster, "-p", fmt.Sprint(ports[0]),
			"-h", "127.0.0.1", "-k", "", "-c", "fsync=off", "-c", "max_connections=50", "-c", "shared_buffers=32MB")
		cmd.Dir = dir
		as.runAs(cmd)
		s, err := run(ctx, dir, cmd, loopback(ports[0]))
		if err != nil {
			last = err
			continue
		}
		// It takes connections before it lets anybody in.
		if err := s.awaitWord(ctx, "ready to accept connections"); err != nil {
			s.end()
			return nil, "", fmt.Errorf("postgres: %w\n%s", err, s.said())
		}
		return s, loopback(ports[0]), nil
	}
	return nil, "", last
}
