package identity

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Login is what a user signs in to the console with.
type Login struct {
	Created  time.Time
	Changed  time.Time // when the password was set
	Password []byte    // salt and hash
	// Former are the earlier passwords, newest first. The account's policy can
	// forbid using them again.
	Former        [][]byte `json:",omitempty"`
	ResetRequired bool     `json:",omitempty"`
}

// PasswordPolicy is what an account requires of its users' passwords.
type PasswordPolicy struct {
	MinLength                        int
	Symbols, Numbers, Uppers, Lowers bool `json:",omitempty"` // needed
	UsersChange, HardExpiry          bool `json:",omitempty"`
	MaxAge                           int  `json:",omitempty"` // days; 0: none
	Reuse                            int  `json:",omitempty"` // how many passwords may not be used again
}

// MaxReuse is how many passwords a policy can forbid to use again.
const MaxReuse = 24

// symbols are the characters that AWS counts as such.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html.
const symbols = "!@#$%^&*()_+-=[]{}|'"

// Admits reports whether the policy, or AWS's default policy where p is nil, accepts a
// password. names are texts that the default policy forbids as passwords: the account's
// name and email.
func (p *PasswordPolicy) Admits(password string, names ...string) bool {
	var upper, lower, number, symbol bool
	for _, c := range password {
		upper = upper || 'A' <= c && c <= 'Z'
		lower = lower || 'a' <= c && c <= 'z'
		number = number || '0' <= c && c <= '9'
		symbol = symbol || strings.ContainsRune(symbols, c)
	}
	length := utf8.RuneCountInString(password)
	if p == nil {
		classes := 0
		for _, has := range []bool{upper, lower, number, symbol} {
			if has {
				classes++
			}
		}
		return length >= 8 && classes >= 3 && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, password) })
	}
	return length >= p.MinLength && (upper || !p.Uppers) && (lower || !p.Lowers) && (number || !p.Numbers) && (symbol || !p.Symbols)
}

// Matches reports whether the password is that of the login.
func (l *Login) Matches(password string) bool { return matchesHash(l.Password, password) }

// Reused reports whether the password is the one in use or one of the last n.
func (l *Login) Reused(password string, n int) bool {
	if n == 0 {
		return false
	}
	used := append([][]byte{l.Password}, l.Former...)
	return slices.ContainsFunc(used[:min(n, len(used))], func(hash []byte) bool { return matchesHash(hash, password) })
}

// SetPassword gives the login a new password, by its hash, and keeps the one before.
func (l *Login) SetPassword(hash []byte, now time.Time) {
	if len(l.Password) > 0 {
		l.Former = append([][]byte{l.Password}, l.Former...)
		l.Former = l.Former[:min(len(l.Former), MaxReuse)]
	}
	l.Password, l.Changed = hash, now
}

// Same reports whether both have the same password.
func (l *Login) Same(other *Login) bool {
	return l != nil && other != nil && bytes.Equal(l.Password, other.Password)
}

const (
	saltSize = 16
	rounds   = 100_000
)

// HashPassword is the hash of a password that is stored. Computing it is slow
// on purpose, so it must not be called within a transaction.
func HashPassword(password string) []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return append(salt, derive(password, salt)...)
}

func matchesHash(stored []byte, password string) bool {
	return len(stored) > saltSize && hmac.Equal(stored[saltSize:], derive(password, stored[:saltSize]))
}

func derive(password string, salt []byte) []byte {
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		panic("identity: " + err.Error()) // the sizes are fixed, and allowed
	}
	return key
}
