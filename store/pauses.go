package store

import (
	"context"
	"database/sql"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// Pause keeps notices of a kind queued, or all; one that is paused already is paused anew.
func (s *Store) Pause(ctx context.Context, p outbox.Pause) error {
	return s.transact(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO pauses (kind, since, until, note) VALUES "+tuples(1, 4)+
			" ON CONFLICT (kind) DO UPDATE SET since = excluded.since, until = excluded.until, note = excluded.note", p.Kind, millis(p.Since), millis(p.Until), p.Note)
		return about(err, "pause the outbox")
	})
}

// Resume ends the pause of a kind, "" of everything; workflow.NotFound if there is none at now. What waited is due at now.
func (s *Store) Resume(ctx context.Context, kind string, now time.Time) error {
	return s.transact(ctx, func(t *tx) error {
		n, err := t.exec(ctx, "DELETE FROM pauses WHERE kind = ? AND (until = 0 OR until > ?)", kind, millis(now))
		if err != nil {
			return about(err, "resume the outbox")
		}
		if n == 0 {
			return notFound("%s is not paused", (outbox.Pause{Kind: kind}).What())
		}
		return t.unpark(ctx, kind)
	})
}

func (t *tx) unpark(ctx context.Context, kind string) error {
	_, err := t.exec(ctx, "UPDATE notices SET parked = false WHERE parked AND template = ?", kind)
	return err
}

// Pauses are those in force at now, that of everything first. Inside a transaction that writes, the others are ended for good.
func (t *tx) Pauses(ctx context.Context, now time.Time) ([]outbox.Pause, error) {
	all, err := t.view.Pauses(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	var inForce []outbox.Pause
	for _, p := range all {
		if p.InForce(now) {
			inForce = append(inForce, p)
			continue
		}
		if _, err := t.exec(ctx, "DELETE FROM pauses WHERE kind = ?", p.Kind); err != nil {
			return nil, err
		}
		if err := t.unpark(ctx, p.Kind); err != nil {
			return nil, err
		}
	}
	return inForce, nil
}

// Pauses are those in force at now, that of everything first.
func (v view) Pauses(ctx context.Context, now time.Time) (all []outbox.Pause, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var p outbox.Pause
		var since, until int64
		if err := rows.Scan(&p.Kind, &since, &until, &p.Note); err != nil {
			return err
		}
		if p.Since, p.Until = moment(since), moment(until); p.InForce(now) {
			all = append(all, p)
		}
		return nil
	}, "SELECT kind, since, until, note FROM pauses ORDER BY kind")
	return all, err
}

// afterPause is when there is something to do, where at would be without any pause: at the end of one, what it kept is due.
func (v view) afterPause(ctx context.Context, at time.Time, ok bool) (time.Time, bool, error) {
	pauses, err := v.Pauses(ctx, time.Time{})
	if err != nil {
		return at, false, err
	}
	for _, p := range pauses {
		switch {
		case p.Kind == "" && p.Until.IsZero():
			return time.Time{}, false, nil
		case p.Kind == "" && ok && at.Before(p.Until):
			at = p.Until
		case p.Until.IsZero():
		case !ok || p.Until.Before(at):
			at, ok = p.Until, true
		}
	}
	return at, ok, nil
}

// Suppress has nothing more sent to an address or a domain.
func (s *Store) Suppress(ctx context.Context, x outbox.Suppression) error {
	return s.transact(ctx, func(t *tx) error {
		_, err := t.exec(ctx, "INSERT INTO suppressed (name, since, reason) VALUES "+tuples(1, 3)+
			" ON CONFLICT (name) DO UPDATE SET since = excluded.since, reason = excluded.reason", x.Name, millis(x.Since), x.Reason)
		return about(err, "suppress %s", x.Name)
	})
}

// Unsuppress takes that back; workflow.NotFound if nothing is suppressed under that name.
func (s *Store) Unsuppress(ctx context.Context, name string) error {
	return s.transact(ctx, func(t *tx) error {
		n, err := t.exec(ctx, "DELETE FROM suppressed WHERE name = ?", name)
		if err == nil && n == 0 {
			return workflow.Errorf(workflow.NotFound, "%s is not suppressed", name)
		}
		return about(err, "unsuppress %s", name)
	})
}

// Suppressed lists what nothing is sent to, by name.
func (v view) Suppressed(ctx context.Context) (all []outbox.Suppression, err error) {
	err = v.each(ctx, func(rows *sql.Rows) error {
		var x outbox.Suppression
		var since int64
		err := rows.Scan(&x.Name, &since, &x.Reason)
		x.Since = moment(since)
		all = append(all, x)
		return err
	}, "SELECT name, since, reason FROM suppressed ORDER BY name")
	return all, err
}

func suppressedReason(name, reason string) string {
	text := "mail to " + name + " is suppressed"
	if reason != "" {
		text += ": " + reason
	}
	return text
}
