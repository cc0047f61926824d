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
func (s saver) save(ctx context.Context, env *Env, lib *templates.Library, o templates.Own) error {
	v, err := lib.Save(ctx, templates.Version{Own: o, Author: s.By, At: env.Clock.Now().UTC(), Note: s.Note})
	if errors.Is(err, templates.ErrUnchanged) {
		fmt.Fprintf(env.Stdout, "%s is as it was: nothing is saved\n", o.File())
		return nil
	}
	if err != nil {
		return err
	}
	if v.Reset() {
		fmt.Fprintf(env.Stdout, "%s is the built-in text again (version %d)\n", o.File(), v.ID)
		return nil
	}
	settings, err := lib.Kept.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	use := "is used from now on"
	if o.Variant != "" && settings[o.Name].Variant != o.Variant {
		use = fmt.Sprintf("is an alternate: \"handoff template use %s %s\" chooses it", o.Name, o.Variant)
	}
	_, err = fmt.Fprintf(env.Stdout, "%s is saved as version %d and %s\n", o.File(), v.ID, use)
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
	return c.save(ctx, env, lib, o)
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
	return string(text), nil
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
	f, err := os.CreateTemp("", "handoff-*-"+filepath.Base(o.File()))
	if err != nil {
		return fmt.Errorf("cannot make a file to edit: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot write the file to edit: %w", err)
	}
	cmd := exec.CommandContext(ctx, editor[0], append(editor[1:], f.Name())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the editor %s failed, nothing is saved; the text is in %s: %w", editor[0], f.Name(), err)
	}
	if o.Text, err = readText(env, f.Name()); err != nil {
		return fmt.Errorf("nothing is saved; it is in %s: %w", f.Name(), err)
	}
	if strings.TrimSpace(o.Text) == "" || o.Text == text {
		fmt.Fprintf(env.Stdout, "nothing was changed\n")
		return os.Remove(f.Name())
	}
	if err := c.save(ctx, env, lib, o); err != nil {
		return fmt.Errorf("%w\nnothing is saved; correct %s, then: handoff template save %s %s", err, f.Name(), diffArgs(o), f.Name())
	}
	return os.Remove(f.Name())
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
	}
	return c.save(ctx, env, lib, o)
}

// TemplateHistoryCmd is `handoff template history`.
type TemplateHistoryCmd struct {
	textArgs
	JSON bool `help:"Print JSON, with the texts."`
}

// Help shows how.
func (TemplateHistoryCmd) Help() string {
	return `Examples:
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
}

// Help shows how.
func (TemplateDiffCmd) Help() string {
	return `Examples:
  handoff template diff receipt                  # the built-in text and yours
  handoff template diff receipt --from 3 --to 5`
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
	diff := udiff.Unified(fromName, toName, from, to)
	if diff == "" {
		diff = "no difference\n"
	}
	_, err = io.WriteString(env.Stdout, safeText(diff))
	return err
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
	return `Examples:
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
	return c.save(ctx, env, lib, v.Own)
}
