package inbox

import "strings"

// run is a stretch of lines of one sort, blank lines inside included.
type run struct {
	quote      bool
	start, end int
}

// dropQuotes decides which quotes belong to the answer. Quotes that answers stand under are kept with them; a quote above
// a single answer, or below everything, is history.
func dropQuotes(lines []line, kinds []byte, end int, fresh bool) {
	var runs []run
	for i := 0; i < end; i++ {
		var quote bool
		switch kinds[i] {
		case quotedLine, introLine:
			quote = true
		case textLine, codeLine:
		default:
			continue
		}
		if n := len(runs); n > 0 && runs[n-1].quote == quote {
			runs[n-1].end = i + 1
		} else {
			runs = append(runs, run{quote, i, i + 1})
		}
	}
	answers := 0
	for i, r := range runs {
		if !r.quote && i > 0 {
			answers++
		}
	}
	for i, r := range runs {
		if !r.quote {
			continue
		}
		drop := false
		introduced := lines[r.start].mark == quotedBlock || hasKind(kinds[r.start:r.end], introLine)
		if fresh && i > 0 && i < len(runs)-1 && intros(kinds[r.start:r.end]) > 1 {
			continue // an exchange of mails, printed in a text
		}
		switch {
		case fresh && !introduced: // it answers nothing: the quote is content
		case i == len(runs)-1: // trailing
			drop = i > 0 && (introduced || !pointedAt(lines, r))
		case i == 0 && answers == 1: // the answer stands below the whole mail
			drop = introduced || r.end-r.start >= 3 || runs[1].start == r.end
		case answers == 1: // text, quote, text: the whole mail quoted in between, or lines picked to answer them
			drop = introduced || closing(lines, kinds, runs[i+1])
		}
		start := r.start
		if drop && i > 0 && i == len(runs)-1 && introduced && kinds[start] == quotedLine && lines[start].mark != quotedBlock {
			// Lines that were picked to answer them, and then the whole mail below its attribution.
			for kinds[start] != introLine {
				start++
			}
		}
		if !drop && kinds[start] == introLine { // Notes quotes the header below the attribution
			k := start
			for k < r.end && kinds[k] != quotedLine {
				k++
			}
			if b, ok := headerBlockAt(lines, k); ok && b.address && b.end <= r.end {
				for j := k; j < r.end && (j < b.end || strings.Trim(lines[j].text, "> \t") == ""); j++ {
					kinds[j] = introLine
				}
			}
		}
		for j := start; j < r.end; j++ {
			if drop || kinds[j] == introLine {
				kinds[j] = dropLine
			}
		}
	}
}

// pointedAt tells a few quoted lines that the line above speaks of: "Please change this:".
func pointedAt(lines []line, r run) bool {
	if r.end-r.start > 4 {
		return false
	}
	for i := r.start - 1; i >= 0; i-- {
		if text := strings.TrimSpace(lines[i].text); text != "" {
			if low := fold(text); dateBegins(low) && findVerb(low).last {
				return false // "On Monday Ken wrote:"
			}
			return strings.ContainsAny(text[len(text)-1:], ":?") || strings.HasSuffix(text, "：") || strings.HasSuffix(text, "？")
		}
	}
	return false
}

// intros counts the attributions in a run.
func intros(kinds []byte) int {
	n := 0
	for i, k := range kinds {
		if k == introLine && (i == 0 || kinds[i-1] != introLine) {
			n++
		}
	}
	return n
}

func hasKind(kinds []byte, k byte) bool {
	for _, c := range kinds {
		if c == k {
			return true
		}
	}
	return false
}

// closing tells a run that only takes leave: a sign-off, a name, a signature.
func closing(lines []line, kinds []byte, r run) bool {
	count := 0
	for i := r.start; i < r.end; i++ {
		if kinds[i] == textLine || kinds[i] == codeLine {
			count++
		}
	}
	return count <= 4 && signOff(lines[r.start].text) != ""
}
