package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"time"

	"handoff/outbox"
	"handoff/templates"
	"handoff/workflow"
)

// TemplatePreviewCmd is `handoff template preview`.
type TemplatePreviewCmd struct {
	Name    string `arg:"" optional:"" help:"The text; of a notice, its own if left out."`
	Person  string `placeholder:"ADDRESS" help:"Who reads it."`
	Piece   string `placeholder:"CODE" help:"Which piece it is about."`
	Mail    int64  `placeholder:"ID" xor:"real" help:"Which stored mail it answers, as \"handoff mail list\" shows it."`
	Notice  int64  `placeholder:"ID" xor:"real" help:"Which queued or sent notice, as \"handoff outbox list\" shows it: the very values it has."`
	Locale  string `placeholder:"LANGUAGE" help:"Its language; the reader's if left out."`
	Variant string `placeholder:"NAME" help:"An alternate of it; the one in use if left out."`
	File    string `type:"existingfile" help:"A text that is not saved yet."`
	HTML    bool   `name:"html" help:"The HTML part."`
	SendTo  string `placeholder:"ADDRESS" help:"Queue it as a mail to this address instead of printing it."`
}

// Help shows how.
func (TemplatePreviewCmd) Help() string {
	return `What the person, piece and mail do not tell is taken from the sample; the command says which values those are.

Examples:
  handoff template preview due_soon --piece ACME-12
  handoff template preview receipt --mail 481 --file receipt.md
  handoff template preview --notice 97 --locale de
  handoff template preview welcome --person anna@berg.example --send-to me@agency.example`
}

// Run previews.
func (c *TemplatePreviewCmd) Run(ctx context.Context, env *Env) error {
	if c.SendTo != "" && (c.File != "" || c.Variant != "" || c.HTML) {
		return usagef("--send-to sends the text that is in use, in both its parts: save the text first, and leave --file, --variant and --html out")
	}
	d, lib, err := saved(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	data, to, whom, made, err := c.data(ctx, d)
	if err != nil {
		return err
	}
	if c.File == "" {
		if err := knownAlternate(ctx, lib, data.Template(), c.Variant); err != nil {
			return err
		}
	}
	if c.Locale != "" {
		if to.Locale = strings.ToLower(c.Locale); !slices.Contains(templates.Locales(), to.Locale) {
			return usagef("there are no mail texts in %q: the languages are %s", c.Locale, strings.Join(templates.Locales(), ", "))
		}
	}
	settings, err := d.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	if c.Variant == "" {
		c.Variant = settings[data.Template()].Variant
	}
	var set *templates.Set
	if c.File != "" {
		set, err = c.trial(ctx, env, lib, data.Template(), &to)
		err = inFile(err, c.File)
	} else {
		set, err = lib.Set(ctx)
	}
	if err != nil {
		return err
	}
	mail, err := set.RenderVariant(data, to, c.Variant)
	if err != nil {
		return err
	}
	if mail.Fault != nil {
		return inFile(mail.Fault, c.File)
	}
	entry, _ := templates.EntryOf(data.Template())
	if whom != "" {
		whom = ", here " + whom
	}
	fmt.Fprintf(env.Stderr, "To: %s%s\nWhen: %s\nRepeats: %s\nText: %s\n", entry.To, whom, entry.When, entry.Repeats, c.used(set, data.Template(), to.Locale))
	if settings[data.Template()].Off {
		fmt.Fprintln(env.Stderr, "It is switched off.")
	}
	if len(made) > 0 {
		fmt.Fprintf(env.Stderr, "From the sample, not real: %s\n", strings.Join(made, ", "))
	}
	if c.SendTo == "" {
		return printMail(env.Stdout, mail, c.HTML)
	}
	return c.send(ctx, env, d, data, to)
}

// used says which text the reader gets.
func (c *TemplatePreviewCmd) used(set *templates.Set, name, locale string) string {
	o, own := set.Used(name, locale, c.Variant)
	switch {
	case c.File != "":
		return fmt.Sprintf("%s, in place of %s", c.File, o.File())
	case own:
		return o.File() + ", your own"
	}
	return o.File() + ", built in"
}

// trial is the texts with a file in place of the one that the reader gets. It is in the reader's language, or else in the team's or
// in English, and to becomes who reads that.
func (c *TemplatePreviewCmd) trial(ctx context.Context, env *Env, lib *templates.Library, name string, to *templates.Audience) (*templates.Set, error) {
	text, err := readText(env, c.File)
	if err != nil {
		return nil, err
	}
	to.Locale = templates.WordingIn(to.Locale, lib.Locale).Tag()
	return lib.Try(ctx, templates.Own{Name: name, Locale: to.Locale, Variant: c.Variant, Text: text})
}

// data is what the text is rendered on, for whom and under which address ("" the sample's), and which variables are the sample's.
func (c *TemplatePreviewCmd) data(ctx context.Context, d *desk) (_ templates.Data, to templates.Audience, whom string, made []string, err error) {
	to = templates.Audience{Locale: d.cfg.Team.Locale, Location: d.zone}
	if c.Notice != 0 {
		n, err := d.Notice(ctx, c.Notice)
		if err != nil {
			return nil, to, "", nil, err
		}
		if c.Name != "" && c.Name != n.Template {
			return nil, to, "", nil, usagef("notice %d is %s, not %s", n.ID, n.Template, c.Name)
		}
		to.Locale = n.Locale
		if zone, err := time.LoadLocation(n.TimeZone); err == nil {
			to.Location = zone
		}
		data, err := templates.Decode(n.Template, n.Data)
		return data, to, n.ToAddress, nil, err
	}
	if c.Name == "" {
		return nil, to, "", nil, usagef("name a text, or a notice with --notice")
	}
	if err := knownText(templates.Own{Name: c.Name, Locale: "en"}); err != nil {
		return nil, to, "", nil, err
	}
	if c.Name == templates.Layout {
		return nil, to, "", nil, usagef("the layout is seen around any mail: handoff template preview receipt --html")
	}
	if c.Mail != 0 {
		return c.ofMail(ctx, d, to)
	}
	real, err := c.realThings(ctx, d)
	if err != nil {
		return nil, to, "", nil, err
	}
	data, made := real.put(c.Name)
	if real.reader != nil {
		whom = real.reader.Primary()
		if real.reader.Locale != "" {
			to.Locale = real.reader.Locale
		}
		if zone, err := time.LoadLocation(real.reader.TimeZone); err == nil && real.reader.TimeZone != "" {
			to.Location = zone
		}
	}
	return data, to, whom, made, nil
}

// ofMail is the notice of that name that the mail would get now.
func (c *TemplatePreviewCmd) ofMail(ctx context.Context, d *desk, to templates.Audience) (templates.Data, templates.Audience, string, []string, error) {
	rec, err := d.Record(ctx, c.Mail)
	if err != nil {
		return nil, to, "", nil, err
	}
	decisions, err := d.decisions(ctx, &Env{Clock: d.clock, Log: slog.New(slog.DiscardHandler)}, nil)
	if err != nil {
		return nil, to, "", nil, err
	}
	_, notices, err := decisions.WouldSend(ctx, rec)
	if err != nil {
		return nil, to, "", nil, err
	}
	var would []string
	for _, n := range notices {
		if n.Template == c.Name {
			data, err := templates.Decode(n.Template, n.Data)
			to.Locale = n.Locale
			if zone, zerr := time.LoadLocation(n.TimeZone); zerr == nil {
				to.Location = zone
			}
			return data, to, n.ToAddress, nil, err
		}
		would = append(would, n.Template)
	}
	if len(would) == 0 {
		return nil, to, "", nil, usagef("mail %d would get no notice", c.Mail)
	}
	return nil, to, "", nil, usagef("mail %d would not get %s, but %s", c.Mail, c.Name, strings.Join(would, ", "))
}

// send queues the previewed notice to an address, as what it is: a trial.
func (c *TemplatePreviewCmd) send(ctx context.Context, env *Env, d *desk, data templates.Data, to templates.Audience) error {
	address := workflow.NormalizeAddress(c.SendTo)
	if address == "" {
		return usagef("%q is not a mail address", c.SendTo)
	}
	composer, err := d.composer(ctx)
	if err != nil {
		return err
	}
	now := d.clock.Now()
	n, err := composer.Compose(data, workflow.Person{Addresses: []string{address}, Locale: to.Locale, TimeZone: to.Location.String()},
		outbox.About{Key: fmt.Sprintf("preview/%s/%s/%d", data.Template(), address, now.UnixNano())})
	if err != nil {
		return err
	}
	n.NextAt, n.ReplyTo, n.Unsubscribe = now, "", nil // its one-tap answers are the sample's, or count from whom it was written to alone
	if n.Data, err = json.Marshal(data); err != nil {
		return fmt.Errorf("data of the preview: %w", err)
	}
	if _, err := d.Enqueue(ctx, []outbox.Notice{n}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s is queued to %s; \"handoff serve\" sends it with the saved text\n", data.Template(), address)
	return err
}

// real are the things that a preview is about; nil: the sample's.
type realThings struct {
	team   string
	reader *workflow.Person
	author *workflow.Person
	piece  *workflow.Piece
	step   *workflow.Step
	owner  *workflow.Person
}

func (c *TemplatePreviewCmd) realThings(ctx context.Context, d *desk) (*realThings, error) {
	r := &realThings{team: d.cfg.Team.Name}
	person := func(id int64) (*workflow.Person, error) {
		if id == 0 {
			return nil, nil
		}
		p, err := d.Person(ctx, id)
		return &p, err
	}
	if c.Person != "" {
		p, err := findPerson(ctx, d, c.Person)
		if err != nil {
			return nil, err
		}
		r.reader = &p
	}
	if c.Piece != "" {
		p, err := findPiece(ctx, d, c.Piece)
		if err != nil {
			return nil, err
		}
		r.piece = &p
		if r.author, err = person(p.AuthorID); err != nil {
			return nil, err
		}
		for i, s := range p.Steps {
			if s.State == workflow.Open {
				r.step = &p.Steps[i]
			}
		}
		if r.step != nil {
			if r.owner, err = person(r.step.OwnerID); err != nil {
				return nil, err
			}
		}
		if r.reader == nil {
			r.reader = r.owner
		}
	}
	return r, nil
}

// put is the sample of the named template with the real things in it, and the variables that are the sample's still.
func (r *realThings) put(name string) (templates.Data, []string) {
	sample := templates.Sample(name)
	v := reflect.New(reflect.TypeOf(sample)).Elem()
	v.Set(reflect.ValueOf(sample))
	var made []string
	for _, f := range reflect.VisibleFields(v.Type()) {
		if f.Anonymous {
			continue
		}
		field := v.FieldByIndex(f.Index)
		if !r.set(f.Name, field) && !field.IsZero() && f.Name != "Answers" {
			made = append(made, "."+f.Name)
		}
	}
	return v.Interface().(templates.Data), made
}

// set puts the real thing into one variable, if there is one for it.
func (r *realThings) set(name string, field reflect.Value) bool {
	target := field
	if field.Kind() == reflect.Pointer {
		target = reflect.New(field.Type().Elem()).Elem()
	}
	put := func(x any) bool {
		target.Set(reflect.ValueOf(x))
		if field.Kind() == reflect.Pointer {
			p := reflect.New(target.Type())
			p.Elem().Set(target)
			field.Set(p)
		}
		return true
	}
	someone := func(p *workflow.Person) bool { return p != nil && put(outbox.PersonData(*p)) }
	switch target.Interface().(type) {
	case templates.Piece:
		return r.piece != nil && put(outbox.PieceData(*r.piece))
	case templates.Step:
		if r.step == nil || name == "Next" {
			return false
		}
		s := templates.Step{Stage: string(r.step.Stage), Deadline: r.step.Deadline}
		if r.owner != nil {
			s.Owner = outbox.PersonData(*r.owner)
		}
		return put(s)
	case templates.Person:
		switch name {
		case "To":
			return someone(r.reader)
		case "Author", "Contributor":
			return someone(r.author)
		}
	case string:
		if name == "Team" {
			return put(r.team)
		}
	}
	return false
}

// TemplateForCmd is `handoff template for`.
type TemplateForCmd struct {
	ID []int64 `arg:"" help:"Stored mails, as \"handoff mail list\" shows them."`
}

// Help shows how.
func (TemplateForCmd) Help() string {
	return `Decides on the mails as if they came now, keeps nothing of it, and sends nothing.

Examples:
  handoff template for 481`
}

// Run tries.
func (c *TemplateForCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	decisions, err := d.decisions(ctx, env, nil)
	if err != nil {
		return err
	}
	for _, id := range c.ID {
		rec, err := d.Record(ctx, id)
		if err != nil {
			return err
		}
		disposition, notices, err := decisions.WouldSend(ctx, rec)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.Stdout, "mail %d, %q from %s: %s: %s\n", id, oneLine(rec.Subject), rec.FromAddress, disposition.Action, oneLine(disposition.Reason))
		if len(notices) == 0 {
			fmt.Fprintln(env.Stdout, "  no notice")
		}
		for _, n := range notices {
			fmt.Fprintf(env.Stdout, "  %-20s to %s\n", n.Template, n.ToAddress)
		}
	}
	return nil
}
