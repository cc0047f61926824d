package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"handoff/outbox"
)

// KeyCmd is `handoff key`.
type KeyCmd struct {
	List   KeyListCmd   `cmd:"" help:"List the keys that sign reply addresses and Message-IDs."`
	Rotate KeyRotateCmd `cmd:"" help:"Make a new key, which signs from now on; the older ones are still recognised."`
	Delete KeyDeleteCmd `cmd:"" help:"Forget a key: what it signed is not recognised any more."`
	DKIM   KeyDKIMCmd   `cmd:"" name:"dkim" help:"Make a key that signs our mails (DKIM), and print the DNS record to publish."`
}

// KeyListCmd is `handoff key list`.
type KeyListCmd struct{}

// Help shows how.
func (KeyListCmd) Help() string {
	return `Example:
  handoff key list`
}

// Run prints the keys without their secrets.
func (KeyListCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	keys, err := d.Keys(ctx)
	if err != nil {
		return err
	}
	var rows [][]string
	for i, k := range keys {
		use := "recognised"
		if i == len(keys)-1 {
			use = "signs"
		}
		rows = append(rows, []string{fmt.Sprint(k.ID), showTime(k.CreatedAt, d.zone), use})
	}
	return printTable(env.Stdout, []string{"KEY", "MADE", "USE"}, rows)
}

// KeyRotateCmd is `handoff key rotate`.
type KeyRotateCmd struct{}

// Help shows how.
func (KeyRotateCmd) Help() string {
	return `Example:
  handoff key rotate`
}

// Run makes a key.
func (KeyRotateCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	k, err := d.AddKey(ctx, d.clock.Now())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "key %d signs from now on; restart \"handoff serve\" to use it\n", k.ID)
	return err
}

// KeyDeleteCmd is `handoff key delete`.
type KeyDeleteCmd struct {
	ID int `arg:"" help:"The key, as \"handoff key list\" shows it."`
}

// Help says in which order.
func (KeyDeleteCmd) Help() string {
	return `Restart "handoff serve" after "handoff key rotate", and only then delete the old key: until its restart, serve signs with the key
that it started with. Mails that are out already carry the old key; wait for their answers.

Example:
  handoff key delete 1`
}

// Run deletes a key, but for the one that signs.
func (c *KeyDeleteCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	keys, err := d.Keys(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(keys, func(k outbox.Key) bool { return k.ID == c.ID })
	switch {
	case i < 0:
		return fmt.Errorf("there is no key %d: see \"handoff key list\"", c.ID)
	case i == len(keys)-1:
		return errors.New("this key signs: make another with \"handoff key rotate\" first")
	}
	if err := d.DeleteKey(ctx, c.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "key %d is gone: answers to what it signed are matched by other means, or held\n", c.ID)
	return err
}
