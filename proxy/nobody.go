package proxy

import (
	"context"
	"time"

	"handoff/outbox"
	"handoff/workflow"
)

// Lookups is what deciding reads.
type Lookups interface {
	Directory
	Archive
}

// Nobody is Lookups that know no person, no piece and no mail: deciding then rests on the mail alone.
type Nobody struct{}

var errNobody = workflow.Errorf(workflow.NotFound, "no database is used")

func (Nobody) Person(context.Context, int64) (workflow.Person, error) {
	return workflow.Person{}, errNobody
}

func (Nobody) PersonByAddress(context.Context, string) (workflow.Person, error) {
	return workflow.Person{}, errNobody
}

func (Nobody) Piece(context.Context, int64) (workflow.Piece, error) {
	return workflow.Piece{}, errNobody
}

func (Nobody) PieceByCode(context.Context, string) (workflow.Piece, error) {
	return workflow.Piece{}, errNobody
}

func (Nobody) OpenPieces(context.Context, int64, int) ([]workflow.Piece, error) { return nil, nil }

func (Nobody) Colleagues(context.Context) ([]workflow.Person, error) { return nil, nil }

func (Nobody) Recorded(context.Context, string, string) (Record, error) { return Record{}, errNobody }

func (Nobody) RecordsByMessageID(context.Context, []string) ([]Record, error) { return nil, nil }

func (Nobody) Notice(context.Context, int64) (outbox.Notice, error) {
	return outbox.Notice{}, errNobody
}

func (Nobody) NoticeByMessageID(context.Context, string) (outbox.Notice, error) {
	return outbox.Notice{}, errNobody
}

func (Nobody) RepliesTo(context.Context, time.Time, string) (map[string]int, error) { return nil, nil }

func (Nobody) Relayed(context.Context, time.Time, int64, int) (int, error) { return 0, nil }

func (Nobody) Versions(context.Context, int64) (int, error) { return 0, nil }

func (Nobody) Pitches(context.Context, int64, time.Time) (int, error) { return 0, nil }

func (Nobody) Submission(context.Context, int64, int) (Entry, error) { return Entry{}, errNobody }

func (Nobody) Entries(context.Context, int64) ([]Entry, error) { return nil, nil }

func (Nobody) Record(context.Context, int64) (Record, error) { return Record{}, errNobody }

func (Nobody) Bypasses(context.Context, int64, time.Time) (int, error) { return 0, nil }

func (Nobody) Breaker(context.Context) (Breaker, error) { return Breaker{}, nil }

func (Nobody) Answered(context.Context, time.Time, int) (int, error) { return 0, nil }

func (Nobody) HeldFrom(context.Context, time.Time, string) (int, error) { return 0, nil }

func (Nobody) Replies(context.Context, time.Time, string, string) (ReplyCounts, error) {
	return ReplyCounts{}, nil
}
