package eventpattern

import (
	"net/netip"
	"strconv"
	"strings"
)

// parseNetwork reads an address and a length [N168]-[N170] [V192] [V193].
func parseNetwork(text string) (netip.Prefix, error) {
	first, length, ok := strings.Cut(text, "/")
	if !ok || length == "" || strings.Contains(length, "/") {
		return netip.Prefix{}, complaint("Malformed CIDR, one '/' required")
	}
	bits, err := strconv.ParseInt(length, 10, 32)
	if err != nil {
		return netip.Prefix{}, complaint("Malformed CIDR, mask bits must be an integer")
	}
	if bits < 0 {
		return netip.Prefix{}, complaint("Malformed CIDR, mask bits must not be negative")
	}
	if !looksLikeAddress(first) {
		return netip.Prefix{}, complaint("Nonstandard IP address: " + first)
	}
	ip, ok := parseAddress(first)
	if !ok {
		return netip.Prefix{}, complaint("Invalid IP address: " + first)
	}
	if int(bits) >= ip.BitLen() {
		if ip.Is4() {
			return netip.Prefix{}, complaint("IPv4 mask bits must be < 32")
		}
		return netip.Prefix{}, complaint("IPv6 mask bits must be < 128")
	}
	return netip.PrefixFrom(ip, int(bits)), nil
}

// looksLikeAddress reports whether a text is four decimal numbers, or hexadecimal digits
// and colons: AWS takes nothing else for an address, not even a name or an address within
// another.
func looksLikeAddress(text string) bool {
	only := func(characters, text string) bool { return strings.Trim(text, characters) == "" }
	if strings.Contains(text, ":") {
		return only("0123456789abcdefABCDEF:", text)
	}
	parts := strings.Split(text, ".")
	for _, part := range parts {
		if part == "" || !only("0123456789", part) {
			return false
		}
	}
	return len(parts) == 4
}

// parseAddress reads an IP address. Numbers of IPv4 are decimal, with zeros before them or
// without.
func parseAddress(text string) (netip.Addr, bool) {
	if !looksLikeAddress(text) {
		return netip.Addr{}, false
	}
	if strings.Contains(text, ":") {
		ip, err := netip.ParseAddr(text)
		return ip, err == nil
	}
	var octets [4]byte
	for i, part := range strings.Split(text, ".") {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return netip.Addr{}, false
		}
		octets[i] = byte(n)
	}
	return netip.AddrFrom4(octets), true
}
