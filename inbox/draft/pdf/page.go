package pdf

import (
	"math"
	"strings"

	"github.com/ledongthuc/pdf"
)

const (
	formDepth  = 4   // of drawings within drawings
	maxForms   = 500 // of a page
	maxSaves   = 100 // of the graphics state
	maxPieces  = 40_000
	wordGap    = 0.17 // of the font's size, from which a gap is a blank
	maxOperand = 1000
)

// piece is text as one operator shows it.
type piece struct {
	text         string
	x, y, end    float64
	size         float64
	bold, italic bool
	link         string
}

type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

func (m matrix) mul(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

type textState struct {
	ctm                     matrix
	font                    *font
	size, char, word, scale float64
	leading, rise           float64
	tm, line                matrix
}

// page interprets the content of one page (ISO 32000-1 9.4).
type page struct {
	d      *document
	s      textState
	saved  []textState
	pieces []piece
	images int
	forms  int
	links  []link
	marks  []mark
	fonts  map[string]*font // by their names in the resources that hold now
}

type link struct {
	x0, y0, x1, y1 float64
	url            string
}

// mark is marked content, and the text that it says it is (ISO 32000-1 14.9.4).
type mark struct {
	actual string
	at     int
}

func (p *page) endMark() {
	n := len(p.marks)
	if n == 0 {
		return
	}
	m := p.marks[n-1]
	p.marks = p.marks[:n-1]
	if m.actual == "" || m.at >= len(p.pieces) || !p.d.take(len(m.actual)) {
		return
	}
	p.pieces[m.at].text = m.actual
	p.pieces[m.at].end = p.pieces[len(p.pieces)-1].end
	p.pieces = p.pieces[:m.at+1]
}

// annotations finds the web links of the page.
func (p *page) annotations(v pdf.Value) {
	list := v.Key("Annots")
	for i := 0; i < list.Len() && i < maxOperand; i++ {
		a := list.Index(i)
		uri := a.Key("A").Key("URI").RawString()
		if uri == "" || len(uri) > 4000 {
			continue
		}
		r := a.Key("Rect")
		p.links = append(p.links, link{
			min(r.Index(0).Float64(), r.Index(2).Float64()), min(r.Index(1).Float64(), r.Index(3).Float64()),
			max(r.Index(0).Float64(), r.Index(2).Float64()), max(r.Index(1).Float64(), r.Index(3).Float64()), uri,
		})
	}
}

func (p *page) linkAt(x, y float64) string {
	for _, l := range p.links {
		if x >= l.x0 && x <= l.x1 && y >= l.y0-1 && y <= l.y1+1 {
			return l.url
		}
	}
	return ""
}

func (p *page) run(content, resources pdf.Value, depth int) {
	p.s.tm, p.s.line = identity, identity
	outer := p.fonts
	p.fonts = make(map[string]*font)
	defer func() { p.fonts = outer }()
	count := 0
	pdf.Interpret(content, func(stk *pdf.Stack, op string) {
		if count++; count&0xff == 0 {
			p.d.check()
		}
		n := min(stk.Len(), maxOperand)
		args := make([]pdf.Value, n)
		for i := n - 1; i >= 0; i-- {
			args[i] = stk.Pop()
		}
		for stk.Len() > 0 {
			stk.Pop()
		}
		if len(p.pieces) < maxPieces {
			p.op(op, args, resources, depth)
		}
	})
}

func (p *page) op(op string, args []pdf.Value, resources pdf.Value, depth int) {
	s := &p.s
	num := func(i int) float64 {
		if i >= len(args) {
			return 0
		}
		return args[i].Float64()
	}
	move := func(x, y float64) {
		s.line = matrix{1, 0, 0, 1, x, y}.mul(s.line)
		s.tm = s.line
	}
	switch op {
	case "q":
		if len(p.saved) < maxSaves {
			p.saved = append(p.saved, *s)
		}
	case "Q":
		if n := len(p.saved); n > 0 {
			*s = p.saved[n-1]
			p.saved = p.saved[:n-1]
		}
	case "cm":
		s.ctm = matrix{num(0), num(1), num(2), num(3), num(4), num(5)}.mul(s.ctm)
	case "BT":
		s.tm, s.line = identity, identity
	case "Tf":
		if len(args) == 2 {
			name := args[0].Name()
			f, ok := p.fonts[name]
			if !ok {
				f = p.d.font(resources.Key("Font").Key(name))
				p.fonts[name] = f
			}
			s.font, s.size = f, num(1)
		}
	case "Tc":
		s.char = num(0)
	case "Tw":
		s.word = num(0)
	case "Tz":
		s.scale = num(0) / 100
	case "TL":
		s.leading = num(0)
	case "Ts":
		s.rise = num(0)
	case "Td":
		move(num(0), num(1))
	case "TD":
		s.leading = -num(1)
		move(num(0), num(1))
	case "Tm":
		s.line = matrix{num(0), num(1), num(2), num(3), num(4), num(5)}
		s.tm = s.line
	case "T*":
		move(0, -s.leading)
	case "Tj", "'", "\"":
		if op != "Tj" {
			move(0, -s.leading)
		}
		if len(args) > 0 {
			p.show(args[len(args)-1:])
		}
	case "TJ":
		if len(args) > 0 {
			list := args[0]
			parts := make([]pdf.Value, 0, min(list.Len(), 10*maxOperand))
			for i := 0; i < list.Len() && i < 10*maxOperand; i++ {
				parts = append(parts, list.Index(i))
			}
			p.show(parts)
		}
	case "BDC":
		actual := ""
		if len(args) == 2 {
			if actual = args[1].Key("ActualText").Text(); len(actual) > 1000 {
				actual = ""
			}
		}
		if len(p.marks) < maxSaves {
			p.marks = append(p.marks, mark{actual, len(p.pieces)})
		}
	case "BMC":
		if len(p.marks) < maxSaves {
			p.marks = append(p.marks, mark{"", len(p.pieces)})
		}
	case "EMC":
		p.endMark()
	case "Do":
		if len(args) == 0 {
			return
		}
		x := resources.Key("XObject").Key(args[0].Name())
		switch x.Key("Subtype").Name() {
		case "Image":
			p.images++
		case "Form":
			if p.forms++; depth >= formDepth || p.forms > maxForms {
				return
			}
			p.form(x, resources, depth)
		}
	}
}

func (p *page) form(x, resources pdf.Value, depth int) {
	saved := p.s
	if m := x.Key("Matrix"); m.Len() == 6 {
		var f matrix
		for i := range f {
			f[i] = m.Index(i).Float64()
		}
		p.s.ctm = f.mul(p.s.ctm)
	}
	if r := x.Key("Resources"); r.Kind() == pdf.Dict {
		resources = r
	}
	p.run(x, resources, depth+1)
	p.s = saved
}

// show adds the text of one operator: strings and, between them, moves in thousandths of the font's size.
func (p *page) show(parts []pdf.Value) {
	s := &p.s
	if s.font == nil {
		return
	}
	place := func() (x, y, size float64) {
		m := s.tm.mul(s.ctm)
		return m[4] + s.rise*m[2], m[5] + s.rise*m[3], math.Abs(s.size) * math.Hypot(m[2], m[3])
	}
	x0, y0, size := place()
	if !(size > 0 && size < 2000) || math.IsNaN(x0) || math.IsNaN(y0) {
		return
	}
	var b strings.Builder
	scale := s.scale
	advance := func(by float64) { s.tm = matrix{1, 0, 0, 1, by * scale, 0}.mul(s.tm) }
	for _, part := range parts {
		if part.Kind() != pdf.String {
			by := -part.Float64() / 1000 * s.size
			if by > wordGap*math.Abs(s.size) && b.Len() > 0 {
				b.WriteByte(' ')
			}
			advance(by)
			continue
		}
		raw := part.RawString()
		s.font.each(raw, func(code int, bytes int, text string) {
			w := s.font.width(code) / 1000 * s.size
			if w == 0 && s.char > wordGap*s.size {
				b.WriteByte(' ')
			}
			b.WriteString(text)
			w += s.char
			if bytes == 1 && code == ' ' {
				w += s.word
			}
			advance(w)
		})
	}
	x1, _, _ := place()
	text := b.String()
	if text == "" || !p.d.take(len(text)) {
		return
	}
	p.pieces = append(p.pieces, piece{text, x0, y0, x1, size, s.font.bold, s.font.italic, p.linkAt((x0+x1)/2, y0+size/3)})
}
