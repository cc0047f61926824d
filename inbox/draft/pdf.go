package draft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// How long a command for PDFs may go on after it was killed, and how much it may say on stderr.
const (
	killDelay   = time.Second
	stderrBytes = 16 << 10
)

// readPDF has a command read the file: see Options.PDF.
func readPDF(ctx context.Context, b *builder, src *source, size int64, opt Options) error {
	if len(opt.PDF) == 0 {
		return &Refusal{Reason: "PDFs are not read here; please send .docx, .odt, .rtf, .md, .html or .txt"}
	}
	limited, cancel := context.WithTimeout(ctx, b.lim.PDFTime)
	defer cancel()
	cmd := exec.CommandContext(limited, opt.PDF[0], opt.PDF[1:]...)
	cmd.Env = childEnv()
	cmd.Dir = os.TempDir()
	cmd.Stdin = io.NewSectionReader(src, 0, size)
	out := &bounded{most: 2 * b.lim.Text, full: cancel}
	errs := &bounded{most: stderrBytes}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = killDelay
	isolate(cmd)
	err := cmd.Run()
	title, notes, refused := said(errs.b)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case out.over:
		return &Refusal{Reason: tooLarge, Err: err}
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return &Refusal{Reason: "it takes too long to be read; please send the text as .docx", Err: err}
	case refused != "":
		return &Refusal{Reason: refused, Err: err}
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission):
		return &Refusal{Reason: "PDFs cannot be read at the moment; please send the text as .docx", Err: fmt.Errorf("draft: command for PDFs: %w", err)}
	case err != nil:
		return &Refusal{Reason: "it could not be read; please send the text as .docx", Err: fmt.Errorf("draft: command for PDFs: %w", err)}
	}
	text := strings.ToValidUTF8(string(out.b), "")
	pdfDraft(b, text, title)
	for _, n := range notes {
		b.note(n)
	}
	return nil
}

// childEnv is what the command gets of the environment: nothing secret.
func childEnv() []string {
	env := []string{"GOMAXPROCS=1", "GOTRACEBACK=none", "LC_ALL=C.UTF-8"}
	for _, k := range []string{"PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR"} {
		if v, ok := os.LookupEnv(k); ok {
			env = append(env, k+"="+v)
		}
	}
	return env
}

// said reads what the command wrote to stderr.
func said(b []byte) (title string, notes []string, refused string) {
	for l := range strings.Lines(strings.ToValidUTF8(string(b), "")) {
		l = cleanLine(l, 400)
		if s, ok := strings.CutPrefix(l, "title: "); ok {
			title = s
		} else if s, ok := strings.CutPrefix(l, "note: "); ok && len(notes) < 20 {
			notes = append(notes, s)
		} else if s, ok := strings.CutPrefix(l, "refused: "); ok {
			refused = s
		}
	}
	return title, notes, refused
}

// pdfDraft takes the command's Markdown. Its title is the first line if that is a heading.
func pdfDraft(b *builder, text, title string) {
	asMarkdown(b, text)
	b.Changes, b.Comments = 0, 0
	if b.property == "-" {
		b.property = ""
	}
	if b.title == "" && title != "" && !junkTitle().MatchString(title) {
		b.property = title
	}
	if strings.TrimSpace(text) == "" {
		b.text = ""
	}
}

// bounded keeps what is written up to a limit, and then calls full.
type bounded struct {
	b    []byte
	most int
	full func()
	over bool
}

func (w *bounded) Write(p []byte) (int, error) {
	if n := w.most - len(w.b); n < len(p) {
		w.b = append(w.b, p[:max(n, 0)]...)
		if w.full != nil && !w.over {
			w.full()
		}
		w.over = true
		return len(p), nil
	}
	w.b = append(w.b, p...)
	return len(p), nil
}
