package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"handoff/internal/spell"
	"handoff/templates"
)

// TemplateCmd is `handoff template`.
type TemplateCmd struct {
	List    TemplateListCmd    `cmd:"" help:"List the mail texts: when each is sent, and which are the team's own."`
	Show    TemplateShowCmd    `cmd:"" help:"Show a text on sample values, or its source."`
	Vars    TemplateVarsCmd    `cmd:"" help:"List what a text may use: variables and functions."`
	Check   TemplateCheckCmd   `cmd:"" help:"Check the team's own texts: mistakes, languages that lack one, built-in texts that changed since."`
	Edit    TemplateEditCmd    `cmd:"" help:"Write a text of the team's own in your editor."`
	Save    TemplateSaveCmd    `cmd:"" help:"Save a text of the team's own from a file."`
	Keep    TemplateKeepCmd    `cmd:"" help:"Note that a built-in text that changed was looked at, and keep your own."`
	Reset   TemplateResetCmd   `cmd:"" help:"Go back to the built-in text."`
	History TemplateHistoryCmd `cmd:"" help:"List the versions of a text: who saved each, and when."`
	Diff    TemplateDiffCmd    `cmd:"" help:"Show what differs between two versions of a text, or from the built-in one."`
	Restore TemplateRestoreCmd `cmd:"" help:"Make an earlier version of a text the latest."`
	Export  TemplateExportCmd  `cmd:"" help:"Write the team's own texts into a directory, for review."`
	Import  TemplateImportCmd  `cmd:"" help:"Save every text of a directory that differs."`
	Use     TemplateUseCmd     `cmd:"" help:"Choose an alternate of a text, or the usual one."`
	Enable  TemplateEnableCmd  `cmd:"" help:"Send notices of a kind again."`
	Disable TemplateDisableCmd `cmd:"" help:"Send no notices of a kind any more."`
	Preview TemplatePreviewCmd `cmd:"" help:"Show a text on a real person, piece, mail or notice, or send it to yourself."`
	Reach   TemplateReachCmd   `cmd:"" help:"Which mails of the last days would get a notice; nothing is sent."`
	For     TemplateForCmd     `cmd:"" name:"for" help:"Which notices a stored mail would get; nothing is sent."`
}

// textArgs name one text.
type textArgs struct {
	Name    string `arg:"" help:"The text, as \"handoff template list\" shows it."`
	Locale  string `default:"en" placeholder:"LANGUAGE" help:"Its language: ${locales}."`
	Variant string `placeholder:"NAME" help:"An alternate of it."`
}

// own is the text's place, if there is such a text.
func (a textArgs) own() (templates.Own, error) {
	o := templates.Own{Name: a.Name, Locale: strings.ToLower(a.Locale), Variant: a.Variant}
	if o.Locale == "" {
		o.Locale = "en"
	}
	return o, knownText(o)
}

func knownText(o templates.Own) error {
	if _, err := templates.Default(o); err == nil {
		return nil
	}
	if o.Name != templates.Layout && !slices.Contains(templates.Names(), o.Name) {
		hint := ""
		if near := spell.Nearest(o.Name, append(templates.Names(), templates.Layout)); near != "" {
			hint = fmt.Sprintf(" (did you mean %s?)", near)
		}
		return usagef("there is no mail text %q%s: see \"handoff template list\"", o.Name, hint)
	}
	if !slices.Contains(templates.Locales(), o.Locale) {
		return usagef("there are no mail texts in %q: the languages are %s", o.Locale, strings.Join(templates.Locales(), ", "))
	}
	if o.Name == templates.Layout {
		return usagef("the layout is one for all languages and has no alternates: leave --locale and --variant out")
	}
	return usagef("an alternate is named in small letters, digits, - and _, not %q", o.Variant)
}

// library is the texts in force: the team's own where there is a configuration, else the built-in ones alone.
func library(ctx context.Context, env *Env) (*templates.Library, func() error, error) {
	_, there, err := configIfThere(env)
	if err != nil {
		return nil, nil, err
	}
	if !there {
		return &templates.Library{Kept: templates.BuiltInOnly{}}, func() error { return nil }, nil
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	return d.texts(), d.Close, nil
}

// TemplateListCmd is `handoff template list`.
type TemplateListCmd struct {
	Own  bool `help:"Only those of the team's own or switched off."`
	JSON bool `help:"Print JSON."`
}

// listed is one text as JSON shows it.
type listed struct {
	Name    string   `json:"name"`
	Own     []string `json:"own"` // languages of the team's own, with alternate and what is wrong
	Variant string   `json:"variant"`
	Off     bool     `json:"off"`
	Sent    string   `json:"sent"`
}

// Help shows how.
func (TemplateListCmd) Help() string {
	return `Examples:
  handoff template list
  handoff template list --own`
}

// Run prints the names.
func (c TemplateListCmd) Run(ctx context.Context, env *Env) error {
	lib, done, err := library(ctx, env)
	if err != nil {
		return err
	}
	defer done()
	settings, err := lib.Kept.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	latest, err := lib.Kept.TemplateVersions(ctx, templates.Own{})
	if err != nil {
		return err
	}
	broken, err := lib.Problems(ctx)
	if err != nil {
		return err
	}
	told, err := faulty(ctx, lib.Kept)
	if err != nil {
		return err
	}
	wrong := map[int64]string{}
	for _, b := range broken {
		wrong[b.Version.ID] = "wrong and not used"
	}
	own := map[string][]string{}
	for _, v := range latest {
		if v.Reset() {
			continue
		}
		what := v.Locale
		if v.Variant != "" {
			what += " " + v.Variant
		}
		if _, ok := told[v.ID]; ok {
			what += " (failed on a mail)"
		}
		if wrong[v.ID] != "" {
			what += " (" + wrong[v.ID] + ")"
		}
		own[v.Name] = append(own[v.Name], what)
	}
	var rows [][]string
	all := []listed{}
	for _, name := range append(templates.Names(), templates.Layout) {
		s, from := settings[name], "built in"
		if mine := own[name]; len(mine) > 0 {
			slices.Sort(mine)
			from = "own: " + strings.Join(mine, ", ")
		}
		if s.Variant != "" {
			from += "; uses " + s.Variant
		}
		if s.Off {
			from += "; switched off"
		}
		if c.Own && from == "built in" {
			continue
		}
		when := "the page around every mail"
		if e, ok := templates.EntryOf(name); ok {
			when = e.Sent()
		}
		rows = append(rows, []string{name, from, when})
		all = append(all, listed{name, notNil(own[name]), s.Variant, s.Off, when})
	}
	if c.JSON {
		return printJSON(env.Stdout, all)
	}
	return printTable(env.Stdout, []string{"TEXT", "FROM", "SENT"}, rows)
}

// TemplateShowCmd is `handoff template show`.
type TemplateShowCmd struct {
	textArgs
	HTML   bool `name:"html" xor:"form" help:"The HTML part."`
	Source bool `xor:"form" help:"The Markdown source."`
}

// Help shows how.
func (TemplateShowCmd) Help() string {
	return `Examples:
  handoff template show receipt
  handoff template show receipt --locale de
  handoff template show redirect --source`
}

// Run prints one text.
func (c *TemplateShowCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	lib, done, err := library(ctx, env)
	if err != nil {
		return err
	}
	defer done()
	if err := knownAlternate(ctx, lib, o.Name, o.Variant); err != nil {
		return err
	}
	broken, err := lib.Problems(ctx)
	if err != nil {
		return err
	}
	for _, b := range broken {
		if b.Version.File() != o.File() {
			continue
		}
		stands := "this is the last version that was right, or the built-in text"
		if c.Source {
			stands = "this is that version all the same"
		}
		fmt.Fprintf(env.Stderr, "Version %d is wrong and not used, %s: %s\n", b.Version.ID, stands, b.Problem.Where())
	}
	if c.Source || o.Name == templates.Layout {
		text, _, err := currentText(ctx, lib, o)
		if err != nil {
			return err
		}
		_, err = io.WriteString(env.Stdout, text)
		return err
	}
	set, err := lib.Set(ctx)
	if err != nil {
		return err
	}
	mail, err := set.RenderVariant(templates.Sample(o.Name), templates.Audience{Locale: o.Locale, Location: templates.SampleZone()}, o.Variant)
	if err != nil {
		return err
	}
	return printMail(env.Stdout, mail, c.HTML)
}

func printMail(w io.Writer, mail templates.Rendered, html bool) error {
	if html {
		_, err := fmt.Fprintln(w, mail.HTML)
		return err
	}
	_, err := fmt.Fprintf(w, "Subject: %s\n\n%s\n", mail.Subject, mail.Text)
	return err
}

// currentText is the latest own text, or else the built-in one; version is 0 then.
func currentText(ctx context.Context, lib *templates.Library, o templates.Own) (text string, version int64, err error) {
	versions, err := lib.Kept.TemplateVersions(ctx, o)
	if err != nil {
		return "", 0, err
	}
	if len(versions) > 0 && !versions[0].Reset() {
		return versions[0].Text, versions[0].ID, nil
	}
	b, err := templates.Default(o)
	return string(b), 0, err
}

// TemplateVarsCmd is `handoff template vars`.
type TemplateVarsCmd struct {
	Name string `arg:"" help:"The text."`
}

// Help shows how.
func (TemplateVarsCmd) Help() string {
	return `Examples:
  handoff template vars receipt`
}

// Run prints the variables.
func (c *TemplateVarsCmd) Run(env *Env) error {
	if err := knownText(templates.Own{Name: c.Name, Locale: "en"}); err != nil {
		return err
	}
	if c.Name == templates.Layout {
		_, err := fmt.Fprint(env.Stdout, templates.LayoutHelp)
		return err
	}
	entry, _ := templates.EntryOf(c.Name)
	fmt.Fprintf(env.Stdout, "%s %s.\nTo: %s\nWhen: %s\nRepeats: %s\n", c.Name, entry.What, entry.To, entry.When, entry.Repeats)
	if keep := entry.Keeps(); len(keep) > 0 {
		fmt.Fprintf(env.Stdout, "A text of your own must keep: .%s\n", strings.Join(keep, ", ."))
	}
	fmt.Fprintln(env.Stdout)
	for _, table := range []struct {
		head string
		rows []templates.Variable
	}{{"VARIABLE", templates.Vars(c.Name)}, {"FUNCTION", templates.Functions()}} {
		var rows [][]string
		for _, v := range table.rows {
			rows = append(rows, []string{v.Path, v.Type, v.Meaning, v.Example})
		}
		if err := printTable(env.Stdout, []string{table.head, "TYPE", "MEANING", "EXAMPLE"}, rows); err != nil {
			return err
		}
		fmt.Fprintln(env.Stdout)
	}
	return nil
}

// TemplateCheckCmd is `handoff template check`.
type TemplateCheckCmd struct {
	Dir string `arg:"" optional:"" type:"existingdir" help:"A directory of exported texts; those that are saved if left out."`
}

// Help says what.
func (TemplateCheckCmd) Help() string {
	return `The exit code is 1 if a text is wrong. Languages that lack a text of the team's own, and built-in texts that changed since
the team wrote its own, are told and are no mistakes.

Examples:
  handoff template check
  handoff template check texts/`
}

// Run checks.
func (c *TemplateCheckCmd) Run(ctx context.Context, env *Env) error {
	if c.Dir != "" {
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
			return fmt.Errorf("texts in %s: %w", c.Dir, err)
		}
		fmt.Fprintf(env.Stdout, "%d texts in %s are right\n", len(own), c.Dir)
		return nil
	}
	lib, done, err := library(ctx, env)
	if err != nil {
		return err
	}
	defer done()
	broken, err := lib.Problems(ctx)
	if err != nil {
		return err
	}
	latest, err := lib.Kept.TemplateVersions(ctx, templates.Own{})
	if err != nil {
		return err
	}
	told, err := faulty(ctx, lib.Kept)
	if err != nil {
		return err
	}
	own := 0
	for _, v := range latest {
		if v.Reset() {
			continue
		}
		own++
		if v.Stale() {
			fmt.Fprintf(env.Stdout, "%s: the built-in text has changed since version %d: see \"handoff template diff %[3]s --built-in\"; \"handoff template keep %[3]s\" notes that you did\n", v.File(), v.ID, diffArgs(v.Own))
		}
	}
	settings, err := lib.Kept.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	for _, l := range templates.Lacking(latest, settings) {
		text := "the built-in text"
		if l.Usual {
			text = "your usual text"
		}
		fmt.Fprintf(env.Stdout, "%s: readers get %s; yours is there in %s only\n", l.Own.File(), text, strings.Join(l.Others, ", "))
	}
	var problems []*templates.Problem
	for _, b := range broken {
		p := b.Problem
		if knownText(b.Version.Own) != nil {
			p = &templates.Problem{File: p.File, Text: p.Text + fmt.Sprintf(" (\"handoff template reset %s\" sets it aside)", diffArgs(b.Version.Own))}
		}
		problems = append(problems, p)
	}
	for _, v := range latest {
		if t, ok := told[v.ID]; ok {
			problems = append(problems, &templates.Problem{File: v.File(), Text: fmt.Sprintf("version %d could not be used for a mail to %s: %s", v.ID, t.Reader, t.Problem)})
		}
	}
	if err := joined(problems); err != nil {
		return fmt.Errorf("the last version that was right, or the built-in text, goes out instead: %w", err)
	}
	fmt.Fprintf(env.Stdout, "%d built-in texts in %d languages, %d of your own: all are right\n", len(templates.Names()), len(templates.Locales()), own)
	return nil
}

func joined(problems []*templates.Problem) error {
	var all []error
	for _, p := range problems {
		all = append(all, p)
	}
	return errors.Join(all...)
}

// diffArgs are the arguments that name o.
func diffArgs(o templates.Own) string {
	args := o.Name
	if o.Locale != "en" {
		args += " --locale " + o.Locale
	}
	if o.Variant != "" {
		args += " --variant " + o.Variant
	}
	return args
}
