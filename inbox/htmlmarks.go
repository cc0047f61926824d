package inbox

import "strings"

// markOf knows the names and styles under which mail clients put the answered mail, its attribution and the signature.
func markOf(name string, a attributes) mark {
	if a.id != "" {
		if m := markOfID(bareMark(strings.ToLower(a.id))); m != plainLine {
			return m
		}
	}
	if a.marker != "" {
		switch a.marker { // Zimbra
		case "__DIVIDER__", "__HEADERS__", "__QUOTED_TEXT__":
			return historyLine
		case "__SIG_PRE__", "__SIG_POST__":
			return signatureLine
		}
	}
	if a.name != "" && (name == "div" || name == "blockquote") {
		switch a.name {
		case "quote", "quoted-content", "messageReplySection": // GMX, Spark
			return quotedBlock
		case "messageSignatureSection":
			return signatureLine
		}
	}
	if a.class != "" {
		for class := range strings.FieldsSeq(strings.ToLower(a.class)) {
			if m := markOfClass(name, bareMark(class)); m != plainLine {
				return m
			}
		}
	}
	switch {
	case a.smartmail == "gmail_signature":
		return signatureLine
	case name == "hr" && a.tabindex == "-1":
		return historyLine
	case name == "div" && a.style != "" && headerBorder(a.style):
		return borderMark
	case name == "pre":
		return codeMark
	}
	return plainLine
}

// bareMark takes off what Outlook and Yahoo put before the names that another program gave: "x_" and "ydp" with eight hex digits.
func bareMark(s string) string {
	for strings.HasPrefix(s, "x_") {
		s = s[2:]
	}
	if len(s) > 11 && strings.HasPrefix(s, "ydp") && strings.Trim(s[3:11], "0123456789abcdef") == "" {
		s = s[11:]
	}
	return s
}

func markOfID(id string) mark {
	switch id {
	case "divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "stopspelling",
		"replysplit", "mailbox-conversation", "isforwardcontent", "isreplycontent", "_originalcontent", "zwchr", "spikeforwarded":
		return historyLine
	case "olk_src_body_section", "tutanota_quote", "yahoo_quoted", "ymail_android_quoted":
		return quotedBlock
	case "reply-intro":
		return attribution
	case "signature", "ms-outlook-mobile-signature", "applemailsignature", "applelinedsignature", "mail-signature", "psignature", "ymail_android_signature", "divtagdefaultwrapper_signature", "composer_signature", "bloop_sign", "zm-_id_-sgn", "tmjah_g_1299", "ntes-pcmac-signature", "ntes-pcmail-signature":
		return signatureLine
	}
	if strings.HasPrefix(id, "yahoo_quoted") {
		return quotedBlock
	}
	if strings.HasPrefix(id, "bloop_sign") {
		return signatureLine
	}
	return plainLine
}

func markOfClass(name, class string) mark {
	switch class {
	case "gmail_attr", "moz-cite-prefix", "reply-intro", "protonmail_quote_header", "gmail_quote_attribution", "airmail_on":
		return attribution
	case "yahoo_quoted", "zmail_extra", "mail_quote_header", "ox-quote", "aolmail_quote", "replycontainer", "hey-quoted", "missive_quote", "intercom-quote", "freshdesk_quote", "quoted_text_container":
		return quotedBlock
	case "protonmail_quote", "tutanota_quote", "front-blockquote", "spark_quote":
		if name != "blockquote" {
			return quotedBlock
		}
	case "gmail_signature", "moz-signature", "protonmail_signature_block", "gmail_signature_prefix", "outlook_signature", "zmail_signature", "front-signature", "mb_sig", "bloop_sign", "sh-signature", "edo-signature", "nylas-n1-signature", "-x-evo-signature-wrapper", "freshdesk-signature", "mailbutler-signature", "wisestamp_signature":
		return signatureLine
	}
	return plainLine
}

// headerBorder tells the rule that Outlook and Windows Mail draw above the header of the mail answered.
func headerBorder(style string) bool {
	if !strings.Contains(style, "order-top") {
		return false
	}
	s := strings.ToLower(strings.ReplaceAll(style, " ", ""))
	switch {
	case strings.Contains(s, "border-top:solid#e1e1e1"), strings.Contains(s, "border-top:solid#b5c4df"):
		return strings.Contains(s, "padding:3.0pt")
	case strings.Contains(s, "border-top:#b5c4df1ptsolid"):
		return true
	}
	return strings.Contains(s, "border-top-color:rgb(229,229,229)") && strings.Contains(s, "border-top-style:solid") && strings.Contains(s, "padding-top:5px")
}

// indents tells a blockquote by which an editor moves a paragraph in: it has no border, and its author is the sender.
func indents(a attributes) bool {
	if a.class != "" || a.kind == "cite" || !strings.Contains(a.style, "none") {
		return false
	}
	s := strings.ToLower(strings.ReplaceAll(a.style, " ", ""))
	return (strings.Contains(s, "border:none") || strings.Contains(s, "border-left:none")) && strings.Contains(s, "margin") && (strings.Contains(s, "40px") || strings.Contains(s, "30px"))
}

func hiddenStyle(style string) bool {
	if style == "" || !strings.Contains(style, "isplay") && !strings.Contains(style, "max-height") && !strings.Contains(style, "so-hide") && !strings.Contains(style, "SO-") && !strings.Contains(style, "DISPLAY") {
		return false
	}
	s := strings.ToLower(strings.ReplaceAll(style, " ", ""))
	return strings.Contains(s, "display:none") || strings.Contains(s, "mso-hide:all") || strings.Contains(s, "overflow:hidden") && zero(s, "max-height:")
}

// zero tells that a property of a style is nought, whatever its unit.
func zero(style, property string) bool {
	i := strings.Index(style, property)
	if i < 0 {
		return false
	}
	value, _, _ := strings.Cut(style[i+len(property):], ";")
	return strings.HasPrefix(value, "0") && strings.Trim(value, "0.pxtemr%!ioan") == ""
}
