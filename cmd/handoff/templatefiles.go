package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"handoff/templates"
)

// TemplateExportCmd is `handoff template export`.
type TemplateExportCmd struct {
	Dir string `arg:"" help:"The directory; it is made if it is not there."`
	All bool   `help:"The built-in texts too, in every language."`
}

// Help shows how.
func (TemplateExportCmd) Help() string {
	return `Examples:
  handoff template export texts     # then, in git: review, change
  handoff template import texts`
}

// Run writes.
func (c *TemplateExportCmd) Run(ctx context.Context, env *Env) error {
	lib, done, err := library(ctx, env)
	if err != nil {
		return err
	}
	defer done()
	texts := map[string]string{}
	if c.All {
		for _, locale := range templates.Locales() {
			for _, name := range templates.Names() {
				o := templates.Own{Name: name, Locale: locale}
				b, err := templates.Default(o)
				if err != nil {
					return err
				}
				texts[o.File()] = string(b)
			}
		}
		o := templates.Own{Name: templates.Layout, Locale: "en"}
		b, err := templates.Default(o)
		if err != nil {
			return err
		}
		texts[o.File()] = string(b)
	}
	latest, err := lib.Kept.TemplateVersions(ctx, templates.Own{})
	if err != nil {
		return err
	}
	for _, v := range latest {
		switch {
		case v.Reset():
		case knownText(v.Own) != nil:
			fmt.Fprintf(env.Stdout, "%s is left out, as no mail uses it: \"handoff template reset %s\" sets it aside\n", v.File(), diffArgs(v.Own))
		default:
			texts[v.File()] = v.Text
		}
	}
	for name, text := range texts {
		path := filepath.Join(c.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return fmt.Errorf("cannot make the directory: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			return fmt.Errorf("cannot write the text: %w", err)
		}
	}
	fmt.Fprintf(env.Stdout, "%d texts are in %s\n", len(texts), c.Dir)
	if len(texts) == 0 {
		return nil // the directory may not be there
	}
	there, _, err := templates.ReadFiles(os.DirFS(c.Dir))
	for _, o := range there {
		if _, written := texts[o.File()]; !written {
			fmt.Fprintf(env.Stdout, "%s was there before and is no text of yours now: an import would save it\n", o.File())
		}
	}
	return err
}

// TemplateImportCmd is `handoff template import`.
type TemplateImportCmd struct {
	Dir string `arg:"" type:"existingdir" help:"The directory, as \"handoff template export\" writes it."`
	saver
}

// Help says what is left alone.
func (TemplateImportCmd) Help() string {
	return `Nothing is saved if one text has a mistake. Texts that are as the saved or the built-in ones are left alone, and so are
saved texts that the directory does not have.

Examples:
  handoff template import texts --by admin@agency.example`
}

// Run saves.
func (c *TemplateImportCmd) Run(ctx context.Context, env *Env) error {
	own, problems, err := templates.ReadFiles(os.DirFS(c.Dir))
	if err != nil {
		return err
	}
	for _, o := range own {
		if p := templates.Check(o); p != nil {
			problems = append(problems, p)
		}
	}
	if err := joined(problems); err != nil {
		return fmt.Errorf("nothing is saved of %s: %w", c.Dir, err)
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	changed := 0
	for _, o := range own {
		now, _, err := currentText(ctx, lib, o)
		if err != nil {
			return err
		}
		if now == o.Text {
			continue
		}
		changed++
		if err := c.save(ctx, env, d, lib, o); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(env.Stdout, "%d texts read, %d saved\n", len(own), changed)
	return err
}
