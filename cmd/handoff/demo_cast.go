package main

import (
	"strings"
	"time"

	"handoff/internal/mailtest"
	"handoff/workflow"
)

// The demo's agency: its domain, the mailbox that Handoff watches, and the password of every account.
const (
	demoTeam     = "Agency Example"
	demoDomain   = "agency.example"
	demoMailbox  = "drafts@" + demoDomain
	demoReplyTo  = "drafts+{token}@" + demoDomain
	demoUser     = "drafts"
	demoWatched  = "drafts" // what the configuration calls the mailbox
	demoPassword = "demo"
)

// player is one of the demo's people: a person the team knows, or somebody who merely writes.
type player struct {
	user      string // login of the embedded mailbox; "" has none, mail to the first address then bounces
	name      string
	short     string         // what the story calls a machine
	class     workflow.Class // "" is unknown to the team
	roles     []workflow.Role
	addresses []string // the first is where notices go
	mailboxOf []string // the addresses that the embedded mailbox takes; nil: all of them
	about     string   // one line for the terminal
}

// mailbox are the addresses whose mail the player reads.
func (p player) mailbox() []string {
	if p.mailboxOf != nil {
		return p.mailboxOf
	}
	return p.addresses
}

// address is where the player writes from unless a mail says otherwise.
func (p player) address() string { return p.addresses[0] }

// firstName is what the story calls the player.
func (p player) firstName() string {
	if p.short != "" {
		return p.short
	}
	return strings.Fields(p.name)[0]
}

// raviElsewhere is an address of Ravi's that nobody registered.
const raviElsewhere = "rmenon@university.example"

// The people whom mails of the story name.
var (
	nora = player{user: "nora", name: "Nora Lindqvist", class: workflow.Internal,
		roles: []workflow.Role{workflow.Editor, workflow.Admin}, addresses: []string{"nora@" + demoDomain}, about: "editor"}
	tomas = player{user: "tomas", name: "Tomás Ferreira", class: workflow.Internal,
		roles: []workflow.Role{workflow.Editor}, addresses: []string{"tomas@" + demoDomain}, about: "editor"}
	priya = player{user: "priya", name: "Priya Raman", class: workflow.Internal,
		roles: []workflow.Role{workflow.CopyEditor}, addresses: []string{"priya@" + demoDomain}, about: "copy editor"}
	jonas = player{user: "jonas", name: "Jonas Weber", class: workflow.Internal,
		roles: []workflow.Role{workflow.Designer}, addresses: []string{"jonas@" + demoDomain}, about: "designer"}
	amara = player{user: "amara", name: "Amara Okafor", class: workflow.Internal,
		roles: []workflow.Role{workflow.DistributionLead}, addresses: []string{"amara@" + demoDomain}, about: "distribution lead"}

	lena = player{user: "lena", name: "Lena Brandt", class: workflow.Outside, roles: []workflow.Role{workflow.Author},
		addresses: []string{"lena@brandt.example", "lena@mailbox.example"}, about: "writes for the team"}
	ravi = player{user: "ravi", name: "Ravi Menon", class: workflow.Outside, roles: []workflow.Role{workflow.Author},
		addresses: []string{"ravi@menon.example"}, mailboxOf: []string{"ravi@menon.example", raviElsewhere}, about: "writes for the team"}
	sofia = player{user: "sofia", name: "Sofia Rossi", class: workflow.Outside, roles: []workflow.Role{workflow.Author},
		addresses: []string{"sofia@rossi.example", "sofia.rossi@post.example"}, about: "writes for the team"}
	// kwame's first address has stopped working, which nobody told the team.
	kwame = player{user: "kwame", name: "Kwame Mensah", class: workflow.Outside, roles: []workflow.Role{workflow.Author},
		addresses: []string{"kwame@mensah.example", "kwame@studio.example"}, mailboxOf: []string{"kwame@studio.example"},
		about: "writes for the team"}

	dana    = player{user: "dana", name: "Dana Hughes", addresses: []string{"dana@freelance.example"}, about: "nobody here knows her"}
	mallory = player{user: "mallory", name: "Mallory", addresses: []string{"mallory@bulk.example"}, about: "means harm"}
	// The two machines of the story.
	listServer = player{user: "lists", name: "Climate Writers", short: "list", addresses: []string{"climate-writers@lists.example"}, about: "a mailing list"}
	deadHost   = player{user: "mensah-mx", name: "Mail Delivery Subsystem", short: "server", addresses: []string{"mailer-daemon@mensah.example"}, about: "a mail server"}
)

// demoTeamPlayers are the people the team knows: colleagues, then contributors.
func demoTeamPlayers() []player {
	return []player{nora, tomas, priya, jonas, amara, lena, ravi, sofia, kwame}
}

// demoStrangers are the others who write.
func demoStrangers() []player { return []player{dana, mallory, listServer, deadHost} }

// demoAccounts are the accounts of the embedded mail system: the watched mailbox and everybody's own.
func demoAccounts() []mailtest.Account {
	accounts := []mailtest.Account{{User: demoUser, Password: demoPassword, Addresses: []string{demoMailbox}}}
	for _, p := range append(demoTeamPlayers(), demoStrangers()...) {
		accounts = append(accounts, mailtest.Account{User: p.user, Password: demoPassword, Addresses: p.mailbox()})
	}
	return accounts
}

// demoPiece is a piece of the story before it is stored.
type demoPiece struct {
	code, title          string
	author, editor, lead player
	stage                workflow.Stage
	due                  int // days from today to the open step's deadline
}

// demoReminders is how many reminders are due on demoPieces at whatever hour: one for each draft, two for what is overdue.
const demoReminders = 7

// demoPieces are the pieces the team has in hand: five wait for a draft, the others are further on.
func demoPieces() []demoPiece {
	return []demoPiece{
		{"BLOOM-7", "Rooftop gardens that pay for themselves", lena, nora, amara, workflow.Draft, 2},
		{"SOLAR-12", "Solar co-ops: a buyer's guide", ravi, tomas, amara, workflow.Draft, 3},
		{"TIDE-3", "Tidal power after the hype", sofia, nora, amara, workflow.Draft, 2},
		{"GRID-9", "What your smart meter knows", sofia, nora, amara, workflow.Draft, 3},
		{"HEAT-4", "Heat pumps in old houses", kwame, tomas, amara, workflow.Draft, 2},
		{"WIND-2", "The neighbours of a wind farm", tomas, nora, amara, workflow.CopyEdit, -3},
		{"PEAT-5", "Gardening without peat", nora, tomas, amara, workflow.Design, 6},
		{"FROST-8", "Frost maps for growers", tomas, nora, amara, workflow.Ready, 7},
		{"MOSS-6", "Moss instead of lawn", lena, nora, amara, workflow.Published, 9},
		{"RAIN-1", "Rain barrels, rated", ravi, nora, amara, workflow.Distributed, 0},
	}
}

// piece is d as an editor would have entered it three weeks ago, by the stored people's ids (by first address).
func (d demoPiece) piece(ids map[string]int64, now time.Time) (workflow.Piece, []workflow.Event, error) {
	const hour = 17 // deadlines fall at the end of the working day
	day := func(n int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+n, hour, 0, 0, 0, time.UTC)
	}
	steps := map[workflow.Stage]workflow.StepInput{
		workflow.CopyEdit: {OwnerID: ids[priya.address()]},
		workflow.Design:   {OwnerID: ids[jonas.address()]},
	}
	due := d.due
	for _, stage := range workflow.Stages()[d.stage.Index():] {
		step := steps[stage]
		step.Deadline = day(due)
		steps[stage] = step
		// Far enough ahead that no later step is due soon the moment it opens.
		due = max(due, 3) + 4
	}
	p, events, err := workflow.NewPiece(workflow.PieceInput{
		Code: d.code, Title: d.title, Stage: d.stage, Finished: d.stage == workflow.Distributed,
		AuthorID: ids[d.author.address()], EditorID: ids[d.editor.address()], LeadID: ids[d.lead.address()],
		Deadline: day(due), Steps: steps,
	}, workflow.Cause{ActorID: ids[d.editor.address()], At: day(-21)})
	for i := range p.Steps { // its owner said yes long ago
		p.Steps[i].AcceptedAt = p.Steps[i].OfferedAt
	}
	return p, events, err
}
