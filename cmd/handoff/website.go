package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"handoff/internal/webcheck"
	"handoff/outbox"
	"handoff/store"
	"handoff/web"
	"handoff/workflow"
)

// How long HTTP clients may take.
const (
	headerWithin   = 5 * time.Second
	requestWithin  = 20 * time.Second
	responseWithin = 30 * time.Second
	idleWithin     = 2 * time.Minute
	maxHeaderBytes = 16 << 10
	// hangUpWithin is how long requests in hand may take once the site is to stop.
	hangUpWithin = stopWithin / 2
)

// website answers at an address.
type website struct {
	listener net.Listener
	server   *http.Server
}

// openWebsite takes the configured address; queued hears of queued notices.
func (d *desk) openWebsite(ctx context.Context, composer *outbox.Composer, log *slog.Logger, queued func()) (*website, error) {
	handler, err := web.New(web.Config{Team: d.cfg.Team.Name, Locale: d.cfg.Team.Locale, Links: composer.Identity, Directory: d.Store, Desk: &webDesk{d, composer, queued}, Clock: d.clock, Log: log})
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", d.cfg.Web.Listen)
	if err != nil {
		return nil, fmt.Errorf("%s: web.listen: cannot answer requests at %s: %w; is Handoff running already, or another program there?", d.cfg.path, d.cfg.Web.Listen, err)
	}
	return &website{listener, &http.Server{
		Handler: handler, ReadHeaderTimeout: headerWithin, ReadTimeout: requestWithin, WriteTimeout: responseWithin, IdleTimeout: idleWithin,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}}, nil
}

// address is where it answers.
func (s *website) address() string { return s.listener.Addr().String() }

// loop answers until ctx ends; requests in hand are finished first.
func (s *website) loop(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(s.listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), hangUpWithin)
	defer cancel()
	if err := s.server.Shutdown(last); err != nil {
		return errors.Join(err, s.server.Close())
	}
	return ctx.Err()
}

// close gives the address back, also where loop never ran.
func (s *website) close() error {
	err := errors.Join(s.server.Close(), s.listener.Close())
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// webDesk does what requests ask for.
type webDesk struct {
	desk     *desk
	composer *outbox.Composer
	queued   func()
}

// Mute is what "handoff person mute" and unmute do, by the person's own hand.
func (w *webDesk) Mute(ctx context.Context, personID int64, notice string, mute bool) error {
	return w.desk.Admin(ctx, func(tx store.AdminTx) error {
		p, err := tx.Person(ctx, personID)
		if err != nil {
			return err
		}
		p, e, err := p.Mute(notice, mute, workflow.Cause{ActorID: p.ID, At: w.desk.clock.Now()})
		if err != nil {
			return err
		}
		if err := tx.SavePerson(ctx, &p); err != nil {
			return err
		}
		return tx.AddEvents(ctx, []workflow.Event{e})
	})
}

// Report is what "handoff report" shows.
func (w *webDesk) Report(ctx context.Context, from, to time.Time) (workflow.Report, error) {
	o, err := w.desk.reportOptions(from, to)
	if err != nil {
		return workflow.Report{}, err
	}
	if err := o.Validate(); err != nil {
		return workflow.Report{}, err
	}
	return w.desk.Report(ctx, o)
}

// Publish is what "handoff piece publish" does.
func (w *webDesk) Publish(ctx context.Context, personID int64, code, url string) (workflow.Piece, error) {
	address, err := webcheck.ParseURL(url)
	if err != nil {
		return workflow.Piece{}, workflow.Errorf(workflow.Invalid, "url: %w", err)
	}
	who := func(store.AdminTx) (workflow.Cause, error) {
		return workflow.Cause{ActorID: personID, At: w.desk.clock.Now()}, nil
	}
	var p workflow.Piece
	made, err := w.desk.carryOut(ctx, w.composer, true, who, func(tx store.AdminTx, cause workflow.Cause) (_ workflow.Change, err error) {
		if p, err = tx.PieceByCode(ctx, workflow.NormalizeCode(code)); err != nil {
			return workflow.Change{}, err
		}
		if err := permitted(ctx, tx, personID, p, finishes); err != nil {
			return workflow.Change{}, err
		}
		return publishAt(p, cause, address.String())
	})
	var so *alreadySo
	if errors.As(err, &so) {
		return p, nil
	}
	if err != nil {
		return workflow.Piece{}, err
	}
	w.queued() // also where nobody is told: the address is to be looked at
	return made.Piece, nil
}
