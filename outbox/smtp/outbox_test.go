package smtp_test

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/outbox/smtp"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

// house is the whole way from the queue to a scripted server: a real database, the dispatcher, the sender.
type house struct {
	*testing.T
	clock    *clock.Fake
	store    *store.Store
	composer *outbox.Composer
	dispatch *outbox.Dispatcher
	*postbox
}

// postbox is the scripted server's other side: what it took, in whatever way it said so.
type postbox struct {
	*mailtest.ScriptedSMTP
	mu    sync.Mutex
	taken []delivery
}

type delivery struct{ to, messageID string }

// startPost starts a server. fault says what to answer to a line instead of the usual, and whether a mail is taken all the
// same; nil for no faults.
func startPost(t *testing.T, s *mailtest.ScriptedSMTP, fault func(l mailtest.SMTPLine) (answer string, taken bool)) *postbox {
	t.Helper()
	p := &postbox{ScriptedSMTP: s}
	s.Forget = true
	s.Script = func(l mailtest.SMTPLine) string {
		answer, taken := "", false
		if fault != nil {
			answer, taken = fault(l)
		}
		if l.Command == "." && (answer == "" || taken) {
			_, id, _ := strings.Cut(l.Mail, "\r\nMessage-ID: <")
			id, _, _ = strings.Cut(id, ">")
			p.mu.Lock()
			p.taken = append(p.taken, delivery{address(l.To), id})
			p.mu.Unlock()
		}
		return answer
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return p
}

// address is that of a RCPT line's argument.
func address(argument string) string {
	_, a, _ := strings.Cut(argument, "<")
	a, _, _ = strings.Cut(a, ">")
	return a
}

func openHouse(t *testing.T, p *postbox, change func(*smtp.Config)) *house {
	t.Helper()
	h := &house{T: t, clock: clock.NewFake(time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC)), postbox: p}
	dsn := filepath.Join(t.TempDir(), "handoff.db")
	if err := store.Migrate(t.Context(), dsn, nil); err != nil {
		t.Fatal(err)
	}
	var err error
	if h.store, err = store.Open(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.store.Close() })
	key := outbox.Key{ID: 1, Secret: []byte(strings.Repeat("k", 32))}
	id, err := outbox.NewIdentity([]outbox.Key{key}, "drafts+{token}@agency.example", "agency.example")
	if err != nil {
		t.Fatal(err)
	}
	if err := id.BouncesTo("drafts+{token}@agency.example"); err != nil {
		t.Fatal(err)
	}
	h.composer = &outbox.Composer{Team: "Example Agency", Identity: id, Clock: h.clock, Locale: "en", Rules: workflow.DefaultReminderRules(),
		Policy: outbox.Policy{Unsubscribe: "https://handoff.agency.example/u/{token}"}}
	h.dispatch = &outbox.Dispatcher{Queue: h.store, Templates: &templates.Library{Kept: h.store}, From: "Example Agency <drafts@agency.example>", Clock: h.clock, Log: slog.New(slog.DiscardHandler),
		Bounces: id.BounceAddress, FeedbackID: "agency"}
	h.connect(p, change)
	return h
}

// connect makes the dispatcher send to that server.
func (h *house) connect(p *postbox, change func(*smtp.Config)) {
	h.Helper()
	cfg := smtp.Config{Address: p.Addr(), TLS: smtp.None, Timeout: 100 * time.Millisecond, Hello: "client.example"}
	if change != nil {
		change(&cfg)
	}
	out, err := smtp.New(cfg)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { out.Close() })
	h.dispatch.Sender = out
}

// queue enqueues receipts to n people.
func (h *house) queue(n int) {
	h.Helper()
	d := templates.Sample("receipt")
	var all []outbox.Notice
	for i := range n {
		made, err := h.composer.Compose(d, workflow.Person{Name: fmt.Sprint("Reader ", i), Addresses: []string{reader(i)}}, outbox.About{Key: fmt.Sprint("test:", i)})
		if err != nil {
			h.Fatal(err)
		}
		all = append(all, made)
	}
	for page := range slices.Chunk(all, 500) {
		if _, err := h.store.Enqueue(h.Context(), page); err != nil {
			h.Fatal(err)
		}
	}
}

func reader(i int) string { return fmt.Sprintf("reader%d@berg.example", i) }

// work sends until nothing waits, moving the clock to what is due next; it gives the errors that broke a pass off.
func (h *house) work() (broken []error) {
	h.Helper()
	for range 1000 {
		if _, err := h.dispatch.Poll(h.Context()); err != nil {
			broken = append(broken, err)
			h.clock.Advance(time.Minute)
			if len(broken) > 20 {
				return broken
			}
			continue
		}
		next, waits, err := h.store.NextDue(h.Context())
		if err != nil {
			h.Fatal(err)
		}
		if !waits {
			return broken
		}
		h.clock.Advance(max(next.Sub(h.clock.Now()), time.Millisecond))
	}
	h.Fatal("it never ends")
	return nil
}

// notices are all, by address.
func (h *house) notices() map[string]outbox.Notice {
	h.Helper()
	found := map[string]outbox.Notice{}
	all, err := h.store.Notices(h.Context(), 0, 0, 1_000_000)
	if err != nil {
		h.Fatal(err)
	}
	for _, n := range all {
		found[n.ToAddress] = n
	}
	return found
}

// verify holds what the server took against the queue: every notice ended; those sent were taken once, or as often as
// repeats says, each time under its own Message-ID; those that failed never were.
func (h *house) verify(want int, repeats, failed map[string]int) {
	h.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	took := map[string]int{}
	notices := h.notices()
	if len(notices) != want {
		h.Errorf("%d notices, want %d", len(notices), want)
	}
	for _, d := range h.taken {
		took[d.to]++
		if n := notices[d.to]; n.MessageID != d.messageID {
			h.Errorf("%s got %s, which is not that of its notice, %s", d.to, d.messageID, n.MessageID)
		}
	}
	for a, n := range notices {
		state, times := outbox.Sent, 1+repeats[a]
		if failed[a] > 0 {
			state, times = outbox.Failed, 0
		}
		if n.State != state || took[a] != times {
			h.Errorf("%s: %s after %d attempts (%s), taken %d times; want %s, taken %d times", a, n.State, n.Attempts, n.Error, took[a], state, times)
		}
	}
}

// once is an answer to the nth line of a command.
func once(command string, n int, answer string, taken bool) func(mailtest.SMTPLine) (string, bool) {
	return func(l mailtest.SMTPLine) (string, bool) {
		if l.Command == command && l.N == n {
			return answer, taken
		}
		return "", false
	}
}

func TestOutboxFaults(t *testing.T) {
	third := reader(2)
	for name, c := range map[string]struct {
		fault    func(mailtest.SMTPLine) (string, bool)
		repeats  map[string]int
		failed   map[string]int
		attempts int // of the third notice; 0: it depends
		after    time.Duration
		broken   bool // a pass is broken off, and no notice blamed
	}{
		"4xx, then ok":                    {fault: once("RCPT", 3, "451 4.3.0 try again", false), attempts: 2, after: 45 * time.Second},
		"4xx for the content":             {fault: once(".", 3, "452 4.3.1 disk full", false), attempts: 2, after: 45 * time.Second},
		"5xx":                             {fault: once("RCPT", 3, "550 5.1.1 no such user", false), failed: map[string]int{third: 1}, attempts: 1},
		"5xx for the content":             {fault: once(".", 3, "554 5.7.1 spam", false), failed: map[string]int{third: 1}, attempts: 1},
		"hang before DATA":                {fault: once("DATA", 3, mailtest.Hang, false), attempts: 1},
		"hang at RCPT":                    {fault: once("RCPT", 3, mailtest.Hang, false), attempts: 1},
		"hang after DATA, not taken":      {fault: once(".", 3, mailtest.Hang, false), attempts: 2, after: 11 * time.Minute},
		"hang after DATA, taken":          {fault: once(".", 3, mailtest.Hang, true), repeats: map[string]int{third: 1}, attempts: 2, after: 11 * time.Minute},
		"drop after the final dot":        {fault: once(".", 3, mailtest.Drop, false), attempts: 2, after: 11 * time.Minute},
		"drop after the final dot, taken": {fault: once(".", 3, mailtest.Drop, true), repeats: map[string]int{third: 1}, attempts: 2, after: 11 * time.Minute},
		"drop before DATA":                {fault: once("DATA", 3, mailtest.Drop, false), attempts: 1},
		"421 at MAIL":                     {fault: once("MAIL", 3, "421 4.4.2 idle for too long", false), attempts: 1},
		"421 at RCPT":                     {fault: once("RCPT", 3, "421 4.3.2 shutting down", false), attempts: 1},
		"421 at the content":              {fault: once(".", 3, "421 4.3.2 shutting down", false), attempts: 1},
		"RSET refused":                    {fault: both(once("RCPT", 3, "550 5.1.1 no such user", false), once("RSET", 1, "503 5.5.1 no", false)), failed: map[string]int{third: 1}, attempts: 1},
		"hang at RSET":                    {fault: both(once("RCPT", 3, "550 5.1.1 no such user", false), once("RSET", 1, mailtest.Hang, false)), failed: map[string]int{third: 1}, attempts: 1},
		"sender refused":                  {fault: once("MAIL", 3, "550 5.7.60 not your address", false), attempts: 1, after: time.Minute, broken: true},
		"too busy":                        {fault: once("connect", 1, "421 4.3.2 too many connections", false), attempts: 1, after: time.Minute, broken: true},
		"hangs up at once":                {fault: once("connect", 1, mailtest.Drop, false), attempts: 1, after: time.Minute, broken: true},
		"hang before the greeting":        {fault: once("connect", 1, mailtest.Hang, false), attempts: 1, after: time.Minute, broken: true},
		"no answer to three mails in turn": {fault: func(l mailtest.SMTPLine) (string, bool) {
			return map[bool]string{true: mailtest.Drop}[l.Command == "DATA" && l.N <= 4], false
		}, broken: true},
	} {
		either(t, name, func(t *testing.T, extensions []string) {
			t.Parallel()
			h := openHouse(t, startPost(t, &mailtest.ScriptedSMTP{Extensions: extensions}, c.fault), nil)
			begun := h.clock.Now()
			h.queue(8)
			if broken := h.work(); (len(broken) > 0) != c.broken {
				t.Errorf("broken off by %v", broken)
			}
			h.verify(8, c.repeats, c.failed)
			n := h.notices()[third]
			if c.attempts > 0 && n.Attempts != c.attempts {
				t.Errorf("%d attempts, the last: %s", n.Attempts, n.Error)
			}
			if n.State == outbox.Sent && n.SentAt.Sub(begun) < c.after {
				t.Errorf("sent again after %s", n.SentAt.Sub(begun))
			}
		})
	}
}

// both asks one after the other.
func both(a, b func(mailtest.SMTPLine) (string, bool)) func(mailtest.SMTPLine) (string, bool) {
	return func(l mailtest.SMTPLine) (string, bool) {
		if answer, taken := a(l); answer != "" {
			return answer, taken
		}
		return b(l)
	}
}

// A greylisting server takes a mail from the fourth minute on after it first heard of it.
func TestOutboxGreylisting(t *testing.T) {
	var h *house
	first := map[string]time.Time{}
	p := startPost(t, &mailtest.ScriptedSMTP{}, func(l mailtest.SMTPLine) (string, bool) {
		if l.Command != "RCPT" {
			return "", false
		}
		now := h.clock.Now()
		if at, known := first[l.To]; known && now.Sub(at) >= 4*time.Minute {
			return "", false
		} else if !known {
			first[l.To] = now
		}
		return "451 4.7.1 greylisted, come back later", false
	})
	h = openHouse(t, p, nil)
	h.queue(30)
	if broken := h.work(); broken != nil {
		t.Error(broken)
	}
	h.verify(30, nil, nil)
	for a, n := range h.notices() {
		if n.Attempts < 3 || n.Attempts > 5 {
			t.Errorf("%s: %d attempts", a, n.Attempts)
		}
	}
}

// What keeps every mail from going out is no notice's fault: all wait as they were, and go once it is mended.
func TestOutboxWithoutTLS(t *testing.T) {
	own, trusted := certificate(t, "127.0.0.1")
	other, _ := certificate(t, "mail.example")
	strange, _ := certificate(t, "127.0.0.1")
	secure := func(cfg *smtp.Config) { cfg.TLS, cfg.TLSConfig = smtp.StartTLS, &tls.Config{RootCAs: trusted} }
	for name, c := range map[string]struct {
		server *mailtest.ScriptedSMTP
		fault  func(mailtest.SMTPLine) (string, bool)
		says   string
	}{
		"TLS refused": {server: &mailtest.ScriptedSMTP{Secure: own}, says: "454", fault: func(l mailtest.SMTPLine) (string, bool) {
			return map[bool]string{true: "454 4.7.0 TLS not available"}[l.Command == "STARTTLS"], false
		}},
		"TLS not offered":       {server: &mailtest.ScriptedSMTP{}, says: "offers no STARTTLS"},
		"wrong name":            {server: &mailtest.ScriptedSMTP{Secure: other}, says: "the certificate is for another name"},
		"unknown authority":     {server: &mailtest.ScriptedSMTP{Secure: strange}, says: "signed by nobody this machine trusts"},
		"drop in STARTTLS":      {server: &mailtest.ScriptedSMTP{Secure: own}, fault: once("STARTTLS", 1, mailtest.Drop, false), says: "hung up"},
		"login refused":         {server: &mailtest.ScriptedSMTP{Secure: own, Auth: "PLAIN"}, says: "check user and password", fault: once("AUTH", 1, "535 5.7.8 no", false)},
		"no login on offer":     {server: &mailtest.ScriptedSMTP{Secure: own}, says: "offers no login"},
		"login not now":         {server: &mailtest.ScriptedSMTP{Secure: own, Auth: "PLAIN"}, says: "454", fault: once("AUTH", 1, "454 4.7.0 later", false)},
		"hang while logging in": {server: &mailtest.ScriptedSMTP{Secure: own, Auth: "PLAIN"}, says: "no answer in time", fault: once("AUTH", 1, mailtest.Hang, false)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPost(t, c.server, c.fault)
			login := func(cfg *smtp.Config) {
				secure(cfg)
				if strings.Contains(name, "log") {
					cfg.Username, cfg.Password = "desk", "secret"
				}
			}
			h := openHouse(t, p, login)
			h.queue(5)
			if sent, err := h.dispatch.Poll(t.Context()); err == nil || sent != 0 || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%d sent, %v, want %q", sent, err, c.says)
			}
			told := 0
			for a, n := range h.notices() {
				if n.State != outbox.Queued || n.Attempts != 0 {
					t.Errorf("%s: %s after %d attempts", a, n.State, n.Attempts)
				}
				if strings.Contains(n.Error, c.says) {
					told++
				}
			}
			if told != 1 {
				t.Errorf("%d notices tell why they wait", told)
			}
			if len(p.taken) > 0 {
				t.Errorf("mails went out: %v", p.taken)
			}
			h.postbox = startPost(t, &mailtest.ScriptedSMTP{Secure: own, Auth: "PLAIN"}, nil)
			h.connect(h.postbox, login)
			if broken := h.work(); broken != nil {
				t.Error(broken)
			}
			h.verify(5, nil, nil)
		})
	}
}

// A day's load of which half is refused for good, and some of the rest at first or with a lost connection.
func TestOutboxLoad(t *testing.T) {
	total := 10_000
	if testing.Short() {
		total = 1000
	}
	refused, deferred := map[string]int{}, map[string]bool{}
	for i := range total {
		switch {
		case i%2 == 1:
			refused[reader(i)] = 1
		case i%10 == 0:
			deferred[reader(i)] = true
		}
	}
	repeats := map[string]int{}
	p := startPost(t, &mailtest.ScriptedSMTP{}, func(l mailtest.SMTPLine) (string, bool) {
		to := address(l.To)
		switch {
		case l.Command == "RCPT" && refused[to] > 0:
			return "550 5.1.1 no such user", false
		case l.Command == "RCPT" && deferred[to]:
			delete(deferred, to)
			return "451 4.7.1 come back later", false
		case l.Command == "." && l.N%1000 == 7:
			repeats[to]++
			return mailtest.Drop, true
		case l.Command == "MAIL" && l.N%700 == 0:
			return "421 4.4.2 enough for now", false
		}
		return "", false
	})
	h := openHouse(t, p, func(cfg *smtp.Config) { cfg.Timeout = 30 * time.Second })
	h.dispatch.Batch = 200
	h.queue(total)
	if broken := h.work(); broken != nil {
		t.Error(broken)
	}
	if len(repeats) == 0 || len(deferred) > 0 {
		t.Errorf("%d lost after the dot, %d never deferred", len(repeats), len(deferred))
	}
	h.verify(total, repeats, refused)
}
