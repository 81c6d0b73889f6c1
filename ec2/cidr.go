package ec2

import (
	"encoding/binary"
	"net/netip"

	"github.com/waxseal/waxseal/internal/api"
)

// The shortest and the longest prefix of a VPC's and of a subnet's block [X029] [X044].
const shortestPrefix, longestPrefix = 16, 28

// parseCidr is an IPv4 block of a size that VPCs and subnets may have, in its canonical
// form [X030]. outOfRange is the error for another size.
func parseCidr(text string, outOfRange *api.Error) (netip.Prefix, error) {
	cidr, err := netip.ParsePrefix(text)
	if err != nil || !cidr.Addr().Is4() {
		return cidr, badValue(text, "cidrBlock", "This is not a valid CIDR block.") // [X031]
	}
	if cidr.Bits() < shortestPrefix || cidr.Bits() > longestPrefix {
		return cidr, wrongSize(outOfRange, text)
	}
	return cidr.Masked(), nil
}

// wrongSize is the error for a block that is not of the right size or place.
func wrongSize(outOfRange *api.Error, text string) *api.Error {
	return outOfRange.Withf("The CIDR '%s' is invalid.", text)
}

// contains reports whether a block has all of another in it.
func contains(block, inner netip.Prefix) bool {
	return block.Bits() <= inner.Bits() && block.Contains(inner.Addr())
}

// keptAddresses are how many addresses of a subnet nobody gets: the first four and the
// last [X042].
const keptAddresses = 5

// addresses is how many addresses of a subnet's block can be given to interfaces.
func addresses(cidr netip.Prefix) int { return 1<<(32-cidr.Bits()) - keptAddresses }

// after is the block of the same size that follows a block.
func after(block netip.Prefix) netip.Prefix {
	first := block.Addr().As4()
	n := binary.BigEndian.Uint32(first[:]) + 1<<(32-block.Bits())
	binary.BigEndian.PutUint32(first[:], n)
	return netip.PrefixFrom(netip.AddrFrom4(first), block.Bits())
}
