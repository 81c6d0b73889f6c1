package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"strings"
)

// bucketNames is the form of a bucket's name [S052].
var bucketNames = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// What a bucket's name may not begin and end with [S052].
var (
	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// validName reports whether a bucket can have a name.
func validName(name string) bool {
	if !bucketNames.MatchString(name) || strings.Contains(name, "..") {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	for _, p := range reservedPrefixes {
		if strings.HasPrefix(name, p) {
			return false
		}
	}
	for _, p := range reservedSuffixes {
		if strings.HasSuffix(name, p) {
			return false
		}
	}
	return true
}

// canonicalID is the canonical user id of an account: 64 hexadecimal digits [S050].
func canonicalID(account string) string {
	digest := sha256.Sum256([]byte("canonical user id of " + account))
	return hex.EncodeToString(digest[:])
}

func ownerOf(account string) *Owner { return &Owner{ID: canonicalID(account)} }
