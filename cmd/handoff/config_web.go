package main

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"handoff/web"
)

// WebConfig is where Handoff answers over HTTP. Without an address to listen at it does not.
type WebConfig struct {
	Listen string `toml:"listen"`
	URL    string `toml:"url"`
}

// resolve writes the address in one way: "HTTPS://h.example/" is "https://h.example".
func (c *WebConfig) resolve() {
	if u, err := url.Parse(c.URL); err == nil {
		c.URL = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	}
}

// unsubscribe is the address that mutes recurring notices, "" none: mail programs take https only (RFC 8058, section 3.1).
func (c WebConfig) unsubscribe() string {
	if !strings.HasPrefix(c.URL, "https:") {
		return ""
	}
	return c.URL + web.UnsubscribePath
}

func (v *validation) web() {
	c := v.cfg.Web
	if c.Listen != "" {
		_, port, err := net.SplitHostPort(c.Listen)
		if _, convErr := strconv.ParseUint(port, 10, 16); err != nil || convErr != nil {
			v.add("web.listen", "%q is not host:port, like \"127.0.0.1:8080\"", c.Listen)
		}
	}
	if c.URL == "" {
		return
	}
	const example = "\"https://handoff.agency.example\""
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		v.add("web.url", "%q is not where people reach Handoff, like %s", c.URL, example)
	case u.User != nil || strings.Trim(u.Path, "/") != "" || strings.ContainsAny(c.URL, "?#"):
		v.add("web.url", "%q has more than a host in it: Handoff needs one of its own, like %s", c.URL, example)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		v.add("web.url", "%q is not https, which tokens and mail programs need: have a web server with a certificate pass requests on to web.listen", c.URL)
	case c.Listen == "":
		v.add("web.url", "nothing would answer there: set web.listen as well, like \"127.0.0.1:8080\"")
	}
}

// loopback tells whether the host is this machine to itself.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
