package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"net/mail"
	"strings"
	"time"

	"handoff/proxy"
)

// demoSizeLimit is the most that the demo's gateway takes in; small, so that an oversize mail is quickly sent.
const demoSizeLimit = 1 << 20

// scene is one mail of the story.
type scene struct {
	title string
	from  player
	write func(context.Context, *plot) (posting, error)
	want  outcome
}

// posting is a mail as SMTP is handed it.
type posting struct {
	user     string // login
	from     string // envelope sender
	to       string
	subject  string
	enclosed string // what is in it beside words, for the terminal
	claims   string // the From header, where that is a lie
	raw      []byte
}

// outcome is what has to become of a scene's mail.
type outcome struct {
	action proxy.Action
	piece  string   // code
	reply  string   // template of the answer to the sender, "" for none
	told   []string // "template to first name" of everything else that it causes, sorted
	later  []string // the same of what the clock then does
}

// plot is what scenes are written from.
type plot struct {
	now    time.Time
	scenes int                // written so far, for Message-IDs
	last   map[string]posting // by title, what was posted
	// notice finds a notice in its recipient's own mailbox.
	notice func(ctx context.Context, to player, template, piece string) (received, error)
	// due is when a piece's open step is due.
	due func(code string) (time.Time, error)
	// verify looks up the addresses of publications, which the gateway does by itself every minute.
	verify func(ctx context.Context) error
	// undeliverable finds a notice that was sent to an address without mailbox, and its envelope sender.
	undeliverable func(ctx context.Context, address string) (received, string, error)
}

// messageID is a new one, as from's mail client would make it.
func (p *plot) messageID(from string) string {
	_, domain, _ := strings.Cut(from, "@")
	return fmt.Sprintf("%x.%d@%s", p.now.UnixNano(), p.scenes, domain)
}

// letter starts a mail from one of somebody's addresses to the watched mailbox.
func (p *plot) letter(from player, address, subject, text string) letter {
	return letter{
		from: mail.Address{Name: from.name, Address: address}, to: []string{demoMailbox}, subject: subject, date: p.now,
		messageID: p.messageID(address), text: text,
	}
}

// post makes the posting of a letter.
func (l letter) post(from player, enclosed string) (posting, error) {
	raw, err := l.bytes()
	return posting{user: from.user, from: l.from.Address, to: l.to[0], subject: l.subject, enclosed: enclosed, raw: raw}, err
}

// demoChapters are the headings of the story, by the title of the scene that comes next.
func demoChapters() map[string][2]string {
	return map[string][2]string{
		"A notice comes back": {"Part one: finding out what a mail is",
			"Contributors write as they please. For every mail Handoff finds out who wrote it, which piece it is for and what it brings, and says why."},
		"A proposal by mail": {"Part two: a piece from pitch to publication",
			"Every step is taken by mail: answering one, pressing a link in it, or accepting it in a calendar is enough. Lena proposes a topic, Nora " +
				"decides, and later Amara publishes another piece."},
	}
}

// demoScenes is the story, in order: each mail meets what the ones before left behind.
func demoScenes() []scene {
	return append([]scene{
		{"A notice comes back", deadHost, bouncedNotice,
			outcome{action: proxy.Report, piece: "HEAT-4", told: []string{"bounced to Tomás"}}},
		{"A first draft as .docx", lena, firstDraft,
			outcome{action: proxy.File, piece: "BLOOM-7", reply: "receipt", told: []string{"step_opened to Nora"}}},
		{"A reply to our notice, with a PDF", lena, replyWithPDF,
			outcome{action: proxy.File, piece: "BLOOM-7", reply: "receipt", told: []string{"new_version to Nora"}}},
		{"From an address that nobody knew", ravi, signedAddress,
			outcome{action: proxy.File, piece: "SOLAR-12", reply: "receipt", told: []string{"step_opened to Tomás"}}},
		{"Two open pieces and no hint", sofia, noHint,
			outcome{action: proxy.Hold, reply: "held", told: []string{"held_editor to Nora"}}},
		{"The piece code in the subject", sofia, codeInSubject,
			outcome{action: proxy.File, piece: "TIDE-3", reply: "receipt", told: []string{"step_opened to Nora"}}},
		{"The same mail delivered twice", sofia, deliveredTwice,
			outcome{action: proxy.Duplicate}},
		{"A reply that kept only References", sofia, onlyReferences,
			outcome{action: proxy.File, piece: "GRID-9", reply: "receipt", told: []string{"step_opened to Nora"}}},
		{"A Google Docs link and no file", kwame, googleDoc,
			outcome{action: proxy.File, piece: "HEAT-4", reply: "receipt", told: []string{"step_opened to Tomás"}}},
		{"An editor forwards a private mail", tomas, forwarded,
			outcome{action: proxy.File, piece: "SOLAR-12", reply: "receipt"}},
		{"A colleague mails around the tool", priya, colleague,
			outcome{action: proxy.Ignore, piece: "WIND-2"}},
		{"An out-of-office answer", ravi, outOfOffice,
			outcome{action: proxy.Ignore}},
		{"A mailing-list post", listServer, listPost,
			outcome{action: proxy.Ignore}},
		{"A stranger", dana, stranger,
			outcome{action: proxy.Redirect, reply: "redirect"}},
		{"No Message-ID", ravi, noMessageID,
			outcome{action: proxy.File, piece: "SOLAR-12", reply: "noted", told: []string{"note to Tomás"}}},
		{"A forged sender", mallory, forged,
			outcome{action: proxy.Hold, told: []string{"held_editor to Nora"}}},
		{"Far too large", lena, oversize,
			outcome{action: proxy.Hold, reply: "oversize", told: []string{"held_editor to Nora"}}},
		{"A bomb of nested multiparts", mallory, bomb,
			outcome{action: proxy.Hold}},
	}, demoFlow()...)
}

func bouncedNotice(ctx context.Context, p *plot) (posting, error) {
	notice, sender, err := p.undeliverable(ctx, kwame.address())
	if err != nil {
		return posting{}, err
	}
	raw, err := bounceReport(deadHost, sender, notice, kwame.address(), p.now, p.messageID(deadHost.address()))
	return posting{user: deadHost.user, to: sender, subject: "Undelivered Mail Returned to Sender",
		enclosed: "report: " + kwame.address() + " 5.1.1, User unknown", raw: raw}, err
}

func firstDraft(_ context.Context, p *plot) (posting, error) {
	l := p.letter(lena, lena.address(), "My rooftop text",
		"Hi,\n\nhere is my draft, 700 words. I left the numbers for the Rotterdam roofs open, they come this week.\n\nBest,\nLena\n")
	content, err := docxFile("Rooftop gardens that pay for themselves",
		"A flat roof costs money twice: once when it is sealed, and every summer when the rooms below have to be cooled.",
		"Three houses in one street have turned the bill around. Their gardens hold back the rain, halve the cooling, and the tenants pay for the beds.",
		"What it takes: a survey of the load, a membrane that roots do not break, and one person who likes to water.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"rooftop-gardens.docx", docxType, content}}
	return l.post(lena, "rooftop-gardens.docx")
}

func replyWithPDF(ctx context.Context, p *plot) (posting, error) {
	notice, err := p.notice(ctx, lena, "receipt", "BLOOM-7")
	if err != nil {
		return posting{}, err
	}
	l, err := notice.answer(lena, "Thanks! Here it is again as PDF, now with the Rotterdam numbers in it.\n\nLena", p.now, p.messageID(lena.address()))
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"rooftop-gardens-v2.pdf", pdfType, pdfFile("Rooftop gardens that pay for themselves",
		"A flat roof costs money twice: once when it is sealed, and every",
		"summer when the rooms below have to be cooled.", "",
		"Rotterdam (2,400 square metres): 31% less cooling, 60% less run-off.")}}
	return l.post(lena, "rooftop-gardens-v2.pdf, quoted history")
}

func signedAddress(ctx context.Context, p *plot) (posting, error) {
	notice, err := p.notice(ctx, ravi, "due_soon", "SOLAR-12")
	if err != nil {
		return posting{}, err
	}
	to, err := notice.replyTo()
	if err != nil {
		return posting{}, err
	}
	// A new mail, not a reply: the address is all that says what it is for.
	l := p.letter(ravi, raviElsewhere, "the text you asked for", "Sent from the university account, I hope that's fine.\n\nRavi\n")
	l.to = []string{to}
	content, err := docxFile("Solar co-ops: a buyer's guide",
		"Before you sign, ask three questions: who owns the roof, who reads the meter, and what happens when you move.",
		"A share of 500 euros buys about one panel. Nine of the eleven co-ops we asked paid a dividend last year.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"solar co-ops draft.docx", docxType, content}}
	return l.post(ravi, "solar co-ops draft.docx")
}

func noHint(_ context.Context, p *plot) (posting, error) {
	l := p.letter(sofia, sofia.address(), "Draft attached", "Dear all,\n\nplease find the draft attached.\n\nSofia\n")
	content, err := docxFile("Draft", "The first turbine off the coast stood still for most of its first winter.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"draft_final.docx", docxType, content}}
	return l.post(sofia, "draft_final.docx")
}

func codeInSubject(_ context.Context, p *plot) (posting, error) {
	l := p.letter(sofia, sofia.address(), "[TIDE-3] Draft attached", "Sorry, I should have said which one: it is the one on tidal power.\n\nSofia\n")
	content, err := docxFile("Tidal power after the hype",
		"The first turbine off the coast stood still for most of its first winter.",
		"Since then the blades have become shorter, the gearboxes simpler, and the promises smaller.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"draft_final.docx", docxType, content}}
	return l.post(sofia, "draft_final.docx")
}

func deliveredTwice(_ context.Context, p *plot) (posting, error) {
	again, ok := p.last["The piece code in the subject"]
	if !ok {
		return posting{}, fmt.Errorf("nothing to deliver twice")
	}
	return again, nil
}

func onlyReferences(ctx context.Context, p *plot) (posting, error) {
	notice, err := p.notice(ctx, sofia, "due_soon", "GRID-9")
	if err != nil {
		return posting{}, err
	}
	text := "The meter piece is done, here is the whole text:\n\n" +
		"What your smart meter knows\n\n" +
		"It knows when you wake, when you cook and when you are away. It knows the day the washing machine was replaced, and " +
		"it could guess your favourite television programme from the dark scenes on your screen.\n\n" +
		"It does not know who you are, and the law wants it to stay that way. The readings belong to you. The grid gets them " +
		"every fifteen minutes, without a name, and must delete them once the bill is paid. Your supplier gets one figure a month, " +
		"unless you ask for more.\n\n" +
		"Ask for more. A household that sees its own curve saves about a tenth, mostly at night, mostly by finding the one " +
		"device that never sleeps. In our street it was a fish tank pump, eleven years old, that cost as much as the fridge.\n\n" +
		"Sofia"
	l, err := notice.answer(sofia, text, p.now, p.messageID(sofia.address()))
	if err != nil {
		return posting{}, err
	}
	// Some clients write a fresh subject, drop In-Reply-To and answer the visible address.
	l.inReplyTo, l.subject, l.to = "", "done!", []string{demoMailbox}
	l.html = "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n\n", "</p><p>") + "</p>" +
		`<div class="gmail_quote"><blockquote class="gmail_quote">` + html.EscapeString(notice.text) + "</blockquote></div>"
	return l.post(sofia, "text and HTML, quoted history")
}

func googleDoc(_ context.Context, p *plot) (posting, error) {
	l := p.letter(kwame, kwame.addresses[1], "Heat pumps: first version",
		"Hello,\n\nmy draft is here, please comment right in it:\n"+
			"https://docs.google.com/document/d/1Zr4HeatPumpsInOldHouses/edit?usp=sharing\n\n"+
			"And please use this address from now on, the old one is gone.\n\nKwame\n")
	return l.post(kwame, "link to docs.google.com")
}

func forwarded(_ context.Context, p *plot) (posting, error) {
	l := p.letter(tomas, tomas.address(), "Fwd: co-ops, small correction",
		"Came to me directly, please file it with his piece.\n\nTomás\n\n"+
			"---------- Forwarded message ---------\n"+
			"From: "+ravi.name+" <"+ravi.address()+">\n"+
			"Date: "+p.now.Add(-3*time.Hour).Format("Mon, 2 Jan 2006 at 15:04")+"\n"+
			"Subject: co-ops, small correction\n"+
			"To: "+tomas.name+" <"+tomas.address()+">\n\n"+
			"Hi Tomás,\n\ntwo co-ops have changed their terms since Monday, the attached version has it right.\n\nRavi\n")
	content, err := docxFile("Solar co-ops: a buyer's guide",
		"Before you sign, ask three questions: who owns the roof, who reads the meter, and what happens when you move.",
		"A share of 500 euros buys about one panel. Eight of the eleven co-ops we asked paid a dividend last year.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"solar co-ops corrected.docx", docxType, content}}
	return l.post(tomas, "Ravi's mail, solar co-ops corrected.docx")
}

func colleague(_ context.Context, p *plot) (posting, error) {
	l := p.letter(priya, priya.address(), "WIND-2 copy edited", "Done with the wind farm, file attached. Can somebody put it in?\n\nPriya\n")
	content, err := docxFile("The neighbours of a wind farm", "The farm's oldest mast stands behind the school, and nobody there would miss it now.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"WIND-2 copy edited.docx", docxType, content}}
	return l.post(priya, "WIND-2 copy edited.docx")
}

func outOfOffice(ctx context.Context, p *plot) (posting, error) {
	notice, err := p.notice(ctx, ravi, "receipt", "SOLAR-12")
	if err != nil {
		return posting{}, err
	}
	l, err := notice.answer(ravi, "", p.now, p.messageID(ravi.address()))
	if err != nil {
		return posting{}, err
	}
	l.subject = "Automatic reply: " + notice.subject()
	l.text = "I am travelling until the end of the week and read mail only now and then.\n\nRavi\n"
	l.headers = [][2]string{{"Auto-Submitted", "auto-replied"}, {"X-Auto-Response-Suppress", "All"}}
	return l.post(ravi, "")
}

func listPost(_ context.Context, p *plot) (posting, error) {
	l := p.letter(listServer, listServer.address(), "[climate-writers] Call for drafts: the water issue",
		"Dear list,\n\ndrafts for the water issue are due at the end of the month.\n")
	l.to = []string{listServer.address()}
	l.headers = [][2]string{
		{"List-Id", "Climate Writers <climate-writers.lists.example>"},
		{"List-Unsubscribe", "<mailto:climate-writers-leave@lists.example>"}, {"Precedence", "list"},
	}
	post, err := l.post(listServer, "")
	post.to = demoMailbox
	return post, err
}

func stranger(_ context.Context, p *plot) (posting, error) {
	l := p.letter(dana, dana.address(), "Pitch: the second life of batteries",
		"Hello,\n\nI write about energy and would like to offer you a piece on used car batteries. Whom do I talk to?\n\nDana Hughes\n")
	return l.post(dana, "")
}

func noMessageID(_ context.Context, p *plot) (posting, error) {
	l := p.letter(ravi, ravi.address(), "co-ops", "One more thing: please call me before you cut the table, the co-ops check every figure.\n")
	l.messageID = ""
	return l.post(ravi, "")
}

func forged(_ context.Context, p *plot) (posting, error) {
	l := p.letter(lena, lena.address(), "BLOOM-7: please use this version instead", "Forget the others, only this one counts.\n\nLena\n")
	l.messageID = p.messageID(mallory.address())
	content, err := docxFile("Buy roofs now", "This is not Lena's text.")
	if err != nil {
		return posting{}, err
	}
	l.files = []letterFile{{"rooftop-final.docx", docxType, content}}
	post, err := l.post(mallory, "rooftop-final.docx")
	post.from, post.claims = mallory.address(), l.from.String()
	return post, err
}

func oversize(_ context.Context, p *plot) (posting, error) {
	l := p.letter(lena, lena.address(), "All roof photos", "Here are the photos, in full size.\n\nLena\n")
	// A JPEG's start and end around nothing worth seeing.
	photos := append([]byte{0xff, 0xd8, 0xff, 0xe0}, bytes.Repeat([]byte{0}, demoSizeLimit)...)
	l.files = []letterFile{{"roofs.jpg", "image/jpeg", append(photos, 0xff, 0xd9)}}
	return l.post(lena, "roofs.jpg")
}

func bomb(_ context.Context, p *plot) (posting, error) {
	const depth = 300
	l := p.letter(mallory, mallory.address(), "Invoice", "Please see the attached invoice.")
	raw, err := multipartBomb(l, depth)
	return posting{user: mallory.user, from: mallory.address(), to: demoMailbox, subject: l.subject,
		enclosed: fmt.Sprintf("%d multiparts, one in the other", depth), raw: raw}, err
}
