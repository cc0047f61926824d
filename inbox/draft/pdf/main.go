package pdf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"handoff/inbox/draft"

	"github.com/ledongthuc/pdf"
)

// Exit codes of Main.
const (
	exitOK      = 0
	exitRefused = 3
)

const (
	maxFile    = 64 << 20
	chunkBytes = 1 << 20
	memory     = 16 << 20               // beyond three times the file; what comes between two looks at it is to stay below 32 MB
	softCPU    = 600 * time.Millisecond // after which no further page is begun, and the one begun is left
	mostCPU    = 850 * time.Millisecond // after which the process ends itself
	maxStack   = 16 << 20
	hardCPU    = 2 // seconds, after which the system ends the process
	pollMemory = 2 * time.Millisecond
)

// Main reads a PDF from in and writes its Markdown to out. To errs go lines "title: ...", "note: ..." for what could not be
// kept, and, if it fails, "refused: ..." with the reason for the sender. It returns the exit code. It bounds the time and
// memory of the whole process and may end it, so nothing else must run in it.
func Main(in io.Reader, out, errs io.Writer) int {
	started := time.Now()
	bound()
	base := total()
	src, err := slurp(in)
	if err != nil {
		fmt.Fprintln(errs, "refused:", "it is too large to be read; please send the text alone")
		return exitRefused
	}
	limit := base + memory + 3*uint64(src.size)
	debug.SetGCPercent(50)
	debug.SetMaxStack(maxStack)
	debug.SetMemoryLimit(int64(limit - memory/4))
	stop := make(chan struct{})
	defer close(stop)
	go watch(limit, started, stop, func(reason string) {
		fmt.Fprintln(errs, "refused:", reason)
		os.Exit(exitRefused)
	})
	res, err := read(src, src.size, func(s string) int { return draft.Words(s, 0) }, func() bool { return cpuTime(started) > softCPU })
	if err != nil {
		reason := "it is damaged; please save it anew and send it once more"
		if errors.Is(err, pdf.ErrInvalidPassword) || strings.Contains(err.Error(), "encrypt") {
			reason = "it is protected by a password; please send it without one"
		}
		fmt.Fprintln(errs, "refused:", reason)
		fmt.Fprintln(errs, err)
		return exitRefused
	}
	if _, err := io.WriteString(out, res.markdown); err != nil {
		return exitRefused
	}
	if res.title != "" {
		fmt.Fprintln(errs, "title:", res.title)
	}
	for _, n := range res.notes {
		fmt.Fprintln(errs, "note:", n)
	}
	return exitOK
}

// chunks is a file in memory, of no more memory than it is long.
type chunks struct {
	parts [][]byte
	size  int64
}

func slurp(in io.Reader) (*chunks, error) {
	c := &chunks{}
	for c.size <= maxFile {
		part := make([]byte, chunkBytes)
		n, err := io.ReadFull(in, part)
		c.parts = append(c.parts, part[:n])
		c.size += int64(n)
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return c, nil
		default:
			return nil, err
		}
	}
	return nil, errors.New("pdf: too large")
}

func (c *chunks) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("pdf: negative offset")
	}
	for n < len(p) && off < c.size {
		part := c.parts[off/chunkBytes]
		m := copy(p[n:], part[off%chunkBytes:])
		n += m
		off += int64(m)
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// total is the memory that the process holds.
func total() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// watch calls exceeded when the process holds more than limit or has used up its time.
func watch(limit uint64, started time.Time, stop <-chan struct{}, exceeded func(reason string)) {
	t := time.NewTicker(pollMemory)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			switch {
			case total() > limit:
				exceeded("it needs more memory than is allowed; please send the text as .docx")
			case cpuTime(started) > mostCPU:
				exceeded("it takes too long to be read; please send the text as .docx")
			}
		}
	}
}
