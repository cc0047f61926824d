package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"handoff/internal/mailtest"
)

const appSecret = "secret-of-the-application"

// tokenAgency is an agency whose mail servers take the tokens of a provider alone, over TLS.
type tokenAgency struct {
	*agency
	provider *mailtest.TokenServer
	said     string // all that any command printed or logged
}

// newTokenAgency has oauth as its [oauth] table, beside client and URLs.
func newTokenAgency(t *testing.T, opt mailtest.TokenOptions, oauth string) *tokenAgency {
	t.Helper()
	opt.Client, opt.Account = "desk", "drafts"
	provider := mailtest.StartTokenServer(opt)
	t.Cleanup(provider.Close)
	server, _, err := mailtest.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	office, err := mailtest.StartOffice(mailtest.OfficeOptions{
		AuthservID: "mx.agency.example", TLSConfig: server, Tokens: provider.Valid,
		Accounts: []mailtest.Account{
			{User: "drafts", Password: testPassword, Addresses: []string{"drafts@agency.example"}},
			{User: "ed", Password: testPassword, Addresses: []string{"ed@agency.example"}},
			{User: "ana", Password: testPassword, Addresses: []string{"ana@writers.example"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = office.Close() })
	a := &tokenAgency{agency: &agency{t: t, dir: t.TempDir(), office: office}, provider: provider}
	a.write("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificates[0].Certificate[0]})))
	if opt.Secret != "" {
		a.write("client.secret", opt.Secret+"\n")
		oauth += "client_secret_file = \"client.secret\"\n"
	}
	a.write("handoff.toml", fmt.Sprintf(`
[team]
domains = ["agency.example"]
triage = "ed@agency.example"
[[mailbox]]
address = %q
user = "drafts"
auth = "xoauth2"
ca_file = "ca.pem"
[smtp]
address = %q
user = "drafts"
auth = "xoauth2"
ca_file = "ca.pem"
from = "Desk <drafts@agency.example>"
reply_address = "drafts+{token}@agency.example"
[auth]
authserv_ids = ["mx.agency.example"]
[caps]
address = -1
template = -1
total = -1
%s
[oauth]
client_id = "desk"
auth_url = "%[4]s/authorize"
token_url = "%[4]s/token"
device_url = "%[4]s/device"
%[5]s`, office.IMAPSAddr, office.SMTPAddr, alwaysAwake, provider.URL, oauth))
	t.Cleanup(func() {
		for _, secret := range append(provider.Secrets(), appSecret) {
			if i := strings.Index(a.said, secret); i >= 0 {
				t.Errorf("%q is told: %s", secret, a.said[max(0, i-100):min(len(a.said), i+60)])
			}
		}
	})
	return a
}

// on runs a command line with that stdin and a look at stdout as it is written.
func (a *tokenAgency) on(stdin io.Reader, seen io.Writer, args ...string) ran {
	a.t.Helper()
	var out, errs bytes.Buffer
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Minute)
	defer cancel()
	code := Run(ctx, append(args, "--config", a.path("handoff.toml"), "--log-level", "debug"),
		&Env{Stdin: stdin, Stdout: io.MultiWriter(&out, seen), Stderr: &errs})
	a.said += out.String() + errs.String()
	return ran{code, out.String(), errs.String()}
}

func (a *tokenAgency) try(args ...string) ran {
	a.t.Helper()
	return a.on(strings.NewReader(""), io.Discard, args...)
}

func (a *tokenAgency) run(args ...string) {
	a.t.Helper()
	a.try(args...).want(a.t, exitOK)
}

// people makes the database and fills it.
func (a *tokenAgency) people() {
	a.t.Helper()
	a.run("migrate")
	a.run("import", a.write("people.csv", peopleCSV), a.write("pieces.csv", piecesCSV))
}

// owner opens each address that a command shows.
type owner func(address string)

var shownAddress = regexp.MustCompile(`http://127\.0\.0\.1:\d+/authorize\S+`)

func (o owner) Write(p []byte) (int, error) {
	if address := shownAddress.Find(p); address != nil {
		go o(string(address))
	}
	return len(p), nil
}

// byBrowser is an owner on the same machine.
func byBrowser(t *testing.T) owner {
	return func(address string) {
		r, err := http.Get(address)
		if err != nil {
			t.Error(err)
			return
		}
		r.Body.Close()
	}
}

const googleTable = "provider = \"google\"\n"

// Consent by browser is stored encrypted and serves both logins; it can be listed and forgotten.
func TestAuthGoogle(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Secret: appSecret}, googleTable)
	a.people()
	a.try("check").want(t, exitFailed, `FAIL mailbox inbox`, `FAIL smtp`, `nobody gave consent for drafts yet: run "handoff auth google drafts"`)
	a.on(strings.NewReader(""), byBrowser(t), "auth", "google").want(t, exitOK, "Made "+a.path("handoff.secret"), "Consent for drafts is stored",
		"ok   mailbox inbox", "logged in as drafts by XOAUTH2", "ok   smtp")
	if info, err := os.Stat(a.path("handoff.secret")); err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v, %v", info, err)
	}
	a.try("auth", "list").want(t, exitOK, "drafts", "google", "ok")
	a.try("check").want(t, exitOK, "logged in as drafts by XOAUTH2")
	for _, name := range []string{"handoff-data/handoff.db", "handoff-data/handoff.db-wal"} {
		if text, err := os.ReadFile(a.path(name)); err == nil && bytes.Contains(text, []byte("refresh-")) {
			t.Errorf("%s holds the refresh token as it is", name)
		}
	}
	a.try("export", "--json").want(t, exitOK)
	a.try("auth", "list", "--json").want(t, exitOK, `"account": "drafts"`)

	secret, err := os.ReadFile(a.path("handoff.secret"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("handoff.secret", strings.Repeat("x", 44))
	a.try("check").want(t, exitFailed, "cannot be decrypted with "+a.path("handoff.secret"), "it was encrypted with another secret", `put the right secret back, or run "handoff auth google drafts" again`)
	a.try("auth", "list").want(t, exitOK, "cannot be decrypted")
	if err := os.Remove(a.path("handoff.secret")); err != nil {
		t.Fatal(err)
	}
	a.try("check").want(t, exitFailed, "there is no file "+a.path("handoff.secret"))
	a.write("handoff.secret", "short")
	a.try("check").want(t, exitFailed, "openssl rand -base64 32")
	a.write("handoff.secret", string(secret))
	a.try("check").want(t, exitOK)

	a.try("auth", "google", "ana").want(t, exitFailed, `no mailbox and no smtp with user = "ana"`)
	a.try("auth", "microsoft").want(t, exitFailed, "has no login that takes stored consent of microsoft")
	a.try("auth", "remove", "nobody").want(t, exitFailed, "handoff auth list")
	a.try("auth", "remove", "Drafts").want(t, exitOK, "is forgotten here")
	a.try("check").want(t, exitFailed, "nobody gave consent")
}

// From a remote machine the address that the browser ended at is pasted.
func TestAuthGooglePaste(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Secret: appSecret}, googleTable)
	in, typed := io.Pipe()
	elsewhere := owner(func(address string) {
		noPage := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		r, err := noPage.Get(address)
		if err != nil {
			t.Error(err)
			return
		}
		r.Body.Close()
		fmt.Fprintln(typed, r.Header.Get("Location"))
	})
	a.on(in, elsewhere, "auth", "google", "--no-browser").want(t, exitOK, "Consent for drafts is stored", "ok   mailbox inbox", "ok   smtp")
	a.on(strings.NewReader("http://127.0.0.1:49152/?code=x&state=y\n"), io.Discard, "auth", "google", "--no-browser").want(t, exitFailed, "another request")
	a.on(strings.NewReader(""), io.Discard, "auth", "google", "--timeout", "50ms").want(t, exitFailed, "no consent within 50ms")
}

const microsoftTable = "provider = \"microsoft\"\ntenant = \"agency.example\"\n"

// Consent by a code; each refresh token that comes in place of another is kept, by whichever process.
func TestAuthMicrosoft(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Rotate: true}, microsoftTable)
	a.people()
	a.provider.Answer("access_denied")
	a.try("auth", "microsoft").want(t, exitFailed, "consent was refused at Microsoft")
	a.provider.Answer("")
	a.try("auth", "microsoft").want(t, exitOK, "BREW-TEA", a.provider.URL+"/enter", "ok   mailbox inbox", "ok   smtp")
	for range 3 {
		a.try("check").want(t, exitOK)
	}
	var scopes []string
	for _, q := range a.provider.Asked() {
		if q.Has("device_code") {
			scopes = append(scopes, q.Get("scope"))
		}
	}
	if len(scopes) == 0 || scopes[0] != "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access" {
		t.Errorf("asked for %q", scopes)
	}
}

// An application of its own right needs nobody's consent.
func TestClientCredentials(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Secret: appSecret}, microsoftTable+"grant = \"client_credentials\"\n")
	a.people()
	a.try("check").want(t, exitOK, "logged in as drafts by XOAUTH2")
	a.try("auth", "microsoft").want(t, exitOK, "nobody has to give consent", "already")
	a.try("auth", "microsoft", "else@agency.example").want(t, exitFailed, "takes stored consent")
	a.write("client.secret", "expired\n")
	a.try("check").want(t, exitFailed, "Microsoft gives no token: invalid_client", "the client secret, which may have expired")
	for _, q := range a.provider.Asked() {
		if q.Get("grant_type") != "client_credentials" || q.Get("scope") != "https://outlook.office365.com/.default" {
			t.Errorf("asked %v", q)
		}
	}
}

// A refresh token from elsewhere is read from its file, and kept there.
func TestRefreshTokenFile(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Rotate: true}, "refresh_token_file = \"refresh.token\"\n")
	a.people()
	a.write("refresh.token", a.provider.Consent("drafts")+"\n")
	for range 2 {
		a.try("check").want(t, exitOK, "logged in as drafts by XOAUTH2")
	}
	if n := len(a.provider.Asked()); n != 2 {
		t.Errorf("%d requests for two checks of two logins", n)
	}
	a.provider.Revoke()
	a.try("check").want(t, exitFailed, "FAIL mailbox inbox", "put a new refresh token into "+a.path("refresh.token"))
	a.write("refresh.token", a.provider.Consent("drafts")+"\n")
	a.try("check").want(t, exitOK)
}

// Consent that was taken back is asked for no more: status and log say what to do, and a new one is taken up.
func TestConsentRevoked(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Secret: appSecret}, googleTable)
	a.people()
	a.on(strings.NewReader(""), byBrowser(t), "auth", "google").want(t, exitOK)
	a.run("poll")
	a.provider.Revoke()
	r := a.try("poll")
	r.want(t, exitFailed, "Google takes the consent for drafts no more (invalid_grant", `run "handoff auth google drafts" again`)
	if n := strings.Count(r.err, "level=ERROR"); n != 1 {
		t.Errorf("it is logged %d times:\n%s", n, r.err)
	}
	asked := len(a.provider.Asked())
	for range 3 {
		a.try("poll").want(t, exitFailed, "takes the consent for drafts no more")
	}
	if n := len(a.provider.Asked()); n != asked {
		t.Errorf("the provider was asked %d times more", n-asked)
	}
	a.try("status").want(t, exitOK, "Consent for drafts refused on ", `run "handoff auth google drafts" again`)
	a.try("status", "--json").want(t, exitOK, `"refused": "invalid_grant`)
	a.on(strings.NewReader(""), byBrowser(t), "auth", "google").want(t, exitOK, "ok   mailbox inbox", "ok   smtp")
	a.run("poll")
	if out := a.try("status").out; strings.Contains(out, "refused") {
		t.Errorf("status still says:\n%s", out)
	}
}

// letters puts mails of ana's into the watched mailbox.
func (a *tokenAgency) letters(from, to int) {
	a.t.Helper()
	for i := from; i < to; i++ {
		m := mailtest.Mail{
			From: "Ana Lima <ana@writers.example>", To: "drafts@agency.example", Date: time.Now(), Subject: fmt.Sprintf("Note %d [BREW-1]", i),
			MessageID: fmt.Sprintf("note-%d@writers.example", i), Text: fmt.Sprintf("Hello Ed, this is note number %d, with a few words.\n", i),
			Header: []string{"Authentication-Results: mx.agency.example; dmarc=pass header.from=writers.example"},
		}
		if err := a.office.Append("drafts", "INBOX", m.Bytes(), time.Now()); err != nil {
			a.t.Fatal(err)
		}
	}
}

// Access tokens that run out in the middle of sessions cost no mail, and repeat none.
func TestServeThroughExpiry(t *testing.T) {
	a := newTokenAgency(t, mailtest.TokenOptions{Secret: appSecret, Lifetime: 2 * time.Second, Rotate: true}, googleTable)
	a.people()
	a.on(strings.NewReader(""), byBrowser(t), "auth", "google").want(t, exitOK)
	a.run("poll") // the mailbox's start is set

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var logs lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"serve", "--log-level", "debug", "--config", a.path("handoff.toml")}, &Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &logs})
	}()
	const mails, batches = 28, 2 // fewer than are relayed to an editor at once
	relayed := func(upTo int) {
		t.Helper()
		wait, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		for i := range upTo {
			text := fmt.Appendf(nil, "this is note number %d,", i)
			if _, err := a.office.WaitDelivery(wait, func(d mailtest.Delivery) bool {
				return d.To == "ed@agency.example" && bytes.Contains(d.Data, text)
			}); err != nil {
				t.Fatalf("the editor does not hear of mail %d: %v\n%s", i, err, &logs)
			}
		}
	}
	dropped := 0
	for done := 0; done < mails; {
		a.letters(done, done+mails/batches)
		done += mails / batches
		for range 2 { // in the middle of fetching and sending, once the login before is through
			for begun := time.Now(); a.office.Bearers() == 0; time.Sleep(10 * time.Millisecond) {
				if time.Since(begun) > 30*time.Second {
					t.Fatalf("nobody logs in any more:\n%s", &logs)
				}
			}
			time.Sleep(5 * time.Millisecond)
			a.provider.Expire()
			dropped += a.office.DropExpired()
		}
		relayed(done)
	}
	stop()
	if code := <-ended; code != exitOK {
		t.Errorf("serve ended with %d:\n%s", code, &logs)
	}
	a.said += logs.String()
	if dropped < 2*batches {
		t.Errorf("only %d sessions were cut", dropped)
	}

	seen := map[string]int{}
	for _, d := range a.office.Deliveries() {
		id := regexp.MustCompile(`(?mi)^Message-ID: (\S+)`).FindSubmatch(d.Data)
		if id == nil {
			t.Fatalf("no Message-ID in\n%s", d.Data)
		}
		if seen[d.To+string(id[1])]++; seen[d.To+string(id[1])] > 1 {
			t.Errorf("sent twice: %s", id[1])
		}
	}
	recorded := map[any]int{}
	for _, m := range a.exported("message") {
		recorded[m["message_id"]]++
	}
	if len(recorded) != mails {
		t.Errorf("%d mails are recorded, want %d", len(recorded), mails)
	}
	if n := len(a.exported("entry")); n != mails {
		t.Errorf("%d entries, want %d", n, mails)
	}
	for _, n := range a.exported("notice") {
		if n["state"] == "failed" || n["error"] != nil && strings.Contains(fmt.Sprint(n["error"]), "may have arrived") {
			t.Errorf("notice %v", n)
		}
	}
	renewed := 0
	for _, q := range a.provider.Asked() {
		if q.Get("grant_type") == "refresh_token" {
			renewed++
		}
	}
	t.Logf("%d sessions cut, %d tokens, %d deliveries", dropped, renewed, len(seen))
	if renewed < 4 || renewed > 200 {
		t.Errorf("%d refreshes", renewed)
	}
}

// init writes a configuration for consent, with the provider's servers and a secret to encrypt with.
func TestInitWithConsent(t *testing.T) {
	a := &agency{t: t, dir: t.TempDir()}
	a.write("client.secret", appSecret)
	a.try("init", "--address", "drafts@agency.example", "--oauth", "google", "--triage", "ed@agency.example", "--timezone", "UTC").want(t, exitUsage, "init needs --oauth-client-id;")
	a.try("init", "--address", "drafts@agency.example", "--oauth", "google", "--oauth-client-id", "desk", "--oauth-client-secret-file", a.path("client.secret"),
		"--triage", "ed@agency.example", "--timezone", "UTC", "--team", "Agency").want(t, exitOK, "handoff auth google")
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if m := cfg.Mailboxes[0]; m.Address != "imap.gmail.com:993" || m.Auth != "xoauth2" || m.OAuth != cfg.OAuth || cfg.SMTP.OAuth != cfg.OAuth ||
		cfg.SMTP.Address != "smtp.gmail.com:587" || cfg.OAuth.ClientID != "desk" {
		t.Errorf("%+v, %+v", m, cfg.SMTP)
	}
	if _, err := cfg.sealer(); err != nil {
		t.Error(err)
	}
	a.try("init", "--force", "--address", "drafts@agency.example", "--oauth", "microsoft", "--oauth-tenant", "agency.example", "--oauth-client-id", "desk",
		"--triage", "ed@agency.example", "--timezone", "UTC").want(t, exitOK, "handoff auth microsoft")
	again, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if again.Mailboxes[0].Address != "outlook.office365.com:993" || again.SMTP.Address != "smtp.office365.com:587" {
		t.Errorf("%+v", again)
	}
	if url := again.OAuth.endpoint().DeviceAuthURL; url != "https://login.microsoftonline.com/agency.example/oauth2/v2.0/devicecode" {
		t.Errorf("device codes from %s", url)
	}
}

// Files are named from the configuration's directory, whichever that is, also in the table that several logins share.
func TestOAuthPaths(t *testing.T) {
	cfg, err := parseConfig("desk/handoff.toml", []byte(`
oauth = {provider = "google", client_id = "x", client_secret_file = "client.secret"}
team = {domains = ["agency.example"], triage = "ed@agency.example"}
smtp = {address = "smtp.agency.example:587", user = "desk", auth = "xoauth2", from = "desk@agency.example", ca_file = "ca.pem", oauth = {token_url = "https://login.example/t", client_id = "y", refresh_token_file = "refresh.token"}}
[[mailbox]]
address = "imap.agency.example:993"
user = "desk"
auth = "xoauth2"
`))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		cfg.Mailboxes[0].OAuth.ClientSecretFile: "client.secret", cfg.SMTP.OAuth.RefreshTokenFile: "refresh.token",
		cfg.SMTP.CAFile: "ca.pem", cfg.SecretFile: "handoff.secret",
	} {
		if got != filepath.Join("desk", want) {
			t.Errorf("%q, want %s in desk", got, want)
		}
	}
}
