package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"handoff/outbox"
)

// Person and Piece are the parts of the team that mails are made from.
type Person struct {
	ID      int64
	Name    string
	Address string
}

// Piece is one piece of the team; Author indexes Team.People.
type Piece struct {
	ID     int64
	Code   string
	Title  string
	Author int
}

// Team is the cast of a benchmark: contributors first, each with pieces that wait for their draft.
type Team struct {
	Address    string // of the watched mailbox
	AuthservID string
	People     []Person
	Pieces     []Piece
	Identity   Signer
	identity   *outbox.Identity // the same, once the keys are known
}

// Signer makes what marks a mail as an answer to ours; *outbox.Identity is one.
type Signer interface {
	ReplyAddress(r outbox.Ref) string
	ThreadID(r outbox.Ref) string
	MessageID(r outbox.Ref, key string) string
}

// The team's fixed names. Every address is below example, which never resolves.
const (
	teamDomain   = "agency.example"
	teamAddress  = "drafts@" + teamDomain
	replyAddress = "drafts+{token}@" + teamDomain
	authservID   = "mx." + teamDomain
)

// staff are the internal people, by what they do.
var staff = []struct{ name, address, roles string }{
	{"Edna Editor", "edna@" + teamDomain, "editor"},
	{"Ned Editor", "ned@" + teamDomain, "editor"},
	{"Cora Copy", "cora@" + teamDomain, "copy_editor"},
	{"Dora Design", "dora@" + teamDomain, "designer"},
	{"Lea Lead", "lea@" + teamDomain, "distribution_lead"},
}

// newTeam names contributors and pieces; their IDs and the signing keys come from the store. Each of the first solo pieces has
// an author with no other; the rest are dealt out to the contributors.
func newTeam(contributors, solo, pieces int) *Team {
	t := &Team{Address: teamAddress, AuthservID: authservID}
	for i := range contributors + solo {
		t.People = append(t.People, Person{Name: fmt.Sprintf("Contributor %03d", i), Address: fmt.Sprintf("writer%03d@authors%d.example", i, i%7)})
	}
	for i := range pieces {
		author := contributors + i
		if i >= solo {
			author = i % contributors
		}
		title := sentence(rand.New(rand.NewPCG(uint64(pieces), uint64(i))), 4)
		t.Pieces = append(t.Pieces, Piece{Code: fmt.Sprintf("BENCH-%d", i+1), Title: title, Author: author})
	}
	return t
}

// peopleCSV and piecesCSV are the team in the form that `handoff import` reads.
func (t *Team) peopleCSV() string {
	var b strings.Builder
	b.WriteString("email,name,class,roles,locale,timezone\n")
	for _, s := range staff {
		fmt.Fprintf(&b, "%s,%s,internal,%s,en,UTC\n", s.address, s.name, s.roles)
	}
	for _, p := range t.People {
		fmt.Fprintf(&b, "%s,%s,outside,author,en,UTC\n", p.Address, p.Name)
	}
	return b.String()
}

func (t *Team) ref(p Piece, author Person) outbox.Ref {
	return outbox.Ref{PieceID: p.ID, PersonID: author.ID}
}

// ReplyAddress is the signed address for a piece and a person.
func (t *Team) ReplyAddress(p Piece, author Person) string {
	return t.Identity.ReplyAddress(t.ref(p, author))
}

// ThreadIDs are the thread id and the Message-ID of a notice about a piece to a person.
func (t *Team) ThreadIDs(p Piece, author Person) (thread, notice string) {
	ref := t.ref(p, author)
	return t.Identity.ThreadID(ref), t.Identity.MessageID(ref, "due_soon:"+p.Code)
}

// draftDeadline is far enough away that no reminder falls due during a run.
func draftDeadline(now time.Time) time.Time { return now.AddDate(0, 0, 30) }

func (t *Team) piecesCSV(now time.Time) string {
	var b strings.Builder
	deadline := draftDeadline(now).Format(time.DateOnly)
	b.WriteString("code,title,author,editor,distribution_lead,stage,step_deadlines,overall_deadline\n")
	for _, p := range t.Pieces {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,draft,draft=%s,%s\n", p.Code, p.Title, t.People[p.Author].Address, staff[0].address, staff[4].address, deadline, deadline)
	}
	return b.String()
}
