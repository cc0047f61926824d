package proxy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"handoff/blob"
	"handoff/internal/worddiff"
	"handoff/templates"
)

// Version is a submission and the mail it came in.
type Version struct {
	Entry Entry
	Mail  Record
}

// Versions compares two versions of a piece. It keeps to bounds of memory, and ends soon after ctx has.
type Versions interface {
	Compare(ctx context.Context, older, newer Version) (worddiff.Diff, error)
}

const (
	compareWithin = 15 * time.Second // what the comparisons for one transaction may take, all together
	shownPlaces   = 12               // of a difference, in a mail
	shownBytes    = 4000
)

// filing is what a comparison is known by while the transaction that needs it runs again: ids may be others then.
type filing struct {
	piece   int64
	version int
	mail    blob.ID
}

// comparisons are what a transaction needs to know of how versions differ.
type comparisons struct {
	made   bool // nothing more is compared
	wanted map[filing][2]Version
	found  map[filing]*templates.Changes
}

// errCompare undoes a transaction that lacks comparisons.
var errCompare = errors.New("versions have to be compared first")

// update runs f in one transaction. Where f files a further version of a piece, what it wrote is undone, the versions are
// compared outside of any transaction, for compareWithin at most, and f runs again: documents are opened for nobody else, and
// nothing waits for a lock meanwhile. What cannot be compared in time is filed all the same.
func (g *Gateway) update(ctx context.Context, f func(Tx, *session) error) error {
	c := &comparisons{made: g.Versions == nil}
	run := func() error {
		return g.Store.Update(ctx, func(tx Tx) error {
			c.wanted = map[filing][2]Version{}
			s := newSession(tx)
			s.compared = c
			if err := f(tx, s); err != nil {
				return err
			}
			if len(c.wanted) > 0 {
				return errCompare
			}
			return nil
		})
	}
	err := run()
	if !errors.Is(err, errCompare) {
		return err
	}
	g.compare(ctx, c)
	return run()
}

// compare makes the comparisons that are wanted.
func (g *Gateway) compare(ctx context.Context, c *comparisons) {
	limited, cancel := context.WithTimeout(ctx, compareWithin)
	defer cancel()
	c.made, c.found = true, map[filing]*templates.Changes{}
	for p, v := range c.wanted {
		d, err := g.differ(limited, v[0], v[1])
		if err != nil {
			g.log().LogAttrs(ctx, slog.LevelInfo, "a version is filed without what changed in it", slog.Int64("piece", p.piece),
				slog.Int("version", p.version), slog.Any("error", err))
			continue
		}
		text, more := d.Excerpt(shownPlaces, shownBytes)
		c.found[p] = &templates.Changes{Since: v[0].Entry.Version, Summary: d.Summary(), Text: text, More: more,
			Marks: strings.Contains(text, "[-") || strings.Contains(text, "{+")}
	}
}

// differ is Versions.Compare for documents of which one may make it panic.
func (g *Gateway) differ(ctx context.Context, older, newer Version) (d worddiff.Diff, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return g.Versions.Compare(ctx, older, newer)
}

// changes tells what differs in a filed version from the one before, nil if that is not known.
func (p *post) changes(ctx context.Context, e Entry) (*templates.Changes, error) {
	c := p.session.compared
	if c == nil || e.Version < 2 || p.ruling.received.Backfill {
		return nil, nil
	}
	key := filing{piece: e.PieceID, version: e.Version, mail: p.record.Blob}
	if c.made {
		return c.found[key], nil
	}
	before, ok, err := before(ctx, p.session, p.ruling.piece, e.Version)
	if err != nil || !ok {
		return nil, err
	}
	mail, err := p.session.Record(ctx, before.MessageID)
	if err != nil {
		return nil, fmt.Errorf("looking up the mail of version %d: %w", before.Version, err)
	}
	c.wanted[key] = [2]Version{{before, mail}, {e, p.record}}
	return nil, nil
}
