package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// asker asks a person.
type asker struct {
	in     *bufio.Reader
	out    io.Writer
	secret func(context.Context) (string, error) // reads a line without showing it
}

func terminalAsker(env *Env, terminal *os.File) *asker {
	return &asker{
		in:  bufio.NewReader(env.Stdin),
		out: env.Stderr,
		secret: func(ctx context.Context) (string, error) {
			fd := int(terminal.Fd())
			if shown, err := term.GetState(fd); err == nil {
				// Interrupted, the read below goes on: the terminal must show what is typed again.
				defer context.AfterFunc(ctx, func() { _ = term.Restore(fd, shown) })()
			}
			b, err := term.ReadPassword(fd)
			fmt.Fprintln(env.Stderr)
			return string(b), err
		},
	}
}

// wait reads an answer until ctx ends. A terminal's read cannot be called back: it is left to the process's end.
func (a *asker) wait(ctx context.Context, read func(context.Context) (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read(ctx)
		got <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.out)
		return "", ctx.Err()
	case g := <-got:
		if g.err != nil {
			return "", fmt.Errorf("no answer: %w", g.err)
		}
		return g.text, nil
	}
}

func (a *asker) line(ctx context.Context) (string, error) {
	return a.wait(ctx, func(context.Context) (string, error) {
		s, err := a.in.ReadString('\n')
		if errors.Is(err, io.EOF) && s != "" {
			err = nil
		}
		return strings.TrimSpace(s), err
	})
}

// text asks until the answer is not wrong; an empty answer is the default. A nil wrong takes any.
func (a *asker) text(ctx context.Context, question, otherwise string, wrong func(string) error) (string, error) {
	for {
		if otherwise != "" {
			fmt.Fprintf(a.out, "%s [%s]: ", question, otherwise)
		} else {
			fmt.Fprintf(a.out, "%s: ", question)
		}
		s, err := a.line(ctx)
		if err != nil {
			return "", err
		}
		if s == "" {
			s = otherwise
		}
		if s == "" {
			continue
		}
		if wrong != nil {
			if err := wrong(s); err != nil {
				fmt.Fprintf(a.out, "%v\n", err)
				continue
			}
		}
		return s, nil
	}
}

// password asks without showing the answer.
func (a *asker) password(ctx context.Context, question string) (string, error) {
	for {
		fmt.Fprintf(a.out, "%s: ", question)
		s, err := a.wait(ctx, a.secret)
		if err != nil {
			return "", err
		}
		if s != "" {
			return s, nil
		}
	}
}

// yes asks for a yes or no.
func (a *asker) yes(ctx context.Context, question string, otherwise bool) (bool, error) {
	hint := "y/N"
	if otherwise {
		hint = "Y/n"
	}
	for {
		fmt.Fprintf(a.out, "%s [%s] ", question, hint)
		s, err := a.line(ctx)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(s) {
		case "":
			return otherwise, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
	}
}
