package proxy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"handoff/inbox"
	"handoff/outbox"
	"handoff/workflow"
)

// memory is a Store in memory whose transactions and savepoints undo as a database's do.
type memory struct {
	state  tables
	commit error              // what Update ends with instead of committing
	fail   func(string) error // asked before every write, by method
	reads  map[string]int     // by method
}

type tables struct {
	counter int64
	people  []workflow.Person
	pieces  map[int64]workflow.Piece
	records []Record
	entries []Entry
	events  []workflow.Event
	notices []outbox.Notice
	bounces []outbox.Bounce
	cleared []string
	breaker Breaker
	cursors map[string]inbox.Cursor
}

func (t tables) clone() tables {
	t.people, t.pieces, t.records = slices.Clone(t.people), maps.Clone(t.pieces), slices.Clone(t.records)
	t.entries, t.events, t.notices = slices.Clone(t.entries), slices.Clone(t.events), slices.Clone(t.notices)
	t.bounces, t.cleared, t.cursors = slices.Clone(t.bounces), slices.Clone(t.cleared), maps.Clone(t.cursors)
	return t
}

func newMemory(people []workflow.Person, pieces []workflow.Piece) *memory {
	m := &memory{reads: map[string]int{}}
	m.state = tables{people: people, pieces: map[int64]workflow.Piece{}, cursors: map[string]inbox.Cursor{}}
	for _, p := range pieces {
		m.state.pieces[p.ID] = p
	}
	return m
}

func (m *memory) Update(ctx context.Context, f func(Tx) error) error {
	before := m.state.clone()
	err := f(memoryTx{m})
	if err == nil {
		err = m.commit
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		m.state = before
	}
	return err
}

func (m *memory) Cursor(_ context.Context, mailbox string) (inbox.Cursor, bool, error) {
	c, ok := m.state.cursors[mailbox]
	return c, ok, nil
}

func (m *memory) Actions(_ context.Context, mailbox string, uidValidity, from, to uint32) (map[uint32]Action, error) {
	actions := map[uint32]Action{}
	for _, r := range m.state.records {
		if r.Mailbox == mailbox && r.UIDValidity == uidValidity && r.UID >= from && r.UID <= to {
			actions[r.UID] = r.Action
		}
	}
	return actions, nil
}

func (m *memory) SaveHealth(context.Context, inbox.Health) error { return nil }

func (m *memory) Records(_ context.Context, actions []Action, after int64, limit int) ([]Record, error) {
	var found []Record
	for _, r := range m.state.records {
		if r.ID > after && slices.Contains(actions, r.Action) && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, nil
}

type memoryTx struct{ *memory }

func (m memoryTx) write(what string) error {
	if m.fail != nil {
		return m.fail(what)
	}
	return nil
}

func (m memoryTx) Savepoint(_ context.Context, f func(Tx) error) error {
	before := m.state.clone()
	err := f(m)
	if err != nil {
		m.state = before
	}
	return err
}

func (m memoryTx) SetCursor(_ context.Context, mailbox string, c inbox.Cursor) error {
	m.state.cursors[mailbox] = c
	return m.write("SetCursor")
}

func missing(what any) error { return workflow.Errorf(workflow.NotFound, "there is no %v", what) }

func (m memoryTx) Person(_ context.Context, id int64) (workflow.Person, error) {
	m.reads["Person"]++
	for _, p := range m.state.people {
		if p.ID == id {
			return p, nil
		}
	}
	return workflow.Person{}, missing(id)
}

func (m memoryTx) PersonByAddress(_ context.Context, address string) (workflow.Person, error) {
	m.reads["PersonByAddress"]++
	for _, p := range m.state.people {
		if p.HasAddress(address) {
			return p, nil
		}
	}
	return workflow.Person{}, missing(address)
}

func (m memoryTx) Piece(_ context.Context, id int64) (workflow.Piece, error) {
	m.reads["Piece"]++
	if p, ok := m.state.pieces[id]; ok {
		return p, nil
	}
	return workflow.Piece{}, missing(id)
}

func (m memoryTx) PieceByCode(_ context.Context, code string) (workflow.Piece, error) {
	m.reads["PieceByCode"]++
	for _, p := range m.state.pieces {
		if p.Code == code {
			return p, nil
		}
	}
	return workflow.Piece{}, missing(code)
}

func (m memoryTx) OpenPieces(_ context.Context, personID int64, limit int) ([]workflow.Piece, error) {
	m.reads["OpenPieces"]++
	var found []workflow.Piece
	for _, id := range slices.Sorted(maps.Keys(m.state.pieces)) {
		p := m.state.pieces[id]
		step, open := p.OpenStep()
		if open && (step.OwnerID == personID || p.AuthorID == personID) && len(found) < limit {
			found = append(found, p)
		}
	}
	return found, nil
}

func (m memoryTx) RecordAt(_ context.Context, mailbox string, uidValidity, uid uint32) (Record, error) {
	for _, r := range m.state.records {
		if r.Mailbox == mailbox && r.UIDValidity == uidValidity && r.UID == uid {
			return r, nil
		}
	}
	return Record{}, missing(uid)
}

func (m memoryTx) Recorded(_ context.Context, messageID, contentHash string) (Record, error) {
	m.reads["Recorded"]++
	for _, r := range m.state.records {
		if r.Action != Duplicate && r.ContentHash == contentHash && (messageID == "" || r.MessageID == messageID) {
			return r, nil
		}
	}
	return Record{}, missing(messageID)
}

func (m memoryTx) RecordsByMessageID(_ context.Context, ids []string) ([]Record, error) {
	m.reads["RecordsByMessageID"]++
	var found []Record
	for _, r := range slices.Backward(m.state.records) {
		if r.MessageID != "" && slices.Contains(ids, r.MessageID) {
			found = append(found, r)
		}
	}
	return found, nil
}

func (m memoryTx) Notice(_ context.Context, id int64) (outbox.Notice, error) {
	for _, n := range m.state.notices {
		if n.ID == id {
			return n, nil
		}
	}
	return outbox.Notice{}, missing(id)
}

func (m memoryTx) Notices(_ context.Context, pieceID, after int64, limit int) (all []outbox.Notice, _ error) {
	for _, n := range m.state.notices {
		if n.PieceID == pieceID && n.ID > after && len(all) < limit {
			all = append(all, n)
		}
	}
	return all, nil
}

func (m memoryTx) NoticeByMessageID(_ context.Context, id string) (outbox.Notice, error) {
	for _, n := range m.state.notices {
		if n.MessageID == id {
			return n, nil
		}
	}
	return outbox.Notice{}, missing(id)
}

func (m memoryTx) Replies(_ context.Context, since time.Time, address, template string) (ReplyCounts, error) {
	m.reads["Replies"]++
	var n ReplyCounts
	for _, x := range m.state.notices {
		if !x.AutoReply || x.CreatedAt.Before(since) {
			continue
		}
		n.Total++
		if x.ToAddress == address {
			n.Address++
		}
		if x.Template == template {
			n.Template++
		}
	}
	return n, nil
}

func (m memoryTx) RepliesTo(_ context.Context, since time.Time, address string) (map[string]int, error) {
	by := map[string]int{}
	for _, x := range m.state.notices {
		if x.AutoReply && !x.CreatedAt.Before(since) && x.ToAddress == address {
			by[x.Template]++
		}
	}
	return by, nil
}

func (m memoryTx) Relayed(_ context.Context, since time.Time, pieceID int64, limit int) (int, error) {
	n := 0
	for _, x := range m.state.notices {
		if (x.Template == "note" || x.Template == "new_version") && x.PieceID == pieceID && !x.CreatedAt.Before(since) {
			n++
		}
	}
	return min(n, limit), nil
}

func (m memoryTx) HeldFrom(_ context.Context, since time.Time, key string) (int, error) {
	n := 0
	for _, r := range m.state.records {
		if r.Action == Hold && SenderKey(r.FromAddress) == key && !r.RecordedAt.Before(since) {
			n++
		}
	}
	return n, nil
}

func (m memoryTx) AddRecord(_ context.Context, r *Record) error {
	for _, have := range m.state.records {
		sameUID := have.Mailbox == r.Mailbox && have.UIDValidity == r.UIDValidity && have.UID == r.UID
		sameMail := r.Action != Duplicate && have.Action != Duplicate && have.MessageID == r.MessageID && have.ContentHash == r.ContentHash
		if sameUID || sameMail {
			return workflow.Errorf(workflow.Conflict, "recorded before as %d", have.ID)
		}
	}
	r.ID = int64(len(m.state.records) + 1)
	m.state.records = append(m.state.records, *r)
	return m.write("AddRecord")
}

func (m memoryTx) UpdateRecord(_ context.Context, r Record) error {
	m.state.records[r.ID-1] = r
	return m.write("UpdateRecord")
}

func (m memoryTx) AddEntry(_ context.Context, e *Entry) error {
	e.ID, e.Version = int64(len(m.state.entries)+1), 0
	if e.Kind == Submission {
		e.Version = 1
		for _, have := range m.state.entries {
			if have.PieceID == e.PieceID && have.Kind == Submission {
				e.Version++
			}
		}
	}
	m.state.entries = append(m.state.entries, *e)
	return m.write("AddEntry")
}

func (m memoryTx) SavePiece(_ context.Context, c workflow.Change) error {
	m.state.pieces[c.Piece.ID] = c.Piece
	m.state.events = append(m.state.events, c.Events...)
	return m.write("SavePiece")
}

func (m memoryTx) AddEvents(_ context.Context, events []workflow.Event) error {
	m.state.events = append(m.state.events, events...)
	return m.write("AddEvents")
}

func (m memoryTx) Enqueue(_ context.Context, notices []outbox.Notice) (int, error) {
	added := 0
	for _, n := range notices {
		if slices.ContainsFunc(m.state.notices, func(have outbox.Notice) bool { return have.Key == n.Key }) {
			continue
		}
		n.ID = int64(len(m.state.notices) + 1)
		m.state.notices = append(m.state.notices, n)
		added++
	}
	return added, m.write("Enqueue")
}

func (m memoryTx) AddBounce(_ context.Context, b outbox.Bounce, _ outbox.BounceRules) (bool, error) {
	marked := b.Verdict() == outbox.Gone && !slices.ContainsFunc(m.state.bounces, func(o outbox.Bounce) bool {
		return o.Address == b.Address && o.Verdict() == outbox.Gone
	})
	m.state.bounces = append(m.state.bounces, b)
	return marked, m.write("AddBounce")
}

func (m memoryTx) SaveBreaker(_ context.Context, b Breaker) error {
	m.state.breaker = b
	return m.write("SaveBreaker")
}

func (m memoryTx) Breaker(context.Context) (Breaker, error) {
	m.reads["Breaker"]++
	return m.state.breaker, nil
}

func (m memoryTx) Answered(_ context.Context, since time.Time, limit int) (int, error) {
	m.reads["Answered"]++
	n := 0
	for _, have := range m.state.notices {
		if have.AutoReply && !have.CreatedAt.Before(since) {
			n++
		}
	}
	return min(n, limit), nil
}

func (m memoryTx) ClearBounce(_ context.Context, address string) error {
	m.state.cleared = append(m.state.cleared, address)
	return m.write("ClearBounce")
}

// told are the notices queued, as "template to address".
func (t tables) told() []string {
	var all []string
	for _, n := range t.notices {
		all = append(all, fmt.Sprintf("%s to %s", n.Template, n.ToAddress))
	}
	return all
}

func (m memoryTx) Colleagues(context.Context) ([]workflow.Person, error) {
	m.reads["Colleagues"]++
	var found []workflow.Person
	for _, p := range m.state.people {
		if p.Class == workflow.Internal && p.LeftAt.IsZero() {
			found = append(found, p)
		}
	}
	return found, nil
}

func (m memoryTx) Versions(_ context.Context, pieceID int64) (int, error) {
	m.reads["Versions"]++
	last := 0
	for _, e := range m.state.entries {
		if e.PieceID == pieceID {
			last = max(last, e.Version)
		}
	}
	return last, nil
}

func (m memoryTx) Submission(_ context.Context, pieceID int64, version int) (Entry, error) {
	m.reads["Submission"]++
	for _, e := range m.state.entries {
		if e.PieceID == pieceID && e.Version == version && version > 0 {
			return e, nil
		}
	}
	return Entry{}, workflow.Errorf(workflow.NotFound, "piece %d has no version %d", pieceID, version)
}

func (m memoryTx) Entries(_ context.Context, pieceID int64) (all []Entry, err error) {
	m.reads["Entries"]++
	for _, e := range m.state.entries {
		if e.PieceID == pieceID {
			all = append(all, e)
		}
	}
	return all, nil
}

func (m memoryTx) Record(_ context.Context, id int64) (Record, error) {
	m.reads["Record"]++
	for _, r := range m.state.records {
		if r.ID == id {
			return r, nil
		}
	}
	return Record{}, workflow.Errorf(workflow.NotFound, "there is no mail %d", id)
}

func (m memoryTx) Bypasses(_ context.Context, personID int64, since time.Time) (int, error) {
	m.reads["Bypasses"]++
	n := 0
	for _, r := range m.state.records {
		if r.PersonID == personID && !r.Backfill && (r.Action == Ignore || r.Action == Redirect) && !r.RecordedAt.Before(since) {
			n++
		}
	}
	return n, nil
}

func (m memoryTx) Pitches(_ context.Context, authorID int64, since time.Time) (int, error) {
	m.reads["Pitches"]++
	n := 0
	for _, p := range m.state.pieces {
		if p.AuthorID == authorID && p.Topic != "" && !p.Closed() && !p.CreatedAt.Before(since) {
			n++
		}
	}
	return n, nil
}

func (m memoryTx) AddPiece(_ context.Context, p *workflow.Piece, events []workflow.Event) error {
	if err := m.write("AddPiece"); err != nil {
		return err
	}
	p.ID = 1
	for id := range m.state.pieces {
		p.ID = max(p.ID, id+1)
	}
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		p.Steps[i].ID, p.Steps[i].PieceID = p.ID*64+int64(i), p.ID
	}
	m.state.pieces[p.ID] = *p
	for _, e := range events {
		e.PieceID = p.ID
		m.state.events = append(m.state.events, e)
	}
	return nil
}

func (m memoryTx) SavePerson(_ context.Context, p *workflow.Person) error {
	for i := range m.state.people {
		if m.state.people[i].ID == p.ID {
			m.state.people[i] = *p
		}
	}
	return m.write("SavePerson")
}

func (m memoryTx) Count(context.Context, string) (int64, error) {
	m.state.counter++
	return m.state.counter, m.write("Count")
}
