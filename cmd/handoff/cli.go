package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"handoff/internal/clock"
	"handoff/internal/redact"
	"handoff/templates"
	"handoff/workflow"
)

// Exit codes of every command.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// Env is the world a command runs in.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Clock          clock.Clock // nil: the system's
	Config         string      // --config, or its default
	ConfigGiven    bool        // Config is not the default
	Log            *slog.Logger
	Pages          pages // where published addresses are fetched; nil: the web
	// LookupTXT asks the DNS; nil: the system's resolver.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
}

// Globals are the flags that every command takes.
type Globals struct {
	Config   string `short:"c" placeholder:"FILE" env:"HANDOFF_CONFIG" help:"Configuration file; handoff.toml in the current directory if left out."`
	LogLevel string `placeholder:"LEVEL" env:"HANDOFF_LOG" enum:"debug,info,warn,error" default:"info" help:"What to log on stderr: ${enum}."`
}

// CLI is the whole command line.
type CLI struct {
	Globals

	Demo   DemoCmd   `cmd:"" group:"start" help:"See the main job at work: a small team, real mails, embedded mail servers."`
	Init   InitCmd   `cmd:"" group:"start" help:"Write handoff.toml, after trying both mail connections."`
	Auth   AuthCmd   `cmd:"" group:"start" help:"Consent for mail accounts at Google and Microsoft: give, list, remove."`
	Import ImportCmd `cmd:"" group:"start" help:"Take in people and pieces from CSV files."`

	Piece  PieceCmd  `cmd:"" group:"work" help:"Pieces: list, show, add, and every start, handoff and finish."`
	Mail   MailCmd   `cmd:"" group:"work" help:"Mails: list, show, file or ignore those that wait for a decision."`
	Person PersonCmd `cmd:"" group:"work" help:"People: list, show, add, change, aliases."`
	Report ReportCmd `cmd:"" group:"work" help:"Show how long pieces wait, what slips, what was saved, what is at risk."`

	Check  CheckCmd  `cmd:"" group:"run" help:"Try everything that serve needs, one line each."`
	Serve  ServeCmd  `cmd:"" group:"run" help:"Watch the mailboxes, decide, answer, remind, until stopped."`
	Poll   PollCmd   `cmd:"" group:"run" help:"One pass over the mailboxes and the outbox, for cron."`
	Status StatusCmd `cmd:"" group:"run" help:"Show how mailboxes, mails and outbox do."`

	Explain  ExplainCmd  `cmd:"" group:"ops" help:"Print what would be decided on stored mails, and why, without effects."`
	Replay   ReplayCmd   `cmd:"" group:"ops" help:"Decide again on stored mails that are held or failed."`
	Outbox   OutboxCmd   `cmd:"" group:"ops" help:"Mails to be sent: list, show, retry, cancel, pause, suppress."`
	Policy   PolicyCmd   `cmd:"" group:"ops" help:"Print the table that decides what becomes of a mail."`
	Template TemplateCmd `cmd:"" group:"ops" help:"Mail texts: show, write your own, preview, versions."`
	Export   ExportCmd   `cmd:"" group:"ops" help:"Write everything in the database to stdout, as JSON lines."`
	Migrate  MigrateCmd  `cmd:"" group:"ops" help:"Make the database, or bring an older one up to date."`
	Key      KeyCmd      `cmd:"" group:"ops" help:"Keys that sign reply addresses, Message-IDs and mails: list, rotate, delete, dkim."`
	Token    TokenCmd    `cmd:"" group:"ops" help:"Tokens of the HTTP API: list, add, revoke."`
	Version  VersionCmd  `cmd:"" group:"ops" help:"Print version and build."`

	ReadPDF ReadPDFCmd `cmd:"" name:"read-pdf" hidden:"" help:"Turn the PDF on stdin into Markdown on stdout."`
}

const description = `Handoff turns the mails of outside contributors into entries on the right piece of your content workflow, answers
what belongs elsewhere, and mails every deadline and handoff to whom it concerns.

Start with "handoff demo" to see it work, then "handoff init".`

// Run executes one command line and returns its exit code. Errors are printed once, here.
func Run(ctx context.Context, args []string, env *Env) (code int) {
	if env.Clock == nil {
		env.Clock = clock.System{}
	}
	var cli CLI
	// kong prints help and then calls Exit in the middle of parsing: unwind to here.
	type exited int
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited)
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	parser, err := kong.New(&cli,
		kong.Name("handoff"),
		kong.Description(description),
		kong.Writers(env.Stdout, env.Stderr),
		kong.Exit(func(c int) { panic(exited(c)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100, FlagsLast: true, NoExpandSubcommands: true}),
		kong.Groups{"start": "To begin:", "work": "The team's work:", "run": "Running:", "ops": "Looking after it:"},
		kong.Vars{"locales": strings.Join(templates.Locales(), ", "), "minutes_submission": strconv.Itoa(workflow.MinutesPerSubmission), "minutes_comment": strconv.Itoa(workflow.MinutesPerComment)},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(env),
	)
	if err != nil {
		return report(env, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return report(env, err)
	}
	env.Config, env.ConfigGiven = "handoff.toml", cli.Config != ""
	if env.ConfigGiven {
		env.Config = cli.Config
	}
	env.Log = newLogger(env.Stderr, cli.LogLevel)
	return report(env, parsed.Run())
}

// usageError is a command line that kong accepts and the command cannot use.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// errReported ends a command that has already said what is wrong.
var errReported = errors.New("failed")

// report prints err, if there is one to print, and gives the exit code.
func report(env *Env, err error) int {
	var parse *kong.ParseError
	var usage *usageError
	var so *alreadySo
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &so):
		fmt.Fprintf(env.Stdout, "%s\n", oneLine(so.text))
		return exitOK
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &parse):
		fmt.Fprintf(env.Stderr, "handoff: %s\nTry %q.\n", err, helpFor(parse))
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(env.Stderr, "handoff: %s\n", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(env.Stderr, "handoff: interrupted")
		return exitFailed
	}
	fmt.Fprintf(env.Stderr, "handoff: %s\n", redact.Text(err.Error()))
	if advice := (*advised)(nil); errors.As(err, &advice) {
		fmt.Fprintf(env.Stderr, "Try: %s\n", advice.try)
	}
	return exitFailed
}

func helpFor(err *kong.ParseError) string {
	cmd := "handoff"
	if err.Context != nil {
		for _, p := range err.Context.Path {
			if p.Command != nil {
				cmd += " " + p.Command.Name
			}
		}
	}
	return cmd + " --help"
}

func newLogger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: l, ReplaceAttr: redact.Attr}
	if os.Getenv("JOURNAL_STREAM") != "" {
		// systemd's journal has the time already.
		opt.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return redact.Attr(groups, a)
		}
	}
	return slog.New(slog.NewTextHandler(w, opt))
}
