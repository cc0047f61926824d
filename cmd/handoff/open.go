package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/store"
	"handoff/workflow"
)

// desk is what the commands work on: the configuration and the open database.
type desk struct {
	*store.Store
	cfg   *Config
	clock clock.Clock
	zone  *time.Location // the team's
}

// openDesk loads the configuration and opens its database, which has to be there and up to date.
func openDesk(ctx context.Context, env *Env) (*desk, error) {
	cfg, err := LoadConfig(env.Config)
	if err != nil {
		return nil, err
	}
	return cfg.open(ctx, env.Clock)
}

func (c *Config) open(ctx context.Context, clk clock.Clock) (*desk, error) {
	dsn, err := c.DSN()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(c.Team.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("%s: team.timezone: %w", c.path, err)
	}
	st, err := store.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	return &desk{Store: st, cfg: c, clock: clk, zone: zone}, nil
}

// createIfMissing makes a SQLite database that is not there yet. An older one is left to "handoff migrate", so that nobody
// upgrades by accident and without a backup.
func (c *Config) createIfMissing(ctx context.Context) error {
	dsn, err := c.DSN()
	if err != nil {
		return err
	}
	if isPostgres(dsn) {
		return nil
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(dsn, "file:"), "?")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("cannot make data_dir: %w", err)
	}
	if err := store.Migrate(ctx, dsn, nil); err != nil {
		return err
	}
	return nil
}

func isPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres:") || strings.HasPrefix(dsn, "postgresql:")
}

// identity signs and recognises our addresses and ids. The first use makes the first key.
func (d *desk) identity(ctx context.Context) (*outbox.Identity, error) {
	keys, err := d.Keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	if len(keys) == 0 {
		key, err := d.AddKey(ctx, d.clock.Now())
		if err != nil {
			return nil, fmt.Errorf("make the first signing key: %w", err)
		}
		keys = append(keys, key)
	}
	id, err := outbox.NewIdentity(keys, d.cfg.SMTP.ReplyAddress, d.cfg.SMTP.MessageIDDomain)
	if err != nil || d.cfg.SMTP.BounceAddress == "" {
		return id, err
	}
	return id, id.BouncesTo(d.cfg.SMTP.BounceAddress)
}

// composer writes notices.
func (d *desk) composer(ctx context.Context) (*outbox.Composer, error) {
	id, err := d.identity(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := d.cfg.reminderRules(d.clock.Now(), d.zone)
	if err != nil {
		return nil, err
	}
	policy, err := d.cfg.noticePolicy()
	if err != nil {
		return nil, err
	}
	return &outbox.Composer{
		Team: d.cfg.Team.Name, Identity: id, Clock: d.clock, Locale: d.cfg.Team.Locale,
		Rules: rules, Policy: policy,
	}, nil
}

// fingerprint tells whether the rules that the clock goes by are others than before.
func fingerprint(c *outbox.Composer) (string, error) {
	text, err := json.Marshal(struct {
		Rules  workflow.ReminderRules
		Zone   string
		Policy outbox.Policy
	}{c.Rules, c.Rules.Zone.String(), c.Policy})
	if err != nil {
		return "", fmt.Errorf("fingerprint of the rules: %w", err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text)), nil
}

// personFinder looks people up by address.
type personFinder interface {
	PersonByAddress(ctx context.Context, address string) (workflow.Person, error)
}

// findPerson is the person with that address, or an error that says how to add one.
func findPerson(ctx context.Context, in personFinder, address string) (workflow.Person, error) {
	normal := workflow.NormalizeAddress(address)
	if normal == "" {
		return workflow.Person{}, usagef("%q is not a mail address", address)
	}
	p, err := in.PersonByAddress(ctx, normal)
	if workflow.CodeOf(err) == workflow.NotFound {
		return p, fmt.Errorf("nobody has the address %s: see \"handoff person list\", or add them with \"handoff person add\"", normal)
	}
	return p, err
}

// findAtWork is findPerson for somebody who is to be given work.
func findAtWork(ctx context.Context, in personFinder, address string) (workflow.Person, error) {
	p, err := findPerson(ctx, in, address)
	if err == nil {
		err = p.Gone()
	}
	return p, err
}

// pieceFinder looks pieces up by code.
type pieceFinder interface {
	PieceByCode(ctx context.Context, code string) (workflow.Piece, error)
}

// findPiece is the piece with that code, or an error that says where the codes are.
func findPiece(ctx context.Context, in pieceFinder, code string) (workflow.Piece, error) {
	p, err := in.PieceByCode(ctx, workflow.NormalizeCode(code))
	if workflow.CodeOf(err) == workflow.NotFound {
		return p, fmt.Errorf("there is no piece %s: see \"handoff piece list\"", workflow.NormalizeCode(code))
	}
	return p, err
}
