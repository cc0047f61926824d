package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
	"unicode"

	"handoff/inbox"
)

// Expected is one line of expected.jsonl. Fields that a collection does not know are absent.
type Expected struct {
	File           string   `json:"file"`
	Kind           string   `json:"kind"`
	Text           *string  `json:"text"`
	Elided         *string  `json:"elided"`
	Recipients     []string `json:"recipients"`
	RecipientCount *int     `json:"n_recipients"`
	Status         string   `json:"status"`
	Temporary      *bool    `json:"temporary"`
	MustContain    []string `json:"must_contain"`
	MustNotContain []string `json:"must_not_contain"`
}

// Ratio counts what was right of what was asked.
type Ratio struct{ Right, Of int }

func (r Ratio) String() string {
	if r.Of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", r.Right, r.Of)
}

func (r *Ratio) count(ok bool) bool {
	r.Of++
	if ok {
		r.Right++
	}
	return ok
}

// Row is how one collection was read.
type Row struct {
	Collection string
	Read       Ratio // without error
	Kinds      Ratio
	Recipients Ratio
	Status     Ratio
	Texts      Ratio // exact, white space aside
	Elided     Ratio
	Misjudged  int // human mails taken for something else
	Muted      int // human mails that would not be answered
	Answerable int // other mails that might be
	Slowest    time.Duration
	Misses     []Miss
}

// Miss is one thing that was not as expected.
type Miss struct{ File, What string }

func (r *Row) miss(file, format string, args ...any) {
	r.Misses = append(r.Misses, Miss{file, fmt.Sprintf(format, args...)})
}

func (r *Row) add(o Row) {
	for _, p := range [][2]*Ratio{{&r.Read, &o.Read}, {&r.Kinds, &o.Kinds}, {&r.Recipients, &o.Recipients}, {&r.Status, &o.Status}, {&r.Texts, &o.Texts}, {&r.Elided, &o.Elided}} {
		p[0].Right += p[1].Right
		p[0].Of += p[1].Of
	}
	r.Misjudged += o.Misjudged
	r.Muted += o.Muted
	r.Answerable += o.Answerable
	r.Slowest = max(r.Slowest, o.Slowest)
}

// list is the file of a collection that says what is expected.
const list = "expected.jsonl"

// Corpus scores every collection below dir, in order of name.
func Corpus(ctx context.Context, dir string) ([]Row, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(dir, e.Name(), list)); err != nil { // no collection
			continue
		}
		row, err := Collection(ctx, filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s holds no collection (a directory with %s)", dir, list)
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i].Collection < rows[j].Collection })
	return rows, nil
}

// Collection scores the mails of one directory.
func Collection(ctx context.Context, dir string) (Row, error) {
	row := Row{Collection: filepath.Base(dir)}
	expected, err := os.ReadFile(filepath.Join(dir, list))
	if err != nil {
		return row, err
	}
	for n, l := range bytes.Split(bytes.TrimSpace(expected), []byte("\n")) {
		var want Expected
		if err := json.Unmarshal(l, &want); err != nil {
			return row, fmt.Errorf("%s/expected.jsonl, line %d: %w", dir, n+1, err)
		}
		if !filepath.IsLocal(want.File) {
			return row, fmt.Errorf("%s/%s, line %d: %q is no file of this directory", dir, list, n+1, want.File)
		}
		raw, err := os.ReadFile(filepath.Join(dir, want.File))
		if err != nil {
			return row, fmt.Errorf("%s/%s, line %d: %w", dir, list, n+1, err)
		}
		start := time.Now()
		m, err := inbox.Read(ctx, bytes.NewReader(raw), int64(len(raw)), inbox.Options{})
		row.Slowest = max(row.Slowest, time.Since(start))
		if !row.Read.count(err == nil) {
			row.miss(want.File, "error: %v", err)
			continue
		}
		row.judge(want, m)
	}
	return row, nil
}

// kindOf maps a collection's name of a kind to ours.
func kindOf(s string) inbox.Kind {
	switch s {
	case "reply", "human", "ham", "not_bounce":
		return inbox.Human
	case "feedback_loop", "feedback", "arf":
		return inbox.FeedbackReport
	case "vacation", "auto_reply", "autoreply", "auto":
		return inbox.AutoReply
	case "delivered", "delivery_report":
		return inbox.DeliveryReport
	case "receipt", "mdn", "read_receipt":
		return inbox.ReadReceipt
	}
	return inbox.Kind(s)
}

func (r *Row) judge(want Expected, m *inbox.Message) {
	kind := kindOf(want.Kind)
	if want.Kind != "" && !r.Kinds.count(m.Kind == kind) {
		r.miss(want.File, "kind %s, want %s (subject %q)", m.Kind, kind, m.Subject)
		if kind == inbox.Human {
			r.Misjudged++
		}
	}
	switch {
	case kind == inbox.Human && m.Kind == kind && m.SuppressReply:
		r.Muted++
		r.miss(want.File, "a person's mail is not to be answered")
	case want.Kind != "" && kind != inbox.Human && !m.SuppressReply:
		r.Answerable++
		r.miss(want.File, "a %s may be answered", kind)
	}
	if kind == inbox.BounceReport {
		r.judgeBounce(want, m)
	}
	switch {
	case want.Text != nil:
		if !r.Texts.count(squeeze(m.Text) == squeeze(*want.Text)) {
			r.miss(want.File, "text\n--- got\n%s\n--- want\n%s\n---", m.Text, *want.Text)
		}
	case len(want.MustContain)+len(want.MustNotContain) > 0:
		ok := true
		for _, s := range want.MustContain {
			ok = ok && strings.Contains(m.Text, s)
		}
		for _, s := range want.MustNotContain {
			ok = ok && !strings.Contains(m.Text, s)
		}
		if !r.Texts.count(ok) {
			r.miss(want.File, "text %q, want %q and not %q", m.Text, want.MustContain, want.MustNotContain)
		}
	}
	if want.Elided != nil && !r.Elided.count(squeeze(m.Elided) == squeeze(*want.Elided)) {
		r.miss(want.File, "elided %q, want %q", m.Elided, *want.Elided)
	}
}

func (r *Row) judgeBounce(want Expected, m *inbox.Message) {
	var got []inbox.BouncedRecipient
	if m.Bounce != nil {
		got = m.Bounce.Recipients
	}
	switch {
	case want.Recipients != nil:
		if !r.Recipients.count(addresses(got) == strings.ToLower(strings.Join(sorted(want.Recipients), " "))) {
			r.miss(want.File, "recipients %q, want %q", addresses(got), want.Recipients)
		}
	case want.RecipientCount != nil:
		if !r.Recipients.count(len(got) == *want.RecipientCount) {
			r.miss(want.File, "%d recipients (%s), want %d", len(got), addresses(got), *want.RecipientCount)
		}
	}
	if want.Status != "" && len(got) > 0 && !r.Status.count(sameStatus(want.Status, got[0])) {
		r.miss(want.File, "status %s, want %s", got[0].Status, want.Status)
	}
	if len(got) > 0 && want.Recipients != nil && !r.Status.count(got[0].Permanent == (want.Temporary == nil || !*want.Temporary)) {
		r.miss(want.File, "permanent %v", got[0].Permanent)
	}
}

// sameStatus compares codes. Codes such as 5.0.911 are made up by a collection where the report names none: of those only
// the class is asked.
func sameStatus(want string, got inbox.BouncedRecipient) bool {
	if parts := strings.Split(want, "."); len(parts) == 3 && len(parts[2]) == 3 && parts[2][0] == '9' {
		return got.Permanent == (parts[0] == "5")
	}
	return got.Status == want
}

func addresses(list []inbox.BouncedRecipient) string {
	var out []string
	for _, r := range list {
		out = append(out, r.Address)
	}
	return strings.ToLower(strings.Join(sorted(out), " "))
}

func sorted(list []string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, strings.ToLower(s))
	}
	sort.Strings(out)
	return out
}

// squeeze takes all white space out.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
