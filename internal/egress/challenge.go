package egress

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"net/url"
	"strings"
)

// challenge is what an endpoint that answers 401 asks for.
//
// See https://www.rfc-editor.org/rfc/rfc2617 and RFC 7616.
type challenge struct {
	scheme     string // lower case
	parameters map[string]string
}

// authorization is the header that answers one of a response's challenges for
// the user of a URL: Digest where it can be had, else Basic. It is empty where
// there is none that can be answered.
func authorization(answer http.Header, u *url.URL, user *url.Userinfo) string {
	basic := ""
	for _, c := range challenges(answer.Values("Www-Authenticate")) {
		if _, ok := c.parameters["realm"]; !ok {
			continue // SNS needs one in either scheme
		}
		switch c.scheme {
		case "digest":
			if header := c.digest(u, user); header != "" {
				return header
			}
		case "basic":
			password, _ := user.Password()
			basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
		}
	}
	return basic
}

// challenges reads the values of WWW-Authenticate, each of which may hold several.
func challenges(values []string) []challenge {
	var list []challenge
	for _, value := range values {
		for value = strings.TrimLeft(value, ", \t"); value != ""; value = strings.TrimLeft(value, ", \t") {
			word, rest := cutToken(value)
			if word == "" {
				break // nothing that could be read
			}
			after := strings.TrimLeft(rest, " \t")
			if !strings.HasPrefix(after, "=") {
				list = append(list, challenge{strings.ToLower(word), map[string]string{}})
				value = rest
				continue
			}
			var text string
			text, value = cutValue(strings.TrimLeft(after[1:], " \t"))
			if len(list) > 0 {
				list[len(list)-1].parameters[strings.ToLower(word)] = text
			}
		}
	}
	return list
}

func cutToken(s string) (token, rest string) {
	end := strings.IndexAny(s, " \t,=\"")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// cutValue reads a parameter's value, quoted or not.
func cutValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		return cutToken(s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}

// digests are the algorithms of Digest.
var digests = map[string]func() hash.Hash{"": md5.New, "MD5": md5.New, "SHA-256": sha256.New}

// digest answers a Digest challenge; empty: it cannot be.
func (c *challenge) digest(u *url.URL, user *url.Userinfo) string {
	algorithm, session := strings.CutSuffix(strings.ToUpper(c.parameters["algorithm"]), "-SESS")
	newHash := digests[algorithm]
	qop := c.parameters["qop"]
	if newHash == nil || qop != "" && !offersAuth(qop) {
		return ""
	}
	sum := func(parts ...string) string {
		h := newHash()
		_, _ = h.Write([]byte(strings.Join(parts, ":"))) // a hash takes everything
		return hex.EncodeToString(h.Sum(nil))
	}
	password, _ := user.Password()
	realm, nonce, cnonce := c.parameters["realm"], c.parameters["nonce"], rand.Text()
	secret := sum(user.Username(), realm, password)
	if session {
		secret = sum(secret, nonce, cnonce)
	}
	request := sum(http.MethodPost, u.RequestURI())
	fields := []string{
		"username=" + quotedString(user.Username()), "realm=" + quotedString(realm), "nonce=" + quotedString(nonce), "uri=" + quotedString(u.RequestURI()),
	}
	if qop == "" {
		fields = append(fields, "response="+quotedString(sum(secret, nonce, request)))
	} else {
		const count = "00000001"
		fields = append(fields, "qop=auth", "nc="+count, "response="+quotedString(sum(secret, nonce, count, cnonce, "auth", request)))
	}
	if qop != "" || session {
		fields = append(fields, "cnonce="+quotedString(cnonce))
	}
	if given := c.parameters["algorithm"]; given != "" {
		fields = append(fields, "algorithm="+given)
	}
	if opaque, ok := c.parameters["opaque"]; ok {
		fields = append(fields, "opaque="+quotedString(opaque))
	}
	return "Digest " + strings.Join(fields, ", ")
}

func offersAuth(qop string) bool {
	for option := range strings.SplitSeq(qop, ",") {
		if strings.TrimSpace(option) == "auth" {
			return true
		}
	}
	return false
}

func quotedString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
