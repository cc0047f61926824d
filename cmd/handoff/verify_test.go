package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"handoff/internal/clock"
	"handoff/internal/webcheck"
	"handoff/store"
	"handoff/workflow"
)

// site is a web site, with what is on its pages.
type site struct {
	mu    sync.Mutex
	pages map[string]string
	asked []string
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.Path)
	text, there := s.pages[r.URL.Path]
	if !there {
		http.NotFound(w, r)
		return
	}
	fmt.Fprintf(w, "<html><body>%s</body></html>", text)
}

func (s *site) put(path, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[path] = text
}

// requests are the pages asked for since the last call.
func (s *site) requests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := strings.Join(s.asked, " ")
	s.asked = nil
	return asked
}

// publicAddress is where every name leads, as far as the checker can tell.
type publicAddress struct{}

func (publicAddress) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("93.184.216.34")}, nil
}

// openSite serves a site and gives the checker that finds it under any name.
func openSite(t *testing.T) (*site, *webcheck.Checker) {
	s := &site{pages: map[string]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, &webcheck.Checker{Resolver: publicAddress{}, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}}
}

// From ready to the end: checklist, address, verification, distribution.
func TestFinishCommands(t *testing.T) {
	a := newAgency(t)
	a.run(a.initArgs()...)
	a.configure("[distribution]\nchecklist = [\"Header image\"]\nphrase_check = true\n[[distribution.channel]]\nname = \"Fediverse\"\ntracking = \"utm_source=fedi\"\n")
	a.run("import", a.write("people.csv", peopleCSV))
	pages, checker := openSite(t)
	a.pages = checker
	a.run("person", "add", "lee@agency.example", "--name", "Lee Tan", "--class", "internal", "--role", "distribution_lead")
	a.run("person", "add", "kim@writers.example", "--name", "Kim Roe", "--class", "outside", "--role", "author")
	a.run("piece", "add", "TEA-1", "--title", "Ten teas", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--lead", "lee@agency.example",
		"--stage", "ready", "--brief", "For the café's blog.")
	a.run("piece", "add", "OLD-1", "--title", "Old", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--stage", "published", "--no-notify")
	if out := a.run("piece", "show", "OLD-1"); strings.Contains(out, "Header image") {
		t.Errorf("a piece past ready has tasks:\n%s", out)
	}

	a.try("piece", "show", "TEA-1").want(t, exitOK, "[ ] Header image", "For the café's blog.")
	a.try("piece", "publish", "TEA-1", "http://tea.example/ten").want(t, exitFailed, "it is published after ready")
	a.try("piece", "verify", "TEA-1").want(t, exitFailed, "is not published yet")
	a.try("piece", "task", "TEA-1", "swap", "Share buttons").want(t, exitUsage, "add")
	a.try("piece", "task", "TEA-1", "add", "Share  buttons").want(t, exitOK, "another task: Share buttons")
	a.try("piece", "task", "TEA-1", "add", "share buttons").want(t, exitOK, "has the task “Share buttons” already")
	a.try("piece", "tick", "TEA-1", "Header").want(t, exitFailed, `no task "Header", its tasks are: Header image, Share buttons`)
	a.try("piece", "tick", "TEA-1", "header image", "--as", "kim@writers.example").want(t, exitFailed, "not for Kim Roe to do")
	a.try("piece", "tick", "TEA-1", "header image", "--as", "lee@agency.example").want(t, exitOK, "done: Header image")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "[x] Header image, Lee Tan on", "[ ] Share buttons")
	a.try("piece", "task", "TEA-1", "remove", "Share buttons").want(t, exitOK, "no task any more", "published is open")
	a.wantQueued("lee@agency.example", "ready_to_distribute")

	for _, bad := range []string{"tea", "ftp://tea.example/ten", "http://localhost/ten", "http://10.0.0.1/ten"} {
		a.try("piece", "publish", "TEA-1", bad).want(t, exitUsage)
	}
	a.try("piece", "publish", "TEA-1", "<http://tea.example/ten>.", "--as", "lee@agency.example").want(t, exitOK, "published at http://tea.example/ten")
	a.wantQueued("ed@agency.example", "address_noted")
	a.try("piece", "list").want(t, exitOK, "distributed, not verified")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "not verified, not looked at yet")
	a.try("piece", "verify", "TEA-1").want(t, exitFailed, "TEA-1 is not verified: http://tea.example/ten: the page answers 404")
	a.try("piece", "list").want(t, exitOK, "distributed, check failed")
	pages.put("/ten", "Nine teas")
	a.try("piece", "verify", "TEA-1").want(t, exitFailed, "does not show the title “Ten teas”")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "does not show the title")
	pages.put("/ten", "<h1>TEN teas</h1>")
	a.try("piece", "verify", "TEA-1", "--as", "kim@writers.example").want(t, exitFailed, "not for Kim Roe to do")
	if got := a.queued("ana@writers.example"); slices.Contains(got, "published") {
		t.Errorf("%q wait for ana, before the page is found", got)
	}
	a.try("piece", "verify", "TEA-1").want(t, exitOK, "http://tea.example/ten is verified")
	a.wantQueued("ana@writers.example", "published")
	for _, n := range a.exported("notice") {
		if data := fmt.Sprint(n["data"]); n["template"] == "published" && (!strings.Contains(data, "utm_source=fedi") || strings.Contains(data, "linkedin")) {
			t.Errorf("the share kit is %s", data)
		}
	}
	a.try("piece", "verify", "TEA-1").want(t, exitOK, "TEA-1 is verified already, since")
	a.try("piece", "publish", "TEA-1", "http://tea.example/other").want(t, exitFailed, "is verified at http://tea.example/ten already")
	a.try("piece", "list").want(t, exitOK, "distributed, not confirmed")
	a.try("piece", "distributed", "TEA-1").want(t, exitOK, "the distribution is confirmed", "distributed is done")
	a.wantQueued("ana@writers.example", "thank_you")
	a.try("piece", "list", "--all").want(t, exitOK, "finished")
	a.try("piece", "task", "TEA-1", "add", "More").want(t, exitFailed, "every step of TEA-1 is done")

	// A person's word counts as well, and closes it with the lead's.
	a.run("piece", "publish", "OLD-1", "http://tea.example/gone")
	a.try("piece", "distributed", "OLD-1", "--as", "ed@agency.example").want(t, exitOK, "the distribution is confirmed")
	a.try("piece", "verify", "OLD-1", "--seen", "--as", "ed@agency.example").want(t, exitOK, "Ed Moss: http://tea.example/gone is verified", "distributed is done")
}

// What is published by command is verified by the gateway, which closes the piece and mails everybody.
func TestVerificationJourney(t *testing.T) {
	a := newAgency(t)
	a.open()
	pages, checker := openSite(t)
	a.pages = checker
	a.run("piece", "add", "TEA-1", "--title", "Ten teas", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--lead", "ed@agency.example",
		"--stage", "published", "--no-notify")
	a.run("piece", "publish", "TEA-1", "tea.example/ten", "--no-notify")
	a.run("piece", "publish", "TEA-1", "http://tea.example/ten", "--no-notify")
	a.run("piece", "distributed", "TEA-1", "--no-notify")
	a.run("poll", "--once")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "the page answers 404")
	pages.put("/ten", "here")
	pages.requests()
	a.run("poll", "--once")
	if asked := pages.requests(); asked != "" {
		t.Errorf("within the hour it was asked for again: %s", asked)
	}
	a.run("piece", "publish", "TEA-1", "http://tea.example/ten?v=2", "--no-notify") // a better address is looked at at once
	a.run("poll", "--once")
	a.try("piece", "show", "TEA-1").want(t, exitOK, "verified on")
	a.try("piece", "list", "--all").want(t, exitOK, "finished")
	if got := a.inboxOf("ana"); len(got) != 2 || got[0] != "TEA-1: Ten teas is out" {
		t.Errorf("ana got %q, not the share kit and the thanks", got)
	}
}

// fetches is a fake web: an outcome for each address.
type fetches struct {
	problem map[string]error
	before  func(url string) // called in the middle of a fetch
	asked   []string
}

func (f *fetches) Check(_ context.Context, url string, _ []string) (webcheck.Result, error) {
	f.asked = append(f.asked, url)
	if f.before != nil {
		f.before(url)
	}
	return webcheck.Result{}, f.problem[url]
}

func (f *fetches) requests() []string {
	asked := f.asked
	f.asked = nil
	return asked
}

func TestVerifier(t *testing.T) {
	a := newAgency(t)
	a.open()
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	fake := clock.NewFake(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC))
	d, err := cfg.open(ctx, fake)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	composer, err := d.composer(ctx)
	if err != nil {
		t.Fatal(err)
	}
	woken := 0
	web := &fetches{problem: map[string]error{}}
	v := d.verifier(&Env{Pages: web}, composer, func() { woken++ })

	change := func(code string, rule func(workflow.Piece, workflow.Cause) (workflow.Change, error)) {
		t.Helper()
		err := d.Admin(ctx, func(tx store.AdminTx) error {
			p, err := findPiece(ctx, tx, code)
			if err != nil {
				return err
			}
			ch, err := rule(p, workflow.Cause{At: fake.Now(), ActorID: p.EditorID})
			if err != nil {
				return err
			}
			return tx.SavePiece(ctx, ch)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	publish := func(code, url string) {
		t.Helper()
		change(code, func(p workflow.Piece, c workflow.Cause) (workflow.Change, error) { return p.Publish(c, url) })
	}
	piece := func(code string) workflow.Piece {
		t.Helper()
		p, err := findPiece(ctx, d, code)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	poll := func(want ...string) {
		t.Helper()
		n, err := v.Poll(ctx)
		if err != nil {
			t.Error(err)
		}
		if asked := web.requests(); n != len(want) || cmp.Diff(want, asked) != "" {
			t.Errorf("%d looked at, %q asked for, want %q", n, asked, want)
		}
	}
	for _, code := range []string{"ONE-1", "TWO-1", "SIX-1"} {
		a.run("piece", "add", code, "--title", "T", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--lead", "ed@agency.example", "--stage", "published", "--no-notify")
		publish(code, "http://"+code)
		fake.Advance(time.Second)
	}
	web.problem["http://ONE-1"] = &webcheck.Problem{Text: "it is not there"}
	web.problem["http://TWO-1"] = errors.New("the fetcher broke")

	// One that cannot even be looked at does not stop the rest, and is looked at again by the next pass.
	if _, err := v.Poll(ctx); err == nil || !strings.Contains(err.Error(), "verify TWO-1: the fetcher broke") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"http://ONE-1", "http://TWO-1", "http://SIX-1"}, web.requests()); diff != "" {
		t.Error(diff)
	}
	if p := piece("ONE-1"); p.CheckProblem != "it is not there" || !p.CheckedAt.Equal(fake.Now()) || !p.VerifiedAt.IsZero() {
		t.Errorf("%+v", p.PieceDetails)
	}
	if p := piece("SIX-1"); p.VerifiedAt.IsZero() || woken != 1 {
		t.Errorf("woken %d, %+v", woken, p.PieceDetails)
	}
	delete(web.problem, "http://TWO-1")
	poll("http://TWO-1")
	woken = 0

	// Every hour, with one line of history for the same problem.
	fake.Advance(time.Hour)
	poll()
	fake.Advance(time.Millisecond)
	poll("http://ONE-1")
	failed := 0
	events, err := d.Events(ctx, piece("ONE-1").ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == workflow.CheckFailed {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d lines of history", failed)
	}

	// What is published anew meanwhile is not judged by the old address.
	fake.Advance(2 * time.Hour)
	web.before = func(url string) {
		if url == "http://ONE-1" {
			publish("ONE-1", "http://ONE-1/better")
		}
	}
	poll("http://ONE-1")
	if p := piece("ONE-1"); p.URL != "http://ONE-1/better" || p.CheckProblem != "" || !p.CheckedAt.IsZero() {
		t.Errorf("%+v", p.PieceDetails)
	}
	// The last thing that was missing closes the piece, and people are told.
	web.before = nil
	change("ONE-1", workflow.Piece.ConfirmDistributed)
	poll("http://ONE-1/better")
	if p := piece("ONE-1"); !p.Finished() || woken != 1 {
		t.Errorf("woken %d, %+v", woken, p)
	}
	a.wantQueued("ana@writers.example", "thank_you")
	poll()

	// A caller who gives up is no problem of the page.
	publish2 := func() {
		a.run("piece", "add", "TEN-1", "--title", "T", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--stage", "published", "--no-notify")
		publish("TEN-1", "http://TEN-1")
	}
	publish2()
	gone, cancel := context.WithCancel(ctx)
	web.before = func(string) { cancel() }
	web.problem["http://TEN-1"] = context.Canceled
	if _, err := v.Poll(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if p := piece("TEN-1"); !p.CheckedAt.IsZero() {
		t.Errorf("%+v", p.PieceDetails)
	}
}

func TestVerifierLoopEnds(t *testing.T) {
	a := newAgency(t)
	a.open()
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := cfg.open(t.Context(), clock.System{})
	if err != nil {
		t.Fatal(err)
	}
	composer, err := d.composer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := d.Close(); err != nil { // every pass fails
		t.Fatal(err)
	}
	err = d.verifier(&Env{Pages: &fetches{}}, composer, nil).loop(ctx, func(err error) {
		if !strings.Contains(err.Error(), "find what is to be verified") {
			t.Errorf("got %v", err)
		}
		cancel()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// An address that is named is looked at at once, and not with the next minute.
func TestVerifierIsWoken(t *testing.T) {
	a := newAgency(t)
	a.open()
	cfg, err := LoadConfig(a.path("handoff.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := cfg.open(t.Context(), clock.NewFake(time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	composer, err := d.composer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 1)
	v := d.verifier(&Env{Pages: &fetches{before: func(url string) { asked <- url }}}, composer, nil)
	a.run("piece", "add", "TEA-1", "--title", "Tea", "--author", "ana@writers.example", "--editor", "ed@agency.example", "--stage", "published", "--no-notify")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- v.loop(ctx, func(err error) { t.Error(err) }) }()
	for d.clock.(*clock.Fake).Waiting() == 0 { // the first pass found nothing
		time.Sleep(time.Millisecond)
	}
	a.run("piece", "publish", "TEA-1", "http://tea.example/1", "--no-notify")
	v.Wake()
	if url := <-asked; url != "http://tea.example/1" {
		t.Errorf("%s is looked at", url)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
