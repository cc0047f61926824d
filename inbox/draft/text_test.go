package draft

import (
	"slices"
	"strings"
	"testing"
)

func TestEachImage(t *testing.T) {
	long := strings.Repeat("x", imageBytes)
	for _, c := range []struct{ text, want string }{
		{"![a](b.png) and ![ä c](<d e.png> \"t\")", "a=b.png ä c=d"},
		{"![](x)![y]()![z](w)", "=x z=w"},
		{"![a] (b) ![c\nd](e) ![f](g", "f=g"},
		{"![a ![b](c)", "a ![b=c"},
		{"![![![", ""}, {"![", ""}, {"![]", ""}, {"![](", ""}, {"![a](b]", "a=b]"},
		{"![" + long + "](a)", long + "=a"},
		{"![" + long + "x](a) ![b](c)", "b=c"},
		{"![y![" + long + "](a)", long + "=a"},
		{"![![" + long + "](a)", long + "=a"},
		{"![x](" + long + "yz) ![b](c)", "x=" + long + " b=c"},
	} {
		var got []string
		eachImage(c.text, func(alt, target string) bool {
			got = append(got, alt+"="+target)
			return true
		})
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%.60q: %.80q, want %.80q", c.text, s, c.want)
		}
	}
	var n []string
	eachImage("![a](b)![c](d)", func(alt, _ string) bool { n = append(n, alt); return false })
	if !slices.Equal(n, []string{"a"}) {
		t.Error(n)
	}
}
