package worddiff

import "strings"

// side is a block's part of one text.
type side struct {
	*text
	at    []int32 // the tokens
	ids   []int32
	words []int  // among the first n tokens
	first []bool // of a paragraph
}

func (t *text) side(paragraphs []int) side {
	size := t.size(paragraphs)
	s := side{text: t, at: make([]int32, 0, size), ids: make([]int32, 0, size), words: make([]int, 1, size+1), first: make([]bool, 0, size)}
	for _, p := range paragraphs {
		for i := t.paragraphs[p].from; i < t.paragraphs[p].to; i++ {
			n := s.words[len(s.words)-1]
			if t.tokens[i].word {
				n++
			}
			s.at, s.ids = append(s.at, int32(i)), append(s.ids, t.tokens[i].id)
			s.words, s.first = append(s.words, n), append(s.first, i == t.paragraphs[p].from)
		}
	}
	return s
}

func (s *side) count(from, to int) int { return s.words[to] - s.words[from] }

// edit replaces tokens from a0 to a1 of the old side by b0 to b1 of the new one. Between edits both are equal.
type edit struct{ a0, a1, b0, b1 int }

// editsAtMost are told apart in one paragraph.
const editsAtMost = 2000

func (c *comparison) diff() Diff {
	var d Diff
	blocks := c.blocks()
	changing := 0 // tokens of blocks yet to come that are not known to be equal
	for _, b := range blocks {
		if !b.same {
			changing += c.size(b)
		}
	}
	for _, b := range blocks {
		a, n := c.old.side(b.old), c.new.side(b.new)
		var edits []edit
		if !b.same {
			size := c.size(b)
			edits = c.edits(&a, &n, int(int64(max(0, c.steps))*int64(size)/int64(changing)))
			changing -= size
		}
		d.add(&a, &n, edits, b.moved, func(place int) string { return c.heading(b, place) })
	}
	d.Truncated = c.coarse
	return d
}

// size is a block's number of tokens, by which the steps are shared out.
func (c *comparison) size(b block) int { return c.old.size(b.old) + c.new.size(b.new) }

func (t *text) size(paragraphs []int) (n int) {
	for _, p := range paragraphs {
		n += t.paragraphs[p].to - t.paragraphs[p].from
	}
	return n
}

// edits aligns the sentences and then the words of those that differ.
func (c *comparison) edits(a, b *side, steps int) []edit {
	if len(a.ids) == 0 || len(b.ids) == 0 {
		return []edit{{0, len(a.ids), 0, len(b.ids)}}
	}
	unit := newUnits()
	aEnds, aUnits := unit.sentences(a)
	bEnds, bUnits := unit.sentences(b)
	gone, came := c.align(aUnits, bUnits, steps/4)
	var found []edit
	for _, s := range editsOf(gone, came) {
		e := edit{aEnds[s.a0], aEnds[s.a1], bEnds[s.b0], bEnds[s.b1]}
		if e.a0 == e.a1 || e.b0 == e.b1 {
			found = append(found, e)
			continue
		}
		share := int64(steps/2) * int64(e.a1-e.a0+e.b1-e.b0) / int64(len(a.ids)+len(b.ids))
		gone, came := c.align(a.ids[e.a0:e.a1], b.ids[e.b0:e.b1], int(share))
		for _, w := range editsOf(gone, came) {
			found = append(found, edit{e.a0 + w.a0, e.a0 + w.a1, e.b0 + w.b0, e.b0 + w.b1})
		}
	}
	found = readable(found, a, b)
	if len(found) > editsAtMost && !b.begins(1, len(b.ids)) {
		c.coarse = true
		return []edit{{0, len(a.ids), 0, len(b.ids)}}
	}
	return found
}

// sentences gives their ids, and where each begins; the last of these is the end.
func (u *units) sentences(s *side) (begins []int, of []int32) {
	begins = []int{0}
	for i := range s.ids {
		last := i == len(s.ids)-1
		if last || s.first[i+1] || s.endsSentence(int(s.at[i])) && !s.endsSentence(int(s.at[i+1])) {
			of = append(of, u.id(s.ids[begins[len(begins)-1]:i+1]))
			begins = append(begins, i+1)
		}
	}
	return begins, of
}

// editsOf are the runs of marks.
func editsOf(gone, came []bool) []edit {
	var edits []edit
	for i, j := 0, 0; i < len(gone) || j < len(came); {
		e := edit{a0: i, b0: j}
		for i < len(gone) && gone[i] {
			i++
		}
		for j < len(came) && came[j] {
			j++
		}
		if e.a1, e.b1 = i, j; e.a0 < i || e.b0 < j {
			edits = append(edits, e)
		}
		if i < len(gone) && j < len(came) {
			i, j = i+1, j+1
		}
	}
	return edits
}

// readable joins edits between which only a few words happen to be equal, and makes one of all where little stayed.
func readable(edits []edit, a, b *side) []edit {
	if len(edits) == 0 {
		return nil
	}
	weight := func(e edit) int { return max(a.count(e.a0, e.a1), b.count(e.b0, e.b1)) }
	joined := edits[:1]
	for _, e := range edits[1:] {
		last := &joined[len(joined)-1]
		kept := b.count(last.b1, e.b0)
		if min(weight(*last), weight(e)) >= max(2, 2*kept) && !b.begins(last.b1, e.b0+1) {
			last.a1, last.b1 = e.a1, e.b1
			continue
		}
		joined = append(joined, e)
	}
	equal := b.count(0, len(b.ids))
	for _, e := range joined {
		equal -= b.count(e.b0, e.b1)
	}
	all := edit{0, len(a.ids), 0, len(b.ids)}
	if !b.begins(1, len(b.ids)) && equal*5 < weight(all) && weight(all) > 8 {
		return []edit{all}
	}
	return joined
}

// begins tells whether a paragraph begins from token from on, before to.
func (s *side) begins(from, to int) bool {
	for i := from; i < min(to, len(s.first)); i++ {
		if s.first[i] {
			return true
		}
	}
	return false
}

// add adds a block's hunks, one a paragraph of the new text. Unchanged ones only count.
func (d *Diff) add(a, n *side, edits []edit, moved bool, heading func(place int) string) {
	h := Hunk{Moved: moved}
	changed, place := moved, 0
	flush := func() {
		if changed {
			h.Heading = heading(place)
			d.Hunks = append(d.Hunks, h)
		}
		h, changed, place = Hunk{}, false, place+1
	}
	span := func(op Op, s *side, from, to int) {
		for from < to {
			end := from + 1
			for end < to && !s.first[end] {
				end++
			}
			if op != Delete && from > 0 && s.first[from] {
				flush()
			}
			if h.Spans = append(h.Spans, Span{op, s.between(from, end, h.Spans)}); op != Equal {
				changed = true
			}
			from = end
		}
	}
	j := 0
	for _, e := range append(edits, edit{len(a.ids), len(a.ids), len(n.ids), len(n.ids)}) {
		span(Equal, n, j, e.b0)
		d.Unchanged += n.count(j, e.b0)
		span(Delete, a, e.a0, e.a1)
		d.Removed += a.count(e.a0, e.a1)
		span(Insert, n, e.b0, e.b1)
		d.Added += n.count(e.b0, e.b1)
		j = e.b1
	}
	flush()
}

// between is the source of the tokens, with the blanks behind them, and with those before them where the spans before do
// not end with any.
func (s *side) between(from, to int, before []Span) string {
	first, last := int(s.at[from]), int(s.at[to-1])
	start, end := s.tokens[first].start, s.tokens[last].end
	if last+1 < len(s.tokens) {
		end = s.tokens[last+1].start
	}
	if len(before) > 0 && first > 0 && !endsBlank(before[len(before)-1].Text) {
		start = s.tokens[first-1].end
	}
	return s.src[start:end]
}

func endsBlank(s string) bool {
	return strings.TrimRight(s[max(0, len(s)-4):], " \t\r\n\u00a0") != s[max(0, len(s)-4):]
}

// heading is the nearest heading at or above a block's paragraph, counted from 0, else the paragraph's first words.
func (c *comparison) heading(b block, place int) string {
	if len(b.new) > 0 {
		return c.new.heading(b.new[min(place, len(b.new)-1)])
	}
	return c.old.heading(b.old[min(place, len(b.old)-1)])
}

func (t *text) heading(paragraph int) string {
	const words, runes = 6, 60
	at := t.paragraphs[paragraph]
	if at.under >= 0 {
		at = t.paragraphs[at.under]
		line, _, _ := strings.Cut(t.src[t.tokens[at.from].start:t.tokens[at.to-1].end], "\n")
		return clip(line[:min(len(line), 1000)], runes)
	}
	end := at.from
	for n := 0; end < at.to && n < words; end++ {
		if t.tokens[end].word {
			n++
		}
	}
	s := clip(t.src[t.tokens[at.from].start:t.tokens[end-1].end], runes)
	if end < at.to && !strings.HasSuffix(s, "…") {
		s += "…"
	}
	return s
}

// clip is s on one line, safe for a terminal and of so many runes at most.
func clip(s string, runes int) string {
	r := []rune(clean(s[:min(len(s), 16*runes)]))
	if len(r) <= runes {
		return string(r)
	}
	return string(r[:runes-1]) + "…"
}
