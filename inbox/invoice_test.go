package inbox_test

import (
	"fmt"
	"strings"
	"testing"

	"handoff/inbox"
)

// TestInvoice: "subject | file", and whether the mail hands in an invoice.
func TestInvoice(t *testing.T) {
	for _, c := range []struct {
		want  bool
		mails string
	}{
		{true, `
			March | Invoice 2026-014.pdf
			March | invoice_march.pdf
			March | Rechnung Nr. 5.pdf
			March | Rechnung_2026-03.docx
			March | facture-12.pdf
			March | Factura 2026 03.pdf
			March | Fattura n. 7 del 3 marzo.pdf
			March | fatura_marco_2026.pdf
			March | Factuur 2026-1.pdf
			March | faktura 17.pdf
			March | lasku_2026.pdf
			March | Invoice.pdf
			March | Invoice.docx
			March | Mira Osei Invoice.pdf
			March | mira_osei_invoice.docx
			March | Invoice-A4B7-0001.pdf
			March | INV-2026-014.pdf
			March | 2026-03-10 Invoice.xlsx
			March | Honorarrechnung März 2026.pdf
			March | Invoice Agency March.pdf
			March | invoice17.jpg
			March | xrechnung.xml
			March | factur-x.xml
			March | ZUGFeRD-invoice.xml
			March | e-invoice 5.xml
			March | Invoice Blue Ink Ltd 12.pdf
			Invoice 2026-014 | scan.pdf
			Rechnung Nr. 5 | Scan_0001.pdf
			Re: Invoice March | document.pdf
			Fwd: Facture mars 2026 | 0012.pdf
			Invoice for Ten ways to brew | 2026-014.pdf
			Invoice March | March.docx
			Mira Osei: invoice | img_2231.jpg
			Factura | f-17.pdf`},
		{false, `
			Draft | how to write an invoice.docx
			Draft | How To Write An Invoice.pdf
			Draft | Invoice culture.docx
			Draft | invoice culture.pdf
			Draft | The Perfect Invoice.docx
			Draft | Invoices and how to love them.docx
			Draft | invoice-template.pdf
			Draft | Invoice Template 2026.pdf
			Draft | The history of the invoice.docx
			Draft | Late Invoice.docx
			Draft | Invoice Street Blues.docx
			Draft | Invoiced.docx
			Draft | voice.docx
			Draft | Unvoiced 2026.pdf
			Draft | Rechnungswesen heute.pdf
			Draft | Abrechnung mit dem Leben.docx
			Draft | Die Rechnung ohne den Wirt.docx
			Draft | Manufacture 2026.pdf
			Draft | manufactura.pdf
			Draft | Facture-moi tendrement.docx
			Draft | Fatura Fatale.docx
			Draft | invoice 5.mp3
			Draft | invoice.zip
			Draft | invoice 5.ics
			Draft | Invoice 5.exe
			Invoice 2026-014 |
			Where is my invoice? | contract.pdf
			Question about an invoice | draft.docx
			How to write an invoice | draft.docx
			How to write an invoice | draft.pdf
			Re: Invoice March | draft.docx
			Invoice for a dream | dream.docx
			Your invoice is overdue | draft.docx
			Reminder: invoice | letter.docx
			Ten ways to brew | draft.docx
			The invoice | story.docx`},
	} {
		for line := range strings.Lines(c.mails) {
			subject, file, ok := strings.Cut(strings.TrimSpace(line), "|")
			if !ok {
				continue
			}
			kind := "application/octet-stream"
			if strings.HasSuffix(file, ".mp3") {
				kind = "audio/mpeg"
			}
			part := fmt.Sprintf("--b\nContent-Type: %s\nContent-Disposition: attachment; filename=\"%s\"\n\nx\n", kind, strings.TrimSpace(file))
			if strings.TrimSpace(file) == "" {
				part = ""
			}
			raw := "From: Mira Osei <mira@writers.example.net>\nTo: drafts@agency.example\nSubject: " + subject + "\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the file.\n" + part + "--b--\n"
			m := read(t, []byte(raw), inbox.Options{})
			noted := false
			for _, check := range m.Trace {
				noted = noted || check.Check == "invoice"
			}
			if m.Invoice != c.want || noted != c.want {
				t.Errorf("%s: %v (noted: %v)", strings.TrimSpace(line), m.Invoice, noted)
			}
		}
	}
}

// TestOnlyLink: the one link of the sender's own text.
func TestOnlyLink(t *testing.T) {
	const page = "https://magazine.example/ten-ways"
	for text, want := range map[string]string{
		page:                        page,
		"It is out: " + page + ".":  page,
		"<" + page + ">":            page,
		page + "\n\nAgain: " + page: page,
		page + "\n-- \nMira\nhttps://mira.example.net":                                                              page,
		page + "\n\nOn Mon, 9 Mar 2026 at 17:02, Desk <desk@agency.example> wrote:\n> see https://agency.example/x": page,
		page + " and https://magazine.example/two":                                                                  "",
		"It is out.":            "",
		"ftp://a.example/x":     "",
		"> " + page + "\n\nNo.": "",
	} {
		m := read(t, answered(text), inbox.Options{})
		got, ok := m.OnlyLink()
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q", text, got)
		}
	}
	raw := "From: mira@writers.example.net\nSubject: Re: x\nContent-Type: text/html\n\n<p>It is <a href=\"" + page + "\">out</a>.</p>"
	if got, ok := read(t, []byte(raw), inbox.Options{}).OnlyLink(); !ok || got != page {
		t.Errorf("behind a word: %q", got)
	}
}
