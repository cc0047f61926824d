package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"handoff/internal/webcheck"
	"handoff/proxy"
)

// demoFlow is a piece on its way by mail alone, from the proposal to the share kit.
func demoFlow() []scene {
	return []scene{
		{"A proposal by mail", lena, proposal,
			outcome{action: proxy.Act, piece: "PITCH-1", reply: "pitch_received", told: []string{"pitch_new to Nora"}}},
		{"The editor approves with one tap", nora, oneTap("pitch_new", "PITCH-1", "ACCEPT"),
			outcome{action: proxy.File, piece: "PITCH-1", reply: "noted", later: []string{"cleared to Lena"}}},
		{"Accepted in a calendar", lena, calendarAccept,
			outcome{action: proxy.File, piece: "PITCH-1", told: []string{"step_accepted to Nora"}}},
		{"A question for more time, in words", lena, moreTime,
			outcome{action: proxy.File, piece: "PITCH-1", reply: "noted", told: []string{"extension_asked to Nora"}}},
		{"The editor grants it with one tap", nora, oneTap("extension_asked", "PITCH-1", "ACCEPT"),
			outcome{action: proxy.File, piece: "PITCH-1", reply: "noted", told: []string{"extension_granted to Lena"}}},
		{"Where do my pieces stand?", sofia, standing,
			outcome{action: proxy.Act, reply: "status"}},
		{"The address of a publication", amara, publishedAt,
			outcome{action: proxy.File, piece: "MOSS-6", reply: "noted", told: []string{"address_noted to Nora"}}},
		{"The page is found, and the lead has shared it", amara, sharedIt,
			outcome{action: proxy.File, piece: "MOSS-6", reply: "noted", told: []string{"thank_you to Amara", "thank_you to Jonas", "thank_you to Lena",
				"thank_you to Nora", "thank_you to Priya", "verified to Nora"}}},
	}
}

func proposal(_ context.Context, p *plot) (posting, error) {
	l := p.letter(lena, lena.address(), "PITCH: Green walls in narrow streets",
		"Ivy, wisteria or a bought system: what holds, what cools and what ruins the plaster. About 900 words, with two case studies from Ghent.\n\nLena\n")
	return l.post(lena, "")
}

// oneTap presses a link of a notice that somebody got: their mail program sends what the link says.
func oneTap(template, piece, command string) func(context.Context, *plot) (posting, error) {
	return func(ctx context.Context, p *plot) (posting, error) {
		notice, err := p.notice(ctx, nora, template, piece)
		if err != nil {
			return posting{}, err
		}
		to, subject, err := notice.link(command)
		if err != nil {
			return posting{}, err
		}
		l := p.letter(nora, nora.address(), subject, "")
		l.to = []string{to}
		return l.post(nora, "the link in our mail")
	}
}

var mailtoLink = regexp.MustCompile(`href="(mailto:[^"]+)"`)

// link is the one-tap link of a mail whose subject begins with command.
func (r received) link(command string) (to, subject string, err error) {
	for _, m := range mailtoLink.FindAllStringSubmatch(r.html, -1) {
		u, err := url.Parse(strings.ReplaceAll(m[1], "&amp;", "&"))
		if err != nil {
			continue
		}
		subject := u.Query().Get("subject")
		if to, err := url.PathUnescape(u.Opaque); err == nil && strings.HasPrefix(subject, command+" ") {
			return to, subject, nil
		}
	}
	return "", "", fmt.Errorf("the mail “%s” has no link for %s", r.subject(), command)
}

func calendarAccept(ctx context.Context, p *plot) (posting, error) {
	notice, err := p.notice(ctx, lena, "cleared", "PITCH-1")
	if err != nil {
		return posting{}, err
	}
	invite := notice.calendar
	to, err := notice.replyTo()
	if err != nil {
		return posting{}, err
	}
	if invite == "" {
		return posting{}, fmt.Errorf("the mail “%s” has no event for a calendar", notice.subject())
	}
	reply := strings.NewReplacer("METHOD:REQUEST", "METHOD:REPLY", "PARTSTAT=NEEDS-ACTION;RSVP=TRUE", "PARTSTAT=ACCEPTED",
		"\r\n ", "").Replace(strings.ReplaceAll(invite, "\r\n ", ""))
	l := p.letter(lena, lena.address(), "Accepted: "+notice.subject(), "")
	l.to = []string{to}
	l.calendar = reply
	return l.post(lena, "an answer made by a calendar")
}

func moreTime(ctx context.Context, p *plot) (posting, error) {
	notice, err := p.notice(ctx, lena, "cleared", "PITCH-1")
	if err != nil {
		return posting{}, err
	}
	due, err := p.due("PITCH-1")
	if err != nil {
		return posting{}, err
	}
	l, err := notice.answer(lena, fmt.Sprintf("Can I have until %s? The second case study needs a visit.\n\nLena", due.AddDate(0, 0, 1).Format("2 January 2006")),
		p.now, p.messageID(lena.address()))
	if err != nil {
		return posting{}, err
	}
	return l.post(lena, "")
}

func standing(_ context.Context, p *plot) (posting, error) {
	l := p.letter(sofia, sofia.address(), "STATUS", "")
	return l.post(sofia, "")
}

// demoAddress is where MOSS-6 is published.
const demoAddress = "https://blog." + demoDomain + "/moss-instead-of-lawn"

// demoPages is the web of the demo, which has one page.
type demoPages struct{}

func (demoPages) Check(_ context.Context, address string, phrases []string) (webcheck.Result, error) {
	r := webcheck.Result{Status: 404, FinalURL: address, ContentType: "text/html"}
	if address == demoAddress && len(phrases) > 0 {
		r.Status, r.Title, r.Found = 200, phrases[0], phrases[0]
	}
	return r, nil
}

func sharedIt(ctx context.Context, p *plot) (posting, error) {
	if err := p.verify(ctx); err != nil {
		return posting{}, err
	}
	notice, err := p.notice(ctx, amara, "published", "MOSS-6")
	if err != nil {
		return posting{}, err
	}
	l, err := notice.answer(amara, "DONE\n\nAmara", p.now, p.messageID(amara.address()))
	if err != nil {
		return posting{}, err
	}
	return l.post(amara, "")
}

func publishedAt(_ context.Context, p *plot) (posting, error) {
	l := p.letter(amara, amara.address(), "MOSS-6", "It is online: "+demoAddress+"\n\nAmara\n")
	return l.post(amara, "")
}
