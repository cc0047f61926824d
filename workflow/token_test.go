package workflow

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTokenValidate(t *testing.T) {
	for name, want := range map[string]bool{"cms": true, "Our site’s robot": true, strings.Repeat("ü", 60): true,
		"": false, " ": false, "cms ": false, "c\nms": false, strings.Repeat("ü", 61): false} {
		if err := (Token{Name: name}).Validate(); (err == nil) != want || err != nil && CodeOf(err) != Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestMute(t *testing.T) {
	before := Person{ID: 7, Name: "Cora", PersonDetails: PersonDetails{Muted: []string{Overdue, DueSoon}}}
	c := Cause{ActorID: 3, At: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	muted, e, err := before.Mute(WeeklyList, true, c)
	want := Event{At: c.At, Kind: PersonMuted, PersonID: 7, ActorID: 3, Detail: WeeklyList + " muted"}
	if err != nil || e != want || !slices.Equal(muted.Muted, []string{Overdue, DueSoon, WeeklyList}) {
		t.Errorf("%v, %+v, %v", muted.Muted, e, err)
	}
	again, e, err := before.Mute(Overdue, false, c)
	want.Detail = Overdue + " not muted"
	if err != nil || e != want || !slices.Equal(again.Muted, []string{DueSoon}) {
		t.Errorf("%v, %+v, %v", again.Muted, e, err)
	}
	if !slices.Equal(before.Muted, []string{Overdue, DueSoon}) {
		t.Errorf("the person was changed: %v", before.Muted)
	}
	for notice, mute := range map[string]bool{Overdue: true, WeeklyList: false} {
		if same, e, err := before.Mute(notice, mute, c); CodeOf(err) != Conflict || e != (Event{}) || !slices.Equal(same.Muted, before.Muted) {
			t.Errorf("%s %v: %v, %+v, %v", notice, mute, same.Muted, e, err)
		}
	}
}
