package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
)

func dispatcher(t testing.TB, q outbox.Queue, s outbox.Sender, c clock.Clock) *outbox.Dispatcher {
	return &outbox.Dispatcher{
		Queue: q, Sender: s, Templates: mails(t), From: "Example Agency <desk@agency.example>", Clock: c,
		Log: slog.New(slog.DiscardHandler), Rand: func() float64 { return 0.5 },
	}
}

func TestPollSendsWhatIsDueOnce(t *testing.T) {
	q, out, now := &shelf{}, &postman{}, clock.NewFake(start)
	q.put(t, 45)
	q.notices[3].NextAt = start.Add(time.Minute)
	d := dispatcher(t, q, out, now)
	for i, want := range []int{44, 0} {
		if sent, err := d.Poll(t.Context()); err != nil || sent != want {
			t.Fatalf("poll %d: %d sent, %v", i, sent, err)
		}
	}
	now.Advance(time.Minute)
	if sent, err := d.Poll(t.Context()); err != nil || sent != 1 {
		t.Fatalf("%d sent, %v", sent, err)
	}
	for _, n := range q.all() {
		if n.State != outbox.Sent || n.SentAt.IsZero() {
			t.Errorf("notice %d is %s", n.ID, n.State)
		}
	}
	m := out.tried()[0]
	if m.MessageID != "m.1@agency.example" || m.Date != start || m.Content.Subject == "" || m.From != "Example Agency <desk@agency.example>" {
		t.Errorf("mail %+v", m)
	}
}

func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		age     time.Duration // of the notice
		attempt int           // made before
		state   outbox.State
		next    time.Duration // from now
		says    string
	}{
		"accepted":          {state: outbox.Sent},
		"refused for good":  {err: &outbox.SendError{Code: 550, Permanent: true, Err: errors.New("no such user")}, state: outbox.Failed, says: "no such user"},
		"refused for now":   {err: &outbox.SendError{Code: 451, Err: errors.New("greylisted")}, state: outbox.Deferred, next: time.Minute, says: "greylisted"},
		"third time":        {err: &outbox.SendError{Code: 451, Err: errors.New("greylisted")}, attempt: 2, state: outbox.Deferred, next: 4 * time.Minute},
		"hundredth time":    {err: &outbox.SendError{Code: 451, Err: errors.New("greylisted")}, attempt: 99, state: outbox.Deferred, next: 4 * time.Hour},
		"connection lost":   {err: &outbox.SendError{Err: errors.New("hung up")}, state: outbox.Deferred, next: time.Minute},
		"unknown":           {err: &outbox.SendError{Unknown: true, Err: errors.New("hung up")}, state: outbox.Deferred, next: 15 * time.Minute, says: "may have arrived"},
		"unknown again":     {err: &outbox.SendError{Unknown: true, Err: errors.New("hung up")}, attempt: 2, state: outbox.Deferred, next: time.Hour, says: "may have arrived"},
		"too old":           {err: &outbox.SendError{Code: 451, Err: errors.New("greylisted")}, age: 5 * 24 * time.Hour, attempt: 40, state: outbox.Failed, says: "given up after 41 attempts in 120h"},
		"another error":     {err: errors.New("what?"), state: outbox.Deferred, next: time.Minute, says: "what?"},
		"address is broken": {state: outbox.Cancelled, says: "mailbox full"},
	} {
		t.Run(name, func(t *testing.T) {
			q, out, now := &shelf{}, &postman{outcome: func(outbox.Mail) error { return c.err }}, clock.NewFake(start.Add(c.age))
			q.put(t, 1)
			q.notices[0].Attempts = c.attempt
			if c.state == outbox.Cancelled {
				q.bouncing = map[string]string{"notice1@example.org": "mailbox full"}
			}
			if _, err := dispatcher(t, q, out, now).Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			n := q.all()[0]
			if n.State != c.state || n.Attempts != c.attempt+1 || !strings.Contains(n.Error, c.says) {
				t.Errorf("%s after %d attempts: %q", n.State, n.Attempts, n.Error)
			}
			if n.State.Waits() && n.NextAt != now.Now().Add(c.next) {
				t.Errorf("next in %s, want %s", n.NextAt.Sub(now.Now()), c.next)
			}
		})
	}
}

// A server that is down costs no notice an attempt; the pass is over at the first.
func TestServerDown(t *testing.T) {
	down := true
	q, now := &shelf{}, clock.NewFake(start)
	out := &postman{outcome: func(outbox.Mail) error {
		if down {
			return &outbox.SendError{Connection: true, Err: errors.New("nothing answers")}
		}
		return nil
	}}
	q.put(t, 50)
	d := dispatcher(t, q, out, now)
	for range 5 {
		if sent, err := d.Poll(t.Context()); err == nil || sent != 0 {
			t.Fatalf("%d sent, %v", sent, err)
		}
		now.Advance(time.Minute)
	}
	if n := len(out.tried()); n != 5 {
		t.Errorf("%d mails were tried", n)
	}
	for _, n := range q.all() {
		if n.State != outbox.Queued || n.Attempts != 0 {
			t.Errorf("notice %d is %s after %d attempts", n.ID, n.State, n.Attempts)
		}
	}
	down = false
	if sent, err := d.Poll(t.Context()); err != nil || sent != 50 {
		t.Errorf("%d sent, %v", sent, err)
	}
}

// One mail that makes the server hang up does not stop the others; a server that hangs up on all does, with a word or without.
func TestLostConnections(t *testing.T) {
	for name, fault := range map[string]*outbox.SendError{
		"without a word": {Err: errors.New("the server hung up")},
		"421":            {Code: 421, Err: errors.New("enough for now")},
	} {
		t.Run(name, func(t *testing.T) {
			q, now := &shelf{}, clock.NewFake(start)
			poison := map[string]bool{"notice2@example.org": true, "notice4@example.org": true}
			all := false
			out := &postman{outcome: func(m outbox.Mail) error {
				if all || poison[m.ToAddress] {
					return fault
				}
				return nil
			}}
			q.put(t, 10)
			d := dispatcher(t, q, out, now)
			if sent, err := d.Poll(t.Context()); err != nil || sent != 8 {
				t.Fatalf("%d sent, %v", sent, err)
			}
			all = true
			q.put(t, 10)
			before := len(out.tried())
			if _, err := d.Poll(t.Context()); err == nil {
				t.Error("no error")
			}
			if n := len(out.tried()) - before; n != 3 {
				t.Errorf("%d mails were tried", n)
			}
		})
	}
}

// A long pass takes up what an admin changes meanwhile.
func TestSwitchedOffDuringAPass(t *testing.T) {
	q, now := &shelf{}, clock.NewFake(start)
	q.put(t, 30)
	off, _, err := templates.Load(templates.Config{Off: map[string]bool{q.notices[0].Template: true}})
	if err != nil {
		t.Fatal(err)
	}
	out := &postman{outcome: func(outbox.Mail) error {
		now.Advance(10 * time.Second)
		return nil
	}}
	d := dispatcher(t, q, out, now)
	d.Batch, d.Templates = 5, &changing{before: mails(t).set, after: off}
	if sent, err := d.Poll(t.Context()); err != nil || sent != 5 || q.count(outbox.Cancelled) != 25 {
		t.Errorf("%d sent, %d cancelled, %v", sent, q.count(outbox.Cancelled), err)
	}
}

// changing gives other texts at the second call.
type changing struct {
	before, after *templates.Set
	asked         bool
}

func (c *changing) Set(context.Context) (*templates.Set, error) {
	if !c.asked {
		c.asked = true
		return c.before, nil
	}
	return c.after, nil
}

func TestUnwritableNoticeFailsAlone(t *testing.T) {
	q, out := &shelf{}, &postman{}
	q.put(t, 3)
	q.notices[0].Template = "no_such"
	q.notices[1].Data = []byte("{")
	if sent, err := dispatcher(t, q, out, clock.NewFake(start)).Poll(t.Context()); err != nil || sent != 1 {
		t.Fatalf("%d sent, %v", sent, err)
	}
	for _, n := range q.all()[:2] {
		if n.State != outbox.Failed || !strings.Contains(n.Error, "cannot be written") {
			t.Errorf("notice %d is %s: %s", n.ID, n.State, n.Error)
		}
	}
}

// When the context ends the mail in hand is finished and recorded, the rest goes back untouched.
func TestStopFinishesTheMailInHand(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	q := &shelf{}
	out := &postman{outcome: func(m outbox.Mail) error {
		if m.ToAddress == "notice3@example.org" {
			stop()
		}
		return nil
	}}
	q.put(t, 10)
	sent, err := dispatcher(t, q, out, clock.NewFake(start)).Poll(ctx)
	if sent != 3 || !errors.Is(err, context.Canceled) {
		t.Fatalf("%d sent, %v", sent, err)
	}
	for _, n := range q.all() {
		want, attempts := outbox.Queued, 0
		if n.ID <= 3 {
			want, attempts = outbox.Sent, 1
		}
		if n.State != want || n.Attempts != attempts || want == outbox.Queued && n.NextAt != start {
			t.Errorf("notice %d is %s after %d attempts, next %s", n.ID, n.State, n.Attempts, n.NextAt)
		}
	}
}

// hesitant sends nothing until its context ends.
type hesitant struct{ begun chan struct{} }

func (h hesitant) Send(ctx context.Context, _ outbox.Mail) error {
	close(h.begun)
	<-ctx.Done()
	return &outbox.SendError{Err: ctx.Err()}
}

func (hesitant) Close() error { return nil }

func TestStopBreaksASlowMailOff(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	q, now, out := &shelf{}, clock.NewFake(start), hesitant{make(chan struct{})}
	q.put(t, 1)
	done := make(chan error)
	go func() {
		_, err := dispatcher(t, q, out, now).Poll(ctx)
		done <- err
	}()
	<-out.begun
	stop()
	for now.Waiting() == 0 {
		time.Sleep(time.Millisecond)
	}
	now.Advance(6 * time.Second)
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := q.all()[0]; n.State != outbox.Deferred {
		t.Errorf("the notice is %s", n.State)
	}
}

// What could not be recorded is recorded before anything more is sent.
func TestSettleFails(t *testing.T) {
	q := &fullDisk{shelf: &shelf{}, full: true}
	q.put(t, 100)
	out, now := &postman{}, clock.NewFake(start)
	d := dispatcher(t, q, out, now)
	if _, err := d.Poll(t.Context()); !errors.Is(err, errFull) {
		t.Fatal(err)
	}
	first := len(out.tried())
	if first > 18 { // twice what may wait while a commit lasts, and the two in hand
		t.Errorf("%d mails were sent unrecorded", first)
	}
	if _, err := d.Poll(t.Context()); !errors.Is(err, errFull) || len(out.tried()) != first {
		t.Errorf("%d mails, %v", len(out.tried()), err)
	}
	q.full = false
	if _, err := d.Poll(t.Context()); err != nil || len(out.tried()) != 100 {
		t.Errorf("%d mails, %v", len(out.tried()), err)
	}
}

var errFull = errors.New("disk full")

type fullDisk struct {
	*shelf
	full bool
}

func (q *fullDisk) Settle(ctx context.Context, results []outbox.Result) error {
	if q.full {
		return errFull
	}
	return q.shelf.Settle(ctx, results)
}

// A batch that takes longer than its lease is cut short, and what is left is leased anew.
func TestSlowServer(t *testing.T) {
	q, now := &shelf{}, clock.NewFake(start)
	out := &postman{}
	out.outcome = func(outbox.Mail) error {
		for q.count(outbox.Sent) < len(out.tried())-1 { // a minute is enough to record the mail before
			time.Sleep(100 * time.Microsecond)
		}
		now.Advance(time.Minute)
		return nil
	}
	q.put(t, 40)
	d := dispatcher(t, q, out, now)
	for sent := 0; sent < 40; {
		n, err := d.Poll(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sent += n
	}
	for _, n := range q.all() {
		if n.State != outbox.Sent || n.Attempts != 1 {
			t.Errorf("notice %d is %s after %d attempts", n.ID, n.State, n.Attempts)
		}
	}
	if n := len(out.tried()); n != 40 {
		t.Errorf("%d mails were sent", n)
	}
}

// A mail is broken off before its lease runs out and another Dispatcher sends it too.
func TestSlowMailEndsWithItsLease(t *testing.T) {
	q, out := &shelf{}, &stuckSender{}
	q.put(t, 1)
	d := dispatcher(t, q, out, clock.System{})
	d.Lease, d.GiveUpAfter = 200*time.Millisecond, 100*365*24*time.Hour
	if _, err := d.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := q.all()[0]; n.State != outbox.Deferred || n.Attempts != 1 || !strings.Contains(n.Error, "may have arrived") {
		t.Errorf("notice is %s after %d attempts: %s", n.State, n.Attempts, n.Error)
	}
}

// stuckSender sends for as long as it may.
type stuckSender struct{}

func (*stuckSender) Send(ctx context.Context, _ outbox.Mail) error {
	<-ctx.Done()
	return &outbox.SendError{Unknown: true, Err: ctx.Err()}
}

func (*stuckSender) Close() error { return nil }

// Loop sends at once after Wake, and by the clock what falls due later; a server that is down is asked ever more seldom.
func TestLoop(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	q, out, now := &shelf{}, &postman{sent: make(chan outbox.Mail)}, clock.NewFake(start)
	d := dispatcher(t, q, out, now)
	done := make(chan error)
	go func() { done <- d.Loop(ctx) }()
	asleep := func(waiting int) {
		for now.Waiting() < waiting {
			time.Sleep(time.Millisecond)
		}
	}
	asleep(1)
	q.put(t, 1)
	d.Wake()
	if m := <-out.sent; m.MessageID != "m.1@agency.example" {
		t.Errorf("sent %s", m.MessageID)
	}
	asleep(2)
	q.put(t, 1)
	now.Advance(30 * time.Second) // nobody woke it
	if m := <-out.sent; m.MessageID != "m.2@agency.example" {
		t.Errorf("sent %s", m.MessageID)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) || out.closed != 1 {
		t.Errorf("%v, closed %d times", err, out.closed)
	}
}

// Whatever fails and whenever the process dies, no notice is lost, and none is accepted twice but where nobody could
// know, and then under its one Message-ID.
func TestNothingIsLostOrRepeated(t *testing.T) {
	set := mails(t)
	rapid.Check(t, func(t *rapid.T) {
		const crash, crashAfter = 100, 101 // outcomes that are no answer
		outcome := rapid.SampledFrom([]int{250, 250, 250, 250, 450, 550, 0, -1, -2, crash, crashAfter})
		q, now := &shelf{}, clock.NewFake(start)
		q.put(t, rapid.IntRange(1, 30).Draw(t, "notices"))
		accepted := map[string]int{} // by Message-ID
		doubt := map[string]int{}
		refused := map[string]bool{}
		var here *process
		out := &postman{}
		out.outcome = func(m outbox.Mail) error {
			now.Advance(time.Second)
			if here.gone() {
				return errCrashed
			}
			code := outcome.Draw(t, "outcome")
			if now.Now().Sub(start) > 24*time.Hour {
				code = 250 // the world is well again
			}
			fault := &outbox.SendError{Code: code, Permanent: code == 550, Err: fmt.Errorf("answer %d", code)}
			switch code {
			case 250:
				accepted[m.MessageID]++
				return nil
			case 550:
				refused[m.MessageID] = true
			case 0:
			case -1:
				fault.Code, fault.Connection = 0, true
			case -2:
				fault.Code, fault.Unknown = 0, true
				doubt[m.MessageID]++
				accepted[m.MessageID]++
			case crashAfter:
				doubt[m.MessageID]++
				accepted[m.MessageID]++
				here.crash()
				return nil
			case crash:
				here.crash()
				return errCrashed
			}
			return fault
		}
		for step := 0; ; step++ {
			next, waits, _ := q.NextDue(t.Context())
			if !waits {
				break
			}
			if step > 5000 {
				t.Fatal("the queue does not run empty")
			}
			if wait := next.Sub(now.Now()); wait > 0 {
				now.Advance(wait)
			}
			if here == nil || here.gone() {
				// Accepted mails whose result died with the process may come again.
				for _, n := range q.all() {
					if n.State == outbox.Sending && accepted[n.MessageID] > 0 {
						doubt[n.MessageID]++
					}
				}
				here = &process{shelf: q}
			}
			d := &outbox.Dispatcher{
				Queue: here, Sender: out, Templates: set, From: "desk@agency.example", Clock: now,
				Log: slog.New(slog.DiscardHandler), Rand: func() float64 { return 0.5 }, Batch: 8,
			}
			if _, err := d.Poll(t.Context()); err != nil {
				now.Advance(time.Minute)
			}
		}
		for _, n := range q.all() {
			switch {
			case n.State == outbox.Sent && accepted[n.MessageID] == 0:
				t.Fatalf("notice %d counts as sent and was never accepted", n.ID)
			case n.State == outbox.Failed && !refused[n.MessageID]:
				t.Fatalf("notice %d failed and was never refused: %s", n.ID, n.Error)
			case n.State != outbox.Sent && n.State != outbox.Failed:
				t.Fatalf("notice %d is %s", n.ID, n.State)
			case accepted[n.MessageID] > 1+doubt[n.MessageID]:
				t.Fatalf("notice %d was accepted %d times, with %d doubts", n.ID, accepted[n.MessageID], doubt[n.MessageID])
			}
		}
	})
}

// countedTexts counts how often the texts in force are asked for.
type countedTexts struct {
	outbox.Texts
	asked atomic.Int32
}

func (c *countedTexts) Set(ctx context.Context) (*templates.Set, error) {
	c.asked.Add(1)
	return c.Texts.Set(ctx)
}

// While one mail is on its way the next is written, by the texts of the pass; what is settled in that time is not sent.
// What is sent in quick succession is recorded together; what is not is recorded before the next mail.
func TestRecordedTogether(t *testing.T) {
	for name, c := range map[string]struct {
		takes   time.Duration // each mail
		settles int           // at most
		ahead   int           // mails that are sent and not recorded, at most
	}{
		"fast": {2 * time.Millisecond, 6, 16},
		"slow": {50 * time.Millisecond, 40, 1},
	} {
		t.Run(name, func(t *testing.T) {
			texts := mails(t)
			synctest.Test(t, func(t *testing.T) {
				q, sent := &shelf{}, 0
				q.put(t, 40)
				d := dispatcher(t, q, &postman{outcome: func(outbox.Mail) error {
					time.Sleep(c.takes)
					sent++
					if ahead := sent - q.count(outbox.Sent); ahead > c.ahead {
						t.Errorf("%d mails are sent and not recorded", ahead)
					}
					return nil
				}}, clock.NewFake(start))
				d.Templates = texts
				if n, err := d.Poll(t.Context()); err != nil || n != 40 || q.count(outbox.Sent) != 40 {
					t.Fatalf("%d sent, %v", n, err)
				}
				if q.settles > c.settles {
					t.Errorf("recorded in %d parts", q.settles)
				}
			})
		})
	}
}

func TestSettledWhileAnotherMailIsOnItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		takes time.Duration // the first mail, on its way
		sent  int
	}{
		"a moment": {time.Second, 3},
		"long":     {2 * time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			q, now := &shelf{}, clock.NewFake(start)
			q.put(t, 3)
			looked, settled := make(chan struct{}), atomic.Bool{}
			var once sync.Once
			out := &postman{outcome: func(m outbox.Mail) error {
				if m.ToAddress == "notice1@example.org" {
					select {
					case <-looked:
					case <-time.After(10 * time.Second):
						t.Error("the next mail is not written meanwhile")
					}
					settled.Store(true)
					now.Advance(c.takes)
				}
				return nil
			}}
			d := dispatcher(t, q, out, now)
			texts := &countedTexts{Texts: mails(t)}
			d.Templates = texts
			d.Outdated = func(_ context.Context, n outbox.Notice) (string, error) {
				if n.ToAddress != "notice2@example.org" {
					return "", nil
				}
				defer once.Do(func() { close(looked) })
				if settled.Load() {
					return "it is settled", nil
				}
				return "", nil
			}
			if sent, err := d.Poll(t.Context()); err != nil || sent != c.sent {
				t.Fatalf("%d sent, %v", sent, err)
			}
			second := q.all()[1]
			if cancelled := second.State == outbox.Cancelled && second.Error == "it is settled"; cancelled != (c.sent == 2) {
				t.Errorf("the second is %s: %s", second.State, second.Error)
			}
			if n := texts.asked.Load(); n != 1 {
				t.Errorf("the texts were asked for %d times", n)
			}
			for _, m := range out.tried() {
				if m.ToAddress == "notice3@example.org" && m.Date != start.Add(c.takes) {
					t.Errorf("the last mail has the date %s", m.Date)
				}
			}
		})
	}
}
