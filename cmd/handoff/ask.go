package main

import (
	"bufio"
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
	secret func() (string, error) // reads a line without showing it
}

func terminalAsker(env *Env) *asker {
	return &asker{
		in:  bufio.NewReader(env.Stdin),
		out: env.Stderr,
		secret: func() (string, error) {
			f, ok := env.Stdin.(*os.File)
			if !ok {
				return "", errors.New("stdin is no terminal")
			}
			b, err := term.ReadPassword(int(f.Fd()))
			fmt.Fprintln(env.Stderr)
			return string(b), err
		},
	}
}

func (a *asker) line() (string, error) {
	s, err := a.in.ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || s == "") {
		return "", fmt.Errorf("no answer: %w", err)
	}
	return strings.TrimSpace(s), nil
}

// text asks until it is answered; an empty answer is the default.
func (a *asker) text(question, otherwise string) (string, error) {
	for {
		if otherwise != "" {
			fmt.Fprintf(a.out, "%s [%s]: ", question, otherwise)
		} else {
			fmt.Fprintf(a.out, "%s: ", question)
		}
		s, err := a.line()
		if err != nil {
			return "", err
		}
		if s == "" {
			s = otherwise
		}
		if s != "" {
			return s, nil
		}
	}
}

// password asks without showing the answer.
func (a *asker) password(question string) (string, error) {
	for {
		fmt.Fprintf(a.out, "%s: ", question)
		s, err := a.secret()
		if err != nil {
			return "", fmt.Errorf("no answer: %w", err)
		}
		if s != "" {
			return s, nil
		}
	}
}

// yes asks for a yes or no.
func (a *asker) yes(question string, otherwise bool) (bool, error) {
	hint := "y/N"
	if otherwise {
		hint = "Y/n"
	}
	for {
		fmt.Fprintf(a.out, "%s [%s] ", question, hint)
		s, err := a.line()
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
