package webcheck

import "net/netip"

// public tells whether a site that everyone can see may be at a. An IPv4 address inside an IPv6 one decides for it.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if inner(a) {
		return false
	}
	raw := a.As16()
	switch {
	case a.Is4():
		return true
	case inPrefix("2002::/16", a): // 6to4, RFC 3056: the IPv4 address follows the prefix
		return public(netip.AddrFrom4([4]byte(raw[2:6])))
	case inPrefix("64:ff9b::/96", a): // NAT64, RFC 6052: the IPv4 address ends it
		return public(netip.AddrFrom4([4]byte(raw[12:])))
	}
	return inPrefix("2000::/3", a) // no more of IPv6 is handed out
}

// inner tells whether a is in a range that no public site can have, after the IANA registries of special-purpose addresses
// (RFC 6890).
func inner(a netip.Addr) bool {
	for _, prefix := range [...]string{
		"0.0.0.0/8",        // this network
		"10.0.0.0/8",       // private, RFC 1918
		"100.64.0.0/10",    // carrier-grade NAT, RFC 6598
		"127.0.0.0/8",      // loopback
		"168.63.129.16/32", // a cloud's host services, at an address that looks public
		"169.254.0.0/16",   // link-local, and most clouds' metadata
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // protocol assignments
		"192.0.2.0/24",     // documentation, RFC 5737
		"192.88.99.0/24",   // 6to4 relays, RFC 7526
		"192.168.0.0/16",   // private
		"198.18.0.0/15",    // benchmarks, RFC 2544
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast
		"240.0.0.0/4",      // reserved, and broadcast
		"2001::/23",        // protocol assignments: Teredo, ORCHID, benchmarks
		"2001:db8::/32",    // documentation, RFC 3849
		"3fff::/20",        // documentation, RFC 9637
	} {
		if inPrefix(prefix, a) {
			return true
		}
	}
	return false
}

func inPrefix(prefix string, a netip.Addr) bool { return netip.MustParsePrefix(prefix).Contains(a) }

func within(list []netip.Prefix, a netip.Addr) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
