package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/workflow"
)

// drain polls until nothing waits, moving the clock to what is due next, and gives when each mail went, in order.
func drain(t *testing.T, d *outbox.Dispatcher, q *shelf, out *postman, now *clock.Fake) (to []string, at []time.Time) {
	t.Helper()
	for step := 0; ; step++ {
		if _, err := d.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		next, waits, err := q.NextDue(t.Context())
		if err != nil || step > 10_000 {
			t.Fatal(step, err)
		}
		if !waits {
			break
		}
		now.Advance(max(next.Sub(now.Now()), 0))
	}
	for _, m := range out.tried() {
		to, at = append(to, m.ToAddress), append(at, m.Date)
	}
	return to, at
}

// A domain's limit keeps what exceeds it, and nobody else; answers take the next place.
func TestPerDomain(t *testing.T) {
	q, out, now := &shelf{}, &postman{}, clock.NewFake(start)
	q.put(t, 40)
	for i, n := range q.notices {
		if n.Priority = outbox.Reminders; i < 30 {
			n.ToAddress = fmt.Sprintf("n%d@Big.example", i)
		} else {
			n.ToAddress = fmt.Sprintf("n%d@small%d.example", i, i%5)
		}
	}
	q.notices[29].Priority = outbox.Prompt
	q.notices[29].NextAt = start.Add(time.Second)
	q.notices[29].AutoReply = true
	d := dispatcher(t, q, out, now)
	d.Limits.PerDomain = 5
	to, at := drain(t, d, q, out, now)
	if len(to) != 40 {
		t.Fatalf("%d mails went", len(to))
	}
	var big []time.Time
	for i := range to {
		switch {
		case !strings.HasSuffix(to[i], "@Big.example") && !at[i].Equal(start):
			t.Errorf("%s waited until %s", to[i], at[i])
		case to[i] == "n29@Big.example" && at[i].After(start.Add(time.Minute)):
			t.Errorf("the answer waited until %s", at[i])
		case strings.HasSuffix(to[i], "@Big.example"):
			big = append(big, at[i])
		}
	}
	slices.SortFunc(big, time.Time.Compare)
	for i := 5; i < len(big); i++ {
		if big[i].Sub(big[i-5]) < time.Minute {
			t.Errorf("six mails between %s and %s", big[i-5], big[i])
		}
	}
	if last := big[len(big)-1]; last.Sub(start) > 8*time.Minute {
		t.Errorf("30 mails, 5 a minute, took until %s", last)
	}
}

// Whatever the limits, every notice goes out once, within the limits.
func TestLimitsLoseNothing(t *testing.T) {
	set := mails(t)
	rapid.Check(t, func(r *rapid.T) {
		q, out, now := &shelf{}, &postman{}, clock.NewFake(start)
		n := rapid.IntRange(1, 60).Draw(r, "notices")
		q.put(t, n)
		for _, n := range q.notices {
			n.Priority = outbox.Priority(rapid.IntRange(0, 2).Draw(r, "priority"))
			n.PersonID = int64(rapid.IntRange(0, 3).Draw(r, "person"))
			n.ToAddress = fmt.Sprintf("n%d@d%d.example", n.ID, rapid.IntRange(0, 2).Draw(r, "domain"))
		}
		d := dispatcher(t, q, out, now)
		d.Templates = set
		d.Limits = outbox.Limits{PerDomain: rapid.IntRange(0, 4).Draw(r, "per domain"), RemindersPerHour: rapid.IntRange(0, 3).Draw(r, "an hour"), RemindersPerDay: rapid.IntRange(0, 6).Draw(r, "a day")}
		drain(t, d, q, out, now)
		if got := len(out.tried()); got != n || q.count(outbox.Sent) != n {
			r.Fatalf("%d of %d went out, %d are sent", got, n, q.count(outbox.Sent))
		}
		for _, limit := range []struct {
			most   int
			within time.Duration
		}{{d.Limits.RemindersPerHour, time.Hour}, {d.Limits.RemindersPerDay, 24 * time.Hour}} {
			for person := int64(1); person <= 3; person++ {
				var at []time.Time
				for _, n := range q.all() {
					if n.PersonID == person && n.Priority == outbox.Reminders {
						at = append(at, n.SentAt)
					}
				}
				slices.SortFunc(at, time.Time.Compare)
				for i := limit.most; limit.most > 0 && i < len(at); i++ {
					if at[i].Sub(at[i-limit.most]) < limit.within {
						r.Fatalf("person %d got %d reminders within %s: %v", person, limit.most+1, limit.within, at)
					}
				}
			}
		}
	})
}

// A pause is honoured by the next mail already, not only by the next batch; what is paused stays as it was.
func TestPauseStopsTheBatch(t *testing.T) {
	q, now := &shelf{paused: map[string]bool{}}, clock.NewFake(start)
	out := &postman{}
	out.outcome = func(outbox.Mail) error {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.paused[""] = len(out.mails) >= 3
		return nil
	}
	q.put(t, 10)
	d := dispatcher(t, q, out, now)
	if sent, err := d.Poll(t.Context()); err != nil || sent != 3 {
		t.Fatalf("%d sent, %v", sent, err)
	}
	for _, n := range q.all()[3:] {
		if n.State != outbox.Queued || n.Attempts != 0 || n.Error != "" {
			t.Errorf("notice %d is %s after %d attempts: %s", n.ID, n.State, n.Attempts, n.Error)
		}
	}
	out.outcome, q.paused = nil, nil
	if sent, err := d.Poll(t.Context()); err != nil || sent != 7 {
		t.Errorf("then %d sent, %v", sent, err)
	}
}

// A retry waits for the window as the first try did; what answers a mail does not.
func TestWindow(t *testing.T) {
	night := time.Date(2026, 5, 8, 20, 30, 0, 0, time.UTC) // a Friday
	q, out, now := &shelf{}, &postman{}, clock.NewFake(night)
	q.put(t, 2)
	q.notices[1].AutoReply = true
	d := dispatcher(t, q, out, now)
	days, err := workflow.ParseWeekdays("mon-fri")
	if err != nil {
		t.Fatal(err)
	}
	c := composer(t)
	c.Rules.Calendar = workflow.Calendar{QuietFrom: 20 * time.Hour, QuietTo: 7 * time.Hour, SendDays: days}
	d.Window = c.Window
	q.notices[0].TimeZone, q.notices[1].TimeZone = "Europe/Berlin", "Europe/Berlin"
	to, at := drain(t, d, q, out, now)
	if len(to) != 2 || to[0] != "notice2@example.org" || !at[0].Equal(night) || !at[1].Equal(time.Date(2026, 5, 11, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("%v at %v", to, at)
	}
}

// What the server says of an address in our own session is passed on with its status; what it says of the mail is not.
func TestRefusedRecipient(t *testing.T) {
	for name, c := range map[string]struct {
		fault outbox.SendError
		want  string // status and verdict
	}{
		"unknown":      {outbox.SendError{Code: 550, Permanent: true, Recipient: true, Status: "5.1.1", Err: errors.New("no such user")}, "5.1.1 gone"},
		"no status":    {outbox.SendError{Code: 550, Permanent: true, Recipient: true, Err: errors.New("550 no such user")}, "5.1.1 gone"},
		"no relay":     {outbox.SendError{Code: 550, Permanent: true, Recipient: true, Err: errors.New("550 relaying denied")}, "5.7.1 refused"},
		"blocked":      {outbox.SendError{Code: 550, Permanent: true, Recipient: true, Err: errors.New("550 192.0.2.1 is blocked, see zen.spamhaus.org")}, "5.7.1 refused"},
		"full":         {outbox.SendError{Code: 552, Permanent: true, Recipient: true, Err: errors.New("552 full")}, "5.2.2 soft"},
		"null MX":      {outbox.SendError{Code: 556, Permanent: true, Recipient: true, Err: errors.New("556 takes no mail")}, "5.1.10 gone"},
		"policy":       {outbox.SendError{Code: 554, Permanent: true, Recipient: true, Err: errors.New("554 no")}, "5.7.0 refused"},
		"the content":  {outbox.SendError{Code: 550, Permanent: true, Status: "5.7.1", Err: errors.New("spam")}, ""},
		"greylisting":  {outbox.SendError{Code: 451, Status: "4.7.1", Err: errors.New("later")}, ""},
		"lost at RCPT": {outbox.SendError{Err: errors.New("hung up")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			q, out, now := &shelf{}, &postman{outcome: func(outbox.Mail) error { return &c.fault }}, clock.NewFake(start)
			q.put(t, 1)
			d := dispatcher(t, q, out, now)
			got := ""
			d.Refused = func(_ context.Context, n outbox.Notice, b outbox.Bounce) error {
				if b.NoticeID != n.ID || b.Address != n.ToAddress || !b.At.Equal(start) {
					t.Errorf("%+v", b)
				}
				got = b.Status + " " + string(b.Verdict())
				return nil
			}
			if _, err := d.Poll(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}

// An age alone is no reason to give up: what was paused for weeks is tried like any other.
func TestOldButUntried(t *testing.T) {
	q, out, now := &shelf{}, &postman{outcome: func(outbox.Mail) error { return &outbox.SendError{Code: 451, Err: errors.New("greylisted")} }}, clock.NewFake(start.AddDate(0, 1, 0))
	q.put(t, 1)
	d := dispatcher(t, q, out, now)
	tries := 0
	for ; tries < 50 && !slices.Contains([]outbox.State{outbox.Failed}, q.all()[0].State); tries++ {
		if _, err := d.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		now.Advance(4 * time.Hour)
	}
	if tries != 6 {
		t.Errorf("given up after %d tries", tries)
	}
}

func TestVerdicts(t *testing.T) {
	for status, want := range map[string]outbox.Verdict{
		"5.1.1": outbox.Gone, "5.1.2": outbox.Gone, "5.1.10": outbox.Gone, "5.2.1": outbox.Gone, "5.0.0": outbox.Gone, "": outbox.Gone, "5.7.17": outbox.Gone,
		"5.2.2": outbox.Soft, "5.4.4": outbox.Soft, "5.3.0": outbox.Soft, "5.5.0": outbox.Soft,
		"5.7.1": outbox.Refused, "5.7.26": outbox.Refused, "5.6.0": outbox.Refused, "5.3.4": outbox.Refused, "5.2.3": outbox.Refused, "5.1.8": outbox.Refused,
	} {
		if got := (outbox.Bounce{Status: status, Permanent: true}).Verdict(); got != want {
			t.Errorf("%s is %s, want %s", status, got, want)
		}
	}
	for status, want := range map[string]outbox.Verdict{"4.2.2": outbox.Soft, "4.4.1": outbox.Soft, "4.1.1": outbox.Soft, "4.7.1": outbox.Refused, "": outbox.Soft} {
		if got := (outbox.Bounce{Status: status}).Verdict(); got != want {
			t.Errorf("%s is %s, want %s", status, got, want)
		}
		if got := (outbox.Bounce{Status: status, Delayed: true}).Verdict(); got != outbox.Delay {
			t.Errorf("%s, delayed, is %s", status, got)
		}
	}
}

func TestSoftScore(t *testing.T) {
	rules := outbox.BounceRules{}
	if got := rules.Fade(2, start, start.AddDate(0, 0, 7)); got != 1 {
		t.Errorf("after its half-life 2 is %v", got)
	}
	if sum, tooMuch := rules.Add(2, start, start); sum != 3 || !tooMuch {
		t.Errorf("%v, %v", sum, tooMuch)
	}
	if sum, tooMuch := (outbox.BounceRules{HalfLife: time.Hour, Threshold: 1.6}).Add(1, start, start.Add(time.Hour)); sum != 1.5 || tooMuch {
		t.Errorf("%v, %v", sum, tooMuch)
	}
}

func TestPerMinute(t *testing.T) {
	q, out, now := &shelf{}, &postman{sent: make(chan outbox.Mail)}, clock.NewFake(start)
	q.put(t, 3)
	d := dispatcher(t, q, out, now)
	d.PerMinute = 2
	done := make(chan error)
	go func() {
		_, err := d.Poll(t.Context())
		done <- err
	}()
	for i := range 3 {
		m := <-out.sent
		want := start
		if i == 2 {
			want = start.Add(time.Minute)
		}
		if m.Date != want {
			t.Errorf("mail %d went at %s, want %s", i, m.Date, want)
		}
		for i == 1 && now.Waiting() == 0 {
			time.Sleep(time.Millisecond)
		}
		if i == 1 {
			now.Advance(time.Minute)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// One pass alone does not sit out the minute: what it cannot send is left as it was.
func TestPerMinuteOnce(t *testing.T) {
	q, out, now := &shelf{}, &postman{}, clock.NewFake(start)
	q.put(t, 5)
	d := dispatcher(t, q, out, now)
	d.PerMinute, d.Once = 2, true
	for i, want := range []int{2, 0, 2} {
		if sent, err := d.Poll(t.Context()); err != nil || sent != want {
			t.Errorf("pass %d: %d sent, %v; want %d", i, sent, err, want)
		}
		if i == 1 {
			now.Advance(time.Minute)
		}
	}
	if q.count(outbox.Queued) != 1 {
		t.Errorf("%d are left", q.count(outbox.Queued))
	}
}
