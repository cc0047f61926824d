package inbox

import (
	"strings"
	"testing"
)

func trimHTML(doc string) string {
	lines, _ := htmlLines(doc, 1<<20)
	t := trim(lines)
	return joinLines(lines, func(i int) bool { return t.keep[i] })
}

// clientHTML is what clients make of an answer above the mail it answers: %A is the answer, %I the line that introduces the
// mail answered, %H its header in lines, %Q its text.
var clientHTML = [][2]string{
	{"gmail", `<div dir="ltr">%A</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">%I<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div dir="ltr">%Q</div></blockquote></div>`},
	{"gmail 2014", `<div dir="ltr">%A</div><div class="gmail_extra"><br><br><div class="gmail_quote">%I<br><blockquote class="gmail_quote" style="margin:0 0 0 .8ex"><div dir="ltr">%Q</div></blockquote></div><br></div>`},
	{"gmail mobile", `<div dir="auto">%A</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">%I<br></div><blockquote class="gmail_quote">%Q</blockquote></div>`},
	{"gmail signature", `<div dir="ltr">%A</div><div><br clear="all"></div><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Mira Osei<br>Writer</div><br><div class="gmail_quote"><div class="gmail_attr">%I</div><blockquote class="gmail_quote">%Q</blockquote></div>`},
	{"outlook desktop", `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-GB"><div class="WordSection1">%P<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">%H</p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">%Q</p></div></body></html>`},
	{"outlook 2010", `<body><div class="WordSection1">%P<div style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'><p class="MsoNormal">%H<o:p></o:p></p></div><p>%Q</p></div></body>`},
	{"outlook 2003", `<body><div class=Section1>%P<div><div class=MsoNormal align=center style='text-align:center'><font size=3><span style='font-size:12.0pt'><hr size=3 width="100%" align=center tabindex=-1></span></font></div><p class=MsoNormal>%H</p></div><p class=MsoNormal>%Q</p></div></body>`},
	{"outlook web", `<body><div style="font-family:Calibri">%A</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt">%H</font><div>&nbsp;</div></div><div>%Q</div></body>`},
	{"outlook web forwarded on", `<body><div style="font-family:Calibri">%A</div><div id="x_appendonsend"></div><hr tabindex="-1"><div id="x_divRplyFwdMsg" dir="ltr">%H</div><div>%Q</div></body>`},
	{"outlook new", `<div class="elementToProof">%A</div><div id="mail-editor-reference-message-container"><div class="ms-outlook-mobile-reference-message skipProofing"><meta name="Generator" content="x"><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg">%H</div>%Q</div></div>`},
	{"outlook mobile", `<body dir="ltr"><div dir="ltr">%A</div><div id="ms-outlook-mobile-body-separator-line"><br></div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message"><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">%H</div>%Q</div></body>`},
	{"outlook mac", `<body><div class="WordSection1">%P<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">%H</p></div><div>%Q</div></div></body>`},
	{"outlook mac 2011", `<body><div>%A</div><div><br></div><span id="OLK_SRC_BODY_SECTION"><div style="font-family:Calibri;border-top: #b5c4df 1pt solid;">%H</div><div><br></div>%Q</span></body>`},
	{"windows mail", `<div data-externalstyle="false">%A</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;"><div>%H</div></div><div><br></div><div>%Q</div>`},
	{"hotmail", `<body class='hmmessage'><div dir='ltr'>%A<br><div><hr id="stopSpelling">%H<br><br>%Q</div></div></body>`},
	{"apple mail", `<html><body style="word-wrap: break-word;">%A<br><div><br><blockquote type="cite"><div>%I</div><br class="Apple-interchange-newline"><div>%Q</div></blockquote></div><br></body></html>`},
	{"apple mail new", `<body>%A<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite"><div>%I</div><br class="Apple-interchange-newline"><div><div>%Q</div></div></blockquote></div></body>`},
	{"iphone", `<body dir="auto"><div>%A<br><br><div id="AppleMailSignature" dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">%I<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">%Q</div></blockquote></div></body>`},
	{"iphone new", `<body dir="auto"><div dir="ltr">%A</div><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Von meinem iPhone gesendet</div><div dir="ltr"><br><blockquote type="cite">%I<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">%Q</div></blockquote></body>`},
	{"thunderbird", `<html><body><p>%A</p><div class="moz-cite-prefix">%I<br></div><blockquote type="cite" cite="mid:b1@agency.example"><p>%Q</p></blockquote><br></body></html>`},
	{"thunderbird signature", `<html><body><p>%A</p><div class="moz-cite-prefix">%I<br></div><blockquote type="cite" cite="mid:b1@agency.example"><p>%Q</p></blockquote><pre class="moz-signature" cols="72">-- 
Mira Osei
Writer</pre></body></html>`},
	{"yahoo", `<div class="ydp1a2b3c4d-yahoo-style-wrap"><div dir="ltr">%A</div><div><br></div></div><div id="yahoo_quoted_4711" class="yahoo_quoted"><div style="font-size:13px"><div>%I</div><div><br></div><div><br></div><div>%Q</div></div></div>`},
	{"yahoo old", `<div style="color:#000">%A<div class="qtdSeparateBR"><br><br></div><div class="yahoo_quoted" style="display: block;"><div dir="ltr"><font size="2"><hr size="1">%H</font></div><br>%Q</div></div>`},
	{"yahoo android", `<div>%A</div><div id="ymail_android_signature"><a href="https://go.onelink.me/1">Yahoo Mail: Search, organise, conquer</a></div><br><blockquote style="margin: 0 0 20px 0;"><div style="font-family:Roboto">%I</div><div>%Q</div></blockquote>`},
	{"aol", `<div>%A</div><br><br><div class="aolmail_quote">%H<br><br>%Q</div>`},
	{"zimbra", `<html><body><div style="font-family: arial">%A<br><br><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><blockquote style="border-left:2px solid #1010FF;">%H</blockquote></div><div data-marker="__QUOTED_TEXT__"><blockquote style="border-left:2px solid #1010FF;">%Q</blockquote></div></div></body></html>`},
	{"proton", `<div style="font-family: Arial">%A</div><div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/">Proton Mail</a> secure email.</div></div><div class="protonmail_quote">%I<br><blockquote class="protonmail_quote" type="cite">%Q</blockquote><br></div>`},
	{"tutanota", `<div>%A<br></div><div>--<br>Secured with Tuta Mail</div><div><br></div><div>%I<br></div><blockquote class="tutanota_quote" style="border-left: 1px solid #93A3B8;"><div>%Q</div></blockquote>`},
	{"hey", `<div class="trix-content"><div>%A</div></div><br><br><div>%I</div><blockquote>%Q</blockquote>`},
	{"hey quoted", `<div>%A</div><div class="hey-quoted"><details><summary>%I</summary><blockquote>%Q</blockquote></details></div>`},
	{"samsung", `<div dir="auto">%A</div><div id="composer_signature" dir="auto"><div style="font-size:12px">Sent from my Galaxy</div></div><div dir="auto"><br></div><div><br></div><div align="left" dir="auto" style="font-size:100%"><div>-------- Original message --------</div>%H</div><div dir="auto"><br></div>%Q`},
	{"front", `<div>%A<br></div><div class="front-signature">Mira</div><div><br></div><div class="front-blockquote"><div>%I<br></div><blockquote type="cite">%Q</blockquote></div>`},
	{"front new", `<div>%A</div><blockquote class="front-blockquote" type="cite"><div>%I</div><div>%Q</div></blockquote>`},
	{"spark", `<div name="messageBodySection"><div dir="auto">%A</div></div><div name="messageSignatureSection"><br><div class="matchFont">Sent from Spark</div></div><div name="messageReplySection">%I<br><blockquote type="cite" class="spark_quote" style="margin: 5px;"><div>%Q</div></blockquote></div>`},
	{"airmail", `<html><head></head><body><div id="bloop_customfont">%A</div><br><div id="bloop_sign_1" class="bloop_sign"></div><br><p class="airmail_on">%I</p><blockquote type="cite" class="clean_bq"><span><div>%Q</div></span></blockquote><div class="bloop_original_html"></div></body></html>`},
	{"superhuman", `<div><div>%A</div><br><div class="gmail_signature">Sent via Superhuman</div><br><div><div class="gmail_quote">%I<br><blockquote class="gmail_quote">%Q</blockquote></div></div></div>`},
	{"mailbird", `<div id="__MailbirdStyleContent">%A<div class="mb_sig"></div><blockquote class="history_container" type="cite" style="border-left-style: solid;"><p>%I</p>%Q</blockquote></div>`},
	{"em client", `<div>%A</div><div><br></div><div id="x17"><div>------ Original Message ------</div><div>%H</div></div><div><br></div><blockquote cite="x" type="cite" class="cite2"><div>%Q</div></blockquote>`},
	{"missive", `<div>%A</div><div class="missive_quote">%I<br><blockquote type="cite">%Q</blockquote></div>`},
	{"intercom", `<p>%A</p><div class="intercom-quote"><div>%I</div><blockquote>%Q</blockquote></div>`},
	{"notes", `<font size=2 face="sans-serif">%A</font><br><br><br><table width=100%><tr valign=top><td><font size=1>%H</font></td></tr></table><hr noshade><br><br><font size=2>%Q</font>`},
	{"ox", `<div class="default-style">%A</div><blockquote type="cite"><div>%I</div><div><br></div><div>%Q</div></blockquote>`},
	{"fastmail", `<div>%A</div><div><br></div><div>%I</div><blockquote type="cite" id="qt"><div>%Q</div></blockquote>`},
	{"qq", `<div>%A</div><div><br></div><div style="font-size: 12px;padding:2px 0 2px 0;">------------------&nbsp;Original&nbsp;------------------</div><div id="isReplyContent"><div>%H</div></div><div><br></div><div>%Q</div>`},
	{"163", `<div>%A</div><br><br><pre><br>%I</pre><blockquote id="isReplyContent" style="PADDING-LEFT: 1ex">%Q</blockquote>`},
	{"naver", `<div>%A</div><div class="reply_sign"></div><div style="border-top:1px solid #000"><p>-----Original Message-----<br>%H</p><p>%Q</p></div>`},
	{"mail.ru", `<div>%A</div><div><br></div><blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;">%I<div>%Q</div></blockquote>`},
	{"yandex", `<div>%A</div><div>&nbsp;</div><div>%I</div><blockquote><div>%Q</div></blockquote>`},
	{"gmx", `<div style="font-family: Verdana"><div>%A</div><div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;">%H</div><div name="quoted-content">%Q</div></div></div></div>`},
	{"roundcube", `<p>%A</p><p id="reply-intro">%I</p><blockquote type="cite" style="padding: 0 0.4em"><div id="replybody1"><p>%Q</p></div></blockquote>`},
	{"sogo", `<html><p>%A</p><br>%I<br><blockquote type="cite" cite="b1@agency.example">%Q</blockquote></html>`},
	{"zoho", `<div style="font-family: Verdana">%A<br><div class="zmail_extra_hr" style="border-top: 1px solid rgb(204, 204, 204);"></div><div class="zmail_extra" data-zbluepencil-ignore="true"><br><div id="zm_intro">%I</div><br><blockquote id="blockquote_zmail" style="margin: 0px;"><div>%Q</div></blockquote></div></div>`},
	{"k9", `<div>%A</div><br><br><div class="gmail_quote"><div dir="auto">%I</div><blockquote class="gmail_quote">%Q</blockquote></div>`},
	{"fairemail", `<p>%A</p><div fairemail="reply"><p>%I</p><blockquote>%Q</blockquote></div>`},
	{"bluemail", `<div>%A</div><div id="tmjah_g_1299">Get <a href="http://www.bluemail.me/r">BlueMail for Android</a></div><div class="gmail_quote">%I<blockquote class="gmail_quote">%Q</blockquote></div>`},
	{"orange", `<p>%A</p><p>&nbsp;</p><blockquote style="border-left: 2px solid #ff7900;">> Message du 09/03/26 17:02<br>%H<p>%Q</p></blockquote>`},
	{"evolution", `<html><body><div>%A</div><div class="-x-evo-signature-wrapper"></div><div>%I</div><blockquote type="cite">%Q</blockquote></body></html>`},
	{"mailspring", `<div>%A</div><br><div class="gmail_quote_attribution">%I</div><blockquote class="gmail_quote">%Q</blockquote>`},
	{"helpscout", `<div>%A</div><div>##- Please type your reply above this line -##</div><div>%Q</div>`},
	{"plain blockquote", `<p>%A</p><blockquote>%I<br>%Q</blockquote>`},
}

// TestHTMLClients: the structure tells the answer from the mail answered, whatever language its clients speak.
func TestHTMLClients(t *testing.T) {
	const want = "It is due on Friday.\n\nAnd the pictures follow."
	intros := map[string]string{
		"english": "On Mon, 9 Mar 2026 at 17:02, Desk &lt;<a href=\"mailto:desk@agency.example\">desk@agency.example</a>&gt; wrote:",
		"german":  "Am Mo., 9. März 2026 um 17:02 Uhr schrieb Desk &lt;desk@agency.example&gt;:",
		"unknown": "Zu 9 Marw 2026 zu 17:02, Desk &lt;desk@agency.example&gt; zwrotu:",
	}
	headers := map[string]string{
		"english": "<b>From:</b> Desk &lt;desk@agency.example&gt;<br><b>Sent:</b> Monday, 9 March 2026 17:02<br><b>To:</b> Mira &lt;mira@writers.example.net&gt;<br><b>Subject:</b> Due",
		"german":  "<b>Von:</b> Desk &lt;desk@agency.example&gt;<br><b>Gesendet:</b> Montag, 9. März 2026 17:02<br><b>An:</b> Mira &lt;mira@writers.example.net&gt;<br><b>Betreff:</b> Fällig",
		"unknown": "<b>Zod:</b> Desk &lt;desk@agency.example&gt;<br><b>Zwys:</b> 9 Marw 2026 17:02<br><b>Zdo:</b> Mira &lt;mira@writers.example.net&gt;<br><b>Ztem:</b> Due",
	}
	for _, c := range clientHTML {
		for language := range intros {
			if c[0] == "notes" && language == "unknown" {
				continue // nothing marks it
			}
			doc := strings.NewReplacer("%A", "It is due on Friday.<br><br>And the pictures follow.", "%P", "<p class=\"MsoNormal\">It is due on Friday.</p><p class=\"MsoNormal\">And the pictures follow.</p>",
				"%I", intros[language], "%H", headers[language], "%Q", "When is it due?<br>And the pictures?").Replace(c[1])
			if got := trimHTML(doc); got != want {
				t.Errorf("%s, %s: %q", c[0], language, got)
			}
		}
	}
}

// TestHTMLAnswers: answers between quoted blocks stay with the lines they answer, one below the whole mail stands alone.
func TestHTMLAnswers(t *testing.T) {
	const intro = "On Mon, 9 Mar 2026 at 17:02, Desk &lt;desk@agency.example&gt; wrote:"
	for _, c := range [][3]string{
		{"gmail inline", `<div dir="ltr"><div class="gmail_quote"><div dir="ltr" class="gmail_attr">` + intro + `<br></div><blockquote class="gmail_quote"><div>When is it due?</div></blockquote><div>On Friday.</div><blockquote class="gmail_quote"><div>And the pictures?</div></blockquote><div>They follow.</div><blockquote class="gmail_quote"><div>Best, Desk</div></blockquote></div></div>`,
			"> When is it due?\n\nOn Friday.\n\n> And the pictures?\n\nThey follow."},
		{"thunderbird inline", `<div class="moz-cite-prefix">` + intro + `</div><blockquote type="cite"><p>When is it due?</p></blockquote><p>On Friday.</p><blockquote type="cite"><p>And the pictures?</p></blockquote><p>They follow.</p>`,
			"> When is it due?\n\nOn Friday.\n\n> And the pictures?\n\nThey follow."},
		{"apple inline", `<body>Hello,<br><div><blockquote type="cite"><div>` + intro + `</div><div>When is it due?</div></blockquote></div>On Friday.<br><blockquote type="cite"><div>And the pictures?</div></blockquote>They follow.</body>`,
			"Hello,\n\n> When is it due?\n\nOn Friday.\n\n> And the pictures?\n\nThey follow."},
		{"thunderbird bottom", `<div class="moz-cite-prefix">` + intro + `</div><blockquote type="cite"><p>When is it due?</p><p>Soon?</p></blockquote><p>On Friday.</p>`, "On Friday."},
		{"yahoo bottom", `<div class="yahoo_quoted"><div>` + intro + `</div><div>When is it due?</div></div><div>On Friday.</div>`, "On Friday."},
		{"gmx bottom", `<div name="quote"><div>` + intro + `</div><div name="quoted-content">When is it due?</div></div><div>On Friday.</div>`, "On Friday."},
		{"text around", `<div>Hello.</div><div class="yahoo_quoted"><div>` + intro + `</div><div>When is it due?</div></div><div>On Friday, I think.</div>`, "Hello.\nOn Friday, I think."},
		{"own quote", `<p>Orwell has it:</p><blockquote>Never use a long word.</blockquote><p>I agree.</p>`, "Orwell has it:\n\n> Never use a long word.\n\nI agree."},
		{"own quote and history", `<p>Orwell has it:</p><blockquote>Never use a long word.</blockquote><div class="gmail_quote"><div class="gmail_attr">` + intro + `</div><blockquote class="gmail_quote">When?</blockquote></div>`, "Orwell has it:\n\n> Never use a long word."},
		{"indented", `<div>Two points:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>the first</div><div>the second</div></blockquote><div class="gmail_quote"><div class="gmail_attr">` + intro + `</div><blockquote class="gmail_quote">When?</blockquote></div>`, "Two points:\n\nthe first\nthe second"},
		{"rule and author", `<div>Yes.<hr>From: Desk &lt;desk@agency.example&gt;<br><br>When?</div>`, "Yes."},
		{"blockquote without marks", `<p>Yes.</p><blockquote><p>When is it due?</p></blockquote>`, "Yes."},
		{"code", `<p>Run</p><pre>&gt; ls\n-- all\n</pre><p>and see.</p>`, "Run\n\n> ls\n-- all\n\nand see."},
		{"list", `<ul><li>one</li><li>two</li></ul><p>That is all.</p>`, "- one\n- two\n\nThat is all."},
		{"history alone", `<div class="gmail_quote"><div class="gmail_attr">` + intro + `</div><blockquote class="gmail_quote">When?</blockquote></div>`, "> When?"},
	} {
		if got := trimHTML(strings.ReplaceAll(c[1], "\\n", "\n")); got != c[2] {
			t.Errorf("%s: %q, want %q", c[0], got, c[2])
		}
	}
}

// TestHTMLForwards: what clients put into their quote containers to forward it is content.
func TestHTMLForwards(t *testing.T) {
	const head = "From: Ada Long &lt;ada@poets.example&gt;<br>Date: Mon, 9 Mar 2026 at 17:02<br>Subject: Poem<br>To: Mira &lt;mira@writers.example.net&gt;<br>"
	for _, c := range [][2]string{
		{"gmail", `<div dir="ltr">%A</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">---------- Forwarded message ---------<br>` + head + `</div><br><br><div dir="ltr">The rain.</div></div>`},
		{"apple", `<body>%A<br><div><br><blockquote type="cite"><div>Begin forwarded message:</div><br><div><b>From: </b>Ada Long &lt;ada@poets.example&gt;<br></div><div><b>Subject: </b>Poem<br></div><div><b>Date: </b>9 March 2026 at 17:02:11 CET<br></div><div><b>To: </b>Mira &lt;mira@writers.example.net&gt;<br></div><br><div>The rain.</div></blockquote></div></body>`},
		{"outlook", `<div class="WordSection1"><p class="MsoNormal">%A</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>From:</b> Ada Long &lt;ada@poets.example&gt;<br><b>Sent:</b> Monday, 9 March 2026 17:02<br><b>To:</b> Mira<br><b>Subject:</b> Poem</p></div></div><p>The rain.</p></div>`},
		{"outlook web", `<div>%A</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg"><b>Von:</b> Ada Long &lt;ada@poets.example&gt;<br><b>Gesendet:</b> Montag, 9. März 2026 17:02<br><b>An:</b> Mira<br><b>Betreff:</b> Poem</div><div>The rain.</div>`},
		{"thunderbird", `<p>%A</p><div class="moz-forward-container"><br>-------- Weitergeleitete Nachricht --------<table class="moz-email-headers-table"><tr><th>Betreff: </th><td>Poem</td></tr><tr><th>Datum: </th><td>Mon, 9 Mar 2026 17:02:11 +0100</td></tr><tr><th>Von: </th><td>Ada Long &lt;ada@poets.example&gt;</td></tr><tr><th>An: </th><td>mira@writers.example.net</td></tr></table><br><p>The rain.</p></div>`},
		{"yahoo", `<div>%A</div><div class="yahoo_quoted"><div>----- Forwarded Message -----</div><div><b>From:</b> Ada Long &lt;ada@poets.example&gt;</div><div><b>To:</b> Mira &lt;mira@writers.example.net&gt;</div><div><b>Sent:</b> Monday, March 9, 2026 at 05:02:11 PM GMT+1</div><div><b>Subject:</b> Poem</div><br><div>The rain.</div></div>`},
		{"gmx", `<div>%A</div><div name="quote"><div><b>Gesendet:</b>&nbsp;Montag, 09. März 2026 um 17:02 Uhr<br><b>Von:</b>&nbsp;"Ada Long" &lt;ada@poets.example&gt;<br><b>An:</b>&nbsp;mira@writers.example.net<br><b>Betreff:</b>&nbsp;Poem</div><div name="quoted-content">The rain.</div></div>`},
		{"proton", `<div>%A</div><div class="protonmail_quote">------- Forwarded Message -------<br>From: Ada Long &lt;ada@poets.example&gt;<br>Date: On Monday, March 9th, 2026 at 5:02 PM<br>Subject: Poem<br>To: Mira &lt;mira@writers.example.net&gt;<br><br><blockquote class="protonmail_quote" type="cite">The rain.<br></blockquote></div>`},
		{"samsung", `<div dir="auto">%A</div><div dir="auto"><div>-------- Original message --------</div><div>From: Ada Long &lt;ada@poets.example&gt; </div><div>Date: 09/03/2026  17:02  (GMT+01:00) </div><div>To: mira@writers.example.net </div><div>Subject: Poem </div></div><div>The rain.</div>`},
		{"zimbra", `<div>%A<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Ada Long" &lt;ada@poets.example&gt;<br><b>To: </b>"Mira" &lt;mira@writers.example.net&gt;<br><b>Sent: </b>Monday, March 9, 2026 5:02:11 PM<br><b>Subject: </b>Poem<br></div><div data-marker="__QUOTED_TEXT__">The rain.</div></div>`},
	} {
		for _, comment := range []string{"See below, please.", ""} {
			lines, _ := htmlLines(strings.Replace(c[1], "%A", comment, 1), 1<<20)
			tr := trim(lines)
			text := joinLines(lines, func(i int) bool { return tr.keep[i] })
			f := inlineForward(lines, "Fwd: Poem", tr)
			if len(f) != 1 || f[0].From.Address != "ada@poets.example" || f[0].From.Name != "Ada Long" || f[0].Subject != "Poem" || strings.Trim(f[0].Text, "> ") != "The rain." || f[0].Comment != comment {
				t.Errorf("%s, comment %q: %+v", c[0], comment, f)
			}
			if comment != "" && text != comment {
				t.Errorf("%s: text %q", c[0], text)
			}
		}
	}
}

// TestPrefixedMarks: names that a second mail program put its own before still mark what they marked.
func TestPrefixedMarks(t *testing.T) {
	for _, quote := range []string{
		`<div id="ydp8f2a3b4cyahoo_quoted_1" class="ydp8f2a3b4cyahoo_quoted"><div>She wrote:</div><div>How?</div></div>`,
		`<div class="x_x_gmail_signature">Mira Osei</div>`,
	} {
		lines, _ := htmlLines("<div>Fine.</div>"+quote, 1<<20)
		tr := trim(lines)
		if got := joinLines(lines, func(i int) bool { return tr.keep[i] }); got != "Fine." {
			t.Errorf("%s: %q", quote, got)
		}
	}
}
