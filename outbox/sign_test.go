package outbox_test

import (
	"errors"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"handoff/outbox"
	"handoff/templates"
)

const replyPattern = "Drafts+{token}@agency.example"

func key(id int, age time.Duration) outbox.Key {
	secret := []byte(strings.Repeat(string(rune('a'+id)), 32))
	return outbox.Key{ID: id, Secret: secret, CreatedAt: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC).Add(-age)}
}

func identity(t testing.TB, reply string, keys ...outbox.Key) *outbox.Identity {
	t.Helper()
	i, err := outbox.NewIdentity(keys, reply, "Agency.example")
	if err != nil {
		t.Fatal(err)
	}
	return i
}

var refs = rapid.Custom(func(t *rapid.T) outbox.Ref {
	ids := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 1<<56-1))
	return outbox.Ref{PieceID: ids.Draw(t, "piece"), PersonID: ids.Draw(t, "person")}
})

func TestTokensComeBack(t *testing.T) {
	i := identity(t, replyPattern, key(1, 0))
	rapid.Check(t, func(t *rapid.T) {
		r := refs.Draw(t, "ref")
		address := i.ReplyAddress(r)
		local, domain, _ := strings.Cut(address, "@")
		if len(local) > 64 || domain != "agency.example" || local != strings.ToLower(local) {
			t.Fatalf("address %s", address)
		}
		for _, spelled := range []string{address, strings.ToUpper(address), "<" + address + ">"} {
			if got, err := i.FromAddress(spelled); err != nil || got != r {
				t.Fatalf("FromAddress(%s) = %v, %v", spelled, got, err)
			}
		}
		id, thread := i.MessageID(r, "reminder:1"), i.ThreadID(r)
		for _, spelled := range []string{id, "<" + id + ">", strings.ToUpper(thread), thread} {
			if got, err := i.FromID(spelled); err != nil || got != r {
				t.Fatalf("FromID(%s) = %v, %v", spelled, got, err)
			}
		}
		if id != i.MessageID(r, "reminder:1") || id == i.MessageID(r, "reminder:2") {
			t.Fatal("a Message-ID is not that of its key alone")
		}
	})
}

// A token is no other token: not of another use, not with a character changed, not of another Handoff.
func TestTokensAreNotForged(t *testing.T) {
	i := identity(t, replyPattern, key(1, 0))
	other := identity(t, replyPattern, outbox.Key{ID: 1, Secret: []byte(strings.Repeat("x", 32))})
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	rapid.Check(t, func(t *rapid.T) {
		r := refs.Draw(t, "ref")
		token := func(id string) string {
			local, _, _ := strings.Cut(id, "@")
			return local[strings.IndexAny(local, "+.")+1:]
		}
		bad := func(from func(string) (outbox.Ref, error), s string) {
			if got, err := from(s); !errors.Is(err, outbox.ErrBadToken) {
				t.Fatalf("%s passed as %v, %v", s, got, err)
			}
		}
		address, message, thread := token(i.ReplyAddress(r)), token(i.MessageID(r, "k")), token(i.ThreadID(r))
		for _, s := range []string{message, thread} {
			bad(i.FromAddress, "drafts+"+s+"@agency.example")
		}
		for _, s := range []string{address, message} {
			bad(i.FromID, "t."+s+"@agency.example")
		}
		for _, s := range []string{address, thread} {
			bad(i.FromID, "m."+s+"@agency.example")
		}
		bad(other.FromAddress, i.ReplyAddress(r))
		bad(other.FromID, i.ThreadID(r))
		at := rapid.IntRange(0, len(address)-1).Draw(t, "at")
		with := letters[rapid.IntRange(0, 31).Draw(t, "letter")]
		if address[at] != with {
			bad(i.FromAddress, "drafts+"+address[:at]+string(with)+address[at+1:]+"@agency.example")
		}
		bad(i.FromAddress, "drafts+"+address[:at]+"@agency.example")
		bad(i.FromAddress, "drafts+"+address+"aa@agency.example")
	})
}

func TestKeyRotation(t *testing.T) {
	old := identity(t, replyPattern, key(7, time.Hour))
	both := identity(t, replyPattern, key(3, 0), key(7, time.Hour))
	fresh := identity(t, replyPattern, key(3, 0))
	r := outbox.Ref{PieceID: 12, PersonID: 34}
	if got, err := both.FromAddress(old.ReplyAddress(r)); err != nil || got != r {
		t.Errorf("an address of the older key gives %v, %v", got, err)
	}
	if got, err := fresh.FromAddress(both.ReplyAddress(r)); err != nil || got != r {
		t.Errorf("the newest key did not sign: %v, %v", got, err)
	}
	if _, err := fresh.FromID(old.ThreadID(r)); !errors.Is(err, outbox.ErrBadToken) {
		t.Errorf("an id of a deleted key gives %v", err)
	}
}

func TestPlainReplyAddress(t *testing.T) {
	i := identity(t, "drafts@agency.example", key(1, 0))
	r := outbox.Ref{PieceID: 12, PersonID: 34}
	if got := i.ReplyAddress(r); got != "drafts@agency.example" {
		t.Errorf("reply address %s", got)
	}
	signed := identity(t, replyPattern, key(1, 0)).ReplyAddress(r)
	for _, a := range []string{"drafts@agency.example", signed, ""} {
		if _, err := i.FromAddress(a); !errors.Is(err, outbox.ErrBadToken) {
			t.Errorf("FromAddress(%q): %v", a, err)
		}
	}
	if got, err := i.FromID(i.ThreadID(r)); err != nil || got != r {
		t.Errorf("FromID = %v, %v", got, err)
	}
}

func TestBounceAddresses(t *testing.T) {
	i := identity(t, replyPattern, key(1, 0))
	if a := i.BounceAddress(7); a != "" {
		t.Errorf("without BouncesTo: %s", a)
	}
	if _, err := i.FromBounceAddress(""); !errors.Is(err, outbox.ErrBadToken) {
		t.Errorf("without BouncesTo: %v", err)
	}
	other := identity(t, replyPattern, outbox.Key{ID: 1, Secret: []byte(strings.Repeat("x", 32))})
	for _, one := range []*outbox.Identity{i, other} {
		if err := one.BouncesTo("Drafts+{token}@agency.example"); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, 1<<56-1)).Draw(t, "id")
		a := i.BounceAddress(id)
		if strings.IndexByte(a, '@') > 64 || a != strings.ToLower(a) {
			t.Fatalf("address %s", a)
		}
		for _, spelled := range []string{a, strings.ToUpper(a), "<" + a + ">"} {
			if got, err := i.FromBounceAddress(spelled); err != nil || got != id {
				t.Fatalf("%s gives %d, %v", spelled, got, err)
			}
		}
		if _, err := other.FromBounceAddress(a); !errors.Is(err, outbox.ErrBadToken) {
			t.Fatalf("another Handoff takes %s: %v", a, err)
		}
		// The same plus address serves answers and bounces: neither token is one of the other use.
		if _, err := i.FromAddress(a); !errors.Is(err, outbox.ErrBadToken) {
			t.Fatalf("%s passed as a reply address: %v", a, err)
		}
		reply := i.ReplyAddress(outbox.Ref{PieceID: id, PersonID: id})
		if _, err := i.FromBounceAddress(reply); !errors.Is(err, outbox.ErrBadToken) {
			t.Fatalf("%s passed as a bounce address: %v", reply, err)
		}
		at := rapid.IntRange(len("drafts+"), strings.IndexByte(a, '@')-1).Draw(t, "at")
		forged := a[:at] + string('a'+(a[at]-'a'+1)%26) + a[at+1:]
		if forged == a {
			return
		}
		if _, err := i.FromBounceAddress(forged); !errors.Is(err, outbox.ErrBadToken) {
			t.Fatalf("%s passed: %v", forged, err)
		}
	})
	for address, says := range map[string]string{
		"drafts": "no mail address", "drafts@agency.example": "needs {token}", "{token}@{token}.example": "once, before the @",
		"contributions-to-our-great-blog-x+{token}@agency.example": "at most 33 characters",
	} {
		if err := outbox.CheckBounceAddress(address); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestLargestIDsComeBack(t *testing.T) {
	i := identity(t, "a+{token}@agency.example", key(31, 0))
	r := outbox.Ref{PieceID: math.MaxInt64, PersonID: math.MaxInt64}
	address := i.ReplyAddress(r)
	if got, err := i.FromAddress(address); err != nil || got != r || strings.IndexByte(address, '@') > 64 {
		t.Errorf("%s gives %v, %v", address, got, err)
	}
}

func TestNewIdentityRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		keys          []outbox.Key
		reply, domain string
		want          string
	}{
		"no key":           {nil, replyPattern, "agency.example", "no signing key"},
		"key id too large": {[]outbox.Key{key(32, 0)}, replyPattern, "agency.example", "must be 1 to 31"},
		"the same id":      {[]outbox.Key{key(1, 0), key(1, 1)}, replyPattern, "agency.example", "the id 1"},
		"short secret":     {[]outbox.Key{{ID: 1, Secret: []byte("short")}}, replyPattern, "agency.example", "5 bytes"},
		"no address":       {[]outbox.Key{key(1, 0)}, "drafts", "agency.example", "no mail address"},
		"a name":           {[]outbox.Key{key(1, 0)}, "Drafts <drafts@agency.example>", "agency.example", "no mail address"},
		"token in domain":  {[]outbox.Key{key(1, 0)}, "drafts@{token}.example", "agency.example", "before the @"},
		"token twice":      {[]outbox.Key{key(1, 0)}, "{token}+{token}@agency.example", "agency.example", "once"},
		"long local part":  {[]outbox.Key{key(1, 0)}, "contributions-to-the-blog+{token}@agency.example", "agency.example", "at most 20"},
		"no domain":        {[]outbox.Key{key(1, 0)}, replyPattern, "", "no domain"},
		"broken domain":    {[]outbox.Key{key(1, 0)}, replyPattern, "a b", "no domain"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := outbox.NewIdentity(c.keys, c.reply, c.domain)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func FuzzFromID(f *testing.F) {
	i, err := outbox.NewIdentity([]outbox.Key{key(1, 0)}, replyPattern, "agency.example")
	if err != nil {
		f.Fatal(err)
	}
	r := outbox.Ref{PieceID: 12, PersonID: 34}
	f.Add(i.ThreadID(r))
	f.Add(i.MessageID(r, "k"))
	f.Add(i.ReplyAddress(r))
	local := func(s string) string {
		l, _, _ := strings.Cut(strings.ToLower(strings.Trim(s, "<> \t")), "@")
		return l
	}
	f.Fuzz(func(t *testing.T, s string) {
		// What passes is what we would have made ourselves; a Message-ID also carries a key that is not known here.
		if got, err := i.FromID(s); err == nil && local(s) != local(i.ThreadID(got)) && !strings.HasPrefix(local(s), "m.") {
			t.Errorf("FromID(%q) passed as %v", s, got)
		}
		if got, err := i.FromAddress(s); err == nil && local(s) != local(i.ReplyAddress(got)) {
			t.Errorf("FromAddress(%q) passed as %v", s, got)
		}
	})
}

func FuzzFromMuteToken(f *testing.F) {
	i, err := outbox.NewIdentity([]outbox.Key{key(1, 0)}, replyPattern, "agency.example")
	if err != nil {
		f.Fatal(err)
	}
	good := i.MuteToken(34, "due_soon")
	for _, seed := range []string{good, strings.ToUpper(good), good[:len(good)-1], good + "a", i.MuteToken(1<<62, ""), "", "a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		person, notice, err := i.FromMuteToken(s)
		if err == nil && i.MuteToken(person, notice) != s {
			t.Errorf("%q names person %d and %q, whose token is another", s, person, notice)
		}
	})
}

// What somebody answers to does not reach others in what they quote, in whatever form it stands there.
func TestConceal(t *testing.T) {
	c := composer(t)
	private := c.Identity.ReplyAddress(outbox.Ref{PieceID: 12, PersonID: 3})
	token := strings.SplitN(strings.SplitN(private, "+", 2)[1], "@", 2)[0]
	for name, text := range map[string]string{
		"bare":      "write to " + private + ", please",
		"capitals":  "write to " + strings.ToUpper(private),
		"a link":    "[yes](mailto:" + private + "?subject=ACCEPT)",
		"encoded":   "mailto:" + url.QueryEscape(private) + "?subject=ACCEPT",
		"in quotes": "> On Monday, \"Agency\" <" + private + "> wrote:",
	} {
		if got := c.Identity.Conceal(text); strings.Contains(strings.ToLower(got), token) || !strings.Contains(got, "[…]") {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, text := range []string{"", "drafts@agency.example", "Two drafts+one idea@home"} {
		if got := c.Identity.Conceal(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	n, err := c.Compose(templates.Note{Text: "> answer to " + private}, team()[1], outbox.About{Key: "note"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(n.Data), token) || !strings.Contains(string(n.Data), "answer to […]") {
		t.Errorf("the notice has %s", n.Data)
	}
}
