package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
)

// ExportCmd is `handoff export`.
type ExportCmd struct {
	JSON bool     `default:"true" help:"JSON lines, one {\"kind\":…,\"row\":…} each; there is no other format."`
	Kind []string `enum:"person,piece,entry,message,notice,event" help:"Only these kinds: ${enum}. May be repeated."`
}

// Help says what comes out.
func (ExportCmd) Help() string {
	return `Writes everything in the database to stdout as JSON lines, one consistent snapshot: people, pieces with their steps, entries,
messages, notices, events. The mails themselves are files below data_dir, named by each message's "blob".

Examples:
  handoff export --json > handoff.jsonl
  handoff export --json --kind piece | jq .row.code`
}

// exportLine is one line of an export.
type exportLine struct {
	Kind string          `json:"kind"`
	Row  json.RawMessage `json:"row"`
}

// Run exports.
func (c *ExportCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	wanted := map[string]bool{}
	for _, k := range c.Kind {
		wanted[k] = true
	}
	w := bufio.NewWriterSize(env.Stdout, 64<<10)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err = d.Export(ctx, func(kind string, row json.RawMessage) error {
		if len(wanted) > 0 && !wanted[kind] {
			return nil
		}
		return enc.Encode(exportLine{kind, row})
	})
	return errors.Join(err, w.Flush())
}
