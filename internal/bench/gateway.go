package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// Gateway is a built handoff with a configuration and a team of its own, in one directory.
type Gateway struct {
	dir    string
	binary string
	env    []string

	restored int // how often
}

// newGateway builds the binary, unless one is given, and writes the configuration. What it sends goes to smtpAddr.
func newGateway(ctx context.Context, dir, binary string, l Login, smtpAddr string) (*Gateway, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	g := &Gateway{dir: dir, binary: binary}
	if binary == "" {
		g.binary = filepath.Join(dir, "handoff.exe") // the suffix is for Windows, and harmless elsewhere
		root, err := moduleRoot(ctx)
		if err != nil {
			return nil, err
		}
		build := exec.CommandContext(ctx, "go", "build", "-o", g.binary, "./cmd/handoff")
		build.Dir, build.Stdout, build.Stderr = root, os.Stderr, os.Stderr
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build handoff: %w", err)
		}
	}
	const password = "HANDOFF_BENCH_PASSWORD"
	g.env = append(os.Environ(), password+"="+l.Password, "HANDOFF_CONFIG="+g.path("handoff.toml"))
	config := fmt.Sprintf(`data_dir = "data"

[team]
name = "The benchmark's editors"
domains = [%q]
triage = %q

[[mailbox]]
address = %q
tls = "none"
user = %q
password_env = %q
folder = %q

[smtp]
address = %q
tls = "none"
from = "Content desk <%s>"
reply_address = %q

[auth]
authserv_ids = [%q]
verify_dkim = false

[caps]
address = 1000000
template = 1000000
total = 1000000
burst = -1

[calendar]
quiet_from = "00:00"
quiet_to = "00:00"
`, teamDomain, staff[0].address, l.Addr, l.User, password, l.Folder, smtpAddr, teamAddress, replyAddress, authservID)
	return g, os.WriteFile(g.path("handoff.toml"), []byte(config), 0o600)
}

func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	mod := strings.TrimSpace(string(out))
	if filepath.Base(mod) != "go.mod" {
		return "", fmt.Errorf("run this inside the handoff module")
	}
	return filepath.Dir(mod), nil
}

func (g *Gateway) path(name string) string { return filepath.Join(g.dir, name) }

func (g *Gateway) dsn() string { return g.path("data/handoff.db") }

// command is one handoff command, ready to run.
func (g *Gateway) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.binary, args...)
	cmd.Env, cmd.Dir = g.env, g.dir
	return cmd
}

// do runs one handoff command to its end.
func (g *Gateway) do(ctx context.Context, args ...string) error {
	out, err := g.command(ctx, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("handoff %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// enter makes the database, imports the team and fills in what only the store knows: the IDs, and the keys that sign.
func (g *Gateway) enter(ctx context.Context, team *Team, now time.Time) error {
	if err := os.WriteFile(g.path("people.csv"), []byte(team.peopleCSV()), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(g.path("pieces.csv"), []byte(team.piecesCSV(now)), 0o644); err != nil {
		return err
	}
	if err := g.do(ctx, "migrate"); err != nil {
		return err
	}
	if err := g.do(ctx, "import", g.path("people.csv"), g.path("pieces.csv")); err != nil {
		return err
	}
	s, err := store.Open(ctx, g.dsn())
	if err != nil {
		return err
	}
	defer s.Close()
	return team.resolve(ctx, s, now)
}

// resolve fills in IDs and keys from the store; a store without a key gets one.
func (t *Team) resolve(ctx context.Context, s *store.Store, now time.Time) error {
	keys, err := s.Keys(ctx)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		key, err := s.AddKey(ctx, now)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	identity, err := outbox.NewIdentity(keys, replyAddress, teamDomain)
	if err != nil {
		return err
	}
	t.Identity, t.identity = identity, identity
	people, err := s.People(ctx)
	if err != nil {
		return err
	}
	byAddress := map[string]workflow.Person{}
	for _, p := range people {
		byAddress[p.Addresses[0]] = p
	}
	for i := range t.People {
		p, ok := byAddress[t.People[i].Address]
		if !ok {
			return fmt.Errorf("%s was not imported", t.People[i].Address)
		}
		t.People[i].ID = p.ID
	}
	pieces, err := s.Pieces(ctx, store.PieceFilter{})
	if err != nil {
		return err
	}
	byCode := map[string]int64{}
	for _, p := range pieces {
		byCode[p.Code] = p.ID
	}
	for i := range t.Pieces {
		if t.Pieces[i].ID = byCode[t.Pieces[i].Code]; t.Pieces[i].ID == 0 {
			return fmt.Errorf("%s was not imported", t.Pieces[i].Code)
		}
	}
	return nil
}

// keep remembers the state as it is now; restore goes back to it, and puts what came after it aside.
func (g *Gateway) keep() error {
	return os.CopyFS(g.path("kept"), os.DirFS(g.path("data")))
}

func (g *Gateway) restore() error {
	g.restored++
	aside := g.path(fmt.Sprintf("data-%d", g.restored))
	if err := os.Rename(g.path("data"), aside); err != nil {
		return err
	}
	if err := empty(aside); err != nil {
		return err
	}
	return os.CopyFS(g.path("data"), os.DirFS(g.path("kept")))
}

// stored is the size of all files that a run left, in bytes.
func (g *Gateway) stored() (total int64, err error) {
	err = filepath.WalkDir(g.path("data"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	return total, err
}
