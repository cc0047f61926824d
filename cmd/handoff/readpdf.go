package main

import (
	"handoff/inbox/draft/pdf"
)

// ReadPDFCmd reads a PDF in a process of its own, which bounds what a hostile one may cost: serve starts it.
type ReadPDFCmd struct{}

func (c *ReadPDFCmd) Run(env *Env) error {
	if pdf.Main(env.Stdin, env.Stdout, env.Stderr) != 0 {
		return errReported
	}
	return nil
}
