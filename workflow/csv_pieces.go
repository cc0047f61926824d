package workflow

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// PieceRow is a piece as a row of an import file.
type PieceRow struct {
	Line  int
	Piece PieceInput
}

// ReadPieces reads pieces from CSV: code, title, author, editor, distribution_lead, stage, step_deadlines, overall_deadline.
// People are named by address; person finds them. stage may also be "finished". step_deadlines holds stage=date, with the
// owner behind it where it is not the default one: "draft=2026-12-01; copy_edit=2026-12-08/cora@agency.example". A date is
// the end of that day (23:59) in the team's zone, a date with a time (2026-12-01 17:00) is that moment there. It returns the
// good rows and every bad one.
func ReadPieces(r io.Reader, file string, team *time.Location, person func(address string) (Person, error)) ([]PieceRow, []RowError) {
	t := openTable(r, file, []column{
		{name: "code", required: true},
		{name: "title", required: true},
		{name: "author", required: true},
		{name: "editor", required: true},
		{name: "distribution_lead", also: []string{"lead"}},
		{name: "stage"},
		{name: "step_deadlines", also: []string{"deadlines", "steps"}},
		{name: "overall_deadline", also: []string{"deadline"}},
	})
	var rows []PieceRow
	seen := map[string]int{}
	errs := t.rows(func(line int, row map[string]string) error {
		in, err := pieceOf(row, team, person)
		if err != nil {
			return err
		}
		if before, ok := seen[in.Code]; ok {
			return fmt.Errorf("the code %s is in line %d already", in.Code, before)
		}
		seen[in.Code] = line
		if _, _, err := NewPiece(in, Cause{}); err != nil {
			return err
		}
		rows = append(rows, PieceRow{line, in})
		return nil
	})
	return rows, errs
}

func pieceOf(row map[string]string, team *time.Location, person func(string) (Person, error)) (PieceInput, error) {
	in := PieceInput{Code: NormalizeCode(row["code"]), Title: row["title"]}
	find := func(what, address string, to *int64) error {
		if address == "" {
			return nil
		}
		normal := NormalizeAddress(address)
		if normal == "" {
			return fmt.Errorf("the %s %q is not a mail address", what, address)
		}
		p, err := person(normal)
		if CodeOf(err) == NotFound {
			return fmt.Errorf("the %s %s is nobody we know: add them to the people first", what, address)
		}
		if err != nil {
			return fmt.Errorf("looking up the %s %s: %w", what, address, err)
		}
		*to = p.ID
		return nil
	}
	for _, who := range []struct {
		what, column string
		to           *int64
	}{{"author", "author", &in.AuthorID}, {"editor", "editor", &in.EditorID}, {"distribution lead", "distribution_lead", &in.LeadID}} {
		if err := find(who.what, row[who.column], who.to); err != nil {
			return in, err
		}
	}
	switch stage := row["stage"]; key(stage) {
	case "":
	case "finished", "done":
		in.Finished = true
	default:
		s, err := ParseStage(stage)
		if err != nil {
			return in, err
		}
		in.Stage = s
	}
	if d := row["overall_deadline"]; d != "" {
		at, err := ParseDeadline(d, team)
		if err != nil {
			return in, fmt.Errorf("the overall deadline: %w", err)
		}
		in.Deadline = at
	}
	in.Steps = map[Stage]StepInput{}
	for _, part := range list(row["step_deadlines"]) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		stage, step, err := stepOf(part, team, find)
		if err != nil {
			return in, err
		}
		if _, ok := in.Steps[stage]; ok {
			return in, fmt.Errorf("the %s has two deadlines", stage.Label())
		}
		in.Steps[stage] = step
	}
	return in, nil
}

// stepOf reads "copy_edit=2026-12-08/cora@agency.example"; either the date or the owner may be left out.
func stepOf(part string, team *time.Location, find func(what, address string, to *int64) error) (Stage, StepInput, error) {
	name, rest, ok := strings.Cut(part, "=")
	if !ok {
		return "", StepInput{}, fmt.Errorf("the step deadline %q has no date, write stage=date, like draft=2026-12-01", strings.TrimSpace(part))
	}
	stage, err := ParseStage(name)
	if err != nil {
		return "", StepInput{}, err
	}
	var step StepInput
	date, owner, _ := strings.Cut(rest, "/")
	if date = strings.TrimSpace(date); date != "" {
		if step.Deadline, err = ParseDeadline(date, team); err != nil {
			return "", StepInput{}, fmt.Errorf("the %s deadline: %w", stage.Label(), err)
		}
	}
	if err := find(stage.Label()+" owner", strings.TrimSpace(owner), &step.OwnerID); err != nil {
		return "", StepInput{}, err
	}
	return stage, step, nil
}

// pastMonth is a day that its month does not have, where nothing else is wrong with it.
var pastMonth = regexp.MustCompile(`^(\d{4})-(0[1-9]|1[0-2])-(29|30|31)\b`)

// ParseDeadline reads 2026-12-01 (the end of that day in zone), 2026-12-01 17:00 (that moment in zone) or an RFC 3339 time.
func ParseDeadline(s string, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if d, err := time.Parse("2006-01-02", s); err == nil {
		return EndOfDay(d.Year(), d.Month(), d.Day(), zone), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if n := pastMonth.FindStringSubmatch(s); n != nil {
		year, _ := strconv.Atoi(n[1])
		month, _ := strconv.Atoi(n[2])
		last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
		return time.Time{}, Errorf(Invalid, "%q is not a date: %s has %d days", s, last.Format("January 2006"), last.Day())
	}
	return time.Time{}, Errorf(Invalid, "%q is not a date, write year-month-day, like 2026-12-01", s)
}
