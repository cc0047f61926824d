package inbox

import (
	"net/url"
	"slices"
	"strings"
)

// linkType tells the document services by their hosts; a host that only looks like one is none.
func linkType(u string) LinkType {
	p, err := url.Parse(u)
	if err != nil || strings.Trim(p.Path, "/") == "" && p.RawQuery == "" {
		return WebLink // the front page of a service is no document
	}
	host := linkHost(p)
	under := func(domains ...string) bool {
		return slices.ContainsFunc(domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
	}
	switch {
	case host == "docs.google.com", host == "drive.google.com", host == "sheets.google.com", host == "slides.google.com", host == "forms.gle":
		return GoogleDoc
	case under("dropbox.com", "db.tt", "dropboxusercontent.com"):
		return Dropbox
	case under("onedrive.live.com", "1drv.ms", "sharepoint.com", "sharepoint.us", "sharepoint.cn", "onedrive.com"):
		return OneDrive
	case under("notion.so", "notion.site", "notion.com"):
		return Notion
	case under("icloud.com"):
		return ICloud
	}
	return WebLink
}

func linkHost(p *url.URL) string { return strings.TrimSuffix(strings.ToLower(p.Hostname()), ".") }

// documentID is the id that the service of that type gave the document behind u, "" if the link does not tell it.
func documentID(u string, lt LinkType) string {
	p, err := url.Parse(u)
	if err != nil || lt == WebLink {
		return ""
	}
	path := strings.Split(strings.Trim(p.Path, "/"), "/")
	id := ""
	switch lt {
	case GoogleDoc:
		id = googleID(p, path)
	case Dropbox:
		id = dropboxID(p, path)
	case OneDrive:
		id = oneDriveID(p, path)
	case Notion:
		id = notionID(p, path)
	case ICloud:
		if i := slices.IndexFunc(path, func(s string) bool {
			return s == "pages" || s == "numbers" || s == "keynote" || s == "iclouddrive" || s == "notes" || s == "photos"
		}); i >= 0 {
			id = segment(path, i+1)
		}
	}
	if len(id) > 300 {
		return ""
	}
	return cleanLine(id)
}

func segment(path []string, i int) string {
	if i < 0 || i >= len(path) {
		return ""
	}
	return path[i]
}

// googleID reads /document/d/ID, /document/u/0/d/ID, /d/e/ID of what is published, /file/d/ID, /folders/ID and ?id=ID.
func googleID(p *url.URL, path []string) string {
	if linkHost(p) == "forms.gle" {
		return path[0]
	}
	for i, s := range path {
		switch {
		case s == "d" && segment(path, i+1) == "e":
			return segment(path, i+2)
		case s == "d", s == "folders":
			return segment(path, i+1)
		}
	}
	for _, name := range []string{"id", "key"} {
		if id := p.Query().Get(name); id != "" {
			return id
		}
	}
	return ""
}

// dropboxID reads /s/ID, /sh/ID, /scl/fi/ID, /scl/fo/ID, /t/ID, /request/ID and Paper's /doc/Title-ID.
func dropboxID(p *url.URL, path []string) string {
	switch path[0] {
	case "s", "sh", "t", "request", "transfer":
		return segment(path, 1)
	case "scl":
		return segment(path, 2)
	}
	if i := slices.Index(path, "doc"); i >= 0 && (linkHost(p) == "paper.dropbox.com" || path[0] == "paper") {
		title := segment(path, i+1)
		return title[strings.LastIndexByte(title, '-')+1:]
	}
	return ""
}

// oneDriveID reads 1drv.ms/w/s!ID and /w/c/CID/ID, ?resid= and ?id=, SharePoint's /:w:/g/…/ID and ?sourcedoc={GUID}.
func oneDriveID(p *url.URL, path []string) string {
	q := p.Query()
	host := linkHost(p)
	if host == "1drv.ms" {
		return path[len(path)-1]
	}
	for _, name := range []string{"sourcedoc", "resid", "UniqueId"} {
		if id := strings.Trim(q.Get(name), "{}"); id != "" {
			return id
		}
	}
	if !strings.Contains(host, ".sharepoint.") {
		if id := q.Get("id"); id != "" {
			return id
		}
		return q.Get("cid")
	}
	if kind := path[0]; len(kind) == 3 && kind[0] == ':' && kind[2] == ':' {
		if segment(path, 1) == "r" { // by path, the id being a parameter
			return q.Get("d")
		}
		if len(path) > 2 {
			return path[len(path)-1]
		}
	}
	return ""
}

// notionID reads the 32 hexadecimal digits that end a page's path, or those of the page shown over a view (?p=).
func notionID(p *url.URL, path []string) string {
	for _, s := range []string{p.Query().Get("p"), path[len(path)-1]} {
		s = strings.ReplaceAll(s, "-", "")
		if len(s) < 32 {
			continue
		}
		if s = s[len(s)-32:]; strings.IndexFunc(s, func(c rune) bool { return c >= 0x80 || unhex(byte(c)) < 0 }) < 0 {
			return strings.ToLower(s)
		}
	}
	return ""
}
