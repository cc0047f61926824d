package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"handoff/templates"
)

// TemplateUseCmd is `handoff template use`.
type TemplateUseCmd struct {
	Name    string `arg:"" help:"The text."`
	Variant string `arg:"" optional:"" help:"The alternate; the usual text if left out."`
}

// Help shows how.
func (TemplateUseCmd) Help() string {
	return `An alternate is another text for the same notice. In a language without it, readers get the usual text.

Examples:
  handoff template save overdue friendly.md --variant friendly
  handoff template use overdue friendly
  handoff template use overdue                # the usual one again`
}

// Run chooses.
func (c *TemplateUseCmd) Run(ctx context.Context, env *Env) error {
	if err := knownText(templates.Own{Name: c.Name, Locale: "en", Variant: c.Variant}); err != nil {
		return err
	}
	return set(ctx, env, c.Name, func(lib *templates.Library, s *templates.Setting) (string, error) {
		s.Variant = c.Variant
		if c.Variant == "" {
			return "the usual text is used", nil
		}
		if err := knownAlternate(ctx, lib, c.Name, c.Variant); err != nil {
			return "", err
		}
		all, err := alternates(ctx, lib.Kept, c.Name)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("the alternate %s is used (%s)", c.Variant, strings.Join(all[c.Variant], ", ")), nil
	})
}

// alternates are the languages of each alternate of a text.
func alternates(ctx context.Context, kept templates.Versions, name string) (map[string][]string, error) {
	latest, err := kept.TemplateVersions(ctx, templates.Own{})
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, v := range latest {
		if v.Name == name && v.Variant != "" && !v.Reset() {
			all[v.Variant] = append(all[v.Variant], v.Locale)
		}
	}
	for _, in := range all {
		slices.Sort(in)
	}
	return all, nil
}

// knownAlternate refuses an alternate that a text does not have; "" is the usual text.
func knownAlternate(ctx context.Context, lib *templates.Library, name, variant string) error {
	if variant == "" {
		return nil
	}
	all, err := alternates(ctx, lib.Kept, name)
	if err != nil || all[variant] != nil {
		return err
	}
	there := "there is none yet"
	if len(all) > 0 {
		there = "there are " + strings.Join(slices.Sorted(maps.Keys(all)), ", ")
	}
	return usagef("%s has no alternate %q, %s: \"handoff template save %s FILE --variant %s\" makes one", name, variant, there, name, variant)
}

// set changes a template's setting and says what it is now.
func set(ctx context.Context, env *Env, name string, change func(*templates.Library, *templates.Setting) (string, error)) error {
	if name == templates.Layout {
		return usagef("the layout is always used")
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	settings, err := d.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	s := settings[name]
	said, err := change(lib, &s)
	if err != nil {
		return err
	}
	if err := d.SetTemplate(ctx, name, s); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: %s\n", name, said)
	return err
}

// TemplateEnableCmd is `handoff template enable`.
type TemplateEnableCmd struct {
	Name string `arg:"" help:"The notice."`
}

// Help shows how.
func (TemplateEnableCmd) Help() string {
	return `Examples:
  handoff template enable digest`
}

// Run enables.
func (c *TemplateEnableCmd) Run(ctx context.Context, env *Env) error {
	if err := knownText(templates.Own{Name: c.Name, Locale: "en"}); err != nil {
		return err
	}
	return set(ctx, env, c.Name, func(_ *templates.Library, s *templates.Setting) (string, error) {
		s.Off = false
		return "is sent", nil
	})
}

// TemplateDisableCmd is `handoff template disable`.
type TemplateDisableCmd struct {
	Name string `arg:"" help:"The notice."`
}

// Help says what becomes of them.
func (TemplateDisableCmd) Help() string {
	return `Its notices end as cancelled in the outbox, those that wait there too; "handoff outbox retry" sends one all the same once
the kind is enabled again.

Examples:
  handoff template disable thank_you`
}

// Run disables.
func (c *TemplateDisableCmd) Run(ctx context.Context, env *Env) error {
	if err := knownText(templates.Own{Name: c.Name, Locale: "en"}); err != nil {
		return err
	}
	return set(ctx, env, c.Name, func(_ *templates.Library, s *templates.Setting) (string, error) {
		s.Off = true
		return "is not sent any more; \"handoff template enable " + c.Name + "\" sends it again", nil
	})
}
