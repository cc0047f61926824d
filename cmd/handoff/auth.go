package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"handoff/internal/oauth"
	"handoff/store"
	"handoff/workflow"
)

// AuthCmd is `handoff auth`.
type AuthCmd struct {
	Google    AuthGoogleCmd    `cmd:"" help:"Give consent for a Gmail or Google Workspace account, in a browser."`
	Microsoft AuthMicrosoftCmd `cmd:"" help:"Give consent for a Microsoft 365 account, by a code on any device."`
	List      AuthListCmd      `cmd:"" help:"List the accounts with consent."`
	Remove    AuthRemoveCmd    `cmd:"" help:"Forget the consent for an account."`
}

// AuthGoogleCmd is `handoff auth google`.
type AuthGoogleCmd struct {
	Account   string        `arg:"" optional:"" help:"The login of the mailbox or of smtp; needed if there are several."`
	NoBrowser bool          `help:"The browser is on another machine: ask for the address that it ends at."`
	Timeout   time.Duration `default:"10m" help:"How long to wait for consent."`
}

// Help shows how.
func (AuthGoogleCmd) Help() string {
	return `Shows an address to open in a browser on this machine, where the account's owner allows Handoff to read and send its mail; the
answer comes back to a port on 127.0.0.1. The refresh token is stored in the database, encrypted, and both logins are tried.

handoff.toml has to hold, see docs/providers.md:
  [oauth]
  provider = "google"
  client_id = "…"
  client_secret_file = "client.secret"
and auth = "xoauth2" below [[mailbox]] and [smtp].

Examples:
  handoff auth google
  handoff auth google drafts@agency.example --no-browser   # by SSH: the browser is elsewhere`
}

// Run asks for consent.
func (c *AuthGoogleCmd) Run(ctx context.Context, env *Env) error {
	return authorize(ctx, env, google, c.Account, func(ctx context.Context, client oauth.Client, account string) (oauth.Consent, error) {
		ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("no consent within %s: run this again", c.Timeout))
		defer cancel()
		if !c.NoBrowser {
			consent, err := client.Browser(ctx, account, func(address string) {
				fmt.Fprintf(env.Stdout, "Open this address in a browser on this machine, as %s:\n\n  %s\n\n"+
					"Waiting. If the browser is on another machine, stop with Ctrl-C and run this with --no-browser.\n", account, address)
			})
			return consent, causeOf(ctx, err)
		}
		file, _ := env.Stdin.(*os.File)
		ask := terminalAsker(env, file)
		consent, err := client.Paste(ctx, account, func(ctx context.Context, address string) (string, error) {
			fmt.Fprintf(env.Stdout, "Open this address in any browser, as %s:\n\n  %s\n\n"+
				"In the end the browser shows an error, because the page is not there. Copy the address that it shows then.\n", account, address)
			return ask.text(ctx, "Address", "", nil)
		})
		return consent, causeOf(ctx, err)
	})
}

// causeOf says why ctx ended, if that is what err is about.
func causeOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(err, ctx.Err()) {
		return context.Cause(ctx)
	}
	return err
}

// AuthMicrosoftCmd is `handoff auth microsoft`.
type AuthMicrosoftCmd struct {
	Account string `arg:"" optional:"" help:"The login of the mailbox or of smtp; needed if there are several."`
}

// Help shows how.
func (AuthMicrosoftCmd) Help() string {
	return `Shows an address and a code to enter there, on any device, where the account's owner allows Handoff to read and send its mail.
The refresh token is stored in the database, encrypted, and both logins are tried.

handoff.toml has to hold, see docs/providers.md:
  [oauth]
  provider = "microsoft"
  tenant = "agency.example"
  client_id = "…"
and auth = "xoauth2" below [[mailbox]] and [smtp]. With grant = "client_credentials" nobody has to give consent here.

Examples:
  handoff auth microsoft
  handoff auth microsoft drafts@agency.example`
}

// Run asks for consent.
func (c *AuthMicrosoftCmd) Run(ctx context.Context, env *Env) error {
	return authorize(ctx, env, microsoft, c.Account, func(ctx context.Context, client oauth.Client, account string) (oauth.Consent, error) {
		return client.Device(ctx, func(address, code string, until time.Time) {
			fmt.Fprintf(env.Stdout, "Open %s on any device, log in as %s and enter the code\n\n  %s\n\n", address, account, code)
			if !until.IsZero() {
				fmt.Fprintf(env.Stdout, "Waiting until %s.\n", until.Local().Format("15:04"))
			}
		})
	})
}

// authorize gets a person's consent for an account, stores it and tries the logins.
func authorize(ctx context.Context, env *Env, provider, wanted string, ask func(context.Context, oauth.Client, string) (oauth.Consent, error)) error {
	cfg, err := LoadConfig(env.Config)
	if err != nil {
		return err
	}
	login, err := cfg.loginFor(provider, wanted)
	if err != nil {
		return err
	}
	if err := cfg.createIfMissing(ctx); err != nil {
		return err
	}
	d, err := cfg.open(ctx, env.Clock)
	if err != nil {
		return err
	}
	defer d.Close()
	// Before anybody is troubled: there has to be something to encrypt with.
	made, err := cfg.makeSecret()
	if err != nil {
		return err
	}
	if made {
		fmt.Fprintf(env.Stdout, "Made %s, which stored consent is encrypted with: back it up apart from the database.\n\n", cfg.SecretFile)
	}
	sealer, err := cfg.sealer()
	if err != nil {
		return err
	}
	client, account := login.OAuth.client(), accountName(login.User)
	consent, err := ask(ctx, client, login.User)
	if err != nil {
		return err
	}
	now := d.clock.Now()
	if err := d.SaveGrant(ctx, store.Grant{Provider: provider, Account: account, Scopes: consent.Scopes, GrantedAt: now, RenewedAt: now,
		Sealed: sealer.Seal(consent.RefreshToken, grantPurpose(provider, account))}); err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "\nConsent for %s is stored, encrypted. \"handoff serve\" uses it at once.\n", account)
	if missing := consent.Missing(client.Scopes); len(missing) > 0 {
		fmt.Fprintf(env.Stdout, "Not allowed: %s. If a login fails now, run this again and allow all.\n", strings.Join(missing, ", "))
	}
	return cfg.tryAccount(ctx, env, d, account)
}

// tryAccount tries the logins of an account.
func (c *Config) tryAccount(ctx context.Context, env *Env, d *desk, account string) error {
	list := newChecklist(env)
	for _, p := range c.serverProbes(20*time.Second, c.accounts(d.Store, env.Clock, env.Log)) {
		if accountName(p.user) != account {
			continue
		}
		detail, err := p.try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		list.tell(p.what, detail, err)
	}
	if list.failed {
		return fmt.Errorf("consent is stored, but a login failed: was it given as %s, and are IMAP and SMTP allowed there? See docs/providers.md", account)
	}
	return nil
}

// loginFor is the login that consent is asked for.
func (c *Config) loginFor(provider, wanted string) (LoginConfig, error) {
	var names []string
	var found LoginConfig
	for _, l := range c.logins() {
		if !l.byToken() || l.OAuth == nil || l.OAuth.Provider != provider || !l.OAuth.stored() {
			continue
		}
		name := accountName(l.User)
		if (wanted == "" || name == accountName(wanted)) && !slices.Contains(names, name) {
			names, found = append(names, name), l
		}
	}
	switch {
	case len(names) == 1:
		return found, nil
	case len(names) == 0 && c.byCredentials(provider, wanted):
		return found, already("nobody has to give consent: with grant = %q Handoff logs in already; \"handoff check\" tries it", byCredentials)
	case len(names) > 1:
		return found, usagef("there are several accounts, name one: %s", strings.Join(names, ", "))
	case wanted != "":
		return found, fmt.Errorf("%s has no mailbox and no smtp with user = %q that takes stored consent of %s: see \"handoff auth %s --help\"", c.path, wanted, provider, provider)
	}
	return found, fmt.Errorf("%s has no login that takes stored consent of %s: see \"handoff auth %s --help\" for what to write there", c.path, provider, provider)
}

// byCredentials tells whether a login at the provider has the application's own credentials, and needs nobody's consent.
func (c *Config) byCredentials(provider, wanted string) bool {
	return slices.ContainsFunc(c.logins(), func(l LoginConfig) bool {
		return l.byToken() && l.OAuth != nil && l.OAuth.Provider == provider && l.OAuth.Grant == byCredentials && (wanted == "" || accountName(l.User) == accountName(wanted))
	})
}

// logins are those of the mailboxes, then SMTP's.
func (c *Config) logins() []LoginConfig {
	var all []LoginConfig
	for _, m := range c.Mailboxes {
		all = append(all, m.LoginConfig)
	}
	return append(all, c.SMTP.LoginConfig)
}

// AuthListCmd is `handoff auth list`.
type AuthListCmd struct {
	JSON bool `help:"Print JSON."`
}

// Help shows how.
func (AuthListCmd) Help() string {
	return `Example:
  handoff auth list`
}

// Run prints the accounts without their tokens.
func (c *AuthListCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	all, err := d.Grants(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(env.Stdout, notNil(all))
	}
	var rows [][]string
	for _, g := range all {
		rows = append(rows, []string{g.Account, g.Provider, showTime(g.GrantedAt, d.zone), showTime(g.RenewedAt, d.zone), d.grantState(g)})
	}
	return printTable(env.Stdout, []string{"ACCOUNT", "PROVIDER", "GIVEN", "TOKEN OF", "STATE"}, rows)
}

// grantState says whether a consent is of use.
func (d *desk) grantState(g store.Grant) string {
	if g.Refused != "" {
		return fmt.Sprintf("refused on %s (%s): run \"handoff auth %s %s\" again", showTime(g.RefusedAt, d.zone), g.Refused, g.Provider, g.Account)
	}
	sealer, err := d.cfg.sealer()
	if err == nil {
		_, err = sealer.Open(g.Sealed, grantPurpose(g.Provider, g.Account))
	}
	if err != nil {
		return "cannot be decrypted: " + err.Error()
	}
	return "ok"
}

// AuthRemoveCmd is `handoff auth remove`.
type AuthRemoveCmd struct {
	Account string `arg:"" help:"As \"handoff auth list\" shows it."`
}

// Help says what is left to do.
func (AuthRemoveCmd) Help() string {
	return `Forgets the stored refresh token. The provider does not hear of it: take Handoff's access away in the account's settings there, too.

Example:
  handoff auth remove drafts@agency.example`
}

// Run forgets.
func (c *AuthRemoveCmd) Run(ctx context.Context, env *Env) error {
	d, err := openDesk(ctx, env)
	if err != nil {
		return err
	}
	defer d.Close()
	all, err := d.Grants(ctx)
	if err != nil {
		return err
	}
	removed := 0
	for _, g := range all {
		if g.Account != accountName(c.Account) {
			continue
		}
		if err := d.DeleteGrant(ctx, g.Provider, g.Account); err != nil && workflow.CodeOf(err) != workflow.NotFound {
			return err
		}
		removed++
	}
	if removed == 0 {
		return fmt.Errorf("there is no consent for %s: see \"handoff auth list\"", c.Account)
	}
	_, err = fmt.Fprintf(env.Stdout, "consent for %s is forgotten here; take Handoff's access away in the account's settings, too\n", accountName(c.Account))
	return err
}
