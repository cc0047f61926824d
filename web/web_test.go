package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/outbox"
	"handoff/templates"
	"handoff/web"
	"handoff/workflow"
)

// team knows one editor with one token, and records what is done.
type team struct {
	editor      workflow.Person
	sum         []byte
	fail        error // of everything
	unpublished error // of Publish
	done        []string
	report      workflow.Report
}

func (f *team) Person(_ context.Context, id int64) (workflow.Person, error) {
	if f.fail == nil && id != f.editor.ID {
		return workflow.Person{}, workflow.Errorf(workflow.NotFound, "there is no person %d", id)
	}
	return f.editor, f.fail
}

func (f *team) TokenBySum(_ context.Context, sum []byte) (workflow.Token, error) {
	if f.fail == nil && !bytes.Equal(sum, f.sum) {
		return workflow.Token{}, workflow.Errorf(workflow.NotFound, "there is no such token")
	}
	return workflow.Token{ID: 1, Name: "cms", PersonID: f.editor.ID}, f.fail
}

func (f *team) Mute(_ context.Context, id int64, notice string, mute bool) error {
	if f.fail != nil {
		return f.fail
	}
	if id != f.editor.ID {
		return workflow.Errorf(workflow.NotFound, "there is no person %d", id)
	}
	p, _, err := f.editor.Mute(notice, mute, workflow.Cause{})
	if err == nil {
		f.editor, f.done = p, append(f.done, notice+" "+strconv.FormatBool(mute))
	}
	return err
}

func (f *team) Report(context.Context, time.Time, time.Time) (workflow.Report, error) {
	return f.report, f.fail
}

func (f *team) Publish(_ context.Context, _ int64, code, url string) (workflow.Piece, error) {
	if code == "PANIC-1" {
		panic("out of paper")
	}
	f.done = append(f.done, code+" "+url)
	return workflow.Piece{Code: code}, f.unpublished
}

// tried is a site in front of a team.
type tried struct {
	*testing.T
	*team
	id     *outbox.Identity
	clock  *clock.Fake
	logs   bytes.Buffer
	site   http.Handler
	secret string
}

func newSite(t *testing.T) *tried {
	t.Helper()
	s := &tried{T: t, team: &team{}, clock: clock.NewFake(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	s.editor = workflow.Person{ID: 7, Name: "Ed", Class: workflow.Internal, Roles: []workflow.Role{workflow.Editor}}
	s.report = workflow.NewReport(workflow.ReportOptions{Now: s.clock.Now(), Zone: time.UTC}).Report()
	s.secret, s.sum = web.NewToken()
	s.id = identity(t, 1)
	var err error
	s.site, err = web.New(web.Config{Team: "Bean & <Leaf>", Links: s.id, Directory: s.team, Desk: s.team, Clock: s.clock, Log: slog.New(slog.NewTextHandler(&s.logs, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func identity(t testing.TB, seed byte) *outbox.Identity {
	t.Helper()
	id, err := outbox.NewIdentity([]outbox.Key{{ID: int(seed), Secret: bytes.Repeat([]byte{seed}, 32)}}, "drafts+{token}@agency.example", "agency.example")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (s *tried) serve(r *http.Request) (*http.Response, string) {
	s.Helper()
	rec := httptest.NewRecorder()
	s.site.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		s.Fatal(err)
	}
	return rec.Result(), string(body)
}

func (s *tried) ask(method, path string, body string, header ...string) (*http.Response, string) {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.serve(r)
}

// want fails unless the answer has that status and says every part.
func (s *tried) want(what string, resp *http.Response, text string, status int, parts ...string) {
	s.Helper()
	if resp.StatusCode != status {
		s.Errorf("%s: status %d, want %d\n%s", what, resp.StatusCode, status, text)
	}
	for _, p := range parts {
		if !strings.Contains(text, p) {
			s.Errorf("%s does not say %q:\n%s", what, p, text)
		}
	}
}

const form = "application/x-www-form-urlencoded"

// Mail programs send either encoding (RFC 8058, section 3.2), and once more.
func TestUnsubscribe(t *testing.T) {
	s := newSite(t)
	path := "/unsubscribe/" + s.id.MuteToken(7, "due_soon")
	resp, text := s.ask(http.MethodGet, path, "")
	s.want("the page", resp, text, http.StatusOK, "Bean &amp; &lt;Leaf&gt;", "Stop these mails?", "of the kind “due soon”.", `name="List-Unsubscribe" value="One-Click"`)
	if s.done != nil {
		t.Fatalf("looking did %v", s.done)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := errors.Join(w.WriteField("List-Unsubscribe", "One-Click"), w.Close()); err != nil {
		t.Fatal(err)
	}
	resp, text = s.ask(http.MethodPost, path, body.String(), "Content-Type", w.FormDataContentType())
	s.want("multipart", resp, text, http.StatusOK, "These mails are stopped")
	resp, text = s.ask(http.MethodPost, path, "List-Unsubscribe=One-Click", "Content-Type", form)
	s.want("once more", resp, text, http.StatusOK, "These mails are stopped")
	resp, text = s.ask(http.MethodGet, path, "")
	s.want("the page then", resp, text, http.StatusOK, "These mails are stopped", `name="undo" value="1"`)
	for range 2 {
		resp, text = s.ask(http.MethodPost, path, "undo=1", "Content-Type", form)
		s.want("undo", resp, text, http.StatusOK, "You get these mails again")
	}
	if diff := cmp.Diff([]string{"due_soon true", "due_soon false"}, s.done); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Pages are in the language of who reads them: their own, else their browser's, else the team's.
func TestPagesSpeak(t *testing.T) {
	s := newSite(t)
	known, unknown := "/unsubscribe/"+s.id.MuteToken(7, "due_soon"), "/unsubscribe/nonsense"
	said := map[string]map[string]string{"stop": {}, "back": {}, "stopped": {}, "again": {}, "bad": {}, "none": {}, "fault": {}}
	for _, locale := range templates.Locales() {
		s.editor.Locale, s.editor.Muted, s.fail = locale, nil, nil
		page := func(what, method, path, body string, status int) {
			t.Helper()
			resp, text := s.ask(method, path, body, "Content-Type", form, "Accept-Language", "nl, "+locale+";q=0.8, en;q=0.1")
			s.want(locale+" "+what, resp, text, status, `<html lang="`+locale+`">`)
			_, text, _ = strings.Cut(text, "<main>")
			for other, same := range said[what] {
				if same == text || strings.Contains(text, "%!") {
					t.Errorf("%s: %s and %s say\n%s", what, locale, other, text)
				}
			}
			said[what][locale] = text
		}
		page("stop", http.MethodGet, known, "", http.StatusOK)
		page("stopped", http.MethodPost, known, "List-Unsubscribe=One-Click", http.StatusOK)
		page("again", http.MethodGet, known, "", http.StatusOK)
		page("back", http.MethodPost, known, "undo=1", http.StatusOK)
		page("bad", http.MethodGet, unknown, "", http.StatusNotFound)
		page("none", http.MethodGet, "/", "", http.StatusNotFound)
		s.fail = errors.New("the disk is full")
		page("fault", http.MethodGet, known, "", http.StatusInternalServerError)
	}
	if !strings.Contains(said["stop"]["de"], "„bald fällig“") {
		t.Error(said["stop"]["de"])
	}
	s.fail, s.editor.Locale = nil, "pt-PT" // the person's comes before the browser's
	resp, text := s.ask(http.MethodGet, known, "", "Accept-Language", "de")
	s.want("the person's", resp, text, http.StatusOK, `<html lang="pt">`)
}

func TestUnsubscribeRefuses(t *testing.T) {
	s := newSite(t)
	good := s.id.MuteToken(7, "due_soon")
	for what, token := range map[string]string{
		"cut": good[:len(good)-1], "longer": good + "a", "upper": strings.ToUpper(good), "nonsense": "x", "escaped": "%00%ff",
		"another's key": identity(t, 2).MuteToken(7, "due_soon"), "for a handoff": s.id.MuteToken(7, "step_opened"), "of no notice": s.id.MuteToken(7, "gone"),
		"for an address": strings.TrimSuffix(strings.TrimPrefix(s.id.ReplyAddress(outbox.Ref{PersonID: 7}), "drafts+"), "@agency.example"),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			resp, text := s.ask(method, "/unsubscribe/"+token, "List-Unsubscribe=One-Click", "Content-Type", form)
			s.want(method+" "+what, resp, text, http.StatusNotFound, "This link does not work", "the one word STOP")
		}
	}
	for what, body := range map[string]string{"nothing": "", "another field": "a=b", "another value": "List-Unsubscribe=Two-Click", "no form": "%zz"} {
		resp, text := s.ask(http.MethodPost, "/unsubscribe/"+good, body, "Content-Type", form)
		s.want(what, resp, text, http.StatusBadRequest, "Press the button")
	}
	resp, text := s.ask(http.MethodPost, "/unsubscribe/"+good, "a="+strings.Repeat("b", 70<<10), "Content-Type", form)
	s.want("too large", resp, text, http.StatusRequestEntityTooLarge, "Press the button")
	// In the query it is a link that scanners open.
	resp, text = s.ask(http.MethodPost, "/unsubscribe/"+good+"?List-Unsubscribe=One-Click", "", "Content-Type", form)
	s.want("the query", resp, text, http.StatusBadRequest)
	if s.done != nil {
		t.Errorf("it did %v", s.done)
	}

	gone := "/unsubscribe/" + s.id.MuteToken(8, "due_soon")
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		resp, text = s.ask(method, gone, "List-Unsubscribe=One-Click", "Content-Type", form)
		s.want("gone", resp, text, http.StatusOK, "These mails are stopped")
		if strings.Contains(text, "<button") {
			t.Errorf("nobody is left to press it:\n%s", text)
		}
	}
	s.fail = errors.New("the disk is full at /srv/handoff")
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		resp, text = s.ask(method, "/unsubscribe/"+good, "List-Unsubscribe=One-Click", "Content-Type", form)
		s.want("our fault", resp, text, http.StatusInternalServerError, "Something went wrong on our side")
		if strings.Contains(text, "disk") {
			t.Errorf("it tells our inside:\n%s", text)
		}
	}
	if n := strings.Count(s.logs.String(), "/srv/handoff"); n != 2 {
		t.Errorf("logged %d times:\n%s", n, &s.logs)
	}
	if strings.Contains(s.logs.String(), good) {
		t.Errorf("the log has the token:\n%s", &s.logs)
	}
}

// Every answer keeps the browser to what it brings, and the style of a page is let in by its hash.
func TestHeaders(t *testing.T) {
	s := newSite(t)
	auth := "Bearer " + s.secret
	for _, path := range []string{"/", "/favicon.ico", "/unsubscribe/x", "/unsubscribe/" + s.id.MuteToken(7, "due_soon"), "/api/", "/api/report", "/api/report.svg"} {
		resp, text := s.ask(http.MethodGet, path, "", "Authorization", auth)
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s %q", path, name, got)
			}
		}
		policy := resp.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "script") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(text); style != nil && !strings.Contains(path, ".svg") {
			sum := sha256.Sum256([]byte(style[1]))
			if !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
				t.Errorf("%s: the policy %q does not let its style in", path, policy)
			}
		}
		if strings.HasPrefix(path, "/api/") == strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s is %s", path, resp.Header.Get("Content-Type"))
		}
	}
}

func TestAPIRefuses(t *testing.T) {
	s := newSite(t)
	auth := "Bearer " + s.secret
	for _, c := range []struct {
		method, path string
		status       int
		want         string
	}{
		{http.MethodGet, "/api/none", http.StatusNotFound, `"code":"not_found"`},
		{http.MethodPost, "/api/report", http.StatusMethodNotAllowed, "takes GET, not POST"},
		{http.MethodGet, "/api/pieces/A-1/published", http.StatusMethodNotAllowed, `{"code":"method_not_allowed","message":"this address takes POST, not GET"}`},
	} {
		resp, text := s.ask(c.method, c.path, "", "Authorization", auth)
		s.want(c.path, resp, text, c.status, c.want)
		if allow := resp.Header.Get("Allow"); (c.status == http.StatusMethodNotAllowed) != (allow != "") {
			t.Errorf("%s: Allow %q", c.path, allow)
		}
	}
	for code, status := range map[workflow.Code]int{workflow.Invalid: 400, workflow.Forbidden: 403, workflow.NotFound: 404, workflow.Conflict: 409, workflow.Failed: 500} {
		s.unpublished = workflow.Errorf(code, "because")
		resp, text := s.ask(http.MethodPost, "/api/pieces/A-1/published", `{"url":"https://x.example"}`, "Authorization", auth)
		s.want(string(code), resp, text, status, `"code":"`+string(code)+`"`)
		if strings.Contains(text, "because") != (status != 500) {
			t.Errorf("%s says %s", code, text)
		}
	}
	if !strings.Contains(s.logs.String(), "because") {
		t.Errorf("our fault is not logged:\n%s", &s.logs)
	}
	if strings.Contains(s.logs.String(), s.secret) {
		t.Errorf("the log has the secret:\n%s", &s.logs)
	}
}

// One request that panics is answered, told, and stops no other.
func TestPanic(t *testing.T) {
	s := newSite(t)
	auth := "Bearer " + s.secret
	resp, text := s.ask(http.MethodPost, "/api/pieces/PANIC-1/published", `{"url":"https://x.example"}`, "Authorization", auth)
	s.want("a panic", resp, text, http.StatusInternalServerError, "Something went wrong")
	if !strings.Contains(s.logs.String(), `panic="out of paper"`) || !strings.Contains(s.logs.String(), "status=500") {
		t.Errorf("it is not told:\n%s", &s.logs)
	}
	resp, text = s.ask(http.MethodGet, "/api/report", "", "Authorization", auth)
	s.want("the next", resp, text, http.StatusOK)
}

// A token that comes too often waits, and is told how long.
func TestRateLimit(t *testing.T) {
	s := newSite(t)
	auth := "Bearer " + s.secret
	get := func() *http.Response {
		t.Helper()
		resp, _ := s.ask(http.MethodGet, "/api/report", "", "Authorization", auth)
		return resp
	}
	for i := range 60 {
		if resp := get(); resp.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %d", i+1, resp.StatusCode)
		}
	}
	for range 3 {
		if resp := get(); resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "1" {
			t.Fatalf("then %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
		}
	}
	s.clock.Advance(time.Second)
	if a, b := get(), get(); a.StatusCode != http.StatusOK || b.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a second later %d, %d", a.StatusCode, b.StatusCode)
	}
	s.clock.Advance(time.Hour)
	for i := range 60 {
		if resp := get(); resp.StatusCode != http.StatusOK {
			t.Fatalf("after an hour, request %d: %d", i+1, resp.StatusCode)
		}
	}
	if resp := get(); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("an hour saves up more than the burst: %d", resp.StatusCode)
	}
}

// Whatever stands in the header, only the token itself lets in, and nothing panics.
func FuzzAuthorization(f *testing.F) {
	secret, sum := web.NewToken()
	s := &team{editor: workflow.Person{ID: 7, Class: workflow.Internal, Roles: []workflow.Role{workflow.Admin}}, sum: sum}
	s.report = workflow.NewReport(workflow.ReportOptions{Zone: time.UTC}).Report()
	for _, seed := range []string{"Bearer " + secret, "bearer  " + secret + " ", "Basic " + secret, secret, "Bearer", "Bearer " + secret[:20], "Bearer " + secret + ", " + secret, "Bearer\t" + secret} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		// Each with a site of its own: how often it is asked does not matter here.
		site, err := web.New(web.Config{Links: identity(t, 1), Directory: s, Desk: s, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/api/report", nil)
		r.Header["Authorization"] = []string{header}
		rec := httptest.NewRecorder()
		site.ServeHTTP(rec, r)
		scheme, rest, _ := strings.Cut(header, " ")
		in := strings.EqualFold(scheme, "bearer") && strings.Trim(rest, " ") == secret
		if (rec.Code == http.StatusOK) != in || !in && rec.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", header, rec.Code)
		}
	})
}
