package worddiff

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The cases of testdata: old text, new text and what a mail shows, parted by lines of "=== ".
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			parts := strings.Split(string(content), "======\n")
			d := Compare(parts[0], parts[1], Limits{})
			got := d.Summary() + "\n\n" + d.Text(5) + "\n"
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(parts[0]+"======\n"+parts[1]+"======\n"+got), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if len(parts) != 3 || got != parts[2] {
				t.Errorf("got\n%s", got)
			}
			checkDiff(t, parts[0], parts[1], Limits{})
		})
	}
}

// What only a word processor or a mail program changed is no change.
func TestNoChange(t *testing.T) {
	for _, c := range [][2]string{
		{"", "\n \t\n"},
		{"One two three four.", "One\ntwo\r\n  three\u00a0four.\n\n"},
		{"“Don’t,” she said — twice…", "\"Don't,\" she said --- twice..."},
		{"One. Two.\n\nThree.", "One.\n\nTwo. Three."},
		{"cafe\u0301 co\u00adoperate", "café cooperate"},
		{"« Oui », dit-il", "\" Oui \", dit‑il"},
		{"# One\n\nTwo three `four` ~~five~~.", "## **One** #\n\n*Two* __three__ four five\\.\\"},
		{"See https://a.example/b.", "See <https://a.example/b>\\."},
	} {
		if d := Compare(c[0], c[1], Limits{}); len(d.Hunks) > 0 || d.Summary() != "no words changed" || d.Text(0) != "" {
			t.Errorf("%q, %q: %s", c[0], c[1], d.Text(0))
		}
	}
}

// The marks of Markdown are not shown, and what only looks like one is.
func TestBare(t *testing.T) {
	for _, c := range [][2]string{
		{"**Bold**, *leaning*, _so_ and ***both***; **Ca**pital", "Bold, leaning, so and both; Capital"},
		{"a [link](https://a.example/x), ![a picture](p.png), [https://a.example](https://a.example)", "a link (https://a.example/x), a picture (p.png), https://a.example"},
		{`1\. \*not\* \[so\](x) \# \\`, `1. *not* [so](x) # \`},
		{"2*3*4, snake_case_name, 5 * 6 * 7, a ** b, * item", "2*3*4, snake_case_name, 5 * 6 * 7, a ** b, * item"},
		{"[not a link], [nor](this one), a < b > c, <not@address>", "[not a link], [nor](this one), a < b > c, <not@address>"},
		{"a\\\nb\\", "a\nb"},
		{"**open, `open, ~open", "**open, `open, ~open"},
	} {
		if got := bare(c[0]); got != c[1] {
			t.Errorf("%q: %q, want %q", c[0], got, c[1])
		}
	}
	d := Compare("## Costs\n\nIt is **5000** euros.", "# Costs\n\nIt is [6000](https://a.example) euros.\n\n### New *part*", Limits{})
	if want := "Costs: It is [-5000-] {+6000 (https://a.example)+} euros.\n\n{+New part+}"; d.Text(0) != want {
		t.Errorf("%q, want %q", d.Text(0), want)
	}
	start := time.Now()
	for _, unit := range []string{"*a", "[", "](", "[](", "<", "`", "\\", "_a_ **b** ~~c~~ "} {
		bare(strings.Repeat(unit, 1<<20/len(unit)))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("hostile lines took %s", took)
	}
}

// An excerpt keeps to its size and says how much it leaves out.
func TestExcerpt(t *testing.T) {
	var old, new strings.Builder
	for i := range 50 {
		fmt.Fprintf(&old, "Paragraph %d is about one thing and no other.\n\n", i)
		fmt.Fprintf(&new, "Paragraph %d is about some thing and no other.\n\n", i)
	}
	d := Compare(old.String(), new.String(), Limits{})
	for _, c := range []struct{ places, bytes, shown int }{{10, 0, 10}, {0, 300, 5}, {3, 300, 3}, {0, 1, 1}, {0, 0, 50}} {
		text, left := d.Excerpt(c.places, c.bytes)
		if shown := strings.Count(text, "[-one-]"); shown != c.shown || left != 50-shown {
			t.Errorf("%+v: %d shown, %d left out:\n%s", c, shown, left, text)
		}
		if more := fmt.Sprintf("… and %d more changes", left); strings.HasSuffix(text, more) != (left > 0) {
			t.Errorf("%+v: it does not end %q:\n%s", c, more, text)
		}
	}
}

func TestStyles(t *testing.T) {
	d := Compare("Tea & <b>milk</b> at noon.", "Tea & <i>milk</i> at \x1b[31mnoon\u202e.", Limits{})
	html, terminal := d.HTML(0), d.Terminal(true)
	if strings.Contains(html, "<b>milk") || !strings.Contains(html, `<ins style="color:#006400;text-decoration:underline">{+i+}</ins>`) {
		t.Error(html)
	}
	if strings.Contains(terminal, "\x1b[31mnoon") || strings.Contains(terminal, "\u202e") || !strings.Contains(terminal, "\x1b[32m{+i+}\x1b[0m") {
		t.Errorf("%q", terminal)
	}
	if plain := d.Terminal(false); strings.Contains(plain, "\x1b") || !strings.HasSuffix(plain, "\n") {
		t.Errorf("%q", plain)
	}
}

// checkDiff checks that the spans of all paragraphs make up both texts, and that the counts are theirs.
func checkDiff(t interface {
	Helper()
	Fatalf(string, ...any)
}, old, new string, limits Limits) Diff {
	t.Helper()
	c := newComparison(old, new, limits.withDefaults())
	d := c.diff()
	// Unchanged paragraphs are not in the hunks: what the hunks hold must account for all that is not unchanged.
	var added, removed int
	ids := func(s string) (of []string) {
		for _, p := range read(s, map[string]int32{}).tokens {
			of = append(of, key(s[p.start:p.end]))
		}
		return of
	}
	for _, h := range d.Hunks {
		for _, s := range h.Spans {
			switch n := wordsIn(s.Text); s.Op {
			case Insert:
				added += n
			case Delete:
				removed += n
			}
		}
	}
	if total := func(x text) (n int) {
		for _, k := range x.tokens {
			if k.word {
				n++
			}
		}
		return n
	}; added != d.Added || removed != d.Removed || d.Unchanged+d.Added != total(c.new) || d.Unchanged+d.Removed != total(c.old) {
		t.Fatalf("%d added in spans, %d removed: %d, %d, %d unchanged of %d, %d", added, removed, d.Added, d.Removed, d.Unchanged, total(c.old), total(c.new))
	}
	// The whole of both texts, block by block.
	full := newComparison(old, new, limits.withDefaults())
	olds := map[int][]string{}
	var news []string
	for _, b := range full.blocks() {
		a, n := full.old.side(b.old), full.new.side(b.new)
		var edits []edit
		if !b.same {
			edits = full.edits(&a, &n, full.steps)
		}
		d := Diff{}
		// Marked as moved, a paragraph is kept though nothing in it changed.
		d.add(&a, &n, edits, true, func(int) string { return "" })
		var was []string
		kept := 0
		for _, h := range d.Hunks {
			for _, s := range h.Spans {
				w := ids(s.Text)
				if s.Op != Delete {
					news = append(news, w...)
				}
				if s.Op != Insert {
					was = append(was, w...)
				}
				kept += len(w)
			}
		}
		if len(b.new) <= 1 { // else unchanged paragraphs within the block are no hunks
			if want := len(a.ids); len(was) != want {
				t.Fatalf("%d of %d old tokens in %+v", len(was), want, d.Hunks)
			}
		} else {
			news = append(news[:0:0], news...)
			news, was = rebuild(&a, &n, edits, news, len(news)-countNew(d, ids))
		}
		at := 0
		for _, p := range b.old {
			size := full.old.paragraphs[p].to - full.old.paragraphs[p].from
			olds[p], at = was[at:at+size], at+size
		}
	}
	var all []string
	for p := range full.old.paragraphs {
		all = append(all, olds[p]...)
	}
	if want := ids(bare(new)); !slices.Equal(news, want) {
		t.Fatalf("the new text comes out as %q\nnot %q", news, want)
	}
	if want := ids(bare(old)); !slices.Equal(all, want) {
		t.Fatalf("the old text comes out as %q\nnot %q", all, want)
	}
	return d
}

func countNew(d Diff, ids func(string) []string) (n int) {
	for _, h := range d.Hunks {
		for _, s := range h.Spans {
			if s.Op != Delete {
				n += len(ids(s.Text))
			}
		}
	}
	return n
}

// rebuild applies the edits of a block of several paragraphs; news is cut to size first.
func rebuild(a, n *side, edits []edit, news []string, size int) ([]string, []string) {
	word := func(s *side, i int) string {
		k := s.tokens[s.at[i]]
		return key(s.src[k.start:k.end])
	}
	news = news[:size]
	var was []string
	j := 0
	for _, e := range append(slices.Clone(edits), edit{len(a.ids), len(a.ids), len(n.ids), len(n.ids)}) {
		for ; j < e.b0; j++ {
			news, was = append(news, word(n, j)), append(was, word(n, j))
		}
		for i := e.a0; i < e.a1; i++ {
			was = append(was, word(a, i))
		}
		for ; j < e.b1; j++ {
			news = append(news, word(n, j))
		}
	}
	return news, was
}

func TestDiffIsWhole(t *testing.T) {
	words := rapid.SampledFrom([]string{"a", "b", "the", "tea", "don’t", "brew", "3.5", "é", "水", ".", ",", "!", "--", "\n\n", "\n- ", "\n\n# ", "“", " ", "\xff", "pot", "hot", "cup"})
	rapid.Check(t, func(t *rapid.T) {
		old := rapid.SliceOfN(words, 0, 120).Draw(t, "old")
		new := slices.Clone(old)
		for range rapid.IntRange(0, 8).Draw(t, "edits") {
			from := rapid.IntRange(0, len(new)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(new), from+10)).Draw(t, "to")
			new = slices.Replace(new, from, to, rapid.SliceOfN(words, 0, 10).Draw(t, "by")...)
		}
		checkDiff(t, strings.Join(old, " "), strings.Join(new, " "), Limits{Steps: rapid.SampledFrom([]int{1, 100, 1000, 0}).Draw(t, "steps")})
	})
}

// The search finds a longest common subsequence where it may, and a common one in any case.
func TestAlign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		element := rapid.Int32Range(0, rapid.Int32Range(0, 8).Draw(t, "kinds"))
		a, b := rapid.SliceOfN(element, 0, 60).Draw(t, "a"), rapid.SliceOfN(element, 0, 60).Draw(t, "b")
		for _, steps := range []int{0, 50, 500, 1 << 20} {
			c := &comparison{seen: make([]int32, 200), steps: steps}
			gone, came := c.align(a, b, steps)
			left := func(s []int32, marks []bool) (kept []int32) {
				for i, x := range s {
					if !marks[i] {
						kept = append(kept, x)
					}
				}
				return kept
			}
			x, y := left(a, gone), left(b, came)
			if !slices.Equal(x, y) {
				t.Fatalf("with %d steps %v and %v are left", steps, x, y)
			}
			if want := longest(a, b); steps == 1<<20 && len(x) != want {
				t.Fatalf("%d in common, not %d", len(x), want)
			}
		}
	})
}

// longest is the length of a longest common subsequence, by the book.
func longest(a, b []int32) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// Whatever the texts, the steps stay near the limit, and what is shown stays short.
func TestHostileIsBounded(t *testing.T) {
	const size = 100_000
	random := func(seed uint64, kinds int, sep string) string {
		r := rand.New(rand.NewPCG(seed, 1))
		var b strings.Builder
		for b.Len() < size {
			fmt.Fprintf(&b, "w%d%s", r.IntN(kinds), sep)
		}
		return b.String()
	}
	for name, c := range map[string][2]string{
		"alternating":      {strings.Repeat("a b ", size/4), strings.Repeat("b c ", size/4)},
		"alternating back": {strings.Repeat("a b ", size/4), strings.Repeat("b a ", size/8)},
		"few words":        {random(1, 2, " "), random(2, 2, " ")},
		"some words":       {random(1, 50, " "), random(2, 50, " ")},
		"many words":       {random(1, 50_000, " "), random(2, 50_000, " ")},
		"lines":            {random(1, 50, "\n\n"), random(2, 50, "\n\n")},
		"short sentences":  {random(1, 50, ". "), random(2, 50, ". ")},
		"punctuation":      {strings.Repeat(".,", size/2), strings.Repeat(",!", size/2)},
		"marks":            {strings.Repeat("\u0301", size/2), strings.Repeat("\u0301", size/2-1)},
		"joiners":          {strings.Repeat("a-", size/2), strings.Repeat("a--", size/3)},
		"headings":         {strings.Repeat("# a\n", size/4), strings.Repeat("# b\n", size/4)},
		"one long word":    {strings.Repeat("a", size), strings.Repeat("b", size)},
	} {
		for _, steps := range []int{1000, 1_000_000} {
			com := newComparison(c[0], c[1], Limits{Bytes: 1 << 20, Steps: steps})
			d := com.diff()
			tokens := len(com.old.tokens) + len(com.new.tokens)
			if spent := steps - com.steps; spent > 2*steps+8*tokens {
				t.Errorf("%s: %d steps spent of %d, for %d tokens", name, spent, steps, tokens)
			}
			if shown := d.Text(10); len(shown) > 100_000 {
				t.Errorf("%s: %d bytes shown", name, len(shown))
			}
		}
	}
}

func TestTooLong(t *testing.T) {
	d := Compare("four", "fours", Limits{Bytes: 4})
	if !d.Truncated || d.Summary() != "too long to be compared" || d.Text(3) != tooLong {
		t.Errorf("%+v", d)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("One two.\n\n# Three\n\nfour", "One too.\n\n# Three\n\nfive", 100)
	f.Add("- a\n- b\n", "1. a\n\x00\xff", 0)
	f.Fuzz(func(t *testing.T, old, new string, steps int) {
		d := checkDiff(t, old, new, Limits{Steps: steps})
		_, _, _ = d.Text(3), d.HTML(0), d.Terminal(true)
	})
}
