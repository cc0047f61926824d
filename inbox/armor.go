package inbox

import "strings"

// ordinaryText is how much text beside an encrypted block makes a mail that quotes one, not one that is encrypted.
const ordinaryText = 300

// openArmor takes the PGP armor off signed text (RFC 9580 section 7), keeping what stands above and below it, and holds a mail
// that says nothing but an encrypted message.
func (x *extractor) openArmor(lines []line) []line {
	out := make([]line, 0, len(lines))
	encrypted, beside := false, 0
	unsigned := false // no signature follows
	for i := 0; i < len(lines); i++ {
		switch strings.TrimSpace(lines[i].text) {
		case "-----BEGIN PGP SIGNED MESSAGE-----":
			if unsigned {
				break
			}
			text, next := clearText(lines, i+1)
			if next < 0 {
				unsigned = true
				break
			}
			x.noteSigned("PGP")
			for _, l := range text {
				beside += len(l.text)
			}
			out, i = append(out, text...), next-1
			continue
		case "-----BEGIN PGP MESSAGE-----":
			encrypted = true
			end := armorEnd(lines, i+1, "-----END PGP MESSAGE-----")
			out, i = append(out, lines[i:end]...), end-1
			continue
		}
		if l := strings.TrimSpace(lines[i].text); !strings.HasPrefix(l, ">") {
			beside += len(l)
		}
		out = append(out, lines[i])
	}
	if encrypted && beside < ordinaryText {
		x.hold("it is encrypted (PGP): nothing of it can be read here")
	}
	return out
}

// clearText returns the lines of a signed message whose armor headers begin at i, and where the text below its signature
// begins; next is -1 if it has no signature.
func clearText(lines []line, i int) (text []line, next int) {
	for i < len(lines) && isArmorHeader(lines[i].text) {
		i++
	}
	if i < len(lines) && strings.TrimSpace(lines[i].text) == "" {
		i++
	}
	for at := i; at < len(lines); at++ {
		if strings.TrimSpace(lines[at].text) != "-----BEGIN PGP SIGNATURE-----" {
			continue
		}
		for _, l := range lines[i:at] {
			if rest, ok := strings.CutPrefix(l.text, "- "); ok { // dash escaping
				l.text = rest
			}
			text = append(text, l)
		}
		return text, armorEnd(lines, at+1, "-----END PGP SIGNATURE-----")
	}
	return nil, -1
}

// isArmorHeader tells the headers that clear text may have. Others are not taken for one, for HTML made into text may have lost
// the empty line below them.
func isArmorHeader(s string) bool {
	for _, name := range []string{"Hash:", "Charset:", "Comment:", "Version:", "MessageID:", "SaltedHash:"} {
		if strings.HasPrefix(strings.TrimSpace(s), name) {
			return true
		}
	}
	return false
}

// armorEnd is the line below the one that ends the armor, or the end.
func armorEnd(lines []line, i int, end string) int {
	for ; i < len(lines); i++ {
		if strings.TrimSpace(lines[i].text) == end {
			return i + 1
		}
	}
	return len(lines)
}
