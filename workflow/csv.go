package workflow

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// RowError is one bad row of an import.
type RowError struct {
	File   string
	Line   int
	Reason string
}

func (e RowError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// table reads a CSV file with a header row: UTF-8, with or without a byte order mark; separated by comma, semicolon or tab,
// whichever the header row has most of.
type table struct {
	file    string
	reader  *csv.Reader
	columns []string
	errs    []RowError
}

// column is a known column under all the names it goes by.
type column struct {
	name     string
	also     []string
	required bool
}

func openTable(r io.Reader, file string, known []column) *table {
	t := &table{file: file}
	br := bufio.NewReaderSize(r, 64<<10)
	if mark, err := br.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = br.Discard(3)
	}
	t.reader = csv.NewReader(br)
	t.reader.Comma = separator(br)
	t.reader.FieldsPerRecord = -1
	header, err := t.reader.Read()
	switch {
	case errors.Is(err, io.EOF):
		t.fail(1, "the file is empty, its first line has to name the columns")
		return t
	case err != nil:
		t.fail(lineOf(err, 1), "%s", reasonOf(err))
		return t
	}
	line, _ := t.reader.FieldPos(0)
	for _, h := range header {
		name := key(h)
		for _, c := range known {
			if slices.Contains(c.also, name) {
				name = c.name
			}
		}
		if !slices.ContainsFunc(known, func(c column) bool { return c.name == name }) {
			t.fail(line, "unknown column %q, the columns are %s", strings.TrimSpace(h), columnNames(known))
		} else if slices.Contains(t.columns, name) {
			t.fail(line, "the column %q is there twice", name)
		}
		t.columns = append(t.columns, name)
	}
	for _, c := range known {
		if c.required && !slices.Contains(t.columns, c.name) {
			t.fail(line, "the column %q is missing, the columns are %s", c.name, columnNames(known))
		}
	}
	return t
}

// separator looks at the first line without consuming it.
func separator(br *bufio.Reader) rune {
	head, _ := br.Peek(4096) // a shorter file gives what there is
	counts := map[rune]int{}
	quoted := false
	for _, c := range string(head) {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// rows hands every row to each, by column name, values trimmed; the error that each gives is noted for that row. Nothing is
// read after a bad header.
func (t *table) rows(each func(line int, row map[string]string) error) []RowError {
	if len(t.errs) > 0 {
		return t.errs
	}
	for {
		fields, err := t.reader.Read()
		if errors.Is(err, io.EOF) {
			return t.errs
		}
		if err != nil {
			t.fail(lineOf(err, 0), "%s", reasonOf(err))
			var parse *csv.ParseError
			if !errors.As(err, &parse) {
				return t.errs // the file itself cannot be read on
			}
			continue
		}
		line, _ := t.reader.FieldPos(0)
		if !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }) {
			continue // spreadsheets leave rows of separators behind
		}
		if len(fields) > len(t.columns) {
			t.fail(line, "the row has %d cells, the header names %d columns: put quotes around a cell that holds the separator", len(fields), len(t.columns))
			continue
		}
		if slices.ContainsFunc(fields, func(f string) bool { return !utf8.ValidString(f) }) {
			t.fail(line, "the row is not UTF-8: save the file as “CSV UTF-8”")
			continue
		}
		row := make(map[string]string, len(fields))
		for i, f := range fields {
			row[t.columns[i]] = strings.TrimSpace(f)
		}
		if err := each(line, row); err != nil {
			t.fail(line, "%s", err)
		}
	}
}

func (t *table) fail(line int, format string, args ...any) {
	t.errs = append(t.errs, RowError{File: t.file, Line: line, Reason: fmt.Sprintf(format, args...)})
}

func lineOf(err error, otherwise int) int {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return parse.StartLine
	}
	return otherwise
}

func reasonOf(err error) string {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Sprintf("this is not CSV: %s", parse.Err)
	}
	return err.Error()
}

func columnNames(known []column) string {
	names := make([]string, len(known))
	for i, c := range known {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

// list splits a cell that holds several values.
func list(cell string) []string {
	return strings.FieldsFunc(cell, func(c rune) bool { return c == ';' || c == '|' || c == ',' || c == '\n' || c == '\r' })
}
