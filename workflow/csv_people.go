package workflow

import (
	"fmt"
	"io"
	"strings"
)

// PersonRow is a person as a row of an import file.
type PersonRow struct {
	Line   int
	Person Person
	Known  bool // from before the checklist: nothing of the onboarding is asked
}

// ReadPeople reads people from CSV: email[;alias…], name, class (internal or outside), roles, locale, timezone,
// onboarding ("done" for a contributor who is known from before, else empty). Several addresses or roles in a cell are
// separated by ; or |. It returns the good rows and every bad one.
func ReadPeople(r io.Reader, file string) ([]PersonRow, []RowError) {
	t := openTable(r, file, []column{
		{name: "email", also: []string{"e_mail", "address", "addresses", "email[;alias…]", "email[;alias...]"}, required: true},
		{name: "name", required: true},
		{name: "class", required: true},
		{name: "roles", also: []string{"role"}},
		{name: "locale", also: []string{"language"}},
		{name: "timezone", also: []string{"time_zone"}},
		{name: "onboarding"},
	})
	var rows []PersonRow
	seen := map[string]int{}
	errs := t.rows(func(line int, row map[string]string) error {
		p, err := personOf(row)
		if err != nil {
			return err
		}
		known, err := knownBefore(p, row["onboarding"])
		if err != nil {
			return err
		}
		for _, a := range p.Addresses {
			if before, ok := seen[a]; ok {
				return fmt.Errorf("the address %s is in line %d already", a, before)
			}
		}
		for _, a := range p.Addresses {
			seen[a] = line
		}
		rows = append(rows, PersonRow{line, p, known})
		return nil
	})
	return rows, errs
}

func knownBefore(p Person, cell string) (bool, error) {
	switch key(cell) {
	case "":
		return false, nil
	case "done":
		if p.Class == Internal {
			return false, Errorf(Invalid, "%s is internal and has no onboarding: leave the cell empty", p.Name)
		}
		return true, nil
	}
	return false, Errorf(Invalid, "the onboarding is %q, write done for somebody known from before, or leave it empty", cell)
}

func personOf(row map[string]string) (Person, error) {
	p := Person{Name: row["name"], Locale: strings.ReplaceAll(row["locale"], "_", "-"), TimeZone: row["timezone"]}
	for _, a := range list(row["email"]) {
		p.Addresses = append(p.Addresses, strings.TrimSpace(a))
	}
	class, err := ParseClass(row["class"])
	if err != nil {
		return Person{}, err
	}
	p.Class = class
	for _, r := range list(row["roles"]) {
		role, err := ParseRole(r)
		if err != nil {
			return Person{}, err
		}
		p.Roles = append(p.Roles, role)
	}
	p = p.Normalize()
	return p, p.Validate()
}
