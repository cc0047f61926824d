package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What an editor ends by command, of their own, is taken out of their calendar where it stood there, by one short mail, and
// what is theirs next they are told as anybody is; what never stood there is no reason to write.
func TestOwnStepLeavesTheCalendar(t *testing.T) {
	method := regexp.MustCompile(`(?m)^Content-Type: text/calendar;[^\n]*(?:\n[ \t][^\n]*)*method="?(REQUEST|CANCEL)`)
	calendar := func(a *agency) (methods []string) {
		raws, err := a.office.Mails("ed", "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range raws {
			if m := method.FindStringSubmatch(strings.ReplaceAll(string(raw), "\r\n", "\n")); m != nil {
				methods = append(methods, m[1])
			}
		}
		return methods
	}
	for name, c := range map[string]struct {
		do       []string
		subjects []string
	}{
		"handed on":  {[]string{"piece", "advance", "BREW-1"}, []string{"the copy edit of Ten ways to brew is yours", "the review of Ten ways to brew is done"}},
		"sent back":  {[]string{"piece", "revise", "BREW-1", "--text", "Shorter."}, []string{"BREW-1: "}},
		"given away": {[]string{"piece", "assign", "BREW-1", "review", "ana@writers.example"}, []string{"is not yours any more"}},
		"cancelled":  {[]string{"piece", "cancel", "BREW-1", "--reason", "closed"}, []string{"is given up"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAgency(t)
			a.open()
			a.run("poll", "--once")
			a.send(draftMail)
			a.run("poll", "--once")
			if got := calendar(a); !slices.Equal(got, []string{"REQUEST"}) {
				t.Fatalf("Ed's calendar gets %q of the review", got)
			}
			before := len(a.inboxOf("ed"))
			a.run(append(c.do, "--as", "ed@agency.example")...)
			a.run("poll", "--once")
			got := a.inboxOf("ed")[before:]
			if !slices.EqualFunc(got, c.subjects, strings.Contains) {
				t.Errorf("Ed gets %q", got)
			}
			if got := calendar(a); !slices.Equal(got, []string{"REQUEST", "CANCEL"}) {
				t.Errorf("Ed's calendar gets %q", got)
			}
		})
	}
	t.Run("never there", func(t *testing.T) {
		a := newAgency(t)
		a.open()
		a.run("piece", "advance", "BREW-1", "--as", "ed@agency.example")
		a.run("piece", "advance", "BREW-1", "--as", "ed@agency.example")
		a.run("poll", "--once")
		if got := a.inboxOf("ed"); len(calendar(a)) != 0 {
			t.Errorf("Ed gets %q", got)
		}
	})
}
