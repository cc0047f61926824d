package workflow

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"
)

// Report tells how a team's starts, handoffs and finishes go. Its JSON is for machines and stays as it is; every list is
// there, empty or not, in a fixed order. docs/reports.md says what each number means.
type Report struct {
	At         time.Time        `json:"at"`              // what "now" is in it
	Since      time.Time        `json:"since,omitzero"`  // zero: from the beginning
	Until      time.Time        `json:"until,omitzero"`  // exclusive; zero: no end
	TimeZone   string           `json:"time_zone"`       // of the months
	Person     string           `json:"person,omitzero"` // the only one it is about, "" everybody
	Pieces     int              `json:"pieces"`          // that it is made from
	Demo       int              `json:"demo_pieces"`     // left out
	Interfaces []Interface      `json:"interfaces"`      // all, in the order of a piece's way
	Slips      []Slip           `json:"slips"`           // of the stages that had something due
	OnTime     []OnTime         `json:"on_time"`         // by month, then role
	Mails      MailReport       `json:"mails"`
	Risks      []Risk           `json:"risks"`       // now, the worst first, at most MaxRisks
	RiskCounts map[Severity]int `json:"risk_counts"` // all there are
}

// MaxRisks is how many risks a report names.
const MaxRisks = 200

// Part is where on its way a piece waits.
type Part string

const (
	Starts   Part = "start"
	Handoffs Part = "handoff"
	Finishes Part = "finish"
)

// Interface is one point at which a piece waits for somebody, and how long it does.
type Interface struct {
	Name         string `json:"interface"` // stable, e.g. "review_accepted"
	Part         Part   `json:"part"`
	Stage        Stage  `json:"stage,omitempty"` // of a handoff
	Label        string `json:"label"`
	Count        int    `json:"count"` // waits that ended in the period
	Median       int64  `json:"median_seconds"`
	P90          int64  `json:"p90_seconds"` // nine of ten waited no longer
	Longest      int64  `json:"longest_seconds"`
	LongestPiece string `json:"longest_piece,omitempty"` // its code
	Waiting      int    `json:"waiting"`                 // waits that go on now
}

// Slip tells how often the deadlines of a stage were missed. Due counts the steps whose verdict fell in the period: when they
// were done in time, or else when the deadline passed.
type Slip struct {
	Stage      Stage `json:"stage"`
	Due        int   `json:"due"`
	Late       int   `json:"late"`
	OpenedLate int   `json:"opened_late"` // of the late: the step before was so late that this one opened after its deadline
	Open       int   `json:"still_open"`  // of the late
	Acted      Acted `json:"acted"`
}

// Acted counts who did something first after a deadline had passed, until the step was done.
type Acted struct {
	Owner  int `json:"owner"`
	Editor int `json:"editor"`
	Lead   int `json:"distribution_lead"`
	Author int `json:"author"` // of the piece, whose step it was not
	Other  int `json:"other"`
	Nobody int `json:"nobody"`
}

// OnTime is how many of the steps of a role were done in time. What opened after its deadline is not counted.
type OnTime struct {
	Month  string  `json:"month"` // "2026-03"
	Role   Role    `json:"role"`
	Due    int     `json:"due"`
	OnTime int     `json:"on_time"`
	Rate   float64 `json:"rate"` // 0 to 1
}

// MailReport is what the mails of the period came to.
type MailReport struct {
	MinutesPerSubmission int         `json:"minutes_per_submission"` // estimates: what entering one by hand takes an editor
	MinutesPerComment    int         `json:"minutes_per_comment"`
	MinutesSaved         int         `json:"minutes_saved"`
	People               []MailCount `json:"people"` // who saved most first
}

// MailCount is one person's mails.
type MailCount struct {
	PersonID     int64  `json:"person_id,omitempty"` // 0: all senders that nobody knows
	Name         string `json:"name"`
	Class        Class  `json:"class,omitempty"`
	Submissions  int    `json:"submissions"` // filed on a piece
	Comments     int    `json:"comments"`    // filed on a piece
	Redirected   int    `json:"redirected"`
	Held         int    `json:"held"` // and waits still
	MinutesSaved int    `json:"minutes_saved"`
}

// Fate is what became of a mail, as far as a report counts it.
type Fate string

const (
	FiledSubmission Fate = "submission"
	FiledComment    Fate = "comment"
	Redirected      Fate = "redirect"
	Held            Fate = "hold"
)

// What entering a mail by hand is estimated to take an editor: opening it, finding the piece, saving the files, telling the next.
const (
	MinutesPerSubmission = 12
	MinutesPerComment    = 3
)

// ReportOptions say what a report is about.
type ReportOptions struct {
	Now                  time.Time
	Since, Until         time.Time      // from Since, before Until; zero: no bound
	Zone                 *time.Location // the team's; nil is UTC
	PersonID             int64          // 0: everybody; else see docs/reports.md
	MinutesPerSubmission int
	MinutesPerComment    int
	Rules                ReminderRules // after how many days something is a risk
}

// Validate says what is wrong with the options, or nil.
func (o ReportOptions) Validate() error {
	switch {
	case !o.Since.IsZero() && !o.Until.IsZero() && !o.Until.After(o.Since):
		return Errorf(Invalid, "the period ends before it begins: since %s, until %s", dateIn(o.Since, o.Zone), dateIn(o.Until, o.Zone))
	case !o.Since.IsZero() && o.Since.After(o.Now):
		return Errorf(Invalid, "the period begins on %s, which is still to come", dateIn(o.Since, o.Zone))
	case o.MinutesPerSubmission < 0 || o.MinutesPerComment < 0 || o.MinutesPerSubmission > 24*60 || o.MinutesPerComment > 24*60:
		return Errorf(Invalid, "entering a mail by hand takes 0 to %d minutes", 24*60)
	}
	return nil
}

// Tally makes a report from pieces, one by one; what it holds does not grow with their number. People come first.
type Tally struct {
	o         ReportOptions
	zone      *time.Location
	people    map[int64]Person
	pieces    int
	demo      int
	waits     []wait // as interfaces
	slips     map[Stage]*Slip
	onTime    map[roleMonth]*OnTime
	mails     map[int64]*MailCount
	risks     []Risk
	severe    map[Severity]int
	atWork    map[int64]bool // who has an open step
	bouncings []bouncing
}

type roleMonth struct {
	month string
	role  Role
}

// NewReport begins one.
func NewReport(o ReportOptions) *Tally {
	zone := o.Zone
	if zone == nil {
		zone = time.UTC
	}
	return &Tally{
		o: o, zone: zone, people: map[int64]Person{}, waits: newWaits(), slips: map[Stage]*Slip{}, onTime: map[roleMonth]*OnTime{},
		mails: map[int64]*MailCount{}, severe: map[Severity]int{}, atWork: map[int64]bool{},
	}
}

// AddPerson makes somebody known, who is named in the report and may be away.
func (t *Tally) AddPerson(p Person) { t.people[p.ID] = p }

// AddPiece counts a piece; events are its whole history, oldest first. Demo pieces are left out.
func (t *Tally) AddPiece(p Piece, events []Event) {
	if p.Demo {
		t.demo++
		return
	}
	t.pieces++
	h := historyOf(p, events)
	t.addWaits(h)
	t.addSlips(h)
	t.addRisks(p)
}

// AddMails counts n mails of the period by one person; 0 is anybody who is not known.
func (t *Tally) AddMails(personID int64, what Fate, n int) {
	if n <= 0 || t.o.PersonID != 0 && t.o.PersonID != personID {
		return
	}
	m := t.mails[personID]
	if m == nil {
		m = &MailCount{PersonID: personID}
		t.mails[personID] = m
	}
	switch what {
	case FiledSubmission:
		m.Submissions += n
	case FiledComment:
		m.Comments += n
	case Redirected:
		m.Redirected += n
	case Held:
		m.Held += n
	}
}

// Report is what was counted so far.
func (t *Tally) Report() Report {
	r := Report{
		At: t.o.Now.In(t.zone), Since: inZone(t.o.Since, t.zone), Until: inZone(t.o.Until, t.zone), TimeZone: t.zone.String(),
		Pieces: t.pieces, Demo: t.demo, Interfaces: []Interface{}, Slips: []Slip{}, OnTime: []OnTime{}, Mails: t.mailReport(),
	}
	if t.o.PersonID != 0 {
		r.Person = t.name(t.o.PersonID)
	}
	for _, w := range t.waits {
		r.Interfaces = append(r.Interfaces, w.sum())
	}
	for _, stage := range Stages() {
		if s := t.slips[stage]; s != nil {
			r.Slips = append(r.Slips, *s)
		}
	}
	for _, o := range t.onTime {
		row := *o
		row.Rate = float64(row.OnTime) / float64(row.Due)
		r.OnTime = append(r.OnTime, row)
	}
	slices.SortFunc(r.OnTime, func(a, b OnTime) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), cmp.Compare(slices.Index(Roles(), a.Role), slices.Index(Roles(), b.Role)))
	})
	r.Risks, r.RiskCounts = t.riskReport()
	return r
}

func (t *Tally) mailReport() MailReport {
	r := MailReport{MinutesPerSubmission: t.o.MinutesPerSubmission, MinutesPerComment: t.o.MinutesPerComment, People: []MailCount{}}
	for id, m := range t.mails {
		row := *m
		row.Name, row.Class = t.name(id), t.people[id].Class
		if id == 0 {
			row.Name = "unknown senders"
		}
		if row.Class == Outside {
			row.MinutesSaved = row.Submissions*r.MinutesPerSubmission + row.Comments*r.MinutesPerComment
		}
		r.MinutesSaved += row.MinutesSaved
		r.People = append(r.People, row)
	}
	slices.SortFunc(r.People, func(a, b MailCount) int {
		return cmp.Or(cmp.Compare(b.MinutesSaved, a.MinutesSaved), strings.Compare(a.Name, b.Name), cmp.Compare(a.PersonID, b.PersonID))
	})
	return r
}

// WriteJSON writes the report as one indented document.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Nothing tells whether there was nothing to count.
func (r Report) Nothing() bool { return r.Pieces == 0 && len(r.Mails.People) == 0 && len(r.Risks) == 0 }

// within tells whether a moment lies in the period.
func (t *Tally) within(at time.Time) bool {
	return !at.Before(t.o.Since) && (t.o.Until.IsZero() || at.Before(t.o.Until))
}

// about tells whether the report is about one of those people.
func (t *Tally) about(ids ...int64) bool {
	return t.o.PersonID == 0 || slices.Contains(ids, t.o.PersonID)
}

func (t *Tally) name(id int64) string { return t.people[id].Name }

func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}
