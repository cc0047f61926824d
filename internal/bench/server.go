package main

import (
	"context"
	"errors"
	"fmt"

	"handoff/internal/mailtest"
)

// Server is the mail server that a benchmark runs against.
type Server struct {
	Name  string
	Login Login // the watched mailbox
	Close func() error
	// Deliver hands one mail to the watched mailbox and returns when the server has accepted it.
	Deliver func(ctx context.Context, from, to string, raw []byte) error
}

const serverHelp = "mail server: dovecot, office (in memory), or auto for Dovecot where it is installed"

// startServer starts one server with the watched mailbox empty.
func startServer(ctx context.Context, name string) (*Server, error) {
	account := mailtest.Account{User: "drafts", Password: "benchmark", Addresses: []string{teamAddress}}
	login := Login{User: account.User, Password: account.Password, Folder: "INBOX"}
	switch name {
	case "auto", "dovecot":
		d, err := mailtest.StartDovecot(ctx, mailtest.DovecotOptions{Accounts: []mailtest.Account{account}})
		if errors.Is(err, mailtest.ErrMissing) && name == "auto" {
			return startServer(ctx, "office")
		}
		if err != nil {
			return nil, err
		}
		login.Addr = d.IMAPAddr
		return &Server{Name: "Dovecot", Login: login, Close: d.Close,
			Deliver: func(ctx context.Context, from, to string, raw []byte) error {
				return mailtest.Deliver(ctx, d.LMTPAddr, from, []string{to}, raw)
			}}, nil
	case "office":
		o, err := mailtest.StartOffice(mailtest.OfficeOptions{Accounts: []mailtest.Account{account}})
		if err != nil {
			return nil, err
		}
		login.Addr = o.IMAPAddr
		return &Server{Name: "the in-memory server", Login: login, Close: o.Close,
			Deliver: func(ctx context.Context, from, to string, raw []byte) error {
				return mailtest.Send(ctx, o.SMTPAddr, "", "", from, []string{to}, raw)
			}}, nil
	}
	return nil, fmt.Errorf("no server %q: dovecot, office or auto", name)
}
