package inbox

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// ownLetters are mails of which a rule for histories and signatures could take a part for one. What stands behind the bar is
// what is read of a mail where that is not all of it.
var ownLetters = []struct{ name, header, body, want string }{
	// Lists of a person, with the words of a header.
	{"journey in an answer", answering, "Hi Nora,\n\nfor the info box:\n\nFrom: Berlin\nTo: Rome\nDate: 5 May\nSubject: a trip\n\nAnd please delete paragraph 3, it is libel!\n\nLena", ""},
	{"journey, date first", "", "Hi,\n\nWhat I have so far:\n\nDate: 5 May\nFrom: Berlin\nTo: Hamburg\nTrain: ICE 700\n\nCould you book that?\n\nAna", ""},
	{"journey", answering, "Intro.\n\nFrom: Berlin\nTo: Rome\nDate: 5 May\n\nEnd.", ""},
	{"French journey", answering, "Intro.\n\nDe : Paris\nÀ : Rome\nDate : 5 mai\n\nFin.", ""},
	{"Spanish journey", answering, "Intro.\n\nDe: Madrid\nPara: Roma\nFecha: 5 de mayo\nHora: 10\n\nFin.", ""},
	{"German questions", answering, "Hallo Ed,\n\nich habe noch Fragen:\n\nVon: wem stammt das Zitat?\nAn: wen geht der Text?\nDatum: wann erscheint er?\nBetreff: was soll drinstehen?\n\nGruß\nAna", ""},
	{"glossary", "", "for the glossary:\n\nReply-To: where answers go\nFrom: who wrote it\nSubject: what it is about\nDate: when\nTo: whom\n\nThat makes five terms.\n\nAna", ""},
	{"cover sheet", answering, "Cover sheet\n\nTo: The editor\nFrom: Ana Lima\nRe: My essay\n\nDear editor,\n\nhere is the essay.\n\nAna", ""},
	{"memo in a story", answering, "MEMO\n\nTo: All staff\nFrom: Ana Lima\nDate: 23 November 2026\nSubject: Parking\n\nThe story starts with this memo.\n\nShe read it twice.", ""},
	{"header in a novel", "", "The letter begins:\n\n    From: Mr Holmes\n    Sent: 5 May 1891\n    To: Dr Watson\n    Subject: The Final Problem\n\n    My dear Watson,\n\nand that is how I would start the novel.", ""},
	{"header without address", answering, "Done.\n\nFrom: The Desk\nSent: Monday\nTo: Mira Osei\nSubject: Due\n\nWhen?", "Done."},
	{"header with a date of unknown name", answering, "Done.\n\nFrom: The Desk\nWhen exactly: Monday, 17:02\nTo: Mira Osei\nSubject: Due\n\nWhen?", "Done."},
	{"header below a line", answering, "Done.\n\n-----Original Message-----\nFrom: The Desk\nTo: Mira Osei\nSubject: Due\n\nWhen?", "Done."},

	// Rules that part a text.
	{"dashes", "", "Text one.\n\n----------\n\nText two.", ""},
	{"tildes", answering, "Text one.\n\n~~~~~~~~~~\n\nText two.", ""},
	{"hashes", answering, "Text one.\n\n#####\n\nText two.", ""},
	{"line to sign on", "", "Fill in:\n\nName: ____\n\n________________________________\nSignature\n\nThat is the form I propose for readers.", ""},
	{"headings", "", "Chapter 1\n=========\nOnce upon a time.\n\nChapter 2\n_________\nThey left.\n\n___________________________\n\nChapter 3\nThey came back.", ""},
	{"stars", "", "Hi\n\n***\n\nNew ending:\n\nShe left.\n\n***\n\nLove,\nAna", ""},
	{"stars around", answering, "I agree.\n\n**********\nSee you on Monday.\n**********\n\nAna", ""},
	{"stars and regards", answering, "Dear Ed,\n\nmy answer:\n\n********************\n\nThe new ending:\n\n\"we left.\"\n\n********************\n\nRegards,\n\nAna Lima", ""},
	{"card below stars", answering, "I agree.\n\n**********\nAna Lima\nWriter\n+44 20 7946 0000", "I agree."},
	{"dashes in a recipe", answering, "Recipe\n\n- 200 g flour\n-- sifted\n\nMix.\n\n--\n\nBake for 20 minutes.\n\n--\n\nEat.", ""},
	{"comments", "", "SELECT *\nFROM users\n-- WHERE id = 1\nWHERE name = 'x';\n\n--\nUse two dashes for comments in SQL.\n\nCheers", ""},
	{"poem", "", "Love is\n  > more\n     > than\n        > this\n\n-- \n\nand less\n\n-- Ana", "Love is\n  > more\n     > than\n        > this\n\n--\n\nand less\n\n-- Ana"},
	{"shell", "", "and the command\n\n$ git log --oneline\n> commit abc\n--\nThat is all the code there is in chapter 3.", ""},
	{"letters in a chapter", "", "Dear Mary,\n\nI write to you from the front.\n\nYours sincerely,\nJohn\n\nMary put the letter down. She had read it twice.\n\nBest regards,\nJohn\n\nwas all that the second one said.\n\n(to be continued)", ""},
	{"poem below a letter", answering, "Dear editor,\n\nplease find my poem.\n\nBest,\nAna Lima\n\nTHE POEM\n\nIt was dark\nand cold\nand wet", ""},
	{"poem below a dash", "", "Dear editor,\n\n--\n\nTHE POEM\n\nIt was dark\nand cold\nand wet", ""},
	{"poem below a rule", "", "Poem\n\n---\n\nDark\nCold\nWet", ""},
	{"novel in mails", "", "It begins:\n\nFrom: Ada <ada@poets.example>\nTo: Ken <ken@poets.example>\nSubject: Trunk\n\nIt was heavy.\n\nShe read it twice.", ""},
	{"mail below a rule", "", "Done.\n\n-----\nFrom: Ada <ada@poets.example>\nTo: Ken <ken@poets.example>\nSubject: Trunk\n\nIt was heavy.", "Done."},
	{"meeting", "", "Meeting:\n\nFrom: Ana\nDate: 5 May 2026, 10:00\nTo: all\nSubject: the plan\n\nCome.", ""},
	{"postscript below a signature", answering, "Hi Ed,\n\nthe intro is done.\n\n-- \nAna Lima\n\nPS: please use the new photo.\n\nOn Mon, Nov 22, 2026 at 9:00 AM Ed Moss <ed@agency.example> wrote:\n> Where is it?", "Hi Ed,\n\nthe intro is done.\n\nPS: please use the new photo."},
	{"Spanish postscript", answering, "Listo.\n\n-- \nAna Lima\n\nP.D.: la foto nueva, por favor.", "Listo.\n\nP.D.: la foto nueva, por favor."},
	{"footer in a paragraph", answering, "I have a question about \"Sent from my iPhone\".\nVon meinem iPhone gesendet\nwould be the German one. Which one do we use?\n\nAna", ""},
	{"footer above more", "", "The chapter.\n\nSent from my iPhone\n\nAnd the pictures follow.", "The chapter.\n\nAnd the pictures follow."},

	// Quotes that are content.
	{"two versions", answering, "please change this:\n\n> So we beat on.\n\nto this:\n\n> So we sail on.", ""},
	{"a sentence asked about", answering, "what shall I do with this sentence of yours?\n\n> So we beat on.", ""},
	{"last lines", "", "And the last lines of the story\n\n> So we beat on,\n> boats against the current.", ""},
	{"epigraph", "", "Epigraph:\n\n> Stay hungry.\n> -- Whole Earth Catalog", ""},
	{"Markdown", "", "Anbei: [Kapitel 3](https://example.org/k3)\n\n> **Tipp:** Wasser vorher kochen.\n\nWeiter geht es mit Schritt 4.\n\n> **Achtung:** heiß!", ""},
	{"greater than", "", "> is a greater-than sign in Markdown and starts a quote.\nIs that OK for beginners?", ""},
	{"three mails", "", "the thread I want to publish as it is:\n\nOn 1 May 2020 at 10:00, Zoe wrote:\n> Are you there?\n\nOn 2 May 2020 at 11:00, Max wrote:\n> Always.\n\nIsn't that a love story?\n\nAna", ""},
	{"quote below an answer", answering, "Yes.\n\n> When is it due?", "Yes."},
	{"attribution without a date", answering, "Yes.\n\nOn Monday Ed wrote:\n> When is it due?", "Yes.\n\nOn Monday Ed wrote:"},

	// Forms of clients.
	{"mutt", answering, "Sounds good.\n\n* Ed Moss <ed@agency.example> [2026-11-23 09:00]:\n\n> Where is it?\n> Ed", "Sounds good."},
	{"Basque footer", answering, "OK for me.\n\nBidalia nire iPhone-tik", "OK for me."},
	{"Notes quotes its header", answering, "Inline.\n\nEd Moss <ed@agency.example> wrote on 23.11.2026 09:00:00:\n\n> From: Ed Moss <ed@agency.example>\n> To: Ana\n> Date: 23.11.2026 09:00\n> Subject: Your draft\n>\n> Is it ready?\n\nYes\n\n> Sure?\n\nVery.", "Inline.\n\n> Is it ready?\n\nYes\n\n> Sure?\n\nVery."},
	{"Notes in columns", answering, "Fine.\n\n             Ed Moss\n             <ed@agency.example>\n                                                                        To\n             23.11.2026 09:00          Ana Lima\n                                                                        cc\n\n                                                                   Subject\n                                       Your draft\n\n\nWhere is it?", "Fine."},

	// HTML.
	{"code", inHTML, "<p>Der Code:</p><pre>&lt;div class=\"gmail_quote\"&gt;\n&gt; text\n-- \nx</pre><p>Ende</p>", "Der Code:\n\n<div class=\"gmail_quote\">\n> text\n--\nx\n\nEnde"},
	{"code at the end", inHTML, "<p>Der Code:</p><pre>$ cat &lt;&lt; x\n&gt; y\n--\nz</pre>", "Der Code:\n\n$ cat << x\n> y\n--\nz"},
	{"preformatted quote", answering + inHTML, "<p>Yes.</p><blockquote type=\"cite\"><pre>When is it due?</pre></blockquote>", "Yes."},
	{"preformatted history", answering + inHTML, "<p>Yes.</p><pre>On Mon, Nov 22, 2026 at 9:00 AM Ed Moss &lt;ed@agency.example&gt; wrote:\n&gt; Where is it?</pre>", "Yes."},
	{"preformatted signature", answering + inHTML, "<p>Yes.</p><pre>-- \nAna Lima</pre>", "Yes."},
	{"all preformatted", answering + inHTML, `<pre>Yes.<div class="moz-cite-prefix">Ed hat das geschrieben</div><blockquote type="cite">When?</blockquote></pre>`, "Yes."},
	{"box with a border", inHTML, `<div><p>Intro</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>Info box: boil water.</p></div><p>Rest of the text.</p></div>`, "Intro\n\nInfo box: boil water.\n\nRest of the text."},
	{"Gmail signature by its data", answering + inHTML, `<div dir="auto">Parfait, merci !<br><br><div data-smartmail="gmail_signature">Ana<br>Auteure</div></div><br><div class="gmail_quote"><div class="gmail_attr">Le lun. 23 nov. 2026, 09:00, Ed Moss &lt;e@a.example&gt; a écrit :<br></div><blockquote class="gmail_quote">Prêt ?</blockquote></div>`, "Parfait, merci !"},
	{"NetEase signature", answering + inHTML, `<div>好的</div><br><br><div id="ntes-pcmac-signature">Ana</div><pre><br>At 2026-11-23 09:00:00, "Ed Moss" &lt;e@a.example&gt; wrote:</pre><blockquote id="isReplyContent"><div>old</div></blockquote>`, "好的"},
	{"preheader", inHTML, `<p style="font-size:0;max-height:0;overflow:hidden">hidden</p><p style="max-height:0.5em;overflow:hidden">cut</p><p>Visible</p>`, "cut\n\nVisible"},
}

const (
	answering = "In-Reply-To: <x1@agency.example>\r\n"
	inHTML    = "Content-Type: text/html; charset=utf-8\r\n"
)

// TestOwnWords: losing what a person wrote is worse than keeping a piece of history.
func TestOwnWords(t *testing.T) {
	for _, c := range ownLetters {
		header := c.header
		if !strings.Contains(header, inHTML) {
			header += "Content-Type: text/plain; charset=utf-8\r\n"
		}
		raw := []byte("From: Ana Lima <ana@writers.example>\r\nTo: Handoff <drafts@agency.example>\r\nSubject: Draft\r\nMIME-Version: 1.0\r\n" + header + "\r\n" + c.body)
		m, err := Read(context.Background(), bytes.NewReader(raw), int64(len(raw)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := c.want
		if want == "" {
			want = c.body
		}
		if m.Text != want {
			t.Errorf("%s: read\n%s\n--- want\n%s", c.name, m.Text, want)
		}
	}
}
