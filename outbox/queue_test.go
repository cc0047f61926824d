package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"handoff/outbox"
	"handoff/templates"
)

var start = time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC)

// shelf is a Queue in memory.
type shelf struct {
	mu       sync.Mutex
	notices  []*outbox.Notice
	bouncing map[string]string
	paused   map[string]bool
	settles  int
}

func (q *shelf) Enqueue(_ context.Context, notices []outbox.Notice) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	added := 0
	for _, n := range notices {
		if slices.ContainsFunc(q.notices, func(have *outbox.Notice) bool { return have.Key == n.Key }) {
			continue
		}
		n.ID = int64(len(q.notices) + 1)
		q.notices = append(q.notices, &n)
		added++
	}
	return added, nil
}

func waitsUntil(n *outbox.Notice) (time.Time, bool) {
	switch n.State {
	case outbox.Queued, outbox.Deferred:
		return n.NextAt, true
	case outbox.Sending:
		return n.LeaseUntil, true
	}
	return time.Time{}, false
}

func (q *shelf) Lease(ctx context.Context, now, until time.Time, limit int) ([]outbox.Notice, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var due []*outbox.Notice
	for _, n := range q.notices {
		if at, waits := waitsUntil(n); waits && !at.After(now) && !q.paused[""] && !q.paused[n.Template] {
			due = append(due, n)
		}
	}
	slices.SortStableFunc(due, func(a, b *outbox.Notice) int { return outbox.Turn(*a, *b) })
	var leased []outbox.Notice
	for _, n := range due[:min(limit, len(due))] {
		n.State, n.LeaseUntil = outbox.Sending, until
		n.Attempts++
		leased = append(leased, *n)
	}
	return leased, nil
}

func (q *shelf) Settle(_ context.Context, results []outbox.Result) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.settles++
	for _, r := range results {
		n := q.notices[r.ID-1]
		if n.State != outbox.Sending || n.Attempts != r.Attempt {
			continue
		}
		n.State, n.NextAt, n.Error, n.LeaseUntil = r.State, r.NextAt, r.Error, time.Time{}
		if r.Untried {
			n.Attempts--
			if n.Attempts > 0 && n.Error != "" {
				n.State = outbox.Deferred
			}
		}
		if r.State == outbox.Sent {
			n.SentAt = r.At
		}
	}
	return nil
}

func (q *shelf) NextDue(context.Context) (time.Time, bool, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var next time.Time
	found := false
	for _, n := range q.notices {
		if at, waits := waitsUntil(n); waits && (!found || at.Before(next)) {
			next, found = at, true
		}
	}
	return next, found, nil
}

func (q *shelf) Obstacle(_ context.Context, n outbox.Notice, _ time.Time) (outbox.Obstacle, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return outbox.Obstacle{Never: q.bouncing[n.ToAddress], Paused: q.paused[""] || q.paused[n.Template]}, nil
}

func (q *shelf) Reminded(_ context.Context, personID int64, since time.Time, limit int) ([]time.Time, error) {
	var at []time.Time
	for _, n := range q.all() {
		if n.PersonID == personID && n.Priority == outbox.Reminders && n.SentAt.After(since) {
			at = append(at, n.SentAt)
		}
	}
	slices.SortFunc(at, func(a, b time.Time) int { return b.Compare(a) })
	return at[:min(limit, len(at))], nil
}

// all is every notice as it stands.
func (q *shelf) all() []outbox.Notice {
	q.mu.Lock()
	defer q.mu.Unlock()
	var out []outbox.Notice
	for _, n := range q.notices {
		out = append(out, *n)
	}
	return out
}

func (q *shelf) count(s outbox.State) int {
	n := 0
	for _, have := range q.all() {
		if have.State == s {
			n++
		}
	}
	return n
}

// put queues n reminders, named notice1@example.org and on.
func (q *shelf) put(t interface{ Fatal(...any) }, n int) {
	data, err := json.Marshal(templates.Sample("due_soon"))
	if err != nil {
		t.Fatal(err)
	}
	have := len(q.all())
	for i := have + 1; i <= have+n; i++ {
		_, err := q.Enqueue(context.Background(), []outbox.Notice{{
			Key: fmt.Sprint("reminder:", i), Template: "due_soon", Data: data, ToName: "Anna", ToAddress: fmt.Sprintf("notice%d@example.org", i),
			MessageID: fmt.Sprintf("m.%d@agency.example", i), State: outbox.Queued, DueAt: start, NextAt: start, CreatedAt: start,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// process is one program's view of a queue: once it has crashed, it changes nothing any more.
type process struct {
	*shelf
	mu      sync.Mutex
	crashed bool
}

var errCrashed = errors.New("this process is gone")

func (p *process) crash() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crashed = true
}

func (p *process) gone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crashed
}

func (p *process) Lease(ctx context.Context, now, until time.Time, limit int) ([]outbox.Notice, error) {
	if p.gone() {
		return nil, errCrashed
	}
	return p.shelf.Lease(ctx, now, until, limit)
}

func (p *process) Settle(ctx context.Context, results []outbox.Result) error {
	if p.gone() {
		return errCrashed
	}
	return p.shelf.Settle(ctx, results)
}

// postman is a Sender that does with each mail what outcome says, and notes it.
type postman struct {
	mu      sync.Mutex
	outcome func(m outbox.Mail) error // nil: accepted
	mails   []outbox.Mail             // handed over, accepted or not
	sent    chan outbox.Mail          // if set, told of each accepted mail
	closed  int
}

func (p *postman) Send(_ context.Context, m outbox.Mail) error {
	p.mu.Lock()
	p.mails = append(p.mails, m)
	outcome := p.outcome
	p.mu.Unlock()
	if outcome != nil {
		if err := outcome(m); err != nil {
			return err
		}
	}
	if p.sent != nil {
		p.sent <- m
	}
	return nil
}

func (p *postman) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
	return nil
}

func (p *postman) tried() []outbox.Mail {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.mails)
}

var loadTemplates = sync.OnceValues(func() (*templates.Set, error) {
	set, _, err := templates.Load(templates.Config{})
	return set, err
})

func mails(t testing.TB) texts {
	t.Helper()
	set, err := loadTemplates()
	if err != nil {
		t.Fatal(err)
	}
	return texts{set}
}

// texts never change.
type texts struct{ set *templates.Set }

func (t texts) Set(context.Context) (*templates.Set, error) { return t.set, nil }

func (t texts) Render(d templates.Data, to templates.Audience) (templates.Rendered, error) {
	return t.set.Render(d, to)
}
