package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows how far a long preparation is: a bar on a terminal, nothing elsewhere but a line at its end.
type progress struct {
	what     string
	total    int
	begun    time.Time
	drawn    time.Time
	terminal bool
}

func newProgress(what string, total int) *progress {
	return &progress{what: what, total: total, begun: time.Now(), terminal: term.IsTerminal(int(os.Stderr.Fd()))}
}

func (p *progress) set(done int) {
	if !p.terminal || (time.Since(p.drawn) < 100*time.Millisecond && done < p.total) {
		return
	}
	p.drawn = time.Now()
	const width = 40
	filled := width * done / max(p.total, 1)
	fmt.Fprintf(os.Stderr, "\r%-24s [%s%s] %d/%d", p.what, strings.Repeat("#", filled), strings.Repeat(".", width-filled), done, p.total)
}

func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	fmt.Fprintf(os.Stderr, "%s: %d in %.1f s\n", p.what, p.total, time.Since(p.begun).Seconds())
}
