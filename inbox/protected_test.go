package inbox

import "testing"

// TestProtectedHeader: a mail wrapped in itself, so that its header is signed, is no forward; another's is.
func TestProtectedHeader(t *testing.T) {
	for from, forwards := range map[string]int{"mira@writers.example.net": 0, "ana@poets.example.org": 1} {
		inner := "Content-Type: message/rfc822\n\nFrom: " + from + "\nSubject: Chapter\n\nThe text.\n"
		m := readRaw(t, []byte("From: Mira <mira@writers.example.net>\nSubject: ...\nContent-Type: application/pkcs7-mime; smime-type=signed-data\nContent-Transfer-Encoding: base64\n\n"+encode(signed(false, tlv(0x04, false, inner)))))
		if len(m.Forwarded) != forwards || forwards == 0 && m.Text != "The text." {
			t.Errorf("%s: %d forwarded, text %q", from, len(m.Forwarded), m.Text)
		}
	}
}
