package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handoff/internal/mailtest"
	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
)

// The real binary is killed without warning at random moments while mail comes in, and started again. In the end every mail
// has one disposition, one entry at most and one answer at most, and the cursor stands behind the last one.
func TestCrash(t *testing.T) {
	mails, kills := 300, 25
	if testing.Short() {
		mails, kills = 60, 5
	}
	binary := filepath.Join(t.TempDir(), "handoff.exe") // the suffix is for Windows, and harmless elsewhere
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	account := mailtest.Account{User: "drafts", Password: "secret", Addresses: []string{"drafts@agency.example"}}
	t.Run("office", func(t *testing.T) {
		office := startOffice(t, account)
		newCrash(t, binary, office.IMAPAddr, account, office, func(ctx context.Context, from string, raw []byte) error {
			return mailtest.Send(ctx, office.SMTPAddr, "", "", from, account.Addresses, raw)
		}).run(mails, kills)
	})
	t.Run("dovecot", func(t *testing.T) {
		mailtest.Need(t, "dovecot")
		dovecot, err := mailtest.StartDovecot(t.Context(), mailtest.DovecotOptions{Accounts: []mailtest.Account{account}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := dovecot.Close(); err != nil {
				t.Error(err)
			}
		})
		newCrash(t, binary, dovecot.IMAPAddr, account, startOffice(t), func(ctx context.Context, from string, raw []byte) error {
			return mailtest.Deliver(ctx, dovecot.LMTPAddr, from, account.Addresses, raw)
		}).run(mails, kills)
	})
}

func startOffice(t *testing.T, accounts ...mailtest.Account) *mailtest.Office {
	t.Helper()
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{Accounts: accounts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := office.Close(); err != nil {
			t.Error(err)
		}
	})
	return office
}

// crash is one gateway that is killed again and again.
type crash struct {
	*testing.T
	dir, binary string
	account     mailtest.Account
	sink        *mailtest.Office // takes what the gateway sends
	deliver     func(ctx context.Context, from string, raw []byte) error
	rng         *rand.Rand
	log         *os.File
}

func newCrash(t *testing.T, binary, imapAddr string, account mailtest.Account, sink *mailtest.Office,
	deliver func(ctx context.Context, from string, raw []byte) error) *crash {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("HANDOFF_CRASH_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("moments drawn from HANDOFF_CRASH_SEED=%d", seed)
	c := &crash{T: t, dir: t.TempDir(), binary: binary, account: account, sink: sink, deliver: deliver, rng: rand.New(rand.NewPCG(seed, 0))}
	var err error
	if c.log, err = os.Create(c.path("serve.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.log.Close()
		if text, err := os.ReadFile(c.log.Name()); err == nil && t.Failed() {
			t.Logf("the end of the gateway's log:\n%s", text[max(0, len(text)-8000):])
		}
	})
	c.write("handoff.toml", fmt.Sprintf(`data_dir = "data"
[team]
name = "The editors"
domains = ["agency.example"]
triage = "edna@agency.example"
[[mailbox]]
address = %q
tls = "none"
user = %q
password_env = "CRASH_PASSWORD"
[smtp]
address = %q
tls = "none"
from = "Content desk <drafts@agency.example>"
reply_address = "drafts+{token}@agency.example"
[auth]
authserv_ids = ["mx.agency.example"]
verify_dkim = false
[caps]
address = 100000
template = 100000
total = 100000
burst = -1
`+alwaysAwake, imapAddr, account.User, sink.SMTPAddr))
	people := "email,name,class,roles,locale,timezone\nedna@agency.example,Edna Editor,internal,editor,en,UTC\n"
	pieces := "code,title,author,editor,distribution_lead,stage,step_deadlines,overall_deadline\n"
	for i := range crashAuthors {
		people += fmt.Sprintf("%s,Author %d,outside,author,en,UTC\n", crashAuthor(i), i)
	}
	for i := range crashPieces {
		pieces += fmt.Sprintf("CRASH-%d,The story of number %d,%s,edna@agency.example,,draft,,\n", i, i, crashAuthor(i%crashAuthors))
	}
	c.write("people.csv", people)
	c.write("pieces.csv", pieces)
	c.handoff("migrate")
	c.handoff("import", c.path("people.csv"), c.path("pieces.csv"))
	c.handoff("poll", "--once") // all that comes later is new mail
	return c
}

func (c *crash) path(name string) string { return filepath.Join(c.dir, name) }

func (c *crash) write(name, text string) {
	c.Helper()
	if err := os.WriteFile(c.path(name), []byte(text), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c *crash) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(c.Context(), c.binary, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "HANDOFF_CONFIG="+c.path("handoff.toml"), "CRASH_PASSWORD="+c.account.Password)
	return cmd
}

func (c *crash) handoff(args ...string) []byte {
	c.Helper()
	cmd := c.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		c.Fatalf("handoff %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return out
}

func (c *crash) serve() *exec.Cmd {
	c.Helper()
	cmd := c.command("serve")
	cmd.Stdout, cmd.Stderr = c.log, c.log
	if err := cmd.Start(); err != nil {
		c.Fatal(err)
	}
	return cmd
}

const (
	crashAuthors = 20
	crashPieces  = 60
)

func crashAuthor(i int) string { return fmt.Sprintf("author%d@authors.example", i) }

// crashMail is a mail and what has to become of it.
type crashMail struct {
	id, from string
	raw      []byte
	action   proxy.Action
	entry    proxy.EntryKind
	reply    bool
}

func newCrashMail(i int) crashMail {
	author := i % crashAuthors
	m := crashMail{id: fmt.Sprintf("mail-%d@authors.example", i), from: crashAuthor(author), action: proxy.File, entry: proxy.Comment}
	subject := fmt.Sprintf("Re: [CRASH-%d] what you asked", author+crashAuthors*(i/crashAuthors%(crashPieces/crashAuthors)))
	extra, file := "", ""
	switch i / 2 % 10 {
	case 3, 4, 5, 6:
		m.entry, m.reply = proxy.Submission, true
		file = "--cut\r\nContent-Type: text/markdown; name=draft.md\r\nContent-Disposition: attachment; filename=draft.md\r\n\r\n# Draft " +
			strconv.Itoa(i) + "\r\n\r\n" + strings.Repeat("All the words of the story.\r\n", 40)
	case 7:
		m.from, m.action, m.entry = fmt.Sprintf("stranger%d@authors.example", i), proxy.Redirect, ""
		m.reply = true
	case 8:
		m.action, m.entry = proxy.Ignore, ""
		extra = "Auto-Submitted: auto-replied\r\n"
	case 9:
		m.action, m.entry, m.reply = proxy.Hold, "", true
		subject = "A question"
	}
	m.raw = fmt.Appendf(nil, "Authentication-Results: mx.agency.example; dmarc=pass header.from=authors.example\r\n"+
		"From: <%s>\r\nTo: <drafts@agency.example>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s>\r\n%sMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nHello, this is about number %d.\r\n%s--cut--\r\n",
		m.from, subject, time.Now().Format(time.RFC1123Z), m.id, extra, i, file)
	return m
}

func (c *crash) run(count, kills int) {
	c.Helper()
	var mails []crashMail
	for i := range count {
		mails = append(mails, newCrashMail(i))
	}
	for round := range kills {
		part := mails[count*round/kills : count*(round+1)/kills]
		c.untilKilled(part, time.Duration(c.rng.IntN(900))*time.Millisecond, round%5 == 4)
	}
	c.expireLeases()
	last := c.serve()
	c.settled(count)
	if err := last.Process.Signal(os.Interrupt); err != nil { // Windows has no such signal
		_ = last.Process.Kill()
	}
	if err := last.Wait(); err != nil && last.ProcessState.ExitCode() >= 0 {
		c.Errorf("serve did not end well: %v", err)
	}
	c.check(mails)
}

// untilKilled runs the gateway while mails come in, and kills it after a while, or at the worst moment of all: a mail of its is
// accepted, and it has not heard of that yet.
func (c *crash) untilKilled(mails []crashMail, after time.Duration, accepted bool) {
	c.Helper()
	pauses := make([]time.Duration, len(mails))
	for i := range pauses {
		pauses[i] = time.Duration(c.rng.Int64N(int64(after)/int64(len(mails)) + 1))
	}
	hit := make(chan struct{})
	if accepted {
		var once sync.Once
		c.sink.FailSMTP(func(at mailtest.SMTPCommand) mailtest.SMTPFault {
			if at.Stage != mailtest.StageAccepted || slices.Contains(at.To, c.account.Addresses[0]) {
				return mailtest.SMTPFault{}
			}
			once.Do(func() { close(hit) })
			return mailtest.SMTPFault{Hang: true}
		})
		defer c.sink.FailSMTP(nil)
		after += 2 * time.Second // for the case that nothing is sent
	}
	cmd := c.serve()
	moment := time.After(after)
	var feeding sync.WaitGroup
	feeding.Go(func() {
		for i, m := range mails {
			<-time.After(pauses[i])
			if err := c.deliver(c.Context(), m.from, m.raw); err != nil {
				c.Errorf("deliver %s: %v", m.id, err)
			}
		}
	})
	select {
	case <-moment:
	case <-hit:
	}
	if err := cmd.Process.Kill(); err != nil {
		c.Errorf("the gateway ended by itself: %v", err)
	}
	_ = cmd.Wait()
	feeding.Wait()
	if cmd.ProcessState.ExitCode() > 0 {
		c.Errorf("the gateway ended by itself: %s", cmd.ProcessState)
	}
}

// expireLeases does what time would: what a killed gateway had taken in hand to send is free again. Whether the server had
// accepted it nobody knows, so it goes out again, under the same Message-ID.
func (c *crash) expireLeases() {
	c.Helper()
	c.store(func(s *store.Store) {
		now := time.Now()
		for {
			notices, err := s.Lease(c.Context(), now.Add(time.Hour), now.Add(time.Hour), 1000)
			if err != nil {
				c.Fatal(err)
			}
			if len(notices) == 0 {
				return
			}
			var results []outbox.Result
			for _, n := range notices {
				results = append(results, outbox.Result{ID: n.ID, Attempt: n.Attempts, State: outbox.Queued, NextAt: now, At: now})
			}
			if err := s.Settle(c.Context(), results); err != nil {
				c.Fatal(err)
			}
			if len(notices) < 1000 {
				return
			}
		}
	})
}

func (c *crash) store(use func(s *store.Store)) {
	c.Helper()
	s, err := store.Open(c.Context(), c.path("data/handoff.db"))
	if err != nil {
		c.Fatal(err)
	}
	defer s.Close()
	use(s)
}

// settled waits until every mail is recorded and every notice sent.
func (c *crash) settled(count int) {
	c.Helper()
	deadline := time.After(time.Minute)
	c.store(func(s *store.Store) {
		for {
			st, err := s.Status(c.Context())
			if err != nil {
				c.Fatal(err)
			}
			recorded := 0
			for _, n := range st.Dispositions {
				recorded += n
			}
			if recorded >= count && st.Queue[outbox.Queued]+st.Queue[outbox.Sending] == 0 {
				return
			}
			select {
			case <-deadline:
				c.Fatalf("not done: %d of %d mails recorded; queue %v", recorded, count, st.Queue)
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
}

// exported is what `handoff export --json` prints.
type exported struct {
	messages []proxy.Record
	entries  []proxy.Entry
	notices  []outbox.Notice
}

func (c *crash) export() (e exported) {
	c.Helper()
	lines := bufio.NewScanner(bytes.NewReader(c.handoff("export", "--json")))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Kind string
			Row  json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			c.Fatalf("%v in %s", err, lines.Bytes())
		}
		var err error
		switch line.Kind {
		case "message":
			e.messages, err = appendRow(e.messages, line.Row)
		case "entry":
			e.entries, err = appendRow(e.entries, line.Row)
		case "notice":
			e.notices, err = appendRow(e.notices, line.Row)
		}
		if err != nil {
			c.Fatalf("%v in %s", err, line.Row)
		}
	}
	if err := lines.Err(); err != nil {
		c.Fatal(err)
	}
	return e
}

func appendRow[T any](rows []T, row []byte) ([]T, error) {
	var one T
	err := json.Unmarshal(row, &one)
	return append(rows, one), err
}

func (c *crash) check(mails []crashMail) {
	c.Helper()
	e := c.export()
	if len(e.messages) != len(mails) {
		c.Errorf("%d dispositions of %d mails", len(e.messages), len(mails))
	}
	recorded := map[string]proxy.Record{}
	blobs := c.blobs()
	var highest uint32
	for _, m := range e.messages {
		if other, ok := recorded[m.MessageID]; ok {
			c.Errorf("mail %s is recorded twice: as %d and %d", m.MessageID, other.ID, m.ID)
		}
		recorded[m.MessageID] = m
		highest = max(highest, m.UID)
		if !blobs[string(m.Blob)] {
			c.Errorf("mail %s: its raw bytes %s are not stored", m.MessageID, m.Blob)
		}
	}
	filed := map[int64][]proxy.Entry{}
	for _, entry := range e.entries {
		filed[entry.MessageID] = append(filed[entry.MessageID], entry)
	}
	answers := c.answers(e.notices)
	for _, m := range mails {
		r, ok := recorded[m.id]
		if !ok {
			c.Errorf("mail %s is lost", m.id)
			continue
		}
		if r.Action != m.action {
			c.Errorf("mail %s: %s (%s), want %s", m.id, r.Action, r.Reason, m.action)
		}
		entries := filed[r.ID]
		if want := m.entry != ""; len(entries) != 1 && want || len(entries) != 0 && !want {
			c.Errorf("mail %s: %d entries", m.id, len(entries))
		} else if want && entries[0].Kind != m.entry {
			c.Errorf("mail %s: filed as %s, want %s", m.id, entries[0].Kind, m.entry)
		}
		once := m.entry == proxy.Comment // answered if it is the first of its day and piece
		if ids := answers[m.id]; len(ids) > 1 || !once && m.reply != (len(ids) == 1) {
			c.Errorf("mail %s: answered by %d different mails: %v", m.id, len(ids), ids)
		}
	}
	c.checkCursor(highest, len(e.messages))
}

// answers are the different Message-IDs of what each mail's sender was answered, by the mail's id. Beside that, every notice was
// delivered, and nothing else was.
func (c *crash) answers(notices []outbox.Notice) map[string]map[string]int {
	c.Helper()
	delivered := map[string]int{}
	answers := map[string]map[string]int{}
	for _, d := range c.sink.Deliveries() {
		if d.To == c.account.Addresses[0] {
			continue // what the test itself sent
		}
		m, err := mail.ReadMessage(bytes.NewReader(d.Data))
		if err != nil {
			c.Errorf("the gateway sent an unreadable mail: %v", err)
			continue
		}
		id := strings.Trim(m.Header.Get("Message-ID"), "<>")
		delivered[id]++
		if to := strings.Trim(m.Header.Get("In-Reply-To"), "<>"); to != "" && d.To != "edna@agency.example" {
			if answers[to] == nil {
				answers[to] = map[string]int{}
			}
			answers[to][id]++
		}
	}
	repeats := 0
	for _, n := range notices {
		if n.State != outbox.Sent || delivered[n.MessageID] == 0 {
			c.Errorf("notice %s to %s: %s, delivered %d times: %s", n.Key, n.ToAddress, n.State, delivered[n.MessageID], n.Error)
		}
		repeats += max(delivered[n.MessageID]-1, 0)
		delete(delivered, n.MessageID)
	}
	if len(delivered) > 0 {
		c.Errorf("mails were sent that no notice stands for: %v", delivered)
	}
	c.Logf("%d notices sent, %d of them once more after a kill", len(notices), repeats)
	return answers
}

// blobs are the hashes of all stored raw mails, computed from the bytes.
func (c *crash) blobs() map[string]bool {
	c.Helper()
	blobs := map[string]bool{}
	err := filepath.WalkDir(c.path("data/mails"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		blobs[hex.EncodeToString(sum[:])] = true
		return nil
	})
	if err != nil {
		c.Fatal(err)
	}
	return blobs
}

// checkCursor expects the cursor behind the last mail, and nothing to change when the gateway looks again.
func (c *crash) checkCursor(highest uint32, messages int) {
	c.Helper()
	c.store(func(s *store.Store) {
		cursor, ok, err := s.Cursor(c.Context(), "inbox")
		if err != nil || !ok || cursor.UID < highest {
			c.Errorf("the cursor stands at %+v (%v, %v), behind it lies a mail with UID %d", cursor, ok, err, highest)
		}
		st, err := s.Status(c.Context())
		if err != nil {
			c.Fatal(err)
		}
		for _, h := range st.Mailboxes {
			if cursor.UID != h.UIDNext-1 || cursor.BackfillUID != 0 {
				c.Errorf("the cursor stands at %+v, the server's next UID is %d", cursor, h.UIDNext)
			}
		}
	})
	c.handoff("poll", "--once")
	if again := c.export(); len(again.messages) != messages {
		c.Errorf("another pass recorded %d mails that were there before", len(again.messages)-messages)
	}
}
