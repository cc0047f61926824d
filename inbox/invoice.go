package inbox

import (
	"path"
	"strings"
	"time"
	"unicode"
)

// invoice tells a mail that hands in an invoice, by the name of a file or by the subject over one. Articles about invoices have
// such names, too: beside the word only a number, a date, or a name may stand.
func (r *reading) invoice() {
	m := r.m
	if m.Kind != Human {
		return
	}
	names := make(map[string]bool) // of who writes and who is written to
	for _, a := range append(append([]Address{m.From}, m.To...), m.Cc...) {
		for _, t := range tokenize(a.Name + " " + strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(a.Address)) {
			names[t.text] = t.kind == 'w'
		}
	}
	for _, a := range m.Attachments {
		if named := invoiceNamed(strings.TrimSuffix(a.Name, path.Ext(a.Name)), names); a.Refused == "" &&
			(named > notInvoice && finished(a) || named == surelyInvoice && documentType(a) || invoiceXML(a)) {
			m.Invoice = true
			r.note("invoice", "yes", "a file is called "+a.Name)
			return
		}
	}
	subject, answer := withoutReplyMarks(m.Subject)
	named := invoiceNamed(subject, names)
	if named == notInvoice {
		return
	}
	for _, a := range m.Attachments {
		if a.Refused == "" && !a.Inline && (finished(a) || named == surelyInvoice && !answer && documentType(a)) {
			m.Invoice = true
			r.note("invoice", "yes", "the subject says so, and a file is attached")
			return
		}
	}
}

// finished tells a file that people send to be paid rather than edited: a PDF, a picture, XML, a sheet.
func finished(a Attachment) bool {
	t := typeByName(a)
	switch t {
	case "application/pdf", "application/xml", "text/xml", "application/vnd.ms-excel", "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return true
	case "application/octet-stream":
		return strings.EqualFold(path.Ext(a.Name), ".xml")
	}
	return strings.HasPrefix(t, "image/")
}

// invoiceXML knows the names that XRechnung, ZUGFeRD and Factur-X give to their files.
func invoiceXML(a Attachment) bool {
	name := strings.ToLower(a.Name)
	if path.Ext(name) != ".xml" {
		return false
	}
	for _, w := range []string{"xrechnung", "zugferd", "factur-x", "facturx"} {
		if strings.HasPrefix(name, w) {
			return true
		}
	}
	return false
}

// withoutReplyMarks drops "Re:", "Fwd:" and their like.
func withoutReplyMarks(subject string) (rest string, answer bool) {
	rest = strings.TrimSpace(subject)
	for range 5 {
		if !isReplySubject(strings.ToLower(rest)) {
			break
		}
		_, after, ok := strings.Cut(rest, ":")
		if !ok {
			break
		}
		rest, answer = strings.TrimSpace(after), true
	}
	return rest, answer
}

type invoiceName int

const (
	notInvoice    invoiceName = iota
	maybeInvoice              // with words that can be a name
	surelyInvoice             // with nothing but numbers, dates and names that the mail knows
)

// invoiceNamed reads a file's name or a subject: the word for an invoice stands first or last.
func invoiceNamed(s string, names map[string]bool) invoiceName {
	if len(s) > commandLine {
		return notInvoice
	}
	spaced := strings.ReplaceAll(s, "_", " ")
	d := newDayReader(spaced, time.Unix(0, 0))
	var words []token
	for i, t := range d.tokens {
		if t.text == "e" && d.is(i+1, "-") {
			continue // e-invoice
		}
		if t.kind != 'p' {
			words = append(words, t)
		} else if t.text == "?" {
			return notInvoice
		}
	}
	if len(words) == 0 {
		return notInvoice
	}
	at := 0
	if !invoiceWord(words[0].text) && !(words[0].text == "inv" && len(words) > 1 && words[1].kind == 'n') {
		if at = len(words) - 1; !invoiceWord(words[at].text) {
			return notInvoice
		}
	}
	sure, figures, unknown := true, false, 0
	for i, t := range words {
		capital := t.kind == 'w' && unicode.IsUpper(firstRune(spaced[t.start:]))
		switch {
		case i == at, invoiceFiller(t.text):
		case t.kind == 'n', monthName(t.text) != 0:
			figures = true
		case names[t.text], capital && len(t.text) == 1:
		case articleOnInvoices(t.text):
			return notInvoice
		case at == 0 && i > 0 && t.kind == 'w' && forWord(t.text):
			return maybeInvoice // "Invoice for Ten ways to brew"
		case t.kind == 'w' && unknown < 3:
			unknown++
			if !capital {
				unknown++
			}
			sure = false
		default:
			return notInvoice
		}
	}
	switch {
	case sure:
		return surelyInvoice
	case unknown > 3 || !figures && unknown > 2, !figures && !allCapital(spaced, words, at, names):
		return notInvoice
	}
	return maybeInvoice
}

// allCapital tells that every word but the one for the invoice can be a name.
func allCapital(s string, words []token, at int, names map[string]bool) bool {
	for i, t := range words {
		if i != at && t.kind == 'w' && !names[t.text] && !invoiceFiller(t.text) && !unicode.IsUpper(firstRune(s[t.start:])) {
			return false
		}
	}
	return true
}

func invoiceWord(w string) bool {
	switch w {
	case "invoice", "invoices", "einvoice", "rechnung", "rechnungen", "honorarrechnung", "honorarnote", "ausgangsrechnung", "schlussrechnung", "teilrechnung", "xrechnung", "zugferd", "facture", "factures", "factura", "facturas", "fattura", "fatture", "fatura", "faturas", "factuur", "facturen",
		"faktura", "fakturan", "fakturaen", "lasku", "faktury", "számla", "račun", "arve", "sąskaita", "счет", "счёт", "рахунок", "τιμολόγιο", "חשבונית", "فاتورة", "請求書", "发票":
		return true
	}
	return false
}

// invoiceFiller belongs to a number or a date.
func invoiceFiller(w string) bool {
	switch w {
	case "nr", "no", "num", "number", "nummer", "numero", "número", "numéro", "n", "nº", "n°", "núm", "vom", "of", "from", "dated", "du", "del", "dal", "de", "do", "da", "den", "van", "av", "af", "fra", "my", "meine", "final", "copy", "signed", "kopie", "copie", "copia", "ref", "re", "inv", "rg", "attached", "anbei", "enclosed", "pdf":
		return true
	}
	return false
}

// forWord stands before what is paid for.
func forWord(w string) bool {
	switch w {
	case "for", "für", "zu", "zum", "pour", "para", "por", "per", "voor", "för":
		return true
	}
	return false
}

// articleOnInvoices is a word of titles rather than of an invoice's name.
func articleOnInvoices(w string) bool {
	switch w {
	case "how", "to", "write", "writing", "an", "a", "the", "about", "why", "what", "when", "guide", "template", "templates", "sample", "example", "tutorial", "article", "draft", "essay", "story", "perfect", "history", "art", "tips", "and", "or", "your", "is", "are", "late", "unpaid", "question", "questions", "reminder", "please", "missing", "problem",
		"wie", "man", "eine", "die", "der", "vorlage", "muster", "beispiel", "artikel", "entwurf", "und", "frage", "fragen", "mahnung", "schreiben", "ohne", "comment", "une", "la", "le", "modèle", "exemple", "guía", "cómo", "una", "plantilla", "modelo", "ejemplo", "come", "modello", "esempio", "como", "uma", "exemplo", "et", "y", "pregunta", "hoe", "een", "voorbeeld", "sjabloon", "en", "mall", "skabelon", "mal":
		return true
	}
	return false
}
