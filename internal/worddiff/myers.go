package worddiff

// aligner finds what two sequences have in common: Myers' O(ND) algorithm in linear space ("An O(ND) Difference Algorithm
// and Its Variations", section 4b), with a limit on the differences that one search goes through. A search that meets the
// limit is split where it came furthest, so that n elements cost at most about n*limit steps.
type aligner struct {
	steps     int  // that are left; one is a diagonal looked at or an element compared
	exhausted bool // no steps were left for something
	limit     int  // differences of one search
	gone      []bool
	came      []bool
	forward   []int
	backward  []int
}

// align tells which elements of a are gone and which of b have come; the others are common, in order. It spends at most
// about steps.
func (c *comparison) align(a, b []int32, steps int) (gone, came []bool) {
	gone, came = make([]bool, len(a)), make([]bool, len(b))
	// What the other side has nowhere needs no search.
	a, aAt := c.known(a, b, gone)
	b, bAt := c.known(b, a, came)
	if len(a) == 0 || len(b) == 0 {
		setAll(gone, aAt)
		setAll(came, bAt)
		return gone, came
	}
	al := aligner{steps: steps, limit: max(minSearch, steps/(len(a)+len(b))), gone: make([]bool, len(a)), came: make([]bool, len(b))}
	al.limit = min(al.limit, (len(a)+len(b)+1)/2+1)
	al.forward, al.backward = make([]int, 2*al.limit+3), make([]int, 2*al.limit+3)
	al.compare(a, b, 0, 0)
	for i, is := range al.gone {
		gone[aAt[i]] = gone[aAt[i]] || is
	}
	for j, is := range al.came {
		came[bAt[j]] = came[bAt[j]] || is
	}
	c.steps -= steps - al.steps
	c.coarse = c.coarse || al.exhausted
	return gone, came
}

const minSearch = 16

func setAll(marks []bool, at []int32) {
	for _, i := range at {
		marks[i] = true
	}
}

// known are the elements of a that b has, too, and where they are in a; the others are marked.
func (c *comparison) known(a, b []int32, marks []bool) ([]int32, []int32) {
	c.round++
	for _, id := range b {
		c.seen[id] = c.round
	}
	kept, at := make([]int32, 0, len(a)), make([]int32, 0, len(a))
	for i, id := range a {
		if c.seen[id] != c.round {
			marks[i] = true
			continue
		}
		kept, at = append(kept, id), append(at, int32(i))
	}
	c.steps -= len(a) + len(b)
	return kept, at
}

// compare marks a and b, which begin at x0 and y0 of the whole.
func (al *aligner) compare(a, b []int32, x0, y0 int) {
	for {
		n := 0
		for n < len(a) && n < len(b) && a[n] == b[n] {
			n++
		}
		a, b, x0, y0 = a[n:], b[n:], x0+n, y0+n
		m := 0
		for m < len(a) && m < len(b) && a[len(a)-1-m] == b[len(b)-1-m] {
			m++
		}
		a, b = a[:len(a)-m], b[:len(b)-m]
		al.steps -= n + m
		if len(a) == 0 || len(b) == 0 {
			break
		}
		x, y, ok := al.split(a, b)
		if !ok {
			break
		}
		// The smaller half by recursion: its depth is logarithmic.
		if x+y < len(a)+len(b)-x-y {
			al.compare(a[:x], b[:y], x0, y0)
			a, b, x0, y0 = a[x:], b[y:], x0+x, y0+y
		} else {
			al.compare(a[x:], b[y:], x0+x, y0+y)
			a, b = a[:x], b[:y]
		}
	}
	for i := range a {
		al.gone[x0+i] = true
	}
	for j := range b {
		al.came[y0+j] = true
	}
}

// split is a point within a and b where the search can be divided, on a shortest path unless the limit was met. a and b
// are not empty, and neither begin nor end with the same element. Not ok: no steps are left.
func (al *aligner) split(a, b []int32) (x, y int, ok bool) {
	n, m := len(a), len(b)
	delta := n - m
	odd := delta&1 != 0
	f, r, zero := al.forward, al.backward, al.limit+1 // diagonal k is at zero+k
	f[zero+1], r[zero+1] = 0, 0
	for d := range al.limit {
		if al.steps <= 0 {
			al.exhausted = true
			return 0, 0, false
		}
		low, high := -(d - 2*max(0, d-m)), d-2*max(0, d-n)
		al.steps -= high - low + 2
		for k := low; k <= high; k += 2 {
			x := next(f[zero-d:], d, k)
			y, from := x-k, x
			for x < n && y < m && a[x] == b[y] {
				x, y = x+1, y+1
			}
			al.steps -= x - from
			f[zero+k] = x
			if z := delta - k; odd && z >= 1-d && z <= d-1 && x+r[zero+z] >= n {
				return x, y, true
			}
		}
		for k := low; k <= high; k += 2 {
			x := next(r[zero-d:], d, k)
			y, from := x-k, x
			for x < n && y < m && a[n-1-x] == b[m-1-y] {
				x, y = x+1, y+1
			}
			al.steps -= x - from
			r[zero+k] = x
			if z := delta - k; !odd && z >= -d && z <= d && x+f[zero+z] >= n {
				return n - x, m - y, true
			}
		}
	}
	d := al.limit - 1
	low, high := -(d - 2*max(0, d-m)), d-2*max(0, d-n)
	best, ahead := 0, true
	for k := low; k <= high; k += 2 {
		if fx, fy := inside(f[zero+k], k, n, m); fx+fy > best && fx+fy < n+m {
			best, ahead, x, y = fx+fy, true, fx, fy
		}
		if rx, ry := inside(r[zero+k], k, n, m); rx+ry > best && rx+ry < n+m {
			best, ahead, x, y = rx+ry, false, rx, ry
		}
	}
	if !ahead {
		x, y = n-x, m-y
	}
	ok = best > 0
	al.exhausted = al.exhausted || !ok
	return x, y, ok
}

// next is where the path on diagonal k begins its d-th step; row[d+k] is the furthest x of diagonal k.
func next(row []int, d, k int) int {
	if k == -d || k != d && row[d+k-1] < row[d+k+1] {
		return row[d+k+1]
	}
	return row[d+k-1] + 1
}

// inside is the point at x of diagonal k, moved back to n and m: the last step may have led beyond them.
func inside(x, k, n, m int) (int, int) {
	x = min(x, n, m+k)
	return x, x - k
}
