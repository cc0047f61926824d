package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"handoff/templates"
)

// A mail about what came from an address that nobody registered begins with that address, in its reader's language: to whose
// it counts as, and to the team, which is told the command that registers it.
func TestStray(t *testing.T) {
	s := load(t)
	dan := templates.Person{Name: "Dan Diaz", Address: "dan@diaz.example", Outside: true}
	erik := templates.Person{Name: "Erik Holm", Address: "erik@agency.example"}
	var b strings.Builder
	for _, locale := range templates.Locales() {
		for _, to := range []struct {
			reader, who templates.Person
			yours       bool
		}{{dan, dan, true}, {erik, erik, true}, {erik, dan, false}} {
			base := templates.Base{Team: "Example Agency", To: to.reader, Stray: &templates.Stray{Address: "me@elsewhere.example", Who: to.who, Yours: to.yours}}
			r, err := s.Render(templates.WithBase(templates.Noted{What: "It is done."}, base), templates.Audience{Locale: locale})
			if err != nil {
				t.Fatal(err)
			}
			said, _, _ := strings.Cut(r.Text, "\n\n")
			if !strings.Contains(said, "me@elsewhere.example") || strings.Contains(strings.Join(strings.Fields(said), " "), "handoff person alias "+to.who.Address+" me@elsewhere.example ") == to.reader.Outside {
				t.Errorf("%s, to %s: %s", locale, to.reader.Name, said)
			}
			fmt.Fprintf(&b, "%s, to %s:\n%s\n\n", locale, to.reader.Name, said)
		}
	}
	golden(t, "stray.txt", b.String())
}

// An address is one word of the command, and no Markdown, whatever it holds.
func TestStrayAddressIsOneWord(t *testing.T) {
	s := load(t)
	d := templates.Note{Base: templates.Base{To: templates.Person{Name: "Erik Holm", Address: "erik@agency.example"},
		Stray: &templates.Stray{Address: "a'`$(x)*b*@evil.example", Who: templates.Person{Name: "*Dan*", Address: "dan@diaz.example"}}}, Text: "Hello"}
	r, err := s.Render(d, templates.Audience{Locale: "en"})
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(r.Text), " ")
	if want := `handoff person alias dan@diaz.example 'a'\''` + "`$(x)*b*@evil.example'"; !strings.Contains(flat, want) {
		t.Errorf("lacks %s:\n%s", want, r.Text)
	}
	if strings.Contains(r.HTML, "<em>") || !strings.Contains(r.HTML, "*b*@evil.example") {
		t.Errorf("the address became Markdown:\n%s", r.HTML)
	}
}
