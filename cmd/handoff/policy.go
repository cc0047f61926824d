package main

import (
	"fmt"

	"handoff/proxy"
)

// PolicyCmd is `handoff policy`.
type PolicyCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help explains the table.
func (PolicyCmd) Help() string {
	return `Prints the rows that decide what becomes of a mail from a person: the first one that applies decides. Rows of handoff.toml
([[policy]]) come before the built-in ones. Two things no row can change: a mail that failed authentication and one
without a piece of the author's are never filed.

Example:
  handoff policy`
}

// Run prints the table.
func (c *PolicyCmd) Run(env *Env) error {
	table, own := proxy.DefaultPolicy(), 0
	cfg, there, err := configIfThere(env)
	if err != nil {
		return err
	}
	if there {
		table, own = cfg.policy(), len(cfg.Policy)
	}
	if c.JSON {
		return printJSON(env.Stdout, table)
	}
	anything := func(s string) string {
		if s == "" {
			return "*"
		}
		return s
	}
	var rows [][]string
	for i, r := range table {
		from := "built in"
		if i < own {
			from = env.Config
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), r.Name, anything(r.Class), anything(r.Match), anything(r.Auth), anything(r.Entry), string(r.Action), r.Reply, from})
	}
	return printTable(env.Stdout, []string{"ROW", "NAME", "CLASS", "MATCH", "AUTH", "ENTRY", "ACTION", "REPLY", "FROM"}, rows)
}
