package workflow

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadPeople(t *testing.T) {
	const file = "\xef\xbb\xbfEmail,Name,Class,Roles,Locale,Time zone\r\n" +
		"Ann@Example.org;ann@home.example,Ann Author,outside,author,de_AT,Europe/Vienna\r\n" +
		",,,,,\r\n" +
		"eve@agency.example,\"Editor, Eve\",Internal,editor;copy editor,,\r\n" +
		"ANN@home.example,Ann again,outside,author,,\r\n" +
		"bob,Bob,outside,author,,\r\n" +
		"cy@example.org,Cy,guest,author,,\r\n" +
		"di@example.org,Di,outside,writer,,\r\n" +
		"ed@example.org,Ed,outside,author,,,more\r\n" +
		"fay@example.org,F\xe4y,outside,author,,\r\n" +
		"gus@example.org,G\"us,outside,author,,\r\n" +
		"hal@example.org,Hal,outside\r\n"
	rows, errs := ReadPeople(strings.NewReader(file), "people.csv")
	want := []PersonRow{
		{Line: 2, Person: Person{Name: "Ann Author", Class: Outside, Roles: []Role{Author}, Addresses: []string{"ann@example.org", "ann@home.example"}, Locale: "de-AT", TimeZone: "Europe/Vienna"}},
		{Line: 4, Person: Person{Name: "Editor, Eve", Class: Internal, Roles: []Role{Editor, CopyEditor}, Addresses: []string{"eve@agency.example"}}},
		{Line: 12, Person: Person{Name: "Hal", Class: Outside, Addresses: []string{"hal@example.org"}}},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	wantErrs := []string{
		"people.csv:5: the address ann@home.example is in line 2 already",
		`people.csv:6: "bob" is not a mail address`,
		`people.csv:7: the class is "guest", it has to be internal or outside`,
		`people.csv:8: "writer" is not a role, the roles are author, editor, peer_reviewer, copy_editor, designer, distribution_lead, admin`,
		"people.csv:9: the row has 7 cells, the header names 6 columns: put quotes around a cell that holds the separator",
		"people.csv:10: the row is not UTF-8: save the file as “CSV UTF-8”",
		"people.csv:11: this is not CSV: bare \" in non-quoted-field",
	}
	if d := cmp.Diff(wantErrs, lines(errs)); d != "" {
		t.Error(d)
	}
}

func TestReadPeopleOnboarding(t *testing.T) {
	rows, errs := ReadPeople(strings.NewReader("email,name,class,onboarding\n"+
		"ann@x.example,Ann,outside,Done\nbob@x.example,Bob,outside,\ncy@x.example,Cy,outside,soon\neve@x.example,Eve,internal,done\n"), "p.csv")
	if len(rows) != 2 || !rows[0].Known || rows[1].Known {
		t.Errorf("rows %+v", rows)
	}
	want := []string{`p.csv:4: the onboarding is "soon", write done for somebody known from before, or leave it empty`,
		"p.csv:5: Eve is internal and has no onboarding: leave the cell empty"}
	if d := cmp.Diff(want, lines(errs)); d != "" {
		t.Error(d)
	}
}

func TestReadPeopleHeaders(t *testing.T) {
	for file, want := range map[string][]string{
		"":                          {"p.csv:1: the file is empty, its first line has to name the columns"},
		"email,name,class,shoe\nx":  {`p.csv:1: unknown column "shoe", the columns are email, name, class, roles, locale, timezone, onboarding`},
		"email,name\nann@x.example": {`p.csv:1: the column "class" is missing, the columns are email, name, class, roles, locale, timezone, onboarding`},
		"email,e-mail,name,class":   {`p.csv:1: the column "email" is there twice`},
		"email;name;class\n\"ann@x.example;a@y.example\";Ann;outside": nil,
		"email\tname\tclass\nann@x.example;a@y.example\tAnn\toutside": nil,
		"email;name;class\nann@x.example|a@y.example;Ann;outside":     nil,
	} {
		rows, errs := ReadPeople(strings.NewReader(file), "p.csv")
		if d := cmp.Diff(want, lines(errs)); d != "" {
			t.Errorf("%q: %s", file, d)
		}
		if want == nil && (len(rows) != 1 || len(rows[0].Person.Addresses) != 2) {
			t.Errorf("%q gives %+v", file, rows)
		}
	}
	_, errs := ReadPeople(iotest.ErrReader(errors.New("disk gone")), "p.csv")
	if len(errs) != 1 || !strings.Contains(errs[0].Reason, "disk gone") {
		t.Errorf("a broken disk gives %v", errs)
	}
}

func TestReadPieces(t *testing.T) {
	vienna := zoneOf(t, "Europe/Vienna")
	person := func(address string) (Person, error) {
		switch address {
		case "ann@example.org":
			return Person{ID: ann}, nil
		case "eve@agency.example":
			return Person{ID: eve}, nil
		case "cora@agency.example":
			return Person{ID: cora}, nil
		}
		return Person{}, Errorf(NotFound, "nobody has %s", address)
	}
	const file = "code,title,author,editor,distribution lead,stage,step deadlines,overall deadline\n" +
		"acme-1,Bread,Ann@example.org,eve@agency.example,,draft,draft=2026-12-01; copy edit=2026-12-08/cora@agency.example,2026-12-31\n" +
		"ACME-1,Bread again,ann@example.org,eve@agency.example,,,,\n" +
		"ACME-2,Late,ann@example.org,eve@agency.example,,draft,draft=2026-12-01,2026-11-30\n" +
		"ACME-3,Nobody,zoe@example.org,eve@agency.example,,draft,,\n" +
		"ACME-4,When,ann@example.org,eve@agency.example,,draft,draft=tomorrow,\n" +
		"ACME-5,Leap,ann@example.org,eve@agency.example,,draft,draft=2027-02-29,\n" +
		"ACME-6,Which,ann@example.org,eve@agency.example,,proof,,\n" +
		"ACME-7,Bare,ann@example.org,eve@agency.example,,draft,2026-12-01,\n" +
		"ACME-8,Twice,ann@example.org,eve@agency.example,,draft,draft=2026-12-01;draft=2026-12-02,\n" +
		"ACME-9,Nobody's,,eve@agency.example,,draft,,\n" +
		"ACME-10,Over,ann@example.org,eve@agency.example,eve@agency.example,finished,,\n"
	rows, errs := ReadPieces(strings.NewReader(file), "pieces.csv", vienna, person)
	want := []PieceRow{
		{2, PieceInput{Code: "ACME-1", Title: "Bread", AuthorID: ann, EditorID: eve, Stage: Draft,
			Deadline: time.Date(2026, 12, 31, 23, 59, 0, 0, vienna),
			Steps: map[Stage]StepInput{Draft: {Deadline: time.Date(2026, 12, 1, 23, 59, 0, 0, vienna)},
				CopyEdit: {OwnerID: cora, Deadline: time.Date(2026, 12, 8, 23, 59, 0, 0, vienna)}}}},
		{12, PieceInput{Code: "ACME-10", Title: "Over", AuthorID: ann, EditorID: eve, LeadID: eve, Finished: true, Steps: map[Stage]StepInput{}}},
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	wantErrs := []string{
		"pieces.csv:3: the code ACME-1 is in line 2 already",
		"pieces.csv:4: the draft deadline 2026-12-01 23:59 CET is past the overall deadline 2026-11-30 23:59 CET: move one of them",
		"pieces.csv:5: the author zoe@example.org is nobody we know: add them to the people first",
		`pieces.csv:6: the draft deadline: "tomorrow" is not a date, write year-month-day, like 2026-12-01`,
		`pieces.csv:7: the draft deadline: "2027-02-29" is not a date: February 2027 has 28 days`,
		`pieces.csv:8: "proof" is not a stage, the stages are pitch, draft, review, copy_edit, design, ready, published, distributed`,
		`pieces.csv:9: the step deadline "2026-12-01" has no date, write stage=date, like draft=2026-12-01`,
		"pieces.csv:10: the draft has two deadlines",
		"pieces.csv:11: ACME-9 has no author",
	}
	if d := cmp.Diff(wantErrs, lines(errs)); d != "" {
		t.Error(d)
	}
}

func lines(errs []RowError) []string {
	var all []string
	for _, e := range errs {
		all = append(all, e.Error())
	}
	return all
}
