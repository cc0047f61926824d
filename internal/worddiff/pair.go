package worddiff

import (
	"encoding/binary"
	"slices"
)

// comparison is the work on two texts.
type comparison struct {
	old, new text
	steps    int     // that are left
	coarse   bool    // they did not suffice
	seen     []int32 // by id: the round in which it was seen
	round    int32
}

func newComparison(old, new string, limits Limits) *comparison {
	ids := make(map[string]int32, 1+min(len(old), len(new))/32)
	c := &comparison{old: read(bare(old), ids), new: read(bare(new), ids), steps: limits.Steps}
	c.seen = make([]int32, len(c.old.tokens)+len(c.new.tokens)+1)
	return c
}

// block are paragraphs of the old text that became paragraphs of the new one. Either may be none.
type block struct {
	old, new []int
	at       int // orders blocks: odd for paragraphs of the new text, even for what was removed between them
	moved    bool
	same     bool // nothing in it changed
}

const (
	similar      = 0.35 // from here on paragraphs in the same place are versions of each other
	alike        = 0.6  // and those in different places
	wordsToMove  = 5    // shorter ones recur by chance
	pairsAtMost  = 40_000
	paragraphsIn = 4 // the part of all steps that paragraphs may take, and their pairing again
)

// blocks pairs the paragraphs. Every one is in one block; unchanged ones are in blocks of their own.
func (c *comparison) blocks() []block {
	unit := newUnits()
	a, b := unit.paragraphs(&c.old), unit.paragraphs(&c.new)
	gone, came := c.align(a, b, c.steps/paragraphsIn)
	blocks := c.moves(a, b, gone, came) // clears the marks of what moved
	taken := func(paragraphs []int, marks []bool) (left []int) {
		for _, p := range paragraphs {
			if marks[p] {
				left = append(left, p)
			}
		}
		return left
	}
	movedOld, movedNew := map[int]bool{}, map[int]bool{}
	for _, bl := range blocks {
		movedOld[bl.old[0]], movedNew[bl.new[0]] = true, true
	}
	budget := c.steps / paragraphsIn
	for i, j := 0, 0; i < len(a) || j < len(b); {
		i0, j0 := i, j
		for i < len(a) && (gone[i] || movedOld[i]) {
			i++
		}
		for j < len(b) && (came[j] || movedNew[j]) {
			j++
		}
		blocks = append(blocks, c.pairs(taken(numbers(i0, i), gone), taken(numbers(j0, j), came), j0, &budget)...)
		if i < len(a) && j < len(b) {
			blocks = append(blocks, block{old: []int{i}, new: []int{j}, at: 2*j + 1, same: true})
			i, j = i+1, j+1
		}
	}
	blocks = c.editedMoves(blocks, &budget)
	slices.SortStableFunc(blocks, func(x, y block) int { return x.at - y.at })
	return blocks
}

func numbers(from, to int) []int {
	n := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		n = append(n, i)
	}
	return n
}

// moves finds the paragraphs that are gone in one place and came in another, unchanged.
func (c *comparison) moves(a, b []int32, gone, came []bool) (moved []block) {
	const none, several = -1, -2
	places := func(ids []int32, marks []bool) map[int32]int {
		at := map[int32]int{}
		for i, id := range ids {
			if !marks[i] {
				continue
			}
			if _, twice := at[id]; twice {
				at[id] = several
			} else {
				at[id] = i
			}
		}
		return at
	}
	from, to := places(a, gone), places(b, came)
	for j, id := range b {
		if !came[j] || to[id] < 0 {
			continue
		}
		i, ok := from[id]
		if !ok || i < 0 || len(c.old.bag(i)) < wordsToMove {
			continue
		}
		gone[i], came[j] = false, false
		moved = append(moved, block{old: []int{i}, new: []int{j}, at: 2*j + 1, moved: true, same: true})
	}
	return moved
}

// pairs finds which paragraphs of the same place are versions of each other; j0 is the place in the new text.
func (c *comparison) pairs(old, new []int, j0 int, budget *int) []block {
	if len(old) == 0 && len(new) == 0 {
		return nil
	}
	whole := block{old: old, new: new, at: 2 * j0}
	if len(new) > 0 {
		whole.at = 2*new[0] + 1
	}
	cost := len(new)*c.old.size(old) + len(old)*c.new.size(new)
	switch {
	case len(old) == 0 || len(new) == 0:
		cost = 0
	case len(old) == 1 && len(new) == 1, len(old)*len(new) > pairsAtMost, cost > *budget:
		return []block{whole}
	case slices.Equal(c.old.side(old).ids, c.new.side(new).ids): // divided elsewhere
		return []block{whole}
	}
	*budget -= cost
	c.steps -= cost

	oldBags, newBags := c.old.bags(old), c.new.bags(new)
	// score is the best sum of similarities of old[i:] and new[j:], paired in order.
	wide := len(new) + 1
	score := make([]float32, (len(old)+1)*wide)
	same := make([]float32, len(score))
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(new) - 1; j >= 0; j-- {
			at := i*wide + j
			score[at] = max(score[at+1], score[at+wide])
			if same[at] = similarity(oldBags[i], newBags[j]); same[at] >= similar {
				score[at] = max(score[at], score[at+wide+1]+same[at])
			}
		}
	}
	var found []block
	add := func(b block) {
		if len(found) > 0 {
			if last := &found[len(found)-1]; c.belongs(*last, b, budget) {
				last.old, last.new = append(last.old, b.old...), append(last.new, b.new...)
				if len(last.new) > 0 {
					last.at = 2*last.new[0] + 1
				}
				return
			}
		}
		found = append(found, b)
	}
	after := 2 * j0
	for i, j := 0, 0; i < len(old) || j < len(new); {
		at := i*wide + j
		switch {
		case i < len(old) && j < len(new) && same[at] >= similar && score[at] == score[at+wide+1]+same[at]:
			add(block{old: old[i : i+1 : i+1], new: new[j : j+1 : j+1], at: 2*new[j] + 1})
			after = 2*new[j] + 2
			i, j = i+1, j+1
		case i < len(old) && (j == len(new) || score[at] == score[at+wide]):
			add(block{old: old[i : i+1 : i+1], at: after})
			i++
		default:
			add(block{new: new[j : j+1 : j+1], at: 2*new[j] + 1})
			after = 2*new[j] + 2
			j++
		}
	}
	return found
}

// belongs tells whether one of two neighbours, of which the other was paired, is a part of the same paragraph that was
// divided or joined: together they are more similar than the pair is.
func (c *comparison) belongs(x, y block, budget *int) bool {
	pair, single := x, y
	if len(x.old) == 0 || len(x.new) == 0 {
		pair, single = y, x
	}
	if len(pair.old) == 0 || len(pair.new) == 0 || len(single.old) > 0 && len(single.new) > 0 || len(pair.old)+len(pair.new) > 8 {
		return false
	}
	if *budget -= 8 * (c.size(x) + c.size(y)); *budget < 0 { // sorting costs more than comparing
		return false
	}
	bag := func(bags ...[][]int32) []int32 {
		all := slices.Concat(slices.Concat(bags...)...)
		slices.Sort(all)
		return all
	}
	oldBags, newBags := c.old.bags(pair.old), c.new.bags(pair.new)
	before := similarity(bag(oldBags), bag(newBags))
	return similarity(bag(oldBags, c.old.bags(single.old)), bag(newBags, c.new.bags(single.new))) > before
}

// editedMoves pairs what is gone in one place with what came in another and is much like it.
func (c *comparison) editedMoves(blocks []block, budget *int) []block {
	var gone, came []int // blocks
	for i, b := range blocks {
		switch {
		case len(b.new) == 0 && len(c.old.bag(b.old[0])) >= wordsToMove:
			gone = append(gone, i)
		case len(b.old) == 0 && len(c.new.bag(b.new[0])) >= wordsToMove:
			came = append(came, i)
		}
	}
	if len(gone)*len(came) > pairsAtMost {
		return blocks
	}
	oldBags := make([][]int32, len(gone))
	for x, i := range gone {
		oldBags[x] = c.old.bags(blocks[i].old)[0]
	}
	for _, j := range came {
		bag := c.new.bags(blocks[j].new)[0]
		best, of := float32(alike), -1
		for x, i := range gone {
			if len(blocks[i].old) == 0 {
				continue // taken
			}
			if *budget -= len(bag) + len(oldBags[x]); *budget < 0 {
				break
			}
			if s := similarity(oldBags[x], bag); s >= best {
				best, of = s, i
			}
		}
		if of >= 0 {
			blocks[j].old, blocks[j].moved, blocks[of].old = blocks[of].old, true, nil
		}
	}
	return slices.DeleteFunc(blocks, func(b block) bool { return len(b.old)+len(b.new) == 0 })
}

// similarity is Dice's, of sorted bags: twice what they share by all they hold.
func similarity(a, b []int32) float32 {
	if len(a)+len(b) == 0 {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			shared, i, j = shared+1, i+1, j+1
		}
	}
	return 2 * float32(shared) / float32(len(a)+len(b))
}

// bag are a paragraph's words in order of reading.
func (t *text) bag(paragraph int) []int32 {
	p := t.paragraphs[paragraph]
	bag := make([]int32, 0, p.to-p.from)
	for _, k := range t.tokens[p.from:p.to] {
		if k.word {
			bag = append(bag, k.id)
		}
	}
	return bag
}

// bags are the words of each, sorted.
func (t *text) bags(paragraphs []int) [][]int32 {
	bags := make([][]int32, len(paragraphs))
	for i, p := range paragraphs {
		bags[i] = t.bag(p)
		slices.Sort(bags[i])
	}
	return bags
}

// units numbers paragraphs or sentences, equal ones alike.
type units struct {
	ids map[string]int32
	key []byte
}

func newUnits() *units { return &units{ids: map[string]int32{}} }

func (u *units) id(ids []int32) int32 {
	u.key = u.key[:0]
	for _, id := range ids {
		u.key = binary.NativeEndian.AppendUint32(u.key, uint32(id))
	}
	id, known := u.ids[string(u.key)]
	if !known {
		id = int32(len(u.ids))
		u.ids[string(u.key)] = id
	}
	return id
}

func (u *units) paragraphs(t *text) []int32 {
	of := make([]int32, len(t.paragraphs))
	var ids []int32
	for i, p := range t.paragraphs {
		ids = ids[:0]
		for _, k := range t.tokens[p.from:p.to] {
			ids = append(ids, k.id)
		}
		of[i] = u.id(ids)
	}
	return of
}
