package smtp_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"

	"handoff/internal/mailtest"
)

// What a script may answer instead of a reply.
const (
	drop = mailtest.Drop
	hang = mailtest.Hang
	wait = mailtest.Usual
)

// server speaks SMTP by a script and notes what it was told.
type server struct {
	secure *tls.Config // for STARTTLS, or for all with direct
	direct bool
	// script gives the reply to a command, the usual one for wait. n counts that command from 1, over all connections.
	script     func(command string, n int) string
	auth       string   // mechanisms offered
	extensions []string // beside 8BITMIME

	*mailtest.ScriptedSMTP
}

func serve(t *testing.T, s *server) *server {
	t.Helper()
	s.ScriptedSMTP = &mailtest.ScriptedSMTP{Secure: s.secure, Direct: s.direct, Auth: s.auth, Extensions: s.extensions}
	if s.script != nil {
		s.Script = func(l mailtest.SMTPLine) string { return s.script(l.Command, l.N) }
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *server) address() string { return s.Addr() }

func (s *server) dropAll() { s.DropAll() }

func (s *server) heard() (commands, mails []string) { return s.Heard() }

// certificate is one for those names, with the authorities that trust it.
func certificate(t *testing.T, names ...string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	cfg, pool, err := mailtest.SelfSigned(names...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, pool
}
