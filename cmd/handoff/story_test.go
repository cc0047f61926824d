package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

var update = flag.Bool("update", false, "write the golden transcript anew")

// A year of a team of twenty, over the real mail path: SMTP in, IMAP, SMTP out. Nobody does anything but by mail and by the
// commands that an editor types; the clock is the only thing that is not real. The transcript has every mail that everybody
// got, in order; see testdata/story.txt.
func TestStory(t *testing.T) {
	s := openStory(t)
	for _, chapter := range storyYear() {
		s.heading(chapter.title)
		chapter.tell(s)
	}
	s.at("2027-12-31 18:00")
	s.check()
	s.compare()
}

// chapter is a part of the year.
type chapter struct {
	title string
	tell  func(*story)
}

// story is one team, its mail system and the year so far.
type story struct {
	*testing.T
	dir    string
	zone   *time.Location // the team's
	clock  *clock.Fake
	office *mailtest.Office
	gw     *Gateway
	env    *Env
	web    *theWeb
	logs   bytes.Buffer

	page  strings.Builder // the transcript
	day   string          // that its last line belongs to
	codes map[int64]string
	seen  int              // deliveries told
	got   map[string][]got // by login, in the order in which it came
	sent  []string         // Message-IDs of what people wrote
}

// got is a notice as it lies in somebody's mailbox.
type got struct {
	received
	at     time.Time
	by     member
	notice outbox.Notice
	piece  string // code, "" none
}

func openStory(t *testing.T) *story {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := &story{T: t, dir: t.TempDir(), zone: zone, got: map[string][]got{}, codes: map[int64]string{}, web: &theWeb{missing: map[string]string{}}}
	s.clock = clock.NewFake(time.Date(2027, 1, 4, 8, 0, 0, 0, zone))
	s.office, err = mailtest.StartOffice(mailtest.OfficeOptions{Accounts: storyAccounts(), AuthservID: demoHost, Now: s.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.office.Close() })
	s.write("password", demoPassword+"\n")
	s.write("guidelines.md", storyGuidelines)
	s.write("handoff.toml", fmt.Sprintf(storyConfig, s.office.IMAPAddr, s.office.SMTPAddr))
	s.env = &Env{Stdin: strings.NewReader(""), Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer), Clock: s.clock, Pages: s.web, Config: s.path("handoff.toml"), ConfigGiven: true}
	s.env.Log = slog.New(slog.NewTextHandler(&s.logs, nil))
	cfg, err := LoadConfig(s.env.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.createIfMissing(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.fixKey(cfg)
	s.open()
	t.Cleanup(func() {
		if err := s.gw.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			text := s.logs.String()
			t.Logf("the end of the gateway's log:\n%s", text[max(0, len(text)-4000):])
		}
	})
	s.hire()
	s.poll() // the mailbox begins here
	return s
}

func (s *story) path(name string) string { return filepath.Join(s.dir, name) }

func (s *story) write(name, text string) {
	s.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

// fixKey makes the first signing key the same at each run, so that nothing depends on what it happens to be.
func (s *story) fixKey(cfg *Config) {
	s.Helper()
	db, err := sql.Open("sqlite", cfg.Database)
	if err != nil {
		s.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(s.Context(), "INSERT INTO signing_keys (id, secret, created_at) VALUES (1, ?, 0)", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		s.Fatal(err)
	}
}

// open starts the gateway that serve runs, as anew after a restart.
func (s *story) open() {
	s.Helper()
	cfg, err := LoadConfig(s.env.Config)
	if err != nil {
		s.Fatal(err)
	}
	if s.gw, err = OpenGateway(s.Context(), cfg, s.env); err != nil {
		s.Fatal(err)
	}
}

// restart ends the gateway and starts it anew.
func (s *story) restart(why string) {
	s.Helper()
	if err := s.gw.Close(); err != nil {
		s.Fatal(err)
	}
	s.line("", "*** Handoff is restarted: "+why)
	s.open()
}

// at lets time pass until then, in the team's zone.
func (s *story) at(when string) {
	s.Helper()
	to, err := time.ParseInLocation("2006-01-02 15:04", when, s.zone)
	if err != nil {
		s.Fatal(err)
	}
	if to.Before(s.clock.Now()) {
		s.Fatalf("%s is over, it is %s", when, s.clock.Now().In(s.zone))
	}
	for s.clock.Now().Before(to) {
		s.clock.Advance(s.next(to).Sub(s.clock.Now()))
		s.poll()
	}
}

// next is the next moment, at most to, at which something is to be looked at: what the clock and the queue wait for, as serve
// would, and once a day anyway.
func (s *story) next(to time.Time) time.Time {
	now := s.clock.Now()
	next := now.Truncate(24 * time.Hour).Add(36 * time.Hour)
	for _, ask := range []func(context.Context) (time.Time, bool, error){s.gw.Store.NextWake, s.gw.Store.NextDue} {
		at, ok, err := ask(s.Context())
		if err != nil {
			s.Fatal(err)
		}
		if ok && at.Before(next) {
			next = at
		}
	}
	if next.After(to) {
		next = to
	}
	if !next.After(now) {
		next = now.Add(time.Minute)
	}
	return next
}

// poll is what serve does all the time: take in, do what is due, send. Then what people got is told.
func (s *story) poll() {
	s.Helper()
	if _, _, err := s.gw.PollOnce(s.Context()); err != nil {
		s.Fatalf("%s: %v", s.clock.Now().In(s.zone), err)
	}
	s.tell()
}

// tell adds what was delivered to people since to their mailboxes and to the transcript.
func (s *story) tell() {
	s.Helper()
	all := s.office.Deliveries()
	var fresh []got
	for _, d := range all[s.seen:] {
		by, ok := memberAt(d.To)
		if !ok {
			if !strings.HasPrefix(d.To, demoUser+"+") && d.To != demoMailbox {
				s.Errorf("a mail to %s, who is nobody", d.To)
			}
			continue
		}
		m, err := openMail(d.Data)
		if err != nil {
			s.Fatal(err)
		}
		n, err := s.gw.NoticeByMessageID(s.Context(), m.messageID)
		if err != nil {
			s.Fatalf("a mail to %s that is no notice: %v\n%s", d.To, err, d.Data)
		}
		fresh = append(fresh, got{received: m, at: d.At, by: by, notice: n, piece: s.code(n.PieceID)})
	}
	s.seen = len(all)
	slices.SortStableFunc(fresh, func(a, b got) int {
		return firstDifference(a.at.Compare(b.at), strings.Compare(a.by.name, b.by.name), strings.Compare(a.notice.Template, b.notice.Template), strings.Compare(a.subject(), b.subject()))
	})
	for _, g := range fresh {
		s.got[g.by.user] = append(s.got[g.by.user], g)
		s.line(g.by.firstName(), fmt.Sprintf("<- %-18s %s", g.notice.Template, masked(g.subject())))
		s.more(masked(g.gist()))
		for _, name := range g.files {
			s.more("+ " + name)
		}
		s.changes(g)
	}
}

// changes shows what a mail says of the version before, which has to stand in the mail.
func (s *story) changes(g got) {
	var d struct{ Changes *templates.Changes }
	if err := json.Unmarshal(g.notice.Data, &d); err != nil {
		s.Fatal(err)
	}
	if d.Changes == nil {
		return
	}
	text := strings.Join(strings.Fields(strings.ReplaceAll(g.text, "\n>", "\n")), " ")
	for line := range strings.Lines(summaryFor(d.Changes.Summary, g.notice.Locale) + "\n" + d.Changes.Text) {
		line = strings.TrimSpace(line)
		if !strings.Contains(text, line) {
			s.Errorf("%s to %s does not say %q:\n%s", g.notice.Template, g.by.name, line, g.text)
		}
		s.more(line)
	}
}

// summaryFor is what changed, as people with that locale are told.
func summaryFor(english, locale string) string {
	switch locale {
	case "de":
		return strings.NewReplacer("words added", "Wörter ergänzt", "removed", "gestrichen", "in ", "an ", "places", "Stellen").Replace(english)
	case "fr":
		return strings.NewReplacer("words added", "mots ajoutés", "removed", "supprimés", "in ", "à ", "places", "endroits").Replace(english)
	}
	return english
}

// firstDifference is the first comparison that tells the two apart.
func firstDifference(comparisons ...int) int {
	for _, c := range comparisons {
		if c != 0 {
			return c
		}
	}
	return 0
}

// code is the piece's, "" for 0.
func (s *story) code(id int64) string {
	if id == 0 {
		return ""
	}
	if s.codes[id] == "" {
		p, err := s.gw.Piece(s.Context(), id)
		if err != nil {
			s.Fatal(err)
		}
		s.codes[id] = p.Code
	}
	return s.codes[id]
}

// piece is one as it is now.
func (s *story) piece(code string) workflow.Piece {
	s.Helper()
	p, err := s.gw.PieceByCode(s.Context(), code)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// stands fails unless the piece is in that stage, with that person.
func (s *story) stands(code string, stage workflow.Stage, with member) {
	s.Helper()
	p := s.piece(code)
	step, open := p.OpenStep()
	if !open || step.Stage != stage {
		s.Fatalf("%s is in %s (open: %t), want %s\n%s", code, p.Stage, open, stage, s.tail())
	}
	if who := s.personOf(with); step.OwnerID != who.ID {
		s.Fatalf("the %s of %s is with person %d, want %s\n%s", stage, code, step.OwnerID, who.Name, s.tail())
	}
}

func (s *story) personOf(m member) workflow.Person {
	s.Helper()
	p, err := s.gw.PersonByAddress(s.Context(), m.address())
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// heading begins a chapter of the transcript.
func (s *story) heading(title string) {
	fmt.Fprintf(&s.page, "\n\n== %s ==\n", title)
	s.day = ""
}

// line is one of the transcript, at this moment, in the team's zone.
func (s *story) line(who, what string) {
	now := s.clock.Now().In(s.zone)
	if day := now.Format("Mon 2 January"); day != s.day {
		s.day = day
		fmt.Fprintf(&s.page, "\n%s\n", day)
	}
	fmt.Fprintf(&s.page, "%s  %s\n", now.Format("15:04"), strings.TrimRight(fmt.Sprintf("%-7s %s", who, what), " "))
}

// more is what belongs to the line before.
func (s *story) more(what string) {
	if what != "" {
		fmt.Fprintf(&s.page, "                  | %s\n", what)
	}
}

// tail is the end of the transcript, for failures.
func (s *story) tail() string {
	text := s.page.String()
	return text[max(0, len(text)-12000):]
}

// compare holds the transcript against the golden one.
func (s *story) compare() {
	s.Helper()
	golden := filepath.Join("testdata", "story.txt")
	text := strings.TrimLeft(s.page.String(), "\n")
	s.Log("\n" + text)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			s.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			s.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if errors.Is(err, os.ErrNotExist) {
		s.Fatalf("there is no %s: run the test with -update, and read what it writes", golden)
	}
	if err != nil {
		s.Fatal(err)
	}
	have, wanted := strings.Split(text, "\n"), strings.Split(strings.ReplaceAll(string(want), "\r\n", "\n"), "\n")
	for i := range max(len(have), len(wanted)) {
		var h, w string
		if i < len(have) {
			h = have[i]
		}
		if i < len(wanted) {
			w = wanted[i]
		}
		if h != w {
			s.Fatalf("%s differs in line %d:\nhave %s\nwant %s\n(-update writes it anew)", golden, i+1, h, w)
		}
	}
}
