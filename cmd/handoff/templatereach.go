package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"handoff/outbox"
	"handoff/proxy"
	"handoff/store"
	"handoff/templates"
)

// TemplateReachCmd is `handoff template reach`.
type TemplateReachCmd struct {
	Name string `arg:"" help:"The notice."`
	Days int    `default:"30" help:"Mails of the last so many days."`
	JSON bool   `help:"Print JSON."`
}

// Help shows how.
func (TemplateReachCmd) Help() string {
	return `Decides on each mail of that time as if it came now, keeps nothing of it, and sends nothing. What a mail did when it came, such as
handing a step on, it cannot do twice: those that brought the notice then are listed too. Of notices that a date or a command brings,
it says how many there were.

Examples:
  handoff template reach redirect
  handoff template reach held --days 7`
}

type reached struct {
	Mail    int64     `json:"mail"`
	At      time.Time `json:"at"`
	From    string    `json:"from"`
	Subject string    `json:"subject"`
	To      string    `json:"to"`
	Brought bool      `json:"brought"` // it did when it came
}

// Run tries.
func (c *TemplateReachCmd) Run(ctx context.Context, env *Env) error {
	if err := knownText(templates.Own{Name: c.Name, Locale: "en"}); err != nil {
		return err
	}
	if c.Name == templates.Layout {
		return usagef("the layout is around every mail: name a notice")
	}
	if c.Days < 1 {
		return usagef("--days counts from 1")
	}
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	decisions, err := d.decisions(ctx, env, nil)
	if err != nil {
		return err
	}
	settings, err := d.TemplateSettings(ctx)
	if err != nil {
		return err
	}
	since := d.clock.Now().AddDate(0, 0, -c.Days)
	var records []proxy.Record
	err = d.eachRecord(ctx, proxy.Actions(), func(r proxy.Record) {
		if r.ReceivedAt.After(since) && r.Action != proxy.Duplicate {
			records = append(records, r)
		}
	})
	if err != nil {
		return err
	}
	sent, err := d.NewestNotices(ctx, store.NoticeFilter{Kind: c.Name}, math.MaxInt32)
	if err != nil {
		return err
	}
	brought, others := map[int64][]outbox.Notice{}, 0
	for _, n := range sent {
		switch {
		case n.CauseID != 0:
			brought[n.CauseID] = append(brought[n.CauseID], n)
		case n.CreatedAt.After(since):
			others++
		}
	}
	progress := NewProgress(env, "Trying")
	found, mails, failed := []reached{}, 0, 0
	for i, rec := range records {
		progress.At(i+1, len(records))
		_, notices, err := decisions.WouldSend(ctx, rec)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed++
			progress.Done()
			fmt.Fprintf(env.Stderr, "mail %d: %v\n", rec.ID, err)
			continue
		}
		begin := len(found)
		for _, n := range brought[rec.ID] {
			found = append(found, reached{rec.ID, rec.ReceivedAt, rec.FromAddress, rec.Subject, n.ToAddress, true})
		}
		for _, n := range notices {
			same := func(r reached) bool { return r.Mail == rec.ID && r.To == n.ToAddress }
			if n.Template == c.Name && !slices.ContainsFunc(found[begin:], same) {
				found = append(found, reached{rec.ID, rec.ReceivedAt, rec.FromAddress, rec.Subject, n.ToAddress, false})
			}
		}
		if len(found) > begin {
			mails++
		}
	}
	progress.Done()
	if c.JSON {
		err = printJSON(env.Stdout, found)
	} else {
		var rows [][]string
		for _, r := range found {
			how := "now"
			if r.Brought {
				how = "then"
			}
			rows = append(rows, []string{fmt.Sprint(r.Mail), showTime(r.At, d.zone), r.From, shorten(r.Subject, 40), r.To, how})
		}
		if len(rows) > 0 {
			err = printTable(env.Stdout, []string{"MAIL", "CAME", "FROM", "SUBJECT", "GOES TO", "BROUGHT IT"}, rows)
		}
		entry, _ := templates.EntryOf(c.Name)
		switch {
		case entry.Dated && mails == 0:
			fmt.Fprintf(env.Stdout, "%s is brought by a date, not by a mail: it goes %s\n", c.Name, entry.Sent())
		default:
			fmt.Fprintf(env.Stdout, "%d of %d %s of the last %d days would get %s, or did\n", mails, len(records), plural(len(records), "mail", "mails"), c.Days, c.Name)
		}
		if others > 0 {
			fmt.Fprintf(env.Stdout, "%d %s of that kind came of a date or a command in these days\n", others, plural(others, "notice", "notices"))
		}
		if settings[c.Name].Off {
			fmt.Fprintf(env.Stdout, "%s is switched off: none goes out\n", c.Name)
		}
	}
	if err == nil && failed > 0 {
		err = errReported
	}
	return err
}
