package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"handoff/internal/clock"
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
	Config         string      // --config
	Log            *slog.Logger
}

// Globals are the flags that every command takes.
type Globals struct {
	Config   string `short:"c" placeholder:"FILE" env:"HANDOFF_CONFIG" default:"handoff.toml" help:"Configuration file."`
	LogLevel string `placeholder:"LEVEL" env:"HANDOFF_LOG" enum:"debug,info,warn,error" default:"${log_level}" help:"What to log on stderr: ${enum}."`
}

// CLI is the whole command line.
type CLI struct {
	Globals

	Import ImportCmd `cmd:"" group:"start" help:"Take in people and pieces from CSV files."`

	Piece  PieceCmd  `cmd:"" group:"work" help:"Pieces: list, show, add, deadlines, owners, handing on."`
	Person PersonCmd `cmd:"" group:"work" help:"People: list, show, add, change, aliases."`

	Version VersionCmd `cmd:"" group:"ops" help:"Print version and build."`
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
		kong.Vars{"log_level": "info"},
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
	env.Config = cli.Config
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
	switch {
	case err == nil:
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
	fmt.Fprintf(env.Stderr, "handoff: %s\n", err)
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
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}
