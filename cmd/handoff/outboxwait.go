package main

import (
	"context"
	"slices"
	"time"

	"handoff/outbox"
)

// waiting knows why notices are not sent yet.
type waiting struct {
	composer *outbox.Composer
	pauses   []outbox.Pause // in force
	now      time.Time
	zone     *time.Location
}

func (d *desk) waiting(ctx context.Context) (w waiting, err error) {
	w.now, w.zone = d.clock.Now(), d.zone
	if w.pauses, err = d.Pauses(ctx, w.now); err != nil {
		return w, err
	}
	w.composer, err = d.composer(ctx)
	return w, err
}

// why is what holds a notice back that waits; "" for nothing, or for another try alone.
func (w waiting) why(n outbox.Notice) string {
	if !n.State.Waits() {
		return ""
	}
	before := func(t time.Time) string {
		if n.NextAt.After(t) {
			t = n.NextAt
		}
		return ": not before " + t.In(w.zone).Format("Monday 2006-01-02 15:04")
	}
	shut := w.composer.Shut(n, w.now)
	switch {
	case slices.ContainsFunc(w.pauses, func(p outbox.Pause) bool { return p.Kind == "" || p.Kind == n.Template }):
		return "paused"
	case n.DueAt.After(w.now):
		return "not due yet" + before(n.DueAt)
	case shut != "":
		return shut + before(w.composer.Window(n, w.now))
	case n.State == outbox.Queued && n.NextAt.After(w.now):
		return "limit of [outbox]" + before(n.NextAt)
	}
	return ""
}
