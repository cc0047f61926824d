package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/store"
	"handoff/templates"
)

func TestTemplateVersions(t *testing.T) {
	eachStore(t, func(t *testing.T, s *store.Store, _ string) {
		ctx := context.Background()
		state := func() string {
			st, err := s.TemplateState(ctx)
			ok(t, err)
			return st
		}
		own := func(name, locale, variant, text string) templates.Own {
			return templates.Own{Name: name, Locale: locale, Variant: variant, Text: text}
		}
		states := map[string]bool{state(): true}
		var saved []templates.Version
		for i, o := range []templates.Own{
			own("receipt", "en", "", "one"), own("receipt", "de", "", "eins"), own("receipt", "en", "", "two"), own("receipt", "en", "short", "x"),
			own("receipt", "de", "", ""),
		} {
			v := templates.Version{Own: o, Author: "admin@agency.example", At: at(i), Note: "why", Base: "f00", BaseText: "the built-in one"}
			id, err := s.AddTemplateVersion(ctx, v)
			ok(t, err)
			v.ID = id
			saved = append(saved, v)
			states[state()] = true
		}
		check := func(of templates.Own, want ...templates.Version) {
			t.Helper()
			got, err := s.TemplateVersions(ctx, of)
			ok(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		check(templates.Own{}, saved[4], saved[3], saved[2])
		check(own("receipt", "en", "", ""), saved[2], saved[0])
		check(own("receipt", "de", "", "other"), saved[4], saved[1])
		check(own("receipt", "fr", "", ""))

		ok(t, s.SetTemplate(ctx, "digest", templates.Setting{Off: true}))
		states[state()] = true
		ok(t, s.SetTemplate(ctx, "digest", templates.Setting{Variant: "short"}))
		states[state()] = true
		settings, err := s.TemplateSettings(ctx)
		ok(t, err)
		if diff := cmp.Diff(map[string]templates.Setting{"digest": {Variant: "short"}}, settings); diff != "" {
			t.Error(diff)
		}
		if len(states) != 8 {
			t.Errorf("%d states after 7 changes", len(states)-1)
		}
	})
}
