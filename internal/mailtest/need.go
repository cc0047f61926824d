package mailtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrMissing is wrapped by the errors of servers that are not installed on this machine, or that this user cannot run.
var ErrMissing = errors.New("not installed")

// install tells how to get each server where tests run most.
var install = map[string]string{
	"dovecot":    "apt-get install -y dovecot-imapd dovecot-lmtpd",
	"postfix":    "apt-get install -y postfix (and run the tests as root)",
	"postgresql": "apt-get install -y postgresql",
	"clamd":      "apt-get install -y clamav-daemon",
}

// find tells where a server's program is, or an error that says how to install it.
func find(server string) (string, error) {
	var path string
	var err error
	switch server {
	case "dovecot":
		path, err = lookPath("dovecot", "/usr/sbin", "/usr/local/sbin")
	case "clamd":
		path, err = lookPath("clamd", "/usr/sbin", "/usr/local/sbin")
	case "postfix":
		if os.Geteuid() != 0 {
			return "", fmt.Errorf("postfix needs root: %w; install it with: %s", ErrMissing, install[server])
		}
		path, err = lookPath("postfix", "/usr/sbin", "/usr/local/sbin")
	case "postgresql":
		dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
		for i, j := 0, len(dirs)-1; i < j; i, j = i+1, j-1 { // the newest first
			dirs[i], dirs[j] = dirs[j], dirs[i]
		}
		path, err = lookPath("initdb", dirs...)
	default:
		return "", fmt.Errorf("mailtest: no starter for %q", server)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w; install it with: %s", server, ErrMissing, install[server])
	}
	return path, nil
}

func lookPath(name string, dirs ...string) (string, error) {
	for _, d := range dirs {
		if p, err := exec.LookPath(filepath.Join(d, name)); err == nil {
			return p, nil
		}
	}
	return exec.LookPath(name)
}

// TB is what Need asks of a *testing.T or *testing.B; the demo does without the testing package.
type TB interface {
	Helper()
	Skip(args ...any)
	Fatal(args ...any)
}

// Need skips the test unless the server ("dovecot", "postfix", "postgresql", "clamd") can be started here, telling how to install
// it. With HANDOFF_REQUIRE_SERVERS=1 in the environment the test fails instead.
func Need(t TB, server string) {
	t.Helper()
	if _, err := find(server); err != nil {
		SkipOrFail(t, err)
	}
}

// SkipOrFail skips the test because of err, or fails it when HANDOFF_REQUIRE_SERVERS=1.
func SkipOrFail(t TB, err error) {
	t.Helper()
	if os.Getenv("HANDOFF_REQUIRE_SERVERS") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// freePorts are n loopback ports that nothing listened on a moment ago. They lie below those that systems give out by
// themselves (from 32768 or 49152 on), so that no connection and no server on "port 0" takes one meanwhile.
func freePorts(n int) ([]int, error) {
	const lowest, above, tries = 10240, 32768, 100
	var ports []int
	var last error
	for range tries {
		ln, err := net.Listen("tcp", loopback(lowest+rand.IntN(above-lowest)))
		if err != nil {
			last = err
			continue
		}
		defer ln.Close()
		if ports = append(ports, ln.Addr().(*net.TCPAddr).Port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("look for a free port: %w", last)
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// server is a child process with a directory of its own.
type server struct {
	cmd    *exec.Cmd
	dir    string
	exited chan struct{}
	err    error // of the process; read after exited
	stop   func() error
}

// run starts cmd, its output going to dir/output, and waits until every address takes connections.
func run(ctx context.Context, dir string, cmd *exec.Cmd, addrs ...string) (*server, error) {
	out, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	s := &server{cmd: cmd, dir: dir, exited: make(chan struct{})}
	s.stop = func() error { return cmd.Process.Signal(os.Interrupt) }
	go func() {
		s.err = cmd.Wait()
		close(s.exited)
	}()
	for _, a := range addrs {
		if err := s.await(ctx, a); err != nil {
			s.end()
			return nil, fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, s.said())
		}
	}
	return s, nil
}

func (s *server) await(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var d net.Dialer
	for {
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("it ended at once: %v", s.err)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
}

// awaitWord waits until the server has written word.
func (s *server) awaitWord(ctx context.Context, word string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(s.said(), word) {
		select {
		case <-tick.C:
		case <-s.exited:
			return fmt.Errorf("it ended at once: %v", s.err)
		case <-ctx.Done():
			return fmt.Errorf("it never said %q", word)
		}
	}
	return nil
}

// said is what the server wrote, for errors.
func (s *server) said() string {
	var b strings.Builder
	for _, name := range []string{"output", "log"} {
		if text, err := os.ReadFile(filepath.Join(s.dir, name)); err == nil {
			b.Write(text[max(0, len(text)-4000):])
		}
	}
	return b.String()
}

// Close ends the process and removes its directory.
func (s *server) Close() error {
	s.end()
	return os.RemoveAll(s.dir)
}

// end asks the process to end, and makes it after ten seconds.
func (s *server) end() {
	_ = s.stop()
	select {
	case <-s.exited:
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.exited
	}
}
