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
	// Former are the passwords before, newest first, of which the account's
	// policy can forbid to use one again.
	Former        [][]byte `json:",omitempty"`
	ResetRequired bool     `json:",omitempty"`
}

// PasswordPolicy is what an account asks of its users' passwords.
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

// Admits reports whether the policy, or AWS's own where p is nil, lets a password
// of that text be. names are what AWS's own forbids: the account's name and email.
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

// HashPassword is what is stored of a password. It takes long, as it should:
// not to be called within a transaction.
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
