package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"handoff/templates"
)

// saver is who saves, and why.
type saver struct {
	By   string `placeholder:"ADDRESS" help:"Who you are, for the history."`
	Note string `short:"m" placeholder:"TEXT" help:"What you changed and why, for the history."`
}

// save keeps a text and says so.
func (s saver) save(ctx context.Context, env *Env, d *desk, lib *templates.Library, o templates.Own) error {
	if s.By != "" {
		who, err := findPerson(ctx, d, s.By)
		if err != nil {
			return err
		}
		s.By = who.Primary()
	}
	before, _, err := currentText(ctx, lib, o)
	if err != nil && o.Text != "" {
		return err
	}
	v, err := lib.Save(ctx, templates.Version{Own: o, Author: s.By, At: env.Clock.Now().UTC(), Note: s.Note})
	if errors.Is(err, templates.ErrUnchanged) {
		fmt.Fprintf(env.Stdout, "%s is as it was: nothing is saved\n", o.File())
		return nil
	}
	if err != nil {
		return err
	}
	if s.By == "" {
		fmt.Fprintln(env.Stderr, "The history names nobody for this: --by ADDRESS would.")
	}
	settings, err := lib.Kept.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	switch {
	case v.Reset() && o.Variant != "":
		return s.withdrawn(ctx, env, d, v, settings[o.Name])
	case v.Reset():
		fmt.Fprintf(env.Stdout, "%s is the built-in text again (version %d)\n", o.File(), v.ID)
		return nil
	case before == v.Text && v.Text != "":
		fmt.Fprintf(env.Stdout, "%s stays as it was; version %d notes that the built-in text was looked at\n", o.File(), v.ID)
		return nil
	}
	use := "is used from now on"
	if o.Variant != "" && settings[o.Name].Variant != o.Variant {
		use = fmt.Sprintf("is an alternate, not used until \"handoff template use %s %s\" chooses it", o.Name, o.Variant)
	}
	_, err = fmt.Fprintf(env.Stdout, "%s is saved as version %d and %s\n", o.File(), v.ID, use)
	return err
}

// withdrawn says what readers get after an alternate was reset, and chooses the usual text if none of its languages is left.
func (s saver) withdrawn(ctx context.Context, env *Env, d *desk, v templates.Version, setting templates.Setting) error {
	fmt.Fprintf(env.Stdout, "the alternate %s is gone (version %d)\n", v.File(), v.ID)
	if setting.Variant != v.Variant {
		return nil
	}
	left, err := alternates(ctx, d, v.Name)
	if err != nil {
		return err
	}
	if in := left[v.Variant]; len(in) > 0 {
		_, err := fmt.Fprintf(env.Stdout, "%s: its readers in %q get the usual text now; %s is still used in %s\n", v.Name, v.Locale, v.Variant, strings.Join(in, ", "))
		return err
	}
	setting.Variant = ""
	if err := d.SetTemplate(ctx, v.Name, setting); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s: the usual text is used\n", v.Name)
	return err
}

// saved opens what is kept; there has to be a configuration.
func saved(ctx context.Context, env *Env) (*desk, *templates.Library, error) {
	d, err := openDesk(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	return d, d.texts(), nil
}

// TemplateSaveCmd is `handoff template save`.
type TemplateSaveCmd struct {
	textArgs
	File string `arg:"" default:"-" help:"The file with the text; - reads standard input."`
	saver
}

// Help shows how.
func (TemplateSaveCmd) Help() string {
	return `A text with a mistake is not saved: the mistake is told with line and column. A running "serve" uses the new text at once.

Examples:
  handoff template show redirect --source > redirect.md     # then edit it
  handoff template save redirect redirect.md --by admin@agency.example -m "friendlier"
  handoff template save layout page.html                    # the page around every mail`
}

// Run saves.
func (c *TemplateSaveCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	if c.File == "-" && isTerminal(env.Stdin) {
		fmt.Fprintln(env.Stderr, "Reading the text from the terminal; Ctrl-D ends it. A FILE is named after the text's name.")
	}
	if o.Text, err = readText(env, c.File); err != nil {
		return err
	}
	if strings.TrimSpace(o.Text) == "" {
		return usagef("the text is empty: \"handoff template reset %s\" goes back to the built-in one", diffArgs(o))
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	return inFile(c.save(ctx, env, d, lib, o), c.File)
}

// inFile is err about the file that the text was read from; "" and - are none.
func inFile(err error, file string) error {
	if p, ok := err.(*templates.Problem); ok && file != "-" && file != "" {
		return p.In(file)
	}
	return err
}

// readText reads a text from a file, or from standard input for -.
func readText(env *Env, file string) (string, error) {
	in := env.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("cannot read the text: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, templates.MaxText+1))
	if err != nil {
		return "", fmt.Errorf("cannot read the text: %w", err)
	}
	if len(text) > templates.MaxText {
		return "", fmt.Errorf("the text is larger than %d kB", templates.MaxText>>10)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// TemplateEditCmd is `handoff template edit`.
type TemplateEditCmd struct {
	textArgs
	saver
}

// Help says which editor.
func (TemplateEditCmd) Help() string {
	return `Opens $VISUAL or $EDITOR. If the text has a mistake, nothing is saved, and the file that you wrote is kept for another try.

Examples:
  handoff template edit receipt --locale de --by admin@agency.example`
}

// Run edits.
func (c *TemplateEditCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	editor := strings.Fields(os.Getenv("VISUAL"))
	if len(editor) == 0 {
		editor = strings.Fields(os.Getenv("EDITOR"))
	}
	if len(editor) == 0 {
		return usagef("no editor is set: EDITOR=nano handoff template edit %s, or use \"handoff template save\"", diffArgs(o))
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	text, _, err := currentText(ctx, lib, o)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "handoff-") // editors put their own files beside the text
	if err != nil {
		return fmt.Errorf("cannot make a file to edit: %w", err)
	}
	file, keep := filepath.Join(dir, filepath.Base(o.File())), false
	defer func() {
		if !keep {
			_ = os.RemoveAll(dir)
		}
	}()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("cannot write the file to edit: %w", err)
	}
	cmd := exec.CommandContext(ctx, editor[0], append(editor[1:], file)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	failed := cmd.Run()
	o.Text, err = readText(env, file)
	changed := err != nil || strings.TrimSpace(o.Text) != "" && o.Text != text
	switch {
	case failed != nil && !changed:
		return fmt.Errorf("the editor %s failed, nothing is changed: %w", editor[0], failed)
	case failed != nil:
		keep = true
		return fmt.Errorf("the editor %s failed, nothing is saved; the text is in %s: %w", editor[0], file, failed)
	case err != nil:
		keep = true
		return fmt.Errorf("nothing is saved; it is in %s: %w", file, err)
	case !changed:
		_, err := fmt.Fprintf(env.Stdout, "nothing was changed\n")
		return err
	}
	if err := c.save(ctx, env, d, lib, o); err != nil {
		keep = true
		return fmt.Errorf("%w\nnothing is saved; correct %s, then: handoff template save %s %s", inFile(err, file), file, diffArgs(o), file)
	}
	return nil
}

// TemplateKeepCmd is `handoff template keep`.
type TemplateKeepCmd struct {
	textArgs
	saver
}

// Help says when.
func (TemplateKeepCmd) Help() string {
	return `When the built-in text has changed since you wrote yours, "template check" says so until you save another version, or the same
one again by this command.

Examples:
  handoff template diff receipt
  handoff template keep receipt --by admin@agency.example`
}

// Run keeps.
func (c *TemplateKeepCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	text, version, err := currentText(ctx, lib, o)
	if err != nil {
		return err
	}
	if version == 0 {
		return usagef("%s is the built-in text: there is none of your own to keep", o.File())
	}
	o.Text = text
	return c.save(ctx, env, d, lib, o)
}

// TemplateResetCmd is `handoff template reset`.
type TemplateResetCmd struct {
	textArgs
	saver
}

// Help shows how.
func (TemplateResetCmd) Help() string {
	return `The versions stay: "handoff template restore" brings one back.

Examples:
  handoff template reset receipt --locale de`
}

// Run resets.
func (c *TemplateResetCmd) Run(ctx context.Context, env *Env) error {
	o, unknown := c.own()
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	if unknown != nil { // unless it is a text whose mail an update took away
		versions, err := lib.Kept.TemplateVersions(ctx, o)
		if err != nil {
			return err
		}
		if len(versions) == 0 {
			return unknown
		}
	} else if err := knownAlternate(ctx, lib, o.Name, o.Variant); err != nil {
		return err
	}
	return c.save(ctx, env, d, lib, o)
}

// TemplateHistoryCmd is `handoff template history`.
type TemplateHistoryCmd struct {
	textArgs
	JSON bool `help:"Print JSON, with the texts."`
}

// Help shows how.
func (TemplateHistoryCmd) Help() string {
	return `Versions are numbered through all texts, in the order of saving: those of one text have gaps.

Examples:
  handoff template history receipt
  handoff template history receipt --locale de --json`
}

// Run lists.
func (c *TemplateHistoryCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	d, _, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	versions, err := d.TemplateVersions(ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(versions))
	}
	if len(versions) == 0 {
		_, err := fmt.Fprintf(env.Stdout, "%s is the built-in text and was never changed\n", o.File())
		return err
	}
	var rows [][]string
	for _, v := range versions {
		note := v.Note
		if v.Reset() {
			note = strings.TrimSpace("back to the built-in text. " + note)
		}
		if p := templates.Check(v.Own); p != nil && !v.Reset() {
			note = strings.TrimSpace("wrong, cannot be used: " + p.Where() + ". " + note)
		}
		if v.Stale() {
			note = strings.TrimSpace("the built-in text has changed since. " + note)
		}
		rows = append(rows, []string{fmt.Sprint(v.ID), showTime(v.At, d.zone), v.Author, note})
	}
	return printTable(env.Stdout, []string{"VERSION", "SAVED", "BY", "NOTE"}, rows)
}

// TemplateDiffCmd is `handoff template diff`.
type TemplateDiffCmd struct {
	textArgs
	From int64 `placeholder:"VERSION" help:"The older one; the built-in text if left out."`
	To   int64 `placeholder:"VERSION" help:"The newer one; what is in use if left out."`

	BuiltIn bool `name:"built-in" help:"What has changed in the built-in text since yours was written."`
}

// Help shows how.
func (TemplateDiffCmd) Help() string {
	return `Examples:
  handoff template diff receipt                  # the built-in text and yours
  handoff template diff receipt --from 3 --to 5
  handoff template diff receipt --built-in       # what changed in the built-in text since you wrote yours`
}

// Run compares.
func (c *TemplateDiffCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	side := func(id int64) (name, text string, err error) {
		if id == 0 {
			b, err := templates.Default(o)
			return o.File() + " (built in)", string(b), err
		}
		v, err := versionOf(ctx, lib, o, id)
		return fmt.Sprintf("%s (version %d)", o.File(), id), v.Text, err
	}
	fromName, from, err := side(c.From)
	if err != nil {
		return err
	}
	if c.To == 0 {
		if _, c.To, err = currentText(ctx, lib, o); err != nil {
			return err
		}
	}
	toName, to, err := side(c.To)
	if err != nil {
		return err
	}
	if c.BuiltIn {
		if fromName, from, err = builtInThen(ctx, lib, o, c.To); err != nil {
			return err
		}
		if toName, to, err = side(0); err != nil {
			return err
		}
	}
	diff := udiff.Unified(fromName, toName, from, to)
	if diff == "" {
		diff = "no difference\n"
	}
	_, err = io.WriteString(env.Stdout, safeText(diff))
	return err
}

// builtInThen is the built-in text beside which that version of o was written.
func builtInThen(ctx context.Context, lib *templates.Library, o templates.Own, version int64) (name, text string, err error) {
	if version == 0 {
		return "", "", usagef("%s is the built-in text: there is none of your own to compare it for", o.File())
	}
	v, err := versionOf(ctx, lib, o, version)
	if err == nil && v.BaseText == "" {
		err = fmt.Errorf("the built-in text beside which version %d of %s was written is not kept: an earlier Handoff saved it", v.ID, o.File())
	}
	return fmt.Sprintf("%s (built in, as of version %d)", o.File(), version), v.BaseText, err
}

// versionOf is one version of o.
func versionOf(ctx context.Context, lib *templates.Library, o templates.Own, id int64) (templates.Version, error) {
	versions, err := lib.Kept.TemplateVersions(ctx, o)
	if err != nil {
		return templates.Version{}, err
	}
	i := slices.IndexFunc(versions, func(v templates.Version) bool { return v.ID == id })
	if i < 0 {
		return templates.Version{}, usagef("%s has no version %d: see \"handoff template history %s\"", o.File(), id, diffArgs(o))
	}
	return versions[i], nil
}

// TemplateRestoreCmd is `handoff template restore`.
type TemplateRestoreCmd struct {
	textArgs
	Version int64 `arg:"" help:"Which, as \"handoff template history\" shows it."`
	saver
}

// Help shows how.
func (TemplateRestoreCmd) Help() string {
	return `VERSION is the number that "handoff template history" shows. Versions are numbered through all texts.

Examples:
  handoff template restore receipt 3`
}

// Run restores.
func (c *TemplateRestoreCmd) Run(ctx context.Context, env *Env) error {
	o, err := c.own()
	if err != nil {
		return err
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	v, err := versionOf(ctx, lib, o, c.Version)
	if err != nil {
		return err
	}
	if c.Note == "" {
		c.Note = fmt.Sprintf("version %d again", v.ID)
	}
	return c.save(ctx, env, d, lib, v.Own)
}
