package markdown

import (
	"slices"
	"strings"
)

// table is one that is being built. Its widest row is known only at its end.
type table struct {
	rows  [][]string
	row   []string
	lines []string // of the cell
}

// Table, Cell, Row and EndTable build a table: Cell and Row end what they name. A table within a cell becomes its text.
func (w *Writer) Table() {
	if w.table != nil || w.note != nil {
		w.End(Block{})
		w.Nested = true
		w.nested++
		return
	}
	w.Push()
	w.table = &table{}
}

func (w *Writer) Cell() {
	if w.End(Block{}); w.nested > 0 || w.table == nil {
		return
	}
	t := w.table
	if w.cells++; w.cells > maxCells {
		w.full = true
	} else if len(t.row) < maxColumns {
		t.row = append(t.row, strings.Join(t.lines, "<br>"))
	} else if s := strings.Join(t.lines, " "); s != "" {
		t.row = append(t.row, s)
	}
	t.lines = t.lines[:0]
}

func (w *Writer) Row() {
	if w.End(Block{}); w.nested > 0 || w.table == nil {
		return
	}
	t := w.table
	if len(t.lines) > 0 {
		w.Cell()
	}
	if len(t.row) > maxColumns {
		t.row = append(t.row[:maxColumns-1], strings.Join(t.row[maxColumns-1:], " "))
	}
	if slices.ContainsFunc(t.row, func(s string) bool { return s != "" }) {
		t.rows = append(t.rows, t.row)
	}
	t.row = nil
}

func (w *Writer) EndTable() {
	if w.nested > 0 {
		w.End(Block{})
		w.nested--
		return
	}
	if w.table == nil {
		return
	}
	w.Row()
	rows := w.table.rows
	w.table = nil
	w.emit(rows)
	w.Pop()
}

func (w *Writer) emit(rows [][]string) {
	if len(rows) == 0 {
		return
	}
	w.flushCode()
	columns := 0
	for _, r := range rows {
		n := len(r)
		for n > 0 && r[n-1] == "" {
			n--
		}
		columns = max(columns, n)
	}
	w.gap("", 0, true)
	for i, r := range rows {
		n := min(len(r), columns)
		if i == 0 {
			n = columns
		}
		w.put("|")
		for j := range n {
			if j < len(r) && r[j] != "" {
				w.put(" " + r[j])
			}
			w.put(" |")
		}
		w.put("\n")
		if i == 0 {
			w.put("|" + strings.Repeat(" --- |", columns) + "\n")
		}
	}
	w.lists = w.lists[:0]
	w.last, w.any = Block{}, true
}
