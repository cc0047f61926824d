package workflow

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNormalizeAddress(t *testing.T) {
	for in, want := range map[string]string{
		"Ann@Example.ORG":            "ann@example.org",
		" a.n.n+x@gmail.com ":        "a.n.n+x@gmail.com",
		"jörg@BÜCHER.example":        "jörg@xn--bcher-kva.example",
		"JÖRG@xn--bcher-kva.example": "jörg@xn--bcher-kva.example",
		"jo\u0308rg@example.org":     "jörg@example.org",
		"ann@example.org.":           "ann@example.org",
		"under@a_b.example":          "under@a_b.example",
		"":                           "", "ann": "", "@x": "", "ann@": "", "a b@x": "", "a@b, c@d": "", "ann@.": "", "a\x00@b": "", "\xff@b": "",
	} {
		if got := NormalizeAddress(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := NormalizeAddress(rapid.String().Draw(t, "local") + "@" + rapid.String().Draw(t, "domain"))
		if once != "" && NormalizeAddress(once) != once {
			t.Fatalf("%q becomes %q", once, NormalizeAddress(once))
		}
	})
}

func TestWithoutPlus(t *testing.T) {
	for in, want := range map[string]string{"ann+x+y@example.org": "ann@example.org", "ann@example.org": "ann@example.org", "+x@example.org": "+x@example.org", "ann@a+b": "ann@a+b"} {
		if got, had := WithoutPlus(in); got != want || had != (got != in) {
			t.Errorf("%q gives %q %v", in, got, had)
		}
	}
}

func TestPersonValidate(t *testing.T) {
	good := Person{Name: "Ann", Class: Outside, Addresses: []string{"ann@example.org"}, Roles: []Role{Author}, Locale: "pt-BR", TimeZone: "Europe/Berlin"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Person){
		"the person has no name":      func(p *Person) { p.Name = "" },
		"Ann has no address":          func(p *Person) { p.Addresses = nil },
		`"ann" is not a mail address`: func(p *Person) { p.Addresses = []string{"ann"} },
		`the address "Ann@x.example" is not normalised, write "ann@x.example"`:                                               func(p *Person) { p.Addresses = []string{"Ann@x.example"} },
		`the class of Ann is "", it has to be internal or outside`:                                                           func(p *Person) { p.Class = "" },
		`"boss" is not a role, the roles are author, editor, peer_reviewer, copy_editor, designer, distribution_lead, admin`: func(p *Person) { p.Roles = []Role{"boss"} },
		`"german" is not a locale, write one like en, de or pt-BR`:                                                           func(p *Person) { p.Locale = "german" },
		`"Mars/Base" is not a time zone, write one like Europe/Berlin`:                                                       func(p *Person) { p.TimeZone = "Mars/Base" },
	} {
		p := good
		change(&p)
		if err := p.Validate(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if l := (Person{TimeZone: "Mars/Base"}).Location(nil); l != time.UTC {
		t.Errorf("an unknown zone gives %s", l)
	}
}

func TestEventText(t *testing.T) {
	name := func(id int64) string { return map[int64]string{1: "Ann", 2: "Eve"}[id] }
	for want, e := range map[string]Event{
		"Handoff filed for Ann: version 1":        {Kind: EntryFiled, PersonID: 1, Detail: "version 1"},
		"Eve: draft is done, by Ann":              {Kind: StepDone, PersonID: 1, ActorID: 2, Detail: "draft is done"},
		"Handoff: review is open, for Eve":        {Kind: StepOpened, PersonID: 2, Detail: "review is open"},
		"Eve mailed around the tool: “Quick fix”": {Kind: BypassRecorded, PersonID: 2, Detail: "“Quick fix”"},
		"Ann: “accept” was refused: no":           {Kind: RequestRefused, PersonID: 1, MessageID: 7, Detail: "“accept” was refused: no"},
		"Handoff: “accept” was refused: no":       {Kind: RequestRefused, MessageID: 7, Detail: "“accept” was refused: no"},
		"Eve: another distribution lead: Ann":     {Kind: LeadNamed, PersonID: 1, ActorID: 2, Detail: "another distribution lead"},
		"Eve: another distribution lead":          {Kind: LeadNamed, ActorID: 2, Detail: "another distribution lead"},
		"Eve: a peer review is asked for, of Ann": {Kind: ReviewerAsked, PersonID: 1, ActorID: 2, Detail: "a peer review is asked for"},
		"Ann: done: Header image":                 {Kind: TaskDone, PersonID: 1, MessageID: 7, Detail: "done: Header image"},
		"Handoff: done: Header image":             {Kind: TaskDone, PersonID: 1, Detail: "done: Header image"},
		"Eve: overall deadline: none → tomorrow":  {Kind: DeadlineChanged, ActorID: 2, Detail: "overall deadline: none → tomorrow"},
	} {
		if got := e.Text(name); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
