package webcheck

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestPublic(t *testing.T) {
	tests := map[bool][]string{
		true: {
			"1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "198.17.0.1",
			"223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "2002:0808:0808::1", "64:ff9b::8.8.8.8",
		},
		false: {
			"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.1", "168.63.129.16",
			"169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
			"198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
			"255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1",
			"64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:2::1",
			"2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1", "3fff::1", "4000::1",
			"5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0", "fec0::1", "ff02::1",
		},
	}
	for want, addresses := range tests {
		for _, s := range addresses {
			if got := public(netip.MustParseAddr(s)); got != want {
				t.Errorf("public(%s) = %v", s, got)
			}
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

// However an IPv4 address is wrapped, it is judged alike, and what the standard library calls private never passes.
func TestPublicWrapped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4"))
		a := netip.AddrFrom4(raw)
		if public(a) && (!a.IsGlobalUnicast() || a.IsPrivate()) {
			t.Fatalf("%s is public", a)
		}
		mapped := netip.AddrFrom16(a.As16())
		nat := netip.MustParseAddr("64:ff9b::").As16()
		copy(nat[12:], raw[:])
		relayed := netip.MustParseAddr("2002::").As16()
		copy(relayed[2:], raw[:])
		for _, wrapped := range []netip.Addr{mapped, netip.AddrFrom16(nat), netip.AddrFrom16(relayed)} {
			if public(wrapped) != public(a) {
				t.Fatalf("%s is public: %v, %s is: %v", a, public(a), wrapped, public(wrapped))
			}
		}
	})
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"https://a.example", "https://a.example/", true},
		{"https://a.example/x", "https://a.example/x#y", true},
		{"https://a.example/x", "https://a.example:443/x", true},
		{"https://a.example/x", "https://a.example:8443/x", false},
		{"https://a.example/x", "http://a.example/x", false},
		{"https://a.example/x", "https://a.example/x/", false},
		{"https://a.example/x", "https://a.example/x?y", false},
		{"https://a.example/x", "https://a.example/X", false},
	} {
		if Same(c.a, c.b) != c.same {
			t.Errorf("%s and %s: same is %v", c.a, c.b, !c.same)
		}
	}
}
