package outbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

func composer(t testing.TB) *outbox.Composer {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	rules := workflow.DefaultReminderRules()
	rules.Zone = berlin
	return &outbox.Composer{
		Team: "Example Agency", Identity: identity(t, replyPattern, key(1, 0)), Clock: clock.NewFake(start), Locale: "en",
		Rules: rules,
	}
}

var (
	anna = workflow.Person{ID: 1, Name: "Anna Berg", Class: workflow.Outside, Addresses: []string{"anna@berg.example", "anna@old.example"}}
	erik = workflow.Person{ID: 2, Name: "Erik Holm", Class: workflow.Internal, Addresses: []string{"erik@agency.example"}, Locale: "sv", TimeZone: "Europe/Stockholm"}
	cora = workflow.Person{ID: 3, Name: "Cora Lind", Class: workflow.Internal, Addresses: []string{"cora@agency.example"}}
	mute = workflow.Person{ID: 4, Name: "Mute Person", Class: workflow.Internal}
)

func team() map[int64]workflow.Person {
	return map[int64]workflow.Person{1: anna, 2: erik, 3: cora, 4: mute}
}

func TestCompose(t *testing.T) {
	c := composer(t)
	n, err := c.Compose(templates.Receipt{Piece: templates.Piece{Code: "ACME-12", Title: "Heat pumps"}, Subject: "First draft", Version: 1}, anna, outbox.About{
		Key: "reply:77:receipt", PieceID: 12, StepID: 5, CauseID: 77, AutoReply: true,
		InReplyTo: "<2@berg.example>", References: []string{"<1@berg.example>", "broken id", "<2@berg.example>"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ref := outbox.Ref{PieceID: 12, PersonID: 1}
	want := outbox.Notice{
		Key: "reply:77:receipt", Template: "receipt", AutoReply: true, ToName: "Anna Berg", ToAddress: "anna@berg.example",
		Locale: "en", TimeZone: "Europe/Berlin", PersonID: 1, PieceID: 12, StepID: 5, CauseID: 77,
		MessageID: c.Identity.MessageID(ref, "reply:77:receipt"), InReplyTo: "2@berg.example",
		References: []string{c.Identity.ThreadID(ref), "1@berg.example", "2@berg.example"}, ReplyTo: c.Identity.ReplyAddress(ref),
		State: outbox.Queued, DueAt: start, NextAt: start, CreatedAt: start,
	}
	data := n.Data
	n.Data = nil
	if diff := cmp.Diff(want, n); diff != "" {
		t.Errorf("notice (-want +got):\n%s", diff)
	}
	d, err := templates.Decode(n.Template, data)
	if err != nil {
		t.Fatal(err)
	}
	base := templates.Base{Team: "Example Agency", To: templates.Person{Name: "Anna Berg", Address: "anna@berg.example", Outside: true}}
	if diff := cmp.Diff(base, d.(templates.Receipt).Base); diff != "" {
		t.Errorf("base (-want +got):\n%s", diff)
	}
	if n, err := c.Compose(templates.Redirect{}, erik, outbox.About{Key: "k", DueAt: start.Add(time.Hour)}); err != nil ||
		n.Locale != "sv" || n.TimeZone != "Europe/Stockholm" || n.NextAt != start.Add(time.Hour) {
		t.Errorf("notice %+v, %v", n, err)
	}
	stranger := workflow.Person{Addresses: []string{"someone@else.example"}}
	if n, err := c.Compose(templates.Redirect{Subject: "Hi"}, stranger, outbox.About{Key: "k"}); err != nil || !strings.Contains(string(n.Data), `"Name":"someone@else.example"`) {
		t.Errorf("notice to a stranger %s, %v", n.Data, err)
	}
	if _, err := c.Compose(templates.Redirect{}, mute, outbox.About{Key: "k"}); workflow.CodeOf(err) != workflow.Invalid {
		t.Errorf("without an address: %v", err)
	}
	if _, err := c.Compose(templates.Redirect{}, anna, outbox.About{}); err == nil {
		t.Error("without a key: no error")
	}
}

// The thread comes first, what was answered last, nothing twice, never more than ten, and no id can break a header.
func TestReferences(t *testing.T) {
	c := composer(t)
	thread := c.Identity.ThreadID(outbox.Ref{PersonID: 1})
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.StringMatching(`<[a-e]@x\.example>`), rapid.String(), rapid.Just(thread))
		before := rapid.SliceOfN(id, 0, 30).Draw(t, "references")
		n, err := c.Compose(templates.Redirect{}, anna, outbox.About{Key: "k", References: before, InReplyTo: "<answered@x.example>"})
		if err != nil {
			t.Fatal(err)
		}
		refs := n.References
		if refs[0] != thread || refs[len(refs)-1] != "answered@x.example" || len(refs) > 10 {
			t.Fatalf("references %q", refs)
		}
		if sorted := slices.Compact(slices.Sorted(slices.Values(refs))); len(sorted) != len(refs) {
			t.Fatalf("an id twice in %q", refs)
		}
		for _, r := range refs {
			if strings.ContainsAny(r, "<> \r\n\t\x00") {
				t.Fatalf("reference %q", r)
			}
		}
	})
}

func handoff(from, to int64) workflow.Change {
	p := workflow.Piece{ID: 12, Code: "ACME-12", Title: "Heat pumps", EditorID: 2, Stage: workflow.Review}
	h := workflow.Handoff{From: workflow.Step{ID: 51, Stage: workflow.Draft, OwnerID: from, DoneAt: start}}
	if to >= 0 {
		h.To = workflow.Step{ID: 52, Stage: workflow.Review, OwnerID: to, OpenedAt: start, Deadline: start.Add(48 * time.Hour), DeadlineVersion: 3}
	}
	return workflow.Change{Piece: p, Handoffs: []workflow.Handoff{h}}
}

func TestTellHandoffs(t *testing.T) {
	for name, c := range map[string]struct {
		from, to, actor int64
		want            []string
	}{
		"to a third":                {1, 3, 0, []string{"step_opened:Cora Lind", "step_done:Anna Berg", "step_done:Erik Holm"}},
		"the giver did it":          {1, 3, 1, []string{"step_opened:Cora Lind", "step_done:Erik Holm"}},
		"the editor did it":         {1, 3, 2, []string{"step_opened:Cora Lind", "step_done:Anna Berg"}},
		"to the editor":             {1, 2, 1, []string{"step_opened:Erik Holm"}},
		"to themselves":             {3, 3, 3, []string{"step_opened:Cora Lind", "step_done:Erik Holm"}},
		"the last step":             {3, -1, 3, []string{"step_done:Erik Holm"}},
		"to nobody yet":             {1, 0, 0, []string{"step_done:Anna Berg", "step_done:Erik Holm"}},
		"to one without an address": {1, 4, 1, []string{"step_done:Erik Holm"}},
	} {
		t.Run(name, func(t *testing.T) {
			notices, err := composer(t).Tell(outbox.Happening{Change: handoff(c.from, c.to), People: team(), ActorID: c.actor, CauseID: 77})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			keys := map[string]bool{}
			for _, n := range notices {
				got = append(got, n.Template+":"+n.ToName)
				keys[n.Key] = true
				if n.CauseID != 77 || n.PieceID != 12 || n.StepID == 0 || n.AutoReply {
					t.Errorf("notice %+v", n)
				}
				if _, err := templates.Decode(n.Template, n.Data); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(keys) != len(notices) {
				t.Errorf("keys %v", keys)
			}
			again, err := composer(t).Tell(outbox.Happening{Change: handoff(c.from, c.to), People: team(), ActorID: c.actor, CauseID: 77})
			if err != nil || !cmp.Equal(again, notices) {
				t.Errorf("the same change gives other notices: %v", err)
			}
		})
	}
	if _, err := composer(t).Tell(outbox.Happening{Change: handoff(1, 99), People: team()}); workflow.CodeOf(err) != workflow.NotFound {
		t.Errorf("an unknown owner: %v", err)
	}
}

// Of an address that nobody registered hear whose it counts as and the team, not others outside.
func TestComposeStray(t *testing.T) {
	c := composer(t)
	ben := workflow.Person{ID: 9, Name: "Ben", Class: workflow.Outside, Addresses: []string{"ben@berg.example"}}
	theirs := &templates.Stray{Address: "x@elsewhere.example", Who: templates.Person{Name: "Anna Berg", Address: "anna@berg.example", Outside: true}}
	yours := *theirs
	yours.Yours = true
	for who, want := range map[*workflow.Person]*templates.Stray{&anna: &yours, &erik: theirs, &ben: nil} {
		n, err := c.Compose(templates.Note{Text: "Hello"}, *who, outbox.About{Key: "note:1", Stray: &outbox.Stray{Address: "x@elsewhere.example", Who: anna}})
		if err != nil {
			t.Fatal(err)
		}
		d, err := templates.Decode("note", n.Data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, d.(templates.Note).Stray); diff != "" {
			t.Errorf("%s: %s", who.Name, diff)
		}
	}
}
