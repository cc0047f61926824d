package main

import (
	"encoding/json"
	"strings"
	"time"

	"handoff/proxy"
	"handoff/store"
	"handoff/templates"
	"handoff/workflow"
)

// check holds what has to be true of the whole year, whatever the transcript says.
func (s *story) check() {
	s.Helper()
	keys, ids := map[string]bool{}, map[string]bool{}
	for user, mails := range s.got {
		for _, g := range mails {
			if keys[g.notice.Key] || ids[g.messageID] {
				s.Errorf("%s got the notice %s twice", user, g.notice.Key)
			}
			keys[g.notice.Key], ids[g.messageID] = true, true
			s.checkNotice(g)
		}
	}
	s.checkDispositions()
	pieces, err := s.gw.Pieces(s.Context(), store.PieceFilter{})
	if err != nil {
		s.Fatal(err)
	}
	for _, p := range pieces {
		if p.Finished() && !p.Demo && (p.VerifiedAt.IsZero() || p.DistributedAt.IsZero()) {
			s.Errorf("%s is closed, verified %v, distributed %v", p.Code, p.VerifiedAt, p.DistributedAt)
		}
	}
}

// checkNotice holds what has to be true of one mail to a person.
func (s *story) checkNotice(g got) {
	s.Helper()
	what := g.notice.Template + " to " + g.by.name + " at " + g.at.In(s.zone).Format(time.DateTime)
	entry, known := templates.EntryOf(g.notice.Template)
	if !known {
		s.Errorf("%s is not in the catalogue", what)
	}
	if g.by.user == outsider().user {
		return
	}
	who := s.personOf(g.by)
	answer := entry.Asked || g.notice.AutoReply
	if !answer && (!who.LeftAt.IsZero() && g.at.After(who.LeftAt) || !who.PausedAt.IsZero() && g.at.After(who.PausedAt)) {
		s.Errorf("%s, who is not to be told anything", what)
	}
	if hour := g.at.In(who.Location(s.zone)).Hour(); !answer && (hour < 7 || hour >= 20) {
		s.Errorf("%s, where it is %d o'clock", what, hour)
	}
	if entry.Recurring != (g.header.Get("List-Unsubscribe") != "") {
		s.Errorf("%s: recurring %t, List-Unsubscribe %q", what, entry.Recurring, g.header.Get("List-Unsubscribe"))
	}
	var dates struct {
		Piece *struct{ Deadline time.Time }
		Step  *struct{ Deadline time.Time }
	}
	if err := json.Unmarshal(g.notice.Data, &dates); err != nil {
		s.Fatal(err)
	}
	text := strings.Join(strings.Fields(g.text), " ")
	for name, d := range map[string]*struct{ Deadline time.Time }{"piece": dates.Piece, "step": dates.Step} {
		if d == nil || d.Deadline.IsZero() || dateless(g.notice.Template) {
			continue
		}
		at := d.Deadline
		if at.Format("15:04") != "23:59" { // else it is the end of its owner's day, which is that day for everybody
			at = at.In(who.Location(s.zone))
		}
		if date := dateFor(at, g.notice.Locale); !strings.Contains(text, date) {
			s.Errorf("%s does not say when the %s is due, %s:\n%s", what, name, date, g.text)
		}
	}
}

// dateFor is a day as people with that locale write it.
func dateFor(day time.Time, locale string) string {
	form, months := "2 January 2006", []string(nil)
	switch locale {
	case "de":
		form = "2. January 2006"
		months = []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}
	case "fr":
		months = []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	case "es":
		form = "2 de January de 2006"
		months = []string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	}
	text := day.Format(form)
	if months != nil {
		text = strings.Replace(text, day.Month().String(), months[day.Month()-1], 1)
	}
	if locale == "fr" && day.Day() == 1 {
		text = "1er" + strings.TrimPrefix(text, "1")
	}
	return text
}

// dateless are the notices about pieces on which nothing is due any more.
func dateless(template string) bool {
	switch template {
	case "published", "verified", "thank_you", "cancelled", "closed", "pitch_declined":
		return true
	}
	return false
}

// checkDispositions holds that every mail ended in one way, and none waits.
func (s *story) checkDispositions() {
	s.Helper()
	records, err := s.gw.Records(s.Context(), proxy.Actions(), 0, 100_000)
	if err != nil {
		s.Fatal(err)
	}
	ended := map[string][]proxy.Action{}
	for _, r := range records {
		ended[r.MessageID] = append(ended[r.MessageID], r.Action)
		if r.Action == proxy.Hold || r.Action == proxy.Fail || r.Action == proxy.Duplicate {
			s.Errorf("the mail “%s” of %s ended as %s: %s", r.Subject, r.FromAddress, r.Action, r.Reason)
		}
	}
	for _, id := range s.sent {
		if len(ended[id]) != 1 {
			s.Errorf("the mail %s ended in %d ways: %v", id, len(ended[id]), ended[id])
		}
	}
	if len(records) != len(s.sent) {
		s.Errorf("%d mails are recorded, %d were sent", len(records), len(s.sent))
	}
	for _, m := range theTwenty().all() {
		if who := s.personOf(m); len(s.got[m.user]) == 0 && who.Class == workflow.Internal {
			s.Errorf("%s never got a mail", m.name)
		}
	}
}
