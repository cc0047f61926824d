package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"handoff/internal/clock"
)

// Progress tells how far long work is: a bar on a terminal, elsewhere a plain line every few seconds. Work that ends
// within the first of them prints nothing elsewhere. Safe for concurrent use.
type Progress struct {
	mu       sync.Mutex
	w        io.Writer
	clock    clock.Clock
	what     string
	terminal bool
	every    time.Duration
	begun    time.Time
	shown    time.Time
	any      bool
}

// NewProgress starts the work named what ("Importing").
func NewProgress(env *Env, what string) *Progress {
	p := &Progress{w: env.Stderr, clock: env.Clock, what: what, terminal: isTerminal(env.Stderr), every: 3 * time.Second}
	if p.terminal {
		p.every = 100 * time.Millisecond
	}
	p.begun = p.clock.Now()
	p.shown = p.begun
	return p
}

// At says that done of total are done; total 0 is not known.
func (p *Progress) At(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if now.Sub(p.shown) < p.every {
		return
	}
	p.shown = now
	p.show(done, total, now)
}

func (p *Progress) show(done, total int, now time.Time) {
	rate := ""
	if took := now.Sub(p.begun); took > time.Second {
		rate = fmt.Sprintf(", %.0f/s", float64(done)/took.Seconds())
	}
	p.any = true
	if !p.terminal {
		if total > 0 {
			fmt.Fprintf(p.w, "%s: %d of %d (%d %%)%s\n", p.what, done, total, done*100/total, rate)
		} else {
			fmt.Fprintf(p.w, "%s: %d%s\n", p.what, done, rate)
		}
		return
	}
	const width = 30
	if total > 0 {
		full := min(done*width/total, width)
		fmt.Fprintf(p.w, "\r\x1b[K%s [%s%s] %d/%d%s", p.what, strings.Repeat("#", full), strings.Repeat(".", width-full), done, total, rate)
	} else {
		fmt.Fprintf(p.w, "\r\x1b[K%s %d%s", p.what, done, rate)
	}
}

// Done ends the bar's line.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal && p.any {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.any = false
	}
}

// isTerminal tells whether a person watches w.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
