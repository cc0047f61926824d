package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/workflow"
)

const webTable = "[web]\nlisten = \"127.0.0.1:0\"\nurl = \"https://handoff.agency.example/\"\n"

// answering is an agency's gateway that answers requests, with a clock that the test moves.
type answering struct {
	*agency
	gw    *Gateway
	clock *clock.Fake
	logs  *lockedBuffer
}

// answer starts the agency's site.
func (a *agency) answer(at time.Time) *answering {
	a.t.Helper()
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		a.t.Fatal(err)
	}
	s := &answering{agency: a, clock: clock.NewFake(at), logs: &lockedBuffer{}}
	if s.gw, err = OpenGateway(a.t.Context(), cfg, &Env{Clock: s.clock, Log: slog.New(slog.NewTextHandler(s.logs, nil))}); err != nil {
		a.t.Fatal(err)
	}
	if err := s.gw.Listen(a.t.Context()); err != nil {
		a.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.gw.site.loop(ctx) }()
	a.t.Cleanup(func() {
		stop()
		if err := <-ended; err != context.Canceled {
			a.t.Errorf("the site ended with %v", err)
		}
		if err := s.gw.Close(); err != nil {
			a.t.Error(err)
		}
	})
	return s
}

// ask sends a request; a body is sent as that type. The path may be a whole address of the site.
func (s *answering) ask(method, path, token, kind, body string) (status int, header http.Header, text string) {
	s.t.Helper()
	path = strings.TrimPrefix(path, "https://handoff.agency.example")
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.gw.site.address()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(got)
}

// got are the mails that reached somebody, since the last call.
func (s *answering) got(address string, seen *int) []mail.Header {
	s.t.Helper()
	var headers []mail.Header
	all := s.office.Deliveries()
	for _, d := range all[*seen:] {
		if d.To != address {
			continue
		}
		m, err := mail.ReadMessage(bytes.NewReader(d.Data))
		if err != nil {
			s.t.Fatal(err)
		}
		headers = append(headers, m.Header)
	}
	*seen = len(all)
	return headers
}

const form = "application/x-www-form-urlencoded"

// A reminder goes out with both headers of RFC 8058; what a mail program posts to its address ends that kind, and it begins again
// when its reader takes that back.
func TestOneClickUnsubscribe(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.configure("[reminders]\nsoon_days = 0\noverdue_days = [1, 2, 3, 9]\nescalate_days = []\n" + webTable)
	day := time.Date(2099, 12, 1, 23, 59, 0, 0, time.UTC)
	s := a.answer(day)
	seen := 0
	next := func() []mail.Header {
		t.Helper()
		s.clock.Advance(24 * time.Hour)
		if _, _, err := s.gw.PollOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		return s.got("ana@writers.example", &seen)
	}
	if _, _, err := s.gw.PollOnce(t.Context()); err != nil { // what was due before
		t.Fatal(err)
	}
	s.got("ana@writers.example", &seen)

	mails := next()
	if len(mails) != 1 || !strings.Contains(mails[0].Get("Subject"), "BREW-1") {
		t.Fatalf("a day late: %v", mails)
	}
	if post := mails[0].Get("List-Unsubscribe-Post"); post != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", post)
	}
	https, mailto, _ := strings.Cut(mails[0].Get("List-Unsubscribe"), ", ")
	if !strings.HasPrefix(https, "<https://handoff.agency.example/unsubscribe/") || !strings.HasPrefix(mailto, "<mailto:drafts+") {
		t.Fatalf("List-Unsubscribe: %s", mails[0].Get("List-Unsubscribe"))
	}
	link := strings.Trim(https, "<>")

	// Whoever only looks changes nothing.
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		status, _, text := s.ask(method, link, "", "", "")
		if status != http.StatusOK || method == http.MethodGet && !strings.Contains(text, "Stop these mails?") {
			t.Errorf("%s: %d\n%s", method, status, text)
		}
	}
	a.try("person", "unmute", "ana@writers.example", "overdue").want(t, exitOK, "not muted already")

	for range 2 {
		status, _, text := s.ask(http.MethodPost, link, "", form, "List-Unsubscribe=One-Click")
		if status != http.StatusOK || !strings.Contains(text, "These mails are stopped") || !strings.Contains(text, `name="undo" value="1"`) {
			t.Errorf("one click: %d\n%s", status, text)
		}
	}
	a.try("person", "show", "ana@writers.example").want(t, exitOK, "muted      overdue")
	if _, _, text := s.ask(http.MethodGet, link, "", "", ""); !strings.Contains(text, "These mails are stopped") {
		t.Errorf("afterwards the page says\n%s", text)
	}
	if mails := next(); len(mails) != 0 {
		t.Errorf("still reminded: %v", mails)
	}

	for range 2 {
		status, _, text := s.ask(http.MethodPost, link, "", form, "undo=1")
		if status != http.StatusOK || !strings.Contains(text, "You get these mails again") {
			t.Errorf("undo: %d\n%s", status, text)
		}
	}
	if mails := next(); len(mails) != 1 {
		t.Errorf("taken back, and got %v", mails)
	}

	var muted []string
	for _, e := range a.exported("event") {
		if e["kind"] == string(workflow.PersonMuted) {
			muted = append(muted, e["detail"].(string))
		}
	}
	if diff := cmp.Diff([]string{"overdue muted", "overdue not muted"}, muted); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	if token := link[strings.LastIndexByte(link, '/')+1:]; strings.Contains(s.logs.String(), token) {
		t.Errorf("the log has the token:\n%s", s.logs)
	}
	if !strings.Contains(s.logs.String(), `action="POST /unsubscribe/{token}" status=200`) {
		t.Errorf("the log has no request:\n%s", s.logs)
	}
}

// A token is shown once, listed without its secret, and good until it is revoked.
func TestTokens(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.configure(webTable)
	a.run("person", "add", "lee@agency.example", "--name", "Lee Lead", "--class", "internal", "--role", "distribution_lead")
	s := a.answer(time.Now())

	made := a.try("token", "add", "cms", "--person", "Ed@Agency.example", "--as", "ed@agency.example")
	made.want(t, exitOK, "token cms, for Ed Moss", "not shown again")
	secret := strings.TrimSpace(made.out)
	a.try("token", "add", "cms", "--person", "ed@agency.example").want(t, exitFailed, "there is a token cms already", "token revoke")
	a.try("token", "add", "x", "--person", "nobody@agency.example").want(t, exitFailed, "nobody has the address")
	a.try("token", "add", " ", "--person", "ed@agency.example").want(t, exitUsage, "say what it is for")
	a.try("token", "revoke", "cmd").want(t, exitFailed, "there is no token cmd", "token list")
	list := a.try("token", "list")
	list.want(t, exitOK, "cms", "Ed Moss")
	db, err := os.ReadFile(a.path("handoff-data/handoff.db"))
	if err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(a.path("handoff-data/handoff.db-wal"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"the list": list.out, "its JSON": a.run("token", "list", "--json"), "the database": string(db), "its log": string(wal), "the export": a.run("export", "--json")} {
		if strings.Contains(text, secret) {
			t.Errorf("%s has the secret", what)
		}
	}

	get := func(token string) (int, http.Header, string) {
		t.Helper()
		return s.ask(http.MethodGet, "/api/report", token, "", "")
	}
	if status, _, text := get(secret); status != http.StatusOK {
		t.Errorf("with the token: %d %s", status, text)
	}
	for _, token := range []string{"", "x", secret[:len(secret)-1], secret + "A", strings.ToLower(secret), "handoff_" + strings.Repeat("A", 26)} {
		status, header, text := get(token)
		if status != http.StatusUnauthorized || !strings.HasPrefix(header.Get("WWW-Authenticate"), `Bearer realm="Handoff"`) || !strings.Contains(text, `"code":"unauthorized"`) {
			t.Errorf("with %q: %d %v %s", token, status, header, text)
		}
	}
	lee := strings.TrimSpace(a.try("token", "add", "lee's", "--person", "lee@agency.example").out)
	if status, _, text := get(lee); status != http.StatusForbidden || !strings.Contains(text, "Lee Lead is neither") {
		t.Errorf("for no editor: %d %s", status, text)
	}
	a.run("person", "leave", "lee@agency.example")
	if status, _, _ := get(lee); status != http.StatusUnauthorized {
		t.Errorf("for somebody who left: %d", status)
	}
	a.try("token", "add", "lee2", "--person", "lee@agency.example").want(t, exitFailed, "Lee Lead has left the team")
	a.try("token", "revoke", "cms").want(t, exitOK, "token cms is revoked")
	if status, _, _ := get(secret); status != http.StatusUnauthorized {
		t.Errorf("revoked: %d", status)
	}
	if strings.Contains(s.logs.String(), secret) {
		t.Errorf("the log has the secret:\n%s", s.logs)
	}
}

// The API's report is the command's, the chart too.
func TestReportAPI(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.configure(webTable)
	now := time.Now().UTC().Truncate(time.Second)
	s := a.answer(now)
	token := strings.TrimSpace(a.try("token", "add", "reports", "--person", "ed@agency.example").out)
	command := func(args ...string) string {
		t.Helper()
		r := runIn(t.Context(), &Env{Clock: clock.NewFake(now)}, append(append([]string{"report"}, args...), "--config", a.path("handoff.toml"))...)
		r.want(t, exitOK)
		return r.out
	}
	for path, want := range map[string]string{
		"/api/report": command("--json"),
		"/api/report?from=2026-01-01&to=2026-03-31": command("--json", "--since", "2026-01-01", "--until", "2026-03-31"),
		"/api/report?to=2024-02-29":                 command("--json", "--until", "2024-02-29"),
		"/api/report.svg?from=2026-01-01":           command("--svg", "-", "--since", "2026-01-01"),
	} {
		status, header, text := s.ask(http.MethodGet, path, token, "", "")
		if status != http.StatusOK || text != want {
			t.Errorf("%s: %d (-want +got):\n%s", path, status, cmp.Diff(want, text))
		}
		if kind := header.Get("Content-Type"); strings.Contains(path, ".svg") != (kind == "image/svg+xml") {
			t.Errorf("%s is %s", path, kind)
		}
	}
	for query, want := range map[string]string{
		"?from=yesterday":                `from: "yesterday" is not a day`,
		"?to=2026-02-30":                 `to: "2026-02-30" is not a day`,
		"?form=2026-01-01":               `there is no parameter "form"`,
		"?from=2026-02-01&to=2026-01-01": "the period ends before it begins",
		"?from=%zz":                      "the query cannot be read",
	} {
		status, _, text := s.ask(http.MethodGet, "/api/report"+query, token, "", "")
		var no struct{ Code, Message string }
		if err := json.Unmarshal([]byte(text), &no); err != nil || status != http.StatusBadRequest || no.Code != "invalid" || !strings.Contains(no.Message, want) {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
}

// A program names the address of a publication for the distribution lead, with all that the command does.
func TestPublishedAPI(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.configure(webTable)
	a.run("person", "add", "lee@agency.example", "--name", "Lee Lead", "--class", "internal", "--role", "distribution_lead")
	a.run("person", "add", "kim@agency.example", "--name", "Kim Kern", "--class", "internal", "--role", "copy_editor")
	a.run("piece", "add", "TEA-1", "--title", "Oolong", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--lead", "lee@agency.example", "--stage", "published", "--no-notify")
	s := a.answer(time.Now())
	token := func(person string) string {
		return strings.TrimSpace(a.try("token", "add", person, "--person", person).out)
	}
	lee, kim := token("lee@agency.example"), token("kim@agency.example")
	post := func(token, code, body string) (int, string) {
		t.Helper()
		status, _, text := s.ask(http.MethodPost, "/api/pieces/"+url.PathEscape(code)+"/published", token, "application/json", body)
		return status, text
	}
	const good = `{"url": "https://agency.example/oolong"}`
	for _, c := range []struct {
		token, code, body string
		status            int
		want              string
	}{
		{kim, "TEA-1", good, http.StatusForbidden, `"code":"forbidden","message":"that is not for Kim Kern to do: TEA-1 is looked after by Ed Moss`},
		{lee, "TEA-9", good, http.StatusNotFound, `"code":"not_found","message":"there is no piece TEA-9"`},
		{lee, "BREW-1", good, http.StatusForbidden, `"code":"forbidden"`},
		{lee, "TEA-1", `{"url": "http://127.0.0.1/"}`, http.StatusBadRequest, `"code":"invalid","message":"url: `},
		{lee, "TEA-1", `{"url": ""}`, http.StatusBadRequest, "there is no address"},
		{lee, "TEA-1", `{"uri": "https://agency.example/"}`, http.StatusBadRequest, `the body is not like {\"url\"`},
		{lee, "TEA-1", good + good, http.StatusBadRequest, "something follows it"},
		{lee, "TEA-1", "", http.StatusBadRequest, "the body is not like"},
		{lee, "TEA-1", `{"url": "` + strings.Repeat("x", 70<<10) + `"}`, http.StatusRequestEntityTooLarge, `"code":"too_large"`},
		{lee, "tea-1", good, http.StatusOK, `{"code":"TEA-1","title":"Oolong","stage":"distributed","url":"https://agency.example/oolong"}`},
		{lee, "TEA-1", good, http.StatusOK, `"url":"https://agency.example/oolong"`}, // once more changes nothing
	} {
		if status, text := post(c.token, c.code, c.body); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s %.60s: %d %s, want %d %s", c.code, c.body, status, text, c.status, c.want)
		}
	}
	a.change("TEA-1", func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Checked(c, "") })
	for _, same := range []string{good, `{"url": "HTTPS://Agency.example:443/oolong#comments"}`} {
		if status, text := post(lee, "TEA-1", same); status != http.StatusOK || !strings.Contains(text, `"url":"https://agency.example/oolong"`) {
			t.Errorf("%s once more, verified: %d %s", same, status, text)
		}
	}
	if status, text := post(lee, "TEA-1", `{"url": "https://agency.example/other"}`); status != http.StatusConflict || !strings.Contains(text, `"code":"conflict"`) {
		t.Errorf("verified already: %d %s", status, text)
	}
	a.change("TEA-1", func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) {
		c.PersonID = p.LeadID
		return p.ConfirmDistributed(c)
	})
	for _, same := range []string{good, `{"url": "agency.example/oolong"}`} {
		if status, text := post(lee, "TEA-1", same); status != http.StatusOK || !strings.Contains(text, `"stage":"distributed"`) {
			t.Errorf("%s once more, after it was closed: %d %s", same, status, text)
		}
	}
	published := 0
	for _, e := range a.exported("event") {
		if e["kind"] == string(workflow.PiecePublished) {
			published++
		}
	}
	if published != 1 {
		t.Errorf("it is published %d times", published)
	}
	a.wantQueued("ed@agency.example", "address_noted")
	if got := a.queued("kim@agency.example"); len(got) != 0 {
		t.Errorf("the staff gets %v before the address is verified", got)
	}
}

// serve answers where it is told to, ends with an error where it cannot, and stops.
func TestServeAnswers(t *testing.T) {
	a := newAgency(t)
	a.open()
	a.configure(webTable)
	a.try("check").want(t, exitOK, "ok   web: 127.0.0.1:0 is free")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var logs lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"serve", "--config", a.path("handoff.toml")}, &Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &logs})
	}()
	address := ""
	for begun := time.Now(); address == ""; {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("serve does not answer:\n%s", &logs)
		}
		if _, rest, ok := strings.Cut(logs.String(), "address="); ok {
			address, _, _ = strings.Cut(rest, "\n")
		}
		time.Sleep(10 * time.Millisecond)
	}
	resp, err := http.Get("http://" + address + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusNotFound || !strings.Contains(string(text), "Agency") {
		t.Errorf("%d %s %v", resp.StatusCode, text, err)
	}

	second := newAgency(t)
	second.open()
	second.configure("[web]\nlisten = \"" + address + "\"\n")
	second.try("serve").want(t, exitFailed, "web.listen: cannot answer requests at "+address, "another program")
	second.try("check").want(t, exitOK, "ok   web: "+address+" is in use")

	stop()
	select {
	case code := <-ended:
		if code != exitOK {
			t.Errorf("serve ended with %d:\n%s", code, &logs)
		}
	case <-time.After(30 * time.Second):
		t.Fatalf("serve did not stop:\n%s", &logs)
	}
}

func TestWebConfig(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	base, err := os.ReadFile(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]string{
		`listen = "8080"`:                                        `web.listen: "8080" is not host:port`,
		`listen = "a:b"`:                                         `web.listen: "a:b" is not host:port`,
		`listen = ":8080"`:                                       "",
		`listen = ":99999"`:                                      `web.listen: ":99999" is not host:port`,
		`url = "https://h.example"`:                              "web.url: nothing would answer there: set web.listen",
		"listen = \":80\"\nurl = \"h.example\"":                  `web.url: "h.example" is not where people reach Handoff`,
		"listen = \":80\"\nurl = \"ftp://h.example\"":            "is not where people reach Handoff",
		"listen = \":80\"\nurl = \"https://\"":                   "is not where people reach Handoff",
		"listen = \":80\"\nurl = \"http://h.example\"":           "is not https",
		"listen = \":80\"\nurl = \"https://h.example/desk\"":     "has more than a host in it",
		"listen = \":80\"\nurl = \"https://u:p@h.example\"":      "has more than a host in it",
		"listen = \":80\"\nurl = \"https://h.example/?a\"":       "has more than a host in it",
		"listen = \":80\"\nurl = \"https://h.example:8443/\"":    "",
		"listen = \":80\"\nurl = \"HTTPS://h.example:8443\"":     "",
		"listen = \":80\"\nurl = \"http://127.0.0.1:8080\"":      "",
		"listen = \":80\"\nurl = \"http://[::1]:8080\"":          "",
		"listen = \":80\"\nurl = \"http://localhost\"":           "",
		"listen = \":80\"\nurl = \"http://localhost.h.example\"": "is not https",
	} {
		cfg, err := parseConfig("handoff.toml", append(append([]byte{}, base...), "\n[web]\n"+table+"\n"...))
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", table, err)
			} else if one := cfg.Web.unsubscribe(); strings.HasPrefix(cfg.Web.URL, "https") && one != "https://h.example:8443/unsubscribe/{token}" || strings.HasPrefix(cfg.Web.URL, "http:") && one != "" {
				t.Errorf("%s: unsubscribes at %q", table, one)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", table, err, want)
		}
	}
}
