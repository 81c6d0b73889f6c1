package ec2

// DnsEntry is a name by which an interface endpoint is reached.
type DnsEntry struct {
	DnsName      string
	HostedZoneId string
}

// dnsEntries are the names of an interface endpoint with subnets in the zones given:
// that of the region, one for each zone, and the private ones, if it has any [X096].
// The first two kinds lie in one hosted zone, each private name in one of its own
// [X097].
func dnsEntries(s endpointService, id string, zones []string, private bool) []DnsEntry {
	const suffixLength = 8
	label := id + "-" + derived(suffixLength, alphanumeric, id)
	wildcard := ""
	if s.name == "s3" { // whose names take in those of buckets
		wildcard = "*."
	}
	hosted := hostedZone(s.zone())
	entries := []DnsEntry{{wildcard + label + "." + s.zone(), hosted}}
	for _, zone := range zones {
		entries = append(entries, DnsEntry{wildcard + label + "-" + zone + "." + s.zone(), hosted})
	}
	if private {
		for _, name := range s.privateNames() {
			entries = append(entries, DnsEntry{name, hostedZone(id, name)})
		}
	}
	return entries
}
