package outbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// Who does not want to lead is named to the editor, with what they wrote, in every language.
func TestLeadDeclined(t *testing.T) {
	p := pieceIn(t, workflow.Draft)
	ch, err := p.DeclineLead(by(leaID), "I am on leave until June.")
	if err != nil {
		t.Fatal(err)
	}
	notices, _ := tell(t, composer(t), p, ch, leaID)
	if len(notices) != 1 {
		t.Fatalf("%d are told, want the editor alone", len(notices))
	}
	d, err := templates.Decode(notices[0].Template, notices[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"en", "de", "fr", "es", "pt"} {
		content, err := mails(t).Render(d, templates.Audience{Locale: locale})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Lea", "I am on leave until June."} {
			if !strings.Contains(content.Text, want) {
				t.Errorf("%s: %q is not in\n%s", locale, want, content.Text)
			}
		}
	}
}

// Who does the final check reads what of the checklist is open, for their DONE confirms it; nobody else's step shows it.
func TestChecklistInMails(t *testing.T) {
	tasks := func(in *workflow.PieceInput) { in.Tasks = []string{"credits named", "links checked"} }
	before := pieceIn(t, workflow.Design, tasks)
	ticked, err := before.Tick(by(erikID), "credits named")
	if err != nil {
		t.Fatal(err)
	}
	ch := ticked.Piece.Submit(by(danID), "")
	notices, _ := tell(t, composer(t), ticked.Piece, ch, danID)
	opened := notices[slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.Template == "step_opened" })]
	shown := func(n outbox.Notice) bool {
		t.Helper()
		d, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			t.Fatal(err)
		}
		languages := 0
		for _, locale := range []string{"en", "de", "fr", "es", "pt"} {
			content, err := mails(t).Render(d, templates.Audience{Locale: locale})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(content.Text, "credits named") {
				t.Errorf("%s %s: what is ticked is asked for", n.Template, locale)
			}
			if strings.Contains(content.Text, "- links checked") && strings.Contains(content.Text, "DONE") {
				languages++
			}
		}
		if languages != 0 && languages != 5 {
			t.Errorf("%s shows the checklist in %d languages of 5", n.Template, languages)
		}
		return languages > 0
	}
	if !shown(opened) {
		t.Error("the mail that opens the final check does not show the checklist")
	}
	for stage, want := range map[workflow.Stage]bool{workflow.Ready: true, workflow.Design: false} {
		p := after(t, pieceIn(t, stage, tasks), func(p workflow.Piece) (workflow.Change, error) { return p.Tick(by(erikID), "credits named") })
		step, _ := p.OpenStep()
		p = after(t, p, func(p workflow.Piece) (workflow.Change, error) { return p.Accept(by(step.OwnerID)) })
		d, now := &diary{pieces: []workflow.Piece{p}, people: crew()}, clock.NewFake(step.Deadline.AddDate(0, 0, -10))
		s := scheduler(t, d, now)
		for range 30 {
			if _, err := s.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			now.Advance(24 * time.Hour)
		}
		var reminded []string
		for _, n := range d.all() {
			if n.PersonID != step.OwnerID || !slices.Contains([]string{"due_soon", "due_today", "overdue", "last_notice"}, n.Template) {
				continue
			}
			if reminded = append(reminded, n.Template); shown(n) != want {
				t.Errorf("%s in %s shows the checklist: %v", n.Template, stage, !want)
			}
		}
		if slices.Sort(reminded); len(slices.Compact(reminded)) != 4 {
			t.Errorf("in %s: %q", stage, reminded)
		}
	}
}

// A revision that is done without a new version is told as that, with the author's words.
func TestRevisionWithoutVersion(t *testing.T) {
	revised := after(t, pieceIn(t, workflow.Review), func(p workflow.Piece) (workflow.Change, error) {
		return p.AskRevision(by(erikID), "shorter", day(22))
	})
	ch, err := revised.Complete(by(annaID), false, "it is as short as it gets")
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[int]bool{0: false, 777: true} {
		notices, err := composer(t).Tell(outbox.Happening{Before: revised, Change: ch, People: crew(), ActorID: annaID, Version: version})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.Template == "revision_received" && n.PersonID == erikID })
		d, err := templates.Decode(notices[i].Template, notices[i].Data)
		if err != nil {
			t.Fatal(err)
		}
		for locale, without := range map[string]string{"en": "without a new version", "de": "ohne neue Version", "fr": "sans nouvelle version", "es": "sin nueva versión", "pt": "sem nova versão"} {
			content, err := mails(t).Render(d, templates.Audience{Locale: locale})
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(content.Text), " ")
			if strings.Contains(text, "777") != want || strings.Contains(text, without) == want || strings.Contains(content.Subject, without) == want || !strings.Contains(text, "it is as short as it gets") {
				t.Errorf("version %d, %s: %s\n%s", version, locale, content.Subject, text)
			}
		}
	}
}

// The author reads where the revision goes, and the editor who has it, which is who asked for it by their step: the steps before it are done.
func TestRevisionGoesWhereItIsSaidTo(t *testing.T) {
	for stage, want := range map[workflow.Stage][2]string{
		workflow.Review: {"your version goes to Erik Holm, for the review.", "the review is yours now. Please look at it, then answer with DONE"},
		workflow.Design: {"your version goes to Dan, for the design.", "Dan has the piece now, for the design. Is there something else to change? Answer with REVISE"},
	} {
		piece := pieceIn(t, stage)
		asked, err := piece.AskRevision(by(erikID), "shorter", day(22))
		if err != nil {
			t.Fatal(err)
		}
		for i, ch := range []workflow.Change{asked, asked.Piece.Submit(by(annaID), "version 2")} {
			notices, _ := tell(t, composer(t), piece, ch, []int64{erikID, annaID}[i])
			template := []string{"revision_asked", "revision_received"}[i]
			j := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.Template == template })
			d, err := templates.Decode(template, notices[j].Data)
			if err != nil {
				t.Fatal(err)
			}
			mail, err := mails(t).Render(d, templates.Audience{})
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(strings.Fields(mail.Text), " "); !strings.Contains(text, want[i]) {
				t.Errorf("%s: %s does not say %q:\n%s", stage, template, want[i], mail.Text)
			}
			piece = ch.Piece
		}
	}
}

// Who is granted more time reads both dates, and who grants it which date of their own moved with it, and no other.
func TestGrantNamesTheDates(t *testing.T) {
	late := after(t, pieceIn(t, workflow.Draft), func(p workflow.Piece) (workflow.Change, error) {
		return p.AskExtension(by(annaID), day(29), "ill")
	})
	ch, err := late.Grant(by(erikID))
	if err != nil {
		t.Fatal(err)
	}
	notices, _ := tell(t, composer(t), late, ch, erikID)
	for _, n := range notices {
		d, err := templates.Decode(n.Template, n.Data)
		if err != nil {
			t.Fatal(err)
		}
		switch d := d.(type) {
		case templates.ExtensionGranted:
			if !d.Was.Equal(day(20)) || !d.Step.Deadline.Equal(day(29)) {
				t.Errorf("granted: %+v", d)
			}
		case templates.DeadlineChanged:
			if n.PersonID == erikID && (len(d.Dates) != 1 || d.Dates[0].Step.Stage != "review" || !d.Dates[0].Old.Equal(day(30))) {
				t.Errorf("Erik is told of %+v", d.Dates)
			}
		}
	}
}

// The question whether a demo piece is good brings what is to be judged, and takes a no as well as a yes.
func TestDemoFinishedBringsThePiece(t *testing.T) {
	demo := pieceIn(t, workflow.Design, func(in *workflow.PieceInput) {
		*in = workflow.PieceInput{Code: "DEMO-1", Title: "First try", AuthorID: annaID, EditorID: erikID, Stage: workflow.Design, Demo: true}
	})
	ch, err := demo.HandOff(by(erikID))
	if err != nil {
		t.Fatal(err)
	}
	if !outbox.Carries(ch) {
		t.Error("nothing is looked up for it")
	}
	drafts := []outbox.Draft{{Draft: templates.Draft{Version: 1, Links: []string{"https://docs.example/first-try"}}, SenderID: annaID}}
	notices, err := composer(t).Tell(outbox.Happening{Before: demo, Change: ch, People: crew(), ActorID: erikID, Drafts: drafts})
	if err != nil || len(notices) != 1 {
		t.Fatal(notices, err)
	}
	d, err := templates.Decode(notices[0].Template, notices[0].Data)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := mails(t).Render(d, templates.Audience{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://docs.example/first-try", "Not yet, and why: answer with DECLINE", "Anna Berg gets your words, and you get the new version"} {
		if !strings.Contains(strings.Join(strings.Fields(mail.Text), " "), want) {
			t.Errorf("it does not say %q:\n%s", want, mail.Text)
		}
	}
}

// The editor reads that the piece has moved on with the last review that was needed, and not with one before.
func TestReviewMovesOn(t *testing.T) {
	piece := after(t, pieceIn(t, workflow.Review), func(p workflow.Piece) (workflow.Change, error) {
		return p.AskReviewers(by(erikID), 2, ritaID, rolfID)
	})
	for i, reviewer := range []int64{ritaID, rolfID} {
		ch, err := piece.Reviewed(by(reviewer))
		if err != nil {
			t.Fatal(err)
		}
		notices, _ := tell(t, composer(t), piece, ch, reviewer)
		j := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.Template == "review_received" })
		d, err := templates.Decode(notices[j].Template, notices[j].Data)
		if err != nil {
			t.Fatal(err)
		}
		mail, err := mails(t).Render(d, templates.Audience{})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(mail.Text), " ")
		if moved := strings.Contains(text, "the piece has moved on"); moved != (i == 1) || moved == strings.Contains(text, "moves on by itself once") {
			t.Errorf("review %d: %s", i+1, mail.Text)
		}
		piece = ch.Piece
	}
}

// Only the editor, and only where a revision can be asked for, reads of REVISE in the mail that gives them a step.
func TestStepOpenedRevises(t *testing.T) {
	for stage, want := range map[workflow.Stage]bool{workflow.Draft: true, workflow.Review: false, workflow.Design: false} {
		p := pieceIn(t, stage)
		ch, err := p.HandOff(by(annaID))
		if err != nil {
			t.Fatal(err)
		}
		notices, _ := tell(t, composer(t), p, ch, annaID)
		d, err := templates.Decode(notices[0].Template, notices[0].Data)
		if err != nil {
			t.Fatal(err)
		}
		if opened, ok := d.(templates.StepOpened); !ok || opened.Revises != want {
			t.Errorf("after %s: %+v", stage, d)
		}
	}
}

// Only who has to confirm the distribution reads so in the share kit, and only while it is not confirmed.
func TestKitAsksWhoConfirms(t *testing.T) {
	online := after(t, pieceIn(t, workflow.Published), func(p workflow.Piece) (workflow.Change, error) { return p.Publish(by(leaID), "https://x.example/a") })
	distributed := after(t, online, func(p workflow.Piece) (workflow.Change, error) { return p.ConfirmDistributed(by(leaID)) })
	for before, asked := range map[*workflow.Piece][]int64{&online: {leaID}, &distributed: nil} {
		ch, err := before.Checked(workflow.Cause{At: start}, "")
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		notices, _ := tell(t, composer(t), *before, ch, 0)
		for _, n := range notices {
			d, err := templates.Decode(n.Template, n.Data)
			if err != nil {
				t.Fatal(err)
			}
			kit, ok := d.(templates.Published)
			if ok && kit.Unconfirmed != (len(kit.Answers) == 1) {
				t.Errorf("%s: left to do %v, with %d answers", n.ToName, kit.Unconfirmed, len(kit.Answers))
			}
			if ok && kit.Unconfirmed {
				got = append(got, n.PersonID)
			}
		}
		if !slices.Equal(got, asked) {
			t.Errorf("%v are asked, not %v", got, asked)
		}
	}
}

// Who was to lead the distribution hears that somebody else does, once, with what it takes out of their calendar.
func TestLeadGivenAway(t *testing.T) {
	for stage, calendar := range map[workflow.Stage]bool{workflow.Draft: false, workflow.Ready: true} {
		p := pieceIn(t, stage)
		ch, err := p.AssignLead(ottoID, by(erikID))
		if err != nil {
			t.Fatal(err)
		}
		notices, told := tell(t, composer(t), p, ch, erikID)
		i := slices.IndexFunc(notices, func(n outbox.Notice) bool { return n.PersonID == leaID })
		if i < 0 || slices.ContainsFunc(notices[i+1:], func(n outbox.Notice) bool { return n.PersonID == leaID }) {
			t.Fatalf("in %s: %q", stage, told)
		}
		n := notices[i]
		if n.Template != "unassigned" || !strings.Contains(string(n.Data), `"Lead":true`) || !strings.Contains(string(n.Data), "Otto") || (n.Invite != nil && n.Invite.Method == outbox.Cancel) != calendar {
			t.Errorf("in %s: %s %v %s", stage, n.Template, n.Invite, n.Data)
		}
		if same, err := p.AssignLead(leaID, by(erikID)); err != nil {
			t.Fatal(err)
		} else if _, told := tell(t, composer(t), p, same, erikID); len(told) > 0 {
			t.Errorf("the same lead: %q", told)
		}
	}
}
