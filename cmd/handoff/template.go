package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"handoff/templates"
)

// TemplateCmd is `handoff template`.
type TemplateCmd struct {
	List  TemplateListCmd  `cmd:"" help:"List the mail texts and which of them are the team's own."`
	Show  TemplateShowCmd  `cmd:"" help:"Show a text on sample values, or its source."`
	Check TemplateCheckCmd `cmd:"" help:"Check every text: each mistake with file and line."`
}

// TemplateListCmd is `handoff template list`.
type TemplateListCmd struct{}

// Help shows how.
func (TemplateListCmd) Help() string {
	return `Example:
  handoff template list`
}

// Run prints the names.
func (TemplateListCmd) Run(env *Env) error {
	dir, err := templateDir(env)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, name := range templates.Names() {
		from := "built in"
		if path, ok := override(dir, name); ok {
			from = path
		}
		rows = append(rows, []string{name, from})
	}
	return printTable(env.Stdout, []string{"TEMPLATE", "FROM"}, rows)
}

// TemplateShowCmd is `handoff template show`.
type TemplateShowCmd struct {
	Name   string `arg:"" help:"The template."`
	HTML   bool   `name:"html" xor:"form" help:"The HTML part."`
	Source bool   `xor:"form" help:"The Markdown source."`
	Locale string `default:"en" help:"The reader's language."`
}

// Help shows how.
func (TemplateShowCmd) Help() string {
	return `Examples:
  handoff template show receipt
  mkdir -p templates     # the directory that [templates] dir names
  handoff template show redirect --source > templates/redirect.md   # then edit, and: handoff template check`
}

// Run prints one template.
func (c *TemplateShowCmd) Run(env *Env) error {
	dir, err := templateDir(env)
	if err != nil {
		return err
	}
	if !slices.Contains(templates.Names(), c.Name) {
		return usagef("there is no template %q: see \"handoff template list\"", c.Name)
	}
	if c.Source {
		source, err := templates.Default(c.Name)
		if path, ok := override(dir, c.Name); ok {
			own, readErr := os.ReadFile(path)
			// An empty file is the one that the shell has just made for this command's output.
			if len(own) > 0 || readErr != nil {
				source, err = own, readErr
			}
		}
		if err != nil {
			return err
		}
		_, err = env.Stdout.Write(source)
		return err
	}
	set, err := loadTemplates(dir)
	if err != nil {
		return err
	}
	mail, err := set.Render(templates.Sample(c.Name), templates.Audience{Locale: c.Locale, Location: time.UTC})
	if err != nil {
		return err
	}
	if c.HTML {
		_, err = fmt.Fprintln(env.Stdout, mail.HTML)
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "Subject: %s\n\n%s\n", mail.Subject, mail.Text)
	return err
}

// TemplateCheckCmd is `handoff template check`.
type TemplateCheckCmd struct {
	Dir string `arg:"" optional:"" type:"existingdir" help:"A directory of NAME.md files; the configured one if left out."`
}

// Help shows how.
func (TemplateCheckCmd) Help() string {
	return `Example:
  handoff template check`
}

// Run checks.
func (c *TemplateCheckCmd) Run(_ context.Context, env *Env) error {
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = templateDir(env); err != nil {
			return err
		}
	}
	if _, err := loadTemplates(dir); err != nil {
		return err
	}
	_, err := fmt.Fprintf(env.Stdout, "%d templates are right\n", len(templates.Names()))
	return err
}

// templateDir is the configured directory of own texts, "" for none. Without a configuration file there is none.
func templateDir(env *Env) (string, error) {
	cfg, there, err := configIfThere(env)
	if err != nil || !there {
		return "", err
	}
	return cfg.Templates.Dir, nil
}

func override(dir, name string) (string, bool) {
	if dir == "" {
		return "", false
	}
	path := filepath.Join(dir, name+".md")
	_, err := os.Stat(path)
	return path, err == nil
}

// loadTemplates reads the built-in texts and, unless dir is "", the team's own over them.
func loadTemplates(dir string) (*templates.Set, error) {
	if dir == "" {
		return templates.Load(nil)
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("templates.dir: %w", err)
	}
	set, err := templates.Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("templates in %s: %w", dir, err)
	}
	return set, nil
}
