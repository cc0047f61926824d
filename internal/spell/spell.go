// Package spell finds what a mistyped name was meant to be.
package spell

import "strings"

// Nearest is the known name that is most like name: within a third of its letters, two at least, or one that begins or ends
// the same way. "" if none is.
func Nearest(name string, known []string) string {
	best, limit := "", max(2, len(name)/3)+1
	if len(name) < 4 {
		limit = 2
	}
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < limit && d < len(k) {
			best, limit = k, d
		}
	}
	if best != "" || len(name) < 4 {
		return best
	}
	for _, k := range known {
		if strings.HasPrefix(k, name) || strings.HasPrefix(name, k) || strings.HasSuffix(k, name) {
			return k
		}
	}
	return ""
}

// distance is Levenshtein's, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
