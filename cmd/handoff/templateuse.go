package main

import (
	"context"
	"fmt"
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
		latest, err := lib.Kept.TemplateVersions(ctx, templates.Own{})
		if err != nil {
			return "", err
		}
		var in []string
		for _, v := range latest {
			if v.Name == c.Name && v.Variant == c.Variant && !v.Reset() {
				in = append(in, v.Locale)
			}
		}
		if len(in) == 0 {
			return "", usagef("%s has no alternate %q: save it first, with \"handoff template save %s FILE --variant %s\"", c.Name, c.Variant, c.Name, c.Variant)
		}
		slices.Sort(in)
		return fmt.Sprintf("the alternate %s is used (%s)", c.Variant, strings.Join(in, ", ")), nil
	})
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
