package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Severity is how bad a risk is.
type Severity string

const (
	High   Severity = "high"
	Medium Severity = "medium"
	Low    Severity = "low"
)

func (s Severity) rank() int { return slices.Index([]Severity{High, Medium, Low}, s) }

// RiskKind names what may go wrong.
type RiskKind string

const (
	RiskLate        RiskKind = "late"
	RiskNoTime      RiskKind = "no_time" // it opened on the last day that the overall deadline leaves it
	RiskUnaccepted  RiskKind = "not_accepted"
	RiskUndecided   RiskKind = "not_decided" // a proposal, or more time
	RiskUncleared   RiskKind = "not_cleared" // approved, and the author may not begin
	RiskSilent      RiskKind = "silent"      // cleared, and nothing was heard
	RiskNoLead      RiskKind = "no_lead"
	RiskLeadSilent  RiskKind = "lead_not_confirmed"
	RiskNotVerified RiskKind = "not_verified"
	RiskAway        RiskKind = "away"
	RiskBouncing    RiskKind = "bouncing"
)

// RiskKinds lists all kinds.
func RiskKinds() []RiskKind {
	return []RiskKind{RiskLate, RiskNoTime, RiskUnaccepted, RiskUndecided, RiskUncleared, RiskSilent, RiskNoLead, RiskLeadSilent, RiskNotVerified, RiskAway, RiskBouncing}
}

// Risk is something that is open now and may end badly.
type Risk struct {
	Kind     RiskKind  `json:"kind"`
	Severity Severity  `json:"severity"`
	Piece    string    `json:"piece,omitempty"` // its code
	Stage    Stage     `json:"stage,omitempty"` // the open step's
	With     string    `json:"with,omitempty"`  // who it waits for
	Since    time.Time `json:"since,omitzero"`
	Detail   string    `json:"detail"` // for people
}

type bouncing struct {
	personID int64
	address  string
	since    time.Time
}

// AddBouncing notes an address that takes no mail.
func (t *Tally) AddBouncing(personID int64, address string, since time.Time) {
	t.bouncings = append(t.bouncings, bouncing{personID, address, since})
}

func (t *Tally) risk(r Risk) {
	t.severe[r.Severity]++
	r.Since = inZone(r.Since, t.zone)
	t.risks = append(t.risks, r)
	if len(t.risks) >= 4*MaxRisks {
		t.risks = worst(t.risks)
	}
}

// worst are the MaxRisks worst, then longest.
func worst(risks []Risk) []Risk {
	slices.SortStableFunc(risks, func(a, b Risk) int {
		return cmp.Or(cmp.Compare(a.Severity.rank(), b.Severity.rank()), a.Since.Compare(b.Since), strings.Compare(a.Piece, b.Piece),
			strings.Compare(a.Detail, b.Detail))
	})
	return risks[:min(len(risks), MaxRisks)]
}

// riskReport adds the people's to the pieces'.
func (t *Tally) riskReport() ([]Risk, map[Severity]int) {
	pieces, severe := slices.Clone(t.risks), t.severe
	counts := map[Severity]int{High: severe[High], Medium: severe[Medium], Low: severe[Low]}
	for _, b := range t.bouncings {
		if !t.about(b.personID) {
			continue
		}
		r := Risk{Kind: RiskBouncing, Severity: Low, With: t.name(b.personID), Since: inZone(b.since, t.zone), Detail: "mail to " + b.address + " comes back"}
		if t.atWork[b.personID] {
			r.Severity = High
		}
		counts[r.Severity]++
		pieces = append(pieces, r)
	}
	return append([]Risk{}, worst(pieces)...), counts
}

// addRisks looks at what is open on a piece.
func (t *Tally) addRisks(p Piece) {
	s, open := p.OpenStep()
	if !open {
		return
	}
	t.atWork[s.OwnerID] = true
	if !t.about(p.AuthorID, p.EditorID, p.LeadID, s.OwnerID) {
		return
	}
	w := watch{Tally: t, p: p, s: s}
	if s.Stage == Pitch && p.Topic != "" {
		w.topic()
		return
	}
	w.late()
	w.offer()
	w.silence()
	w.lead()
	w.publication()
	w.away()
}

// watch looks for the risks of one piece.
type watch struct {
	*Tally
	p Piece
	s Step
}

func (w *watch) found(kind RiskKind, severity Severity, with int64, since time.Time, format string, args ...any) {
	w.risk(Risk{Kind: kind, Severity: severity, Piece: w.p.Code, Stage: w.s.Stage, With: w.name(with), Since: since, Detail: fmt.Sprintf(format, args...)})
}

// days is how many whole days ago that was, as the team's calendar counts them.
func (w *watch) days(since time.Time) int { return max(0, daysBetween(since.In(w.zone), w.o.Now)) }

// over tells whether more days passed than the first reminder waits for; without such reminders that is fallback.
func (w *watch) over(since time.Time, reminders []int, fallback int) bool {
	if len(reminders) > 0 {
		fallback = slices.Min(reminders)
	}
	return !since.IsZero() && w.days(since) >= fallback
}

func (w *watch) topic() {
	p, rules := w.p, w.o.Rules
	if !w.over(p.TopicAt, rules.DecideDays, 2) {
		return
	}
	switch days := daysText(w.days(p.TopicAt)); p.Topic {
	case TopicProposed:
		w.found(RiskUndecided, Medium, p.EditorID, p.TopicAt, "the proposal waits for a decision for %s", days)
	case TopicChanges:
		w.found(RiskUndecided, Low, p.AuthorID, p.TopicAt, "the author was asked to change the proposal %s ago", days)
	case TopicApproved:
		w.found(RiskUncleared, Medium, p.EditorID, p.TopicAt, "approved %s ago and not cleared to write", days)
	}
}

func (w *watch) late() {
	deadline := w.s.Deadline
	if deadline.IsZero() {
		deadline = w.p.Deadline
	}
	if !deadline.IsZero() && w.o.Now.After(deadline) && w.s.HandedInAt.IsZero() {
		severity := Medium
		overall := !w.p.Deadline.IsZero() && w.o.Now.After(w.p.Deadline)
		if last := w.o.Rules.OverdueDays; overall || len(last) > 0 && w.days(deadline) >= slices.Max(last) {
			severity = High
		}
		after := ""
		if overall {
			after = ", and the overall deadline is over"
		}
		w.found(RiskLate, severity, w.s.OwnerID, deadline, "the %s is %s late%s", w.s.Stage.Label(), daysText(w.days(deadline)), after)
	}
	if left := w.o.Rules.Calendar; !deadline.IsZero() && deadline.Equal(w.p.Deadline) && !w.o.Now.After(deadline) && !w.s.OpenedAt.IsZero() &&
		left.Between(w.s.OpenedAt, deadline, w.people[w.s.OwnerID].Worker(w.o.Zone)) < 1 {
		w.found(RiskNoTime, Medium, w.s.OwnerID, w.s.OpenedAt, "the %s opened on its last day, and the overall deadline leaves it no more", w.s.Stage.Label())
	}
	if x := w.s.Extension; x != nil && w.over(x.AskedAt, w.o.Rules.DecideDays, 2) {
		w.found(RiskUndecided, Medium, w.p.EditorID, x.AskedAt, "more time is asked for since %s", daysText(w.days(x.AskedAt)))
	}
}

func (w *watch) offer() {
	s := w.s
	if !s.AcceptedAt.IsZero() || s.OwnerID == w.p.EditorID || !w.over(s.OfferedAt, w.o.Rules.HandoffDays, 1) {
		return
	}
	severity, but := Medium, ""
	if s.heard() { // there are words of theirs to go by
		severity, but = Low, ", though its owner wrote"
	}
	w.found(RiskUnaccepted, severity, s.OwnerID, s.OfferedAt, "the %s was offered %s ago and is not accepted%s", s.Stage.Label(), daysText(w.days(s.OfferedAt)), but)
}

func (w *watch) silence() {
	p, s, share := w.p, w.s, w.o.Rules.StallShare
	deadline := s.Deadline
	if deadline.IsZero() {
		deadline = p.Deadline
	}
	if share == 0 || s.Stage != Draft || s.Revision > 0 || p.ClearedAt.IsZero() || s.HeardAt.After(p.ClearedAt) || !deadline.After(p.ClearedAt) || w.o.Now.After(deadline) {
		return
	}
	if w.o.Now.Sub(p.ClearedAt) >= time.Duration(share*float64(deadline.Sub(p.ClearedAt))) {
		w.found(RiskSilent, Medium, s.OwnerID, p.ClearedAt, "cleared to write %s ago, and nothing was heard since", daysText(w.days(p.ClearedAt)))
	}
}

func (w *watch) lead() {
	p, s := w.p, w.s
	switch {
	case p.LeadID == 0 && !s.HandedInAt.IsZero():
		w.found(RiskNoLead, High, p.EditorID, s.HandedInAt, "all is handed in and waits for a distribution lead")
	case p.LeadID == 0 && s.Stage.Index() >= CopyEdit.Index():
		w.found(RiskNoLead, Medium, p.EditorID, s.OpenedAt, "there is no distribution lead yet")
	case p.LeadID != 0 && !p.LeadNamedAt.IsZero() && p.LeadConfirmedAt.IsZero() && w.over(p.LeadNamedAt, nil, max(1, w.o.Rules.LeadDays)):
		w.found(RiskLeadSilent, Medium, p.LeadID, p.LeadNamedAt, "the distribution lead was asked %s ago and did not confirm", daysText(w.days(p.LeadNamedAt)))
	}
}

func (w *watch) publication() {
	p, s := w.p, w.s
	if s.Stage != Distributed || !p.VerifiedAt.IsZero() {
		return
	}
	switch {
	case p.CheckProblem != "":
		w.found(RiskNotVerified, High, s.OwnerID, s.OpenedAt, "%s could not be verified: %s", p.URL, p.CheckProblem)
	case w.over(s.OpenedAt, nil, 1):
		w.found(RiskNotVerified, Medium, s.OwnerID, s.OpenedAt, "published %s ago and not verified", daysText(w.days(s.OpenedAt)))
	}
}

func (w *watch) away() {
	owner, ok := w.people[w.s.OwnerID]
	if !ok {
		return
	}
	label, now := w.s.Stage.Label(), w.o.Now
	switch {
	case !owner.LeftAt.IsZero():
		w.found(RiskAway, High, owner.ID, owner.LeftAt, "%s left, and has the %s", owner.Name, label)
		return
	case !owner.PausedAt.IsZero():
		w.found(RiskAway, High, owner.ID, owner.PausedAt, "%s pauses, and has the %s", owner.Name, label)
		return
	}
	zone := owner.Location(w.zone)
	today := now.In(zone).Format(time.DateOnly)
	for _, a := range owner.Away {
		if !a.covers(today) {
			continue
		}
		severity := Low
		if !w.s.Deadline.IsZero() && a.covers(w.s.Deadline.In(zone).Format(time.DateOnly)) {
			severity = Medium
		}
		from, err := time.ParseInLocation(time.DateOnly, a.From, zone)
		if err != nil {
			continue
		}
		w.found(RiskAway, severity, owner.ID, from, "%s is away until %s, and has the %s", owner.Name, a.To, label)
		return
	}
}

func daysText(n int) string {
	switch n {
	case 0:
		return "less than a day"
	case 1:
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
