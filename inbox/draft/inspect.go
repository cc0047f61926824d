package draft

import (
	"bytes"
	"encoding/binary"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
)

const (
	asDocx   = "; please send it as .docx"
	program  = "files of this kind can carry programs, so they are not taken in"
	macros   = "it contains macros, which are not taken in; please save it as .docx and send that"
	locked   = "it is protected by a password; please send it without one"
	tricks   = "the names of the files in it lead out of its folder; please pack it anew"
	bomb     = "it unpacks to far more than its size; please send the files themselves"
	disguise = "its content is a program and not what its name says; please send the document itself"
	crowded  = "it holds too many files; please send the document itself"
)

// Limits of what archives may declare.
const (
	bombBytes = 64 << 20 // unpacked, below which no ratio is a bomb
	bombRatio = 150
	bombTotal = 4 << 30
)

// Inspect tells, in words for its sender, why a file must not be taken in; "" if nothing speaks against it. It reads the
// file's beginning and end and an archive's directory, at most some 5 MB, so it can be asked about every attachment.
func Inspect(name, mediaType string, r io.ReaderAt, size int64) (refused string) {
	defer func() {
		if recover() != nil {
			refused = damaged
		}
	}()
	if reason := inspectName(name, mediaType); reason != "" {
		return reason
	}
	head := make([]byte, min(size, 1024))
	n, _ := r.ReadAt(head, 0)
	head = head[:n]
	ext := extension(name)
	switch {
	case isProgram(head), isScript(head) && !textExtension(ext):
		return disguise
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")), zipName(ext):
		return inspectZip(ext, r, size)
	case encryptedRAR(head):
		return locked
	case bytes.HasPrefix(head, []byte(oleMagic)):
		return inspectOLE(r, size)
	case bytes.Contains(head, []byte("%PDF-")):
		return inspectPDF(r, size)
	}
	return ""
}

// inspectName refuses by name and type alone.
func inspectName(name, mediaType string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
		return "its name has characters that hide what it is; please rename it"
	}
	ext := extension(name)
	mediaType, _, _ = strings.Cut(strings.ToLower(mediaType), ";")
	mediaType = strings.TrimSpace(mediaType)
	switch {
	case macroExtension(ext) || strings.Contains(mediaType, "macroenabled"):
		if strings.HasPrefix(ext, "do") || strings.Contains(mediaType, "word") {
			return "it can contain macros, which are not taken in" + asDocx
		}
		return "it can contain macros, which are not taken in; please send it without them"
	case programExtension(ext):
		if documentExtension(innerExtension(name)) {
			return "its name ends in ." + ext + ", which makes it a program and no document; please send the document itself"
		}
		return program
	case programType(mediaType):
		return program
	}
	return ""
}

// extension is a file name's, lower case; the dots and spaces that Windows drops from the end are dropped first.
func extension(name string) string {
	name = strings.TrimRight(name, ". \u00a0")
	return strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
}

// innerExtension is the extension before the last: of essay.pdf.exe it is pdf.
func innerExtension(name string) string {
	name = strings.TrimRight(name, ". \u00a0")
	return extension(strings.TrimRight(strings.TrimSuffix(name, path.Ext(name)), ". _\u00a0"))
}

func macroExtension(ext string) bool {
	switch ext {
	case "docm", "dotm", "xlsm", "xltm", "xlam", "xll", "pptm", "potm", "ppam", "ppsm", "sldm":
		return true
	}
	return false
}

func programExtension(ext string) bool {
	switch ext {
	case "exe", "com", "scr", "pif", "bat", "cmd", "msi", "msp", "mst", "dll", "cpl", "sys", "lnk", "reg", "inf", "scf", "chm", "hta", "jar",
		"js", "jse", "vbs", "vbe", "vb", "wsf", "wsh", "wsc", "ps1", "psm1", "sh", "bash", "command", "app", "apk", "dmg", "pkg", "deb", "rpm",
		"one", "iso", "img", "vhd", "vhdx", "application", "appx", "msix", "url":
		return true
	}
	return false
}

func documentExtension(ext string) bool {
	switch ext {
	case "doc", "docx", "odt", "rtf", "txt", "md", "pdf", "html", "htm", "pages", "xls", "xlsx", "ppt", "pptx", "csv", "jpg", "jpeg", "png", "gif", "zip":
		return true
	}
	return false
}

func programType(mediaType string) bool {
	switch mediaType {
	case "application/x-msdownload", "application/x-dosexec", "application/x-msdos-program", "application/vnd.microsoft.portable-executable",
		"application/x-sh", "application/x-bat", "application/hta", "application/java-archive", "application/x-ms-shortcut",
		"application/javascript", "text/javascript", "application/x-javascript", "text/vbscript":
		return true
	}
	return false
}

func zipName(ext string) bool {
	switch ext {
	case "docx", "odt", "zip", "xlsx", "pptx", "ods", "odp", "epub":
		return true
	}
	return false
}

// isProgram knows the beginnings of Windows, Linux and macOS programs and of shortcuts.
func isProgram(head []byte) bool {
	has := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case has("MZ"):
		// Text can begin so, too: the header of a program is binary.
		return len(head) >= 64 && bytes.IndexByte(head[:64], 0) >= 0
	case has("\x7fELF"), has("\xcf\xfa\xed\xfe"), has("\xce\xfa\xed\xfe"), has("\xca\xfe\xba\xbe"):
		return true
	case has("L\x00\x00\x00\x01\x14\x02\x00"):
		return true
	}
	return false
}

// isScript knows the line that names a script's interpreter.
func isScript(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return bytes.HasPrefix(line, []byte("#!")) && len(line) < 200 && (bytes.Contains(line, []byte("/bin/")) || bytes.Contains(line, []byte("/env")))
}

// textExtension tells what opens as text, where a script does nothing.
func textExtension(ext string) bool {
	switch ext {
	case "txt", "text", "md", "markdown", "mdown", "mkd", "rst", "adoc", "tex", "csv":
		return true
	}
	return false
}

// inspectZip looks through an archive's directory.
func inspectZip(ext string, r io.ReaderAt, size int64) string {
	reason, manifest := "", entry{}
	var total uint64
	seen := make(map[string]bool)
	look := func(e entry) bool {
		total += min(e.unpacked, 1<<40)
		low := strings.ToLower(e.name)
		base := path.Base(low)
		switch {
		case badPath(e.name), e.symlink:
			reason = tricks
		case base == "vbaproject.bin" || base == "vbadata.xml", basicModule(e.name):
			reason = macros
			if ext != "docx" && ext != "odt" {
				reason = "it contains macros, which are not taken in; please send it without them"
			}
		case e.encrypted:
			reason = locked
		case total > bombTotal, total > bombBytes && total/bombRatio > uint64(size):
			reason = bomb
		case !strings.HasSuffix(low, "/") && macroExtension(extension(base)):
			reason = "it contains a document with macros (" + cleanLine(path.Base(e.name), 60) + "), which is not taken in; please send it without"
		case !strings.HasSuffix(low, "/") && inArchive(base):
			reason = "it contains a program (" + cleanLine(path.Base(e.name), 60) + "), which is not taken in; please send it without"
		}
		return reason == ""
	}
	err := walkZip(r, size, func(e entry) bool {
		if document := ext == "docx" || ext == "odt"; look(e) && document {
			if seen[strings.ToLower(e.name)] {
				reason = damaged
			}
			if len(seen) < 4096 {
				seen[strings.ToLower(e.name)] = true
			}
		}
		if e.name == "META-INF/manifest.xml" {
			manifest = e
		}
		return reason == ""
	})
	if err != nil && err != errZipSize && reason == "" {
		// Programs that mend an archive go by what stands before its files.
		total = 0
		if e := walkHeaders(r, size, look); e != nil {
			err = e
		}
	}
	switch {
	case reason != "":
		return reason
	case err == errZipSize:
		return crowded
	case err != nil && (ext == "docx" || ext == "odt"):
		return notZip(r, size)
	case err != nil:
		return ""
	}
	if manifest.name != "" {
		return inspectManifest(r, size, manifest)
	}
	return ""
}

// notZip tells what is called .docx or .odt and is no archive from what is damaged.
func notZip(r io.ReaderAt, size int64) string {
	head := make([]byte, min(size, 64))
	n, _ := r.ReadAt(head, 0)
	s := strings.TrimLeft(strings.TrimPrefix(string(head[:n]), "\xef\xbb\xbf"), " \t\r\n")
	switch {
	case strings.HasPrefix(s, oleMagic):
		return inspectOLE(r, size)
	}
	return "" // damaged, or RTF or HTML under a wrong name: that is no reason to leave it out, and Read tells
}

// inArchive tells the programs that no archive may bring. Scripts of web pages are none, unless they are named like
// documents.
func inArchive(base string) bool {
	switch ext := extension(base); ext {
	case "js", "app":
		return documentExtension(innerExtension(base))
	default:
		return programExtension(ext)
	}
}

// encryptedRAR tells a RAR archive whose directory is encrypted, by its first header. That of files alone stays unseen.
func encryptedRAR(head []byte) bool {
	if h, ok := bytes.CutPrefix(head, []byte("Rar!\x1a\x07\x01\x00")); ok && len(h) > 4 { // checksum, size, type
		_, n := binary.Uvarint(h[4:])
		if n <= 0 {
			return false
		}
		kind, n := binary.Uvarint(h[4+n:])
		return n > 0 && kind == 4
	}
	h, ok := bytes.CutPrefix(head, []byte("Rar!\x1a\x07\x00")) // checksum, type, flags
	return ok && len(h) >= 5 && h[2] == 0x73 && h[3]&0x80 != 0
}

// badPath tells names that would be written outside of the archive's folder, or shown as what they are not.
func badPath(name string) bool {
	switch {
	case name == "", strings.HasPrefix(name, "/"), strings.Contains(name, `\`), len(name) > maxEntryName, len(name) >= 2 && name[1] == ':':
		return true
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		return true
	}
	return strings.Contains(name, "..") && slices.Contains(strings.Split(name, "/"), "..")
}

// basicModule tells the macros of OpenDocument files. The list of libraries is there without any, too.
func basicModule(name string) bool {
	return strings.HasPrefix(name, "Scripts/") && !strings.HasSuffix(name, "/") ||
		strings.HasPrefix(name, "Basic/") && strings.HasSuffix(name, ".xml") && path.Base(name) != "script-lc.xml" && path.Base(name) != "script-lb.xml"
}

// inspectManifest finds the encryption of OpenDocument files: their archives do not show it.
func inspectManifest(r io.ReaderAt, size int64, e entry) string {
	a := &archive{r: r, size: size, entries: map[string]entry{e.name: e}, budget: 256 << 10}
	f, err := a.open(e.name)
	if err != nil || f == nil {
		return ""
	}
	buf := make([]byte, 16<<10)
	keep := 0
	const mark = "encryption-data"
	for {
		n, err := f.Read(buf[keep:])
		if bytes.Contains(buf[:keep+n], []byte(mark)) {
			return locked
		}
		if err != nil {
			return ""
		}
		keep = copy(buf, buf[max(0, keep+n-len(mark)):keep+n])
	}
}
