package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"handoff/outbox"
	"handoff/workflow"
)

// Days is a number of days, or a list of them; 0 and the empty list are none.
type Days []int

// UnmarshalText reads a single number; lists are read without it.
func (d *Days) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return &valueMistake{string(text), "a number of days, or a list of such numbers like [7, 3]"}
	}
	if *d = nil; n != 0 {
		*d = Days{n}
	}
	return nil
}

// RemindersConfig says when the clock reminds people, in working days of each.
type RemindersConfig struct {
	SoonDays     Days    `toml:"soon_days"`
	OverdueDays  []int   `toml:"overdue_days"`
	EscalateDays []int   `toml:"escalate_days"`
	HandoffDays  []int   `toml:"handoff_days"`
	ReturnDays   int     `toml:"return_days"`
	LeadDays     int     `toml:"lead_days"`
	DecideDays   []int   `toml:"decide_days"`
	OnboardDays  []int   `toml:"onboard_days"`
	StallShare   float64 `toml:"stall_share"`
	At           string  `toml:"at"`
}

// CalendarConfig says when the team works.
type CalendarConfig struct {
	WorkingDays string   `toml:"working_days"`
	Holidays    []string `toml:"holidays"`
	DaysOff     []string `toml:"days_off"`
	QuietFrom   string   `toml:"quiet_from"`
	QuietTo     string   `toml:"quiet_to"`
	SendDays    string   `toml:"send_days"`
}

// OnboardingConfig is what is asked of outside contributors before they write.
type OnboardingConfig struct {
	Required       bool   `toml:"required"`
	GuidelinesFile string `toml:"guidelines_file"`
	DemoTitle      string `toml:"demo_title"` // "": Handoff's, in the contributor's language
	DemoBrief      string `toml:"demo_brief"` // as well
}

// DistributionConfig is what happens from ready on.
type DistributionConfig struct {
	Checklist   []string        `toml:"checklist"`
	Channels    []ChannelConfig `toml:"channel"` // nil: defaultChannels
	PhraseCheck bool            `toml:"phrase_check"`
}

// ChannelConfig is where a published piece is shared.
type ChannelConfig struct {
	Name     string `toml:"name"`
	Text     string `toml:"text"`
	Tracking string `toml:"tracking"`
}

// PiecesConfig is how pieces begin.
type PiecesConfig struct {
	CodePrefix string     `toml:"code_prefix"`
	Plan       PlanConfig `toml:"plan"`
}

// PlanConfig is how many working days each stage has after the one before, where no deadline is given; 0 is no deadline.
type PlanConfig struct {
	Draft       int `toml:"draft"`
	Review      int `toml:"review"`
	CopyEdit    int `toml:"copy_edit"`
	Design      int `toml:"design"`
	Ready       int `toml:"ready"`
	Published   int `toml:"published"`
	Distributed int `toml:"distributed"`
}

func (p PlanConfig) days() map[workflow.Stage]int {
	return map[workflow.Stage]int{
		workflow.Draft: p.Draft, workflow.Review: p.Review, workflow.CopyEdit: p.CopyEdit, workflow.Design: p.Design,
		workflow.Ready: p.Ready, workflow.Published: p.Published, workflow.Distributed: p.Distributed,
	}
}

// workflowDefaults are those of everything in this file.
func (c *Config) workflowDefaults() {
	r := workflow.DefaultReminderRules()
	c.Reminders = RemindersConfig{
		SoonDays: r.SoonDays, OverdueDays: r.OverdueDays, EscalateDays: r.EscalateDays, HandoffDays: r.HandoffDays,
		ReturnDays: r.ReturnDays, LeadDays: r.LeadDays, DecideDays: r.DecideDays, OnboardDays: r.OnboardDays,
		StallShare: r.StallShare, At: "09:00",
	}
	c.Calendar = CalendarConfig{WorkingDays: "mon-fri", QuietFrom: "20:00", QuietTo: "07:00", SendDays: "all"}
	c.Onboarding = OnboardingConfig{Required: true}
	c.Pieces = PiecesConfig{
		CodePrefix: "PITCH",
		Plan:       PlanConfig{Draft: 10, Review: 3, CopyEdit: 2, Design: 3, Ready: 1, Published: 1, Distributed: 2},
	}
}

// defaultChannels are those of a share kit for which nothing else is configured.
func defaultChannels() []ChannelConfig {
	return []ChannelConfig{
		{Name: "LinkedIn", Text: "{title}\n\n{url}", Tracking: "utm_source=linkedin&utm_medium=social"},
		{Name: "Mastodon", Text: "{title} {url}", Tracking: "utm_source=mastodon&utm_medium=social"},
		{Name: "X", Text: "{title} {url}", Tracking: "utm_source=x&utm_medium=social"},
		{Name: "Newsletter", Text: "{title}: {url}", Tracking: "utm_source=newsletter&utm_medium=email"},
	}
}

// reminderRules are the rules of the clock, with the holidays of the years around now.
func (c *Config) reminderRules(now time.Time, zone *time.Location) (workflow.ReminderRules, error) {
	at, err := clockTime(c.Reminders.At)
	if err != nil {
		return workflow.ReminderRules{}, err
	}
	calendar, err := c.Calendar.calendar(now.In(zone).Year())
	if err != nil {
		return workflow.ReminderRules{}, err
	}
	r := c.Reminders
	rules := workflow.ReminderRules{
		SoonDays: r.SoonDays, OverdueDays: r.OverdueDays, EscalateDays: r.EscalateDays, HandoffDays: r.HandoffDays,
		ReturnDays: r.ReturnDays, LeadDays: r.LeadDays, DecideDays: r.DecideDays, OnboardDays: r.OnboardDays,
		StallShare: r.StallShare, At: at, Calendar: calendar, Zone: zone, Plan: c.Pieces.Plan.days(),
	}
	return rules, rules.Validate()
}

// calendar knows the holidays from the year before to two years later.
func (c CalendarConfig) calendar(year int) (workflow.Calendar, error) {
	var calendar workflow.Calendar
	var err error
	if calendar.Days, err = workflow.ParseWeekdays(c.WorkingDays); err != nil {
		return calendar, err
	}
	if days, err := workflow.ParseWeekdays(c.SendDays); err != nil {
		return calendar, err
	} else if !days.All() {
		calendar.SendDays = days
	}
	if calendar.QuietFrom, err = clockTime(c.QuietFrom); err != nil {
		return calendar, err
	}
	if calendar.QuietTo, err = clockTime(c.QuietTo); err != nil {
		return calendar, err
	}
	if calendar.Holidays, err = workflow.HolidaysOf(c.Holidays, year-1, year+2); err != nil {
		return calendar, err
	}
	for _, date := range c.DaysOff {
		calendar.Holidays[date] = "day off"
	}
	return calendar, nil
}

// noticePolicy is what notices say and the rules ask of the team.
func (c *Config) noticePolicy() (outbox.Policy, error) {
	guidelines, err := c.Onboarding.guidelines()
	if err != nil {
		return outbox.Policy{}, fmt.Errorf("%s: onboarding.guidelines_file: %w", c.path, err)
	}
	policy := outbox.Policy{Onboarding: c.Onboarding.Required, Guidelines: guidelines, DemoTitle: c.Onboarding.DemoTitle, DemoBrief: c.Onboarding.DemoBrief, Unsubscribe: c.Web.unsubscribe()}
	for _, ch := range c.Distribution.Channels {
		policy.Channels = append(policy.Channels, outbox.Channel(ch))
	}
	return policy, nil
}

// tasks are the checklist of a piece that begins in that stage; "" is the first. Past ready there is nothing to wait for.
func (c *Config) tasks(stage workflow.Stage) []string {
	if stage.Index() > workflow.Ready.Index() {
		return nil
	}
	return c.Distribution.Checklist
}

// maxGuidelines is the most bytes of guidelines: they go into mails.
const maxGuidelines = 100 << 10

// guidelines reads the file, "" if none is named.
func (c OnboardingConfig) guidelines() (string, error) {
	if c.GuidelinesFile == "" {
		return "", nil
	}
	f, err := os.Open(c.GuidelinesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no file %s: write the guidelines there, in Markdown, or leave the key out", c.GuidelinesFile)
	}
	if err != nil {
		return "", fmt.Errorf("the guidelines cannot be read: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxGuidelines+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("the guidelines cannot be read: %w", err)
	case len(text) > maxGuidelines:
		return "", fmt.Errorf("%s is larger than %s, which no mail should be: shorten it, or link to the whole from it", c.GuidelinesFile, Size(maxGuidelines))
	case !utf8.Valid(text):
		return "", fmt.Errorf("%s is no text in UTF-8: save it as Markdown, in UTF-8", c.GuidelinesFile)
	}
	text = bytes.TrimSpace(bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\r\n"), []byte("\n")))
	if len(text) == 0 {
		return "", fmt.Errorf("%s is empty: write the guidelines there, in Markdown, or leave the key out", c.GuidelinesFile)
	}
	return string(text), nil
}

// resolveWorkflow fills what follows from other keys.
func (c *Config) resolveWorkflow(relative func(*string)) {
	relative(&c.Onboarding.GuidelinesFile)
	c.Pieces.CodePrefix = workflow.NormalizeCode(c.Pieces.CodePrefix)
	c.Distribution.Checklist = slices.Clone(c.Distribution.Checklist)
	for i, name := range c.Distribution.Checklist {
		c.Distribution.Checklist[i] = oneSpaced(name)
	}
	if c.Distribution.Channels == nil {
		c.Distribution.Channels = defaultChannels()
	}
}
