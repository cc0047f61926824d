package proxy

import (
	"context"

	"handoff/workflow"
)

// session remembers the people and pieces that a batch looked up, so that no mail asks for one twice. It is bound to one
// transaction; what a savepoint changed is forgotten when that is undone.
type session struct {
	Tx
	people  map[int64]workflow.Person
	address map[string]int64 // 0: nobody
	pieces  map[int64]workflow.Piece
	codes   map[string]int64 // 0: none
	open    map[int64][]int64

	compared *comparisons // nil: nothing is
}

func newSession(tx Tx) *session {
	s := &session{Tx: tx}
	s.forget()
	return s
}

// forget drops all that is remembered.
func (s *session) forget() {
	s.people, s.address = map[int64]workflow.Person{}, map[string]int64{}
	s.pieces, s.codes, s.open = map[int64]workflow.Piece{}, map[string]int64{}, map[int64][]int64{}
}

// on is the session seen from a savepoint of its transaction; the memory is shared.
func (s *session) on(tx Tx) *session {
	inner := *s
	inner.Tx = tx
	return &inner
}

func (s *session) Person(ctx context.Context, id int64) (workflow.Person, error) {
	if p, ok := s.people[id]; ok {
		return p, nil
	}
	p, err := s.Tx.Person(ctx, id)
	if err == nil {
		s.people[id] = p
	}
	return p, err
}

func (s *session) PersonByAddress(ctx context.Context, address string) (workflow.Person, error) {
	if id, ok := s.address[address]; ok {
		if id == 0 {
			return workflow.Person{}, workflow.Errorf(workflow.NotFound, "nobody has the address %s", address)
		}
		return s.people[id], nil
	}
	p, err := s.Tx.PersonByAddress(ctx, address)
	switch {
	case err == nil:
		s.people[p.ID], s.address[address] = p, p.ID
	case workflow.CodeOf(err) == workflow.NotFound:
		s.address[address] = 0
	}
	return p, err
}

func (s *session) Piece(ctx context.Context, id int64) (workflow.Piece, error) {
	if p, ok := s.pieces[id]; ok {
		return p, nil
	}
	p, err := s.Tx.Piece(ctx, id)
	if err == nil {
		s.keep(p)
	}
	return p, err
}

func (s *session) PieceByCode(ctx context.Context, code string) (workflow.Piece, error) {
	if id, ok := s.codes[code]; ok {
		if id == 0 {
			return workflow.Piece{}, workflow.Errorf(workflow.NotFound, "no piece has the code %s", code)
		}
		return s.pieces[id], nil
	}
	p, err := s.Tx.PieceByCode(ctx, code)
	switch {
	case err == nil:
		s.keep(p)
	case workflow.CodeOf(err) == workflow.NotFound:
		s.codes[code] = 0
	}
	return p, err
}

func (s *session) OpenPieces(ctx context.Context, personID int64, limit int) ([]workflow.Piece, error) {
	if ids, ok := s.open[personID]; ok && limit == maxOpen+1 {
		pieces := make([]workflow.Piece, len(ids))
		for i, id := range ids {
			pieces[i] = s.pieces[id]
		}
		return pieces, nil
	}
	pieces, err := s.Tx.OpenPieces(ctx, personID, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(pieces))
	for i, p := range pieces {
		s.keep(p)
		ids[i] = p.ID
	}
	if limit == maxOpen+1 {
		s.open[personID] = ids
	}
	return pieces, nil
}

// SavePiece passes the change on; who has which step open is asked anew.
func (s *session) SavePiece(ctx context.Context, c workflow.Change) error {
	if err := s.Tx.SavePiece(ctx, c); err != nil {
		return err
	}
	s.keep(c.Piece)
	clear(s.open)
	return nil
}

// SavePerson passes the person on; who has an address is asked anew.
func (s *session) SavePerson(ctx context.Context, p *workflow.Person) error {
	if err := s.Tx.SavePerson(ctx, p); err != nil {
		return err
	}
	s.people[p.ID] = *p
	clear(s.address)
	return nil
}

// AddPiece passes the piece on; who has which step open, and which codes there are, is asked anew.
func (s *session) AddPiece(ctx context.Context, p *workflow.Piece, events []workflow.Event) error {
	if err := s.Tx.AddPiece(ctx, p, events); err != nil {
		return err
	}
	clear(s.codes)
	clear(s.open)
	s.keep(*p)
	return nil
}

func (s *session) keep(p workflow.Piece) {
	s.pieces[p.ID], s.codes[p.Code] = p, p.ID
}
