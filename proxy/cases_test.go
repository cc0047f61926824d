package proxy

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"handoff/inbox"
	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
)

var update = flag.Bool("update", false, "write what came out into the case files")

// story is a case file: mails, one after the other, and what became of each.
type story struct {
	About string `json:"about"`
	Mails []struct {
		Given []string `json:"given,omitempty"` // before the mail came, see given
		Mail  *sample  `json:"mail,omitempty"`
		Raw   []string `json:"raw,omitempty"` // in place of Mail: the lines of the mail itself, see filled
		Old   bool     `json:"old,omitempty"` // it was in the mailbox before Handoff
		Want  outcome  `json:"want"`
	} `json:"mails"`
}

// outcome is all that a mail did.
type outcome struct {
	Action     Action   `json:"action"`
	Piece      string   `json:"piece,omitempty"`
	Reason     string   `json:"reason"`
	Person     int64    `json:"person,omitempty"`
	Candidates []string `json:"candidates,omitempty"`
	Entry      string   `json:"entry,omitempty"` // kind, version, files
	Stage      string   `json:"stage,omitempty"` // of the piece, afterwards
	Notices    []string `json:"notices,omitempty"`
	Says       []string `json:"says,omitempty"` // what the notices of a raw mail say beside their fixed text
	Events     []string `json:"events,omitempty"`
	Bounces    []string `json:"bounces,omitempty"`
	Trace      []string `json:"trace"`
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s story
			if err := json.Unmarshal(raw, &s); err != nil {
				t.Fatal(err)
			}
			g, m := gateway(t)
			for i := range s.Mails {
				mail := s.Mails[i]
				given(t, g, m, mail.Given...)
				before := len(m.state.notices)
				var in inbox.Received
				if mail.Mail != nil {
					in = mail.Mail.received(t, m, uint32(i+1))
				} else {
					g.Clock.(*clock.Fake).Advance(time.Minute)
					in = rawReceived(t, g, m, mail.Raw, uint32(i+1))
					in.Backfill = mail.Old
				}
				got := record(t, g, m, in)
				if mail.Mail == nil {
					got.Says = says(t, m.state.notices[before:])
				}
				if *update {
					s.Mails[i].Want = got
				} else if d := cmp.Diff(s.Mails[i].Want, got, cmpopts.EquateEmpty()); d != "" {
					t.Errorf("mail %d: %s", i+1, d)
				}
			}
			if *update {
				var b strings.Builder
				e := json.NewEncoder(&b)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				if err := e.Encode(s); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// says are the words that notices carry: reasons, questions, what somebody wrote.
func says(t *testing.T, notices []outbox.Notice) []string {
	var all []string
	for _, n := range notices {
		var d struct {
			What, Ask, Why, Reason, Words, Text, Refusal string
			Until                                        time.Time
			Count                                        int
			Missing                                      []string
			Changes                                      templates.Changes
			Finished, Closed                             bool
			Stray                                        *templates.Stray
		}
		if err := json.Unmarshal(n.Data, &d); err != nil {
			t.Fatal(err)
		}
		until, count := "", ""
		if !d.Until.IsZero() {
			until = d.Until.Format(time.RFC3339)
		}
		if d.Count > 0 {
			count = strconv.Itoa(d.Count)
		}
		if d.Finished || d.Closed {
			count = strings.TrimSpace(count + " nothing moves")
		}
		words := append([]string{d.What, d.Ask, d.Why, d.Reason, d.Words, d.Text, d.Refusal, until, count, d.Changes.Summary, d.Changes.Text}, d.Missing...)
		if d.Stray != nil {
			words = append(words, fmt.Sprintf("from %s, not of %s, yours: %t", d.Stray.Address, d.Stray.Who.Name, d.Stray.Yours))
		}
		words = slices.DeleteFunc(words, func(s string) bool { return s == "" })
		if len(words) > 0 {
			all = append(all, n.Template+": "+strings.Join(words, " | "))
		}
	}
	return all
}

// record runs one mail through the gateway and tells what changed.
func record(t testing.TB, g *Gateway, m *memory, in inbox.Received) outcome {
	t.Helper()
	before := m.state.clone()
	if _, err := g.Record(context.Background(), mailbox, inbox.Cursor{UIDValidity: 1, UID: in.UID}, []inbox.Received{in}); err != nil {
		t.Fatal(err)
	}
	var o outcome
	if len(m.state.records) == len(before.records) {
		return o
	}
	r := m.state.records[len(m.state.records)-1]
	o.Action, o.Reason, o.Person = r.Action, r.Reason, r.PersonID
	if p, ok := m.state.pieces[r.PieceID]; ok {
		o.Piece, o.Stage = p.Code, string(p.Stage)
	}
	for _, c := range r.Candidates {
		o.Candidates = append(o.Candidates, c.Piece+": "+c.Reason)
	}
	for _, e := range m.state.entries[len(before.entries):] {
		o.Entry = string(e.Kind) + ", " + e.title() + ", " + first(e.Text, 40)
	}
	o.Notices = m.state.told()[len(before.notices):]
	for _, e := range m.state.events[len(before.events):] {
		o.Events = append(o.Events, string(e.Kind)+": "+e.Detail)
	}
	for _, b := range m.state.bounces[len(before.bounces):] {
		o.Bounces = append(o.Bounces, b.Address+" "+b.Status)
	}
	for _, c := range r.Trace {
		o.Trace = append(o.Trace, c.Check+" "+c.Outcome+": "+c.Reason)
	}
	return o
}
