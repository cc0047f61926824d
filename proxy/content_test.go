package proxy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/inbox"
	"handoff/workflow"
)

func TestFiles(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		size       int64
		inline     bool
		stage      workflow.Stage
		want       string
	}{
		{"draft.docx", "application/octet-stream", 1, false, workflow.Draft, "draft"},
		{"Entwurf.ODT ", "application/octet-stream", 1, false, workflow.Draft, "draft"},
		{"", "application/pdf", 1, false, workflow.Draft, "draft"},
		{"x", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 1, false, workflow.Draft, "draft"},
		{"film.mp4", "video/mp4", 1, false, workflow.Draft, "draft"},
		{"photo.jpg", "image/jpeg", 90_000, false, workflow.Draft, "file"},
		{"cover.psd", "image/vnd.adobe.photoshop", 90_000, false, workflow.Design, "draft"},
		{"layout.zip", "application/zip", 90_000, false, workflow.Draft, "file"},
		{"layout.zip", "application/zip", 90_000, false, workflow.Design, "draft"},
		{"logo.png", "image/png", 3_000, true, workflow.Draft, "nothing"},
		{"chart.png", "image/png", 90_000, true, workflow.Design, "file"},
		{"me.vcf", "text/vcard", 300, false, workflow.Draft, "file"},
		{"smime.p7s", "application/pkcs7-signature", 300, false, workflow.Draft, "nothing"},
		{"signature.asc", "application/pgp-signature", 300, false, workflow.Draft, "nothing"},
	} {
		a := inbox.Attachment{Name: c.name, Type: c.kind, Size: c.size, Inline: c.inline}
		got := "file"
		switch {
		case !content(a):
			got = "nothing"
		case draftLike(a, c.stage):
			got = "draft"
		}
		if got != c.want {
			t.Errorf("%q (%s) at %s is %s, want %s", c.name, c.kind, c.stage, got, c.want)
		}
	}
}

// TestContentIsKeptWhole: what is cut for reading is cut nowhere else.
func TestContentIsKeptWhole(t *testing.T) {
	g, m := gateway(t)
	const own, quoted = "Here it is.", "> Where is it?\n-- \nAnn, signed"
	submission := sample{From: "ann@example.org", Text: own, Quoted: quoted, Answers: []string{"x@y.example"}, Files: []string{"a.docx", "run.exe"}}
	comment := sample{From: "ann@example.org", Text: own, Quoted: quoted, Answers: []string{"x@y.example"}}
	recordAll(t, g, submission.received(t, m, 1), comment.received(t, m, 2))
	if e := m.state.entries[0]; e.Kind != Submission || e.Text != own+"\n"+quoted || len(e.Files) != 1 || e.Files[0].Length == 0 {
		t.Errorf("a submission is filed as %+v", e)
	}
	if e := m.state.entries[1]; e.Kind != Comment || e.Text != own {
		t.Errorf("a comment is filed as %+v", e)
	}
	for i, r := range m.state.records {
		if r.Blob == "" || m.state.entries[i].MessageID != r.ID {
			t.Errorf("entry %d leads to mail %d, whose raw text is %q", i, r.ID, r.Blob)
		}
	}
}

// TestAnswersWithoutText: what was said by a calendar or by a one-tap link is filed as a comment, and nobody is answered.
func TestAnswersWithoutText(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*inbox.Message)
		want   string
	}{
		"calendar": {func(m *inbox.Message) {
			m.Calendar = &inbox.Calendar{UID: "1", Attendee: "ann@example.org", Status: "declined", Comment: "On leave."}
			m.SuppressReply = true
		}, "Declined the invitation.\n\nOn leave."},
		"link":    {func(m *inbox.Message) { m.Intent = &inbox.Intent{Command: inbox.Accept, Via: "link"} }, "ACCEPT ACME-1"},
		"nothing": {func(*inbox.Message) {}, ""},
	} {
		g, m := gateway(t)
		in := sample{From: "ann@example.org", Subject: "ACCEPT ACME-1"}.received(t, m, 1)
		c.change(in.Message)
		recordAll(t, g, in)
		switch r := m.state.records[0]; {
		case c.want == "" && r.Action != Hold:
			t.Errorf("%s: %s", name, r.Reason)
		case c.want == "":
		case len(m.state.entries) != 1:
			t.Errorf("%s: %d entries: %s", name, len(m.state.entries), r.Reason)
		case m.state.entries[0].Text != c.want || m.state.entries[0].Kind != Comment:
			t.Errorf("%s: filed %+v", name, m.state.entries[0])
		}
	}
}

func TestCodes(t *testing.T) {
	for subject, want := range map[string][]string{
		"Re: [acme-12] text":       {"ACME-12"},
		"ACME-12: text":            {"ACME-12"},
		"about acme-12, again":     {"ACME-12"},
		"(A12) A12 text":           nil,
		"[A12] text":               {"A12"},
		"A12: text":                {"A12"},
		"Re: Fwd: 2026-12-01 text": nil,
		"well-known covid-19":      {"COVID-19"},
		"-ACME-1- ACME-1":          {"ACME-1"},
		"A-1 B-2 C-3 D-4 E-5":      {"A-1", "B-2", "C-3", "D-4"},
		"ÄCME-1":                   nil,
		"【ACME-1】原稿":               {"ACME-1"},
		"ACME-12_final.docx":       {"ACME-12"},
		"":                         nil,
	} {
		if d := cmp.Diff(want, codes(subject)); d != "" {
			t.Errorf("%q: %s", subject, d)
		}
	}
}

func TestScore(t *testing.T) {
	piece := func(id int64, title string, owner int64) workflow.Piece {
		return workflow.Piece{ID: id, Code: string(rune('A'+id)) + "-1", Title: title,
			Steps: []workflow.Step{{Stage: workflow.Draft, State: workflow.Open, OwnerID: owner, Deadline: today}}}
	}
	for _, c := range []struct {
		about, subject, text, file string
		pieces                     []workflow.Piece
		best                       int64
		clear                      bool
	}{
		{"words of the subject", "Coffee roasting", "", "", []workflow.Piece{piece(1, "Knife sharpening", bob), piece(2, "Coffee roasting at home", bob)}, 2, true},
		{"words of the file name", "here", "", "coffee_roasting-v2.docx", []workflow.Piece{piece(1, "Knife sharpening", bob), piece(2, "Coffee roasting", bob)}, 2, true},
		{"a word that both have", "home", "", "", []workflow.Piece{piece(1, "Baking at home", bob), piece(2, "Coffee at home", bob)}, 1, false},
		{"words that say nothing", "the draft for you", "", "", []workflow.Piece{piece(1, "The draft for you", bob), piece(2, "Coffee", bob)}, 1, false},
		{"a step that waits", "hi", "", "", []workflow.Piece{piece(1, "Knife", ann), piece(2, "Coffee", bob)}, 2, false},
		{"script without spaces", "珈琲焙煎の原稿", "", "", []workflow.Piece{piece(1, "包丁研ぎ", bob), piece(2, "珈琲焙煎", bob)}, 2, true},
		{"part of a word is no word", "articles", "particle", "", []workflow.Piece{piece(1, "Art", bob), piece(2, "Coffee", bob)}, 1, false},
	} {
		msg := &inbox.Message{Subject: c.subject, Text: c.text}
		if c.file != "" {
			msg.Attachments = []inbox.Attachment{{Name: c.file}}
		}
		r := &ruling{msg: msg, author: workflow.Person{ID: bob}, received: inbox.Received{ReceivedAt: today}}
		s := score(r, c.pieces)
		isClear := s[0].title >= clearTitle && s[0].total-s[1].total >= clearMargin
		if s[0].piece.ID != c.best || isClear != c.clear {
			t.Errorf("%s: best %d, clear %v: %+v", c.about, s[0].piece.ID, isClear, s)
		}
		if s[0].total > 1 || s[1].total < 0 {
			t.Errorf("%s: scores %v and %v", c.about, s[0].total, s[1].total)
		}
	}
}
