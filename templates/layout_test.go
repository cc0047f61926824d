package templates_test

import (
	"strings"
	"testing"

	"handoff/templates"
)

func TestLayoutErrors(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"no body":          {"<p>{{.Below}}</p>", "layout.html: {{.Body}} is missing"},
		"no foot":          {"<p>{{.Body}}</p>", "layout.html: {{.Below}} is missing"},
		"unknown variable": {"{{.Body}}\n{{.Belov}}", "layout.html:2:3: unknown variable .Belov (did you mean .Below?)"},
		"function":         {"{{.Body | printf \"%s\"}}{{.Below}}", "layout.html:1:"},
		"range":            {"{{range .Body}}{{end}}{{.Below}}", "a layout has only"},
		"unclosed":         {"{{.Body}}{{if .Team}}", "layout.html:1:10: {{if}} has no {{end}}"},
		"script":           {"{{.Body}}{{.Below}}<ScRipt>x</script>", "<script> has no place in a mail"},
		"image":            {"{{.Body}}{{.Below}}\n<img src=https://agency.example/pixel.gif>", "layout.html:2: <img> has no place in a mail"},
		"handler":          {"{{.Body}}{{.Below}}\n<p onclick=x>", "layout.html:2: onclick=… runs a script"},
		"link":             {`{{.Body}}{{.Below}}<a href="javascript:x">`, "only http, https and mailto"},
		"style":            {"<style>p { background: url(https://agency.example/x) }</style>{{.Body}}{{.Below}}", "its style fetches"},
		"import":           {"<style>@import 'x';</style>{{.Body}}{{.Below}}", "its style fetches"},
		"style of one":     {"{{.Body}}{{.Below}}\n<p style=\"background:URL( 'x')\">", "layout.html:2: a style fetches"},
		"stylesheet":       {`<link rel=stylesheet href="https://agency.example/x.css">{{.Body}}{{.Below}}`, "<link> has no place"},
		"background":       {`<table background="https://agency.example/x">{{.Body}}{{.Below}}`, "background=… fetches"},
		"asked body":       {"{{if .Body}}x{{end}}{{.Below}}", "{{.Body}} is missing"},
		"asked foot":       {"{{.Body}}{{if .Below}}x{{end}}", "{{.Below}} is missing"},
		"rare body":        {"{{if .Signature}}{{.Body}}{{end}}{{.Below}}", "{{.Body}} is missing"},
		"commented body":   {"<!-- {{.Body}} -->{{.Below}}", "{{.Body}} is missing"},
		"body as a title":  {"<title>{{.Body}}</title>{{.Below}}", "{{.Body}} is missing"},
		"body not shown":   {`<div style="color: red; Display : none">{{.Body}}</div>{{.Below}}`, "{{.Body}} is missing"},
		"foot not shown":   {`{{.Body}}<div hidden><div>x</div>{{.Below}}</div>`, "{{.Below}} is missing"},
		"foot not styled":  {`<style>.x, .y { color: red } p.x { display: none }</style>{{.Body}}<p class="y x">{{.Below}}</p>`, "{{.Below}} is missing"},
		"foot in a field":  {`{{.Body}}<textarea>{{.Below}}</textarea>`, "{{.Below}} is missing"},
		"foot of no size":  {`{{.Body}}<p style="font-size:0">{{.Below}}</p>`, "{{.Below}} is missing"},
		"open style":       {`<style>p { margin: 0 }{{.Body}}{{.Below}}`, "<style> has no end"},
		"body in a tag":    {`<p title="{{.Body}}">{{.Below}}`, "{{.Body}} is missing"},
		"bare attribute":   {"{{.Body}}{{.Below}}<p title={{.Subject}}>", "onload=… runs a script"},
		"subject in style": {"<style>p:before { content: {{.Subject}} }</style>{{.Body}}{{.Below}}", "its style fetches"},
		"subject as link":  {`<a href="{{.Subject}}">{{.Body}}{{.Below}}</a>`, "only http, https and mailto"},
		"escaped style":    {`<style>p { background: \75 r\6c(https://agency.example/x) }</style>{{.Body}}{{.Below}}`, "its style fetches"},
		"escaped import":   {`<style>\@im\port 'x';</style>{{.Body}}{{.Below}}`, "its style fetches"},
		"image in Outlook": {"<!--[if mso]><img src=https://agency.example/pixel.gif><![endif]-->{{.Body}}{{.Below}}", "<img> has no place in a mail"},
		"ping":             {`<a href="https://agency.example" ping="https://agency.example/x">{{.Body}}{{.Below}}</a>`, "ping=… fetches"},
		"refresh":          {`<meta http-equiv=refresh content="0;url=x">{{.Body}}{{.Below}}`, "<meta http-equiv>"},
	} {
		t.Run(name, func(t *testing.T) {
			p := templates.Check(templates.Own{Name: "layout", Locale: "en", Text: c.page})
			if p == nil || !strings.Contains(p.Error(), c.want) {
				t.Errorf("%v, want %s", p, c.want)
			}
		})
	}
}

// The layout is one for all languages: another would take its place in all of them.
func TestLayoutIsOne(t *testing.T) {
	l := &templates.Library{Kept: &shelf{}}
	for _, own := range []templates.Own{{Locale: "de"}, {Locale: "en", Variant: "short"}} {
		own.Name, own.Text = "layout", "{{.Body}}{{.Below}}"
		if _, err := l.Save(t.Context(), templates.Version{Own: own}); err == nil || !strings.Contains(err.Error(), "one for all languages") {
			t.Errorf("%s is saved: %v", own.File(), err)
		}
		if _, err := templates.Default(own); err == nil {
			t.Errorf("%s has a built-in text", own.File())
		}
	}
	if p := templates.Check(templates.Own{Name: "layout", Locale: "en", Text: `<style>@media (max-width: 9px) { .z { display: none } } .y { display: block } q { quotes: "\201C" }</style><!-- ours --><div hidden>preview<br></div><p class="z y" title="{{.Team}}" style="font-size:0.9em">{{.Body}}{{.Below}}`}); p != nil {
		t.Error(p)
	}
}

func TestOwnLayout(t *testing.T) {
	s, problems, err := templates.Load(templates.Config{
		Look: templates.Look{Colour: "#f5d020", Signature: "Example Agency <b>GmbH</b>\nSee https://agency.example/?a=1&b=2. +49 30 123"},
		Own:  []templates.Own{{Name: "layout", Locale: "en", Text: "<html lang={{.Language}}>{{.Body}}<p>{{.Signature}}|{{.Below}}|{{.Team}}|{{.Colour}}|{{.ColourDark}}"}},
	})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	r, err := s.Render(templates.Sample("redirect"), reader(t))
	if err != nil {
		t.Fatal(err)
	}
	// A yellow that nobody reads on white is made darker there, and stays on a dark page.
	for _, want := range []string{"<html lang=en>", "Example Agency &lt;b&gt;GmbH&lt;/b&gt;<br>See <a href=\"https://agency.example/?a=1&amp;b=2\">https://agency.example/?a=1&amp;b=2</a>. +49 30 123|You get this mail", "|Example Agency|#877212|#f5d020"} {
		if !strings.Contains(r.HTML, want) {
			t.Errorf("no %q in %s", want, r.HTML)
		}
	}
	if !strings.Contains(r.Text, "\n-- \nExample Agency\nExample Agency <b>GmbH</b>\nSee https://agency.example/?a=1&b=2. +49 30 123\n\nYou get this") {
		t.Errorf("text %s", r.Text)
	}
	for colour, ok := range map[string]bool{"": true, "#1a56c4": true, "1a56c4": false, "#12": false, "red": false, "#1a56cg": false} {
		if err := templates.CheckColour(colour); (err == nil) != ok {
			t.Errorf("colour %q: %v", colour, err)
		}
	}
}

func TestVarsTellEverything(t *testing.T) {
	for _, name := range templates.Names() {
		for _, v := range templates.Vars(name) {
			if v.Meaning == "" || v.Type == "" {
				t.Errorf("%s: %s has no meaning or type", name, v.Path)
			}
		}
	}
	if templates.Vars("no such") != nil {
		t.Error("variables of nothing")
	}
}

// A mail of a kind that recurs leads to the page that stops it, where there is one; other mails do not.
func TestStopPage(t *testing.T) {
	set := load(t)
	const page = "https://handoff.agency.example/unsubscribe/a_b*c?x=1&y=2"
	for _, locale := range templates.Locales() {
		to := reader(t)
		to.Locale = locale
		for name, c := range map[string]struct {
			template, stop string
			shown          bool
		}{
			"recurs": {"due_soon", page, true}, "once": {"step_opened", page, false}, "no page": {"due_soon", "", false},
			"no web page": {"due_soon", "javascript:alert(1)", false}, "not safe": {"due_soon", "http://handoff.agency.example/", false},
		} {
			to.Stop = c.stop
			r, err := set.Render(templates.Sample(c.template), to)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.HasSuffix(r.Text, ": "+page+"\n")
			link := strings.Contains(r.HTML, `<br><a href="`+strings.ReplaceAll(page, "&", "&amp;")+`">`)
			if text != c.shown || link != c.shown {
				t.Errorf("%s, %s: in the text %v, in HTML %v\n%s", locale, name, text, link, r.Text)
			}
		}
	}
}
