package policyeval

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// The oracle decides as the facts about AWS say, one sentence after the other,
// as simply and as slowly as that may be. It shares no code with the package:
// only the shape of a request and, to be compared, the names of the layers.

// oracleRequest is a request in the oracle's own terms.
type oracleRequest struct {
	// kind of the caller: anonymous, root, user, session, federated, service, web.
	kind                      string
	account, arn, issuer, id  string
	service                   string
	action, resource, owner   string
	context                   map[string][]string // by key in lower case
	keys                      []string            // of the context, in the order in which they were set
	multi                     map[string]bool
	encryptionContext         map[string]string // in its own spelling
	identity, boundary        []map[string]any
	session, endpoint         []map[string]any
	resourcePolicy            map[string]any
	scps, rcps                [][]map[string]any
	grants                    []oracleGrant
	rcpSupported, serviceRole bool
}

type oracleGrant struct {
	grantee, retiring string
	operations        []string
	equals, subset    map[string]string
}

// oracleDocument decodes a document with encoding/json.
func oracleDocument(text string) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var d map[string]any
	if err := decoder.Decode(&d); err != nil {
		panic(err)
	}
	return d
}

// oracleList is a value that may stand alone or in a list.
func oracleList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func oracleText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	panic("neither text, number nor boolean")
}

// oracleDecision is Allowed, ExplicitDeny, ImplicitDeny or OwnerOnlyDeny, and the layer that decided.
type oracleDecision struct{ decision, layer string }

func (r *oracleRequest) decide() oracleDecision {
	// [D11]: GetCallerIdentity always allowed, a Deny has no effect.
	if strings.EqualFold(r.action, "sts:GetCallerIdentity") && r.kind != "anonymous" && r.kind != "web" {
		return oracleDecision{"Allowed", ""}
	}
	local := r.kind == "root" || r.kind == "user" || r.kind == "session" || r.kind == "federated"
	cross := r.owner != r.account
	service, verb, _ := strings.Cut(strings.ToLower(r.action), ":")
	isKey := service == "kms" && oracleKey.MatchString(r.resource)
	isTrust := service == "sts" && oracleRole.MatchString(r.resource) && oracleRoleAction.MatchString(verb)
	resourceLayer := "resource-based policy"
	if isTrust {
		resourceLayer = "role trust policy"
	}
	rcps, scps := r.rcps, r.scps
	if r.serviceRole || !r.rcpSupported {
		rcps = nil // [D1.2], header 4
	}
	if r.serviceRole || !local {
		scps = nil // [D1.3]
	}

	// [D1.1] [E1.2]: explicit denies first, in this order.
	var flatRCPs, flatSCPs []map[string]any
	for _, level := range rcps {
		flatRCPs = append(flatRCPs, level...)
	}
	for _, level := range scps {
		flatSCPs = append(flatSCPs, level...)
	}
	var resource []map[string]any
	if r.resourcePolicy != nil {
		resource = []map[string]any{r.resourcePolicy}
	}
	own := func(policies []map[string]any) []map[string]any {
		if local {
			return policies
		}
		return nil
	}
	for _, layer := range []struct {
		name, kind string
		policies   []map[string]any
	}{
		{"resource control policy", "rcp", flatRCPs}, {"service control policy", "scp", flatSCPs},
		{"VPC endpoint policy", "endpoint", r.endpoint}, {resourceLayer, "resource", resource},
		{"identity-based policy", "identity", own(r.identity)}, {"permissions boundary", "boundary", own(r.boundary)},
		{"session policy", "session", own(r.session)},
	} {
		for _, p := range layer.policies {
			if r.says(p, "Deny", layer.kind, isKey) != "" {
				return oracleDecision{"ExplicitDeny", layer.name}
			}
		}
	}

	// Then the first missing allow.
	allows := func(policies []map[string]any, kind string) bool {
		for _, p := range policies {
			if r.says(p, "Allow", kind, isKey) != "" {
				return true
			}
		}
		return false
	}
	for _, level := range scps {
		if !allows(level, "scp") {
			return oracleDecision{"ImplicitDeny", "service control policy"}
		}
	}
	if len(r.endpoint) > 0 && !allows(r.endpoint, "endpoint") {
		return oracleDecision{"ImplicitDeny", "VPC endpoint policy"}
	}

	// [D3]: what the resource's policy is worth: "", account, issuer or full.
	worth := ""
	for _, p := range resource {
		worth = r.says(p, "Allow", "resource", isKey)
	}
	if isKey && verb == "retiregrant" {
		// [C8.7]: not by the key policy, but by the key's account.
		worth = ""
		if local && !cross {
			worth = "account"
			if r.kind == "root" {
				worth = "full"
			}
		}
	}
	if isKey {
		for _, g := range r.grants {
			worth = further(worth, r.granted(g, verb))
		}
	}
	// [D2]: actions outside cross-account support.
	if cross && local && ownersAlone(service, verb) {
		return oracleDecision{"OwnerOnlyDeny", resourceLayer}
	}
	if !local {
		if worth == "" {
			return oracleDecision{"ImplicitDeny", resourceLayer}
		}
		return oracleDecision{"Allowed", ""}
	}
	if (cross || isKey || isTrust) && worth == "" {
		return oracleDecision{"ImplicitDeny", resourceLayer}
	}
	if !cross && worth == "full" {
		return oracleDecision{"Allowed", ""}
	}
	identityNeeded := r.kind != "root" && (cross || worth != "issuer")
	if identityNeeded && !allows(r.identity, "identity") {
		return oracleDecision{"ImplicitDeny", "identity-based policy"}
	}
	if len(r.boundary) > 0 && !allows(r.boundary, "boundary") {
		return oracleDecision{"ImplicitDeny", "permissions boundary"}
	}
	if (len(r.session) > 0 || r.kind == "federated") && !allows(r.session, "session") {
		return oracleDecision{"ImplicitDeny", "session policy"}
	}
	return oracleDecision{"Allowed", ""}
}

var (
	oracleKey        = regexp.MustCompile(`^arn:[^:]*:kms:[^:]*:[^:]*:key/`)
	oracleRole       = regexp.MustCompile(`^arn:[^:]*:iam:[^:]*:[^:]*:role/`)
	oracleRoleAction = regexp.MustCompile(`^(assumerole|assumerolewithsaml|assumerolewithwebidentity|tagsession|setsourceidentity|setcontext)$`)
	oracleRoleName   = regexp.MustCompile(`^arn:[^:]*:iam:[^:]*:(\d*):role/(?:.*/)?([^/]+)$`)
	oracleSession    = regexp.MustCompile(`:(\d*):assumed-role/([^/]+)/`)
	oracleMember     = regexp.MustCompile(`^arn:[^:]*:(?:iam|sts):[^:]*:(\d*):(.*)$`)
	oracleID         = regexp.MustCompile(`^A(?:ID|RO)A[A-Z0-9]{12,}$`)
	oracleRoot       = regexp.MustCompile(`^arn:[^:]*:(?:iam|sts):[^:]*:(\d*):root$`)
	oracleVariableIn = regexp.MustCompile(`\$\{[^*?$}]`)
	oracleTruth      = regexp.MustCompile(`(?i)^(true|false)$`)
)

var oracleOrder = map[string]int{"": 0, "account": 1, "issuer": 2, "full": 3}

func further(a, b string) string {
	if oracleOrder[a] >= oracleOrder[b] {
		return a
	}
	return b
}

// ownersAlone is [D2]'s list and [C4]'s complement.
func ownersAlone(service, verb string) bool {
	switch service {
	case "sqs":
		return strings.Contains(" addpermission createqueue deletequeue listqueues listqueuetags removepermission setqueueattributes"+
			" tagqueue untagqueue cancelmessagemovetask listmessagemovetasks startmessagemovetask ", " "+verb+" ")
	case "kms":
		return !strings.Contains(" encrypt decrypt reencryptfrom reencryptto generatedatakey generatedatakeywithoutplaintext"+
			" generatedatakeypair generatedatakeypairwithoutplaintext sign verify generatemac verifymac derivesharedsecret"+
			" creategrant describekey getkeyrotationstatus getpublickey listgrants retiregrant revokegrant ", " "+verb+" ")
	}
	return false
}

// granted is what a grant is worth [C7.6] [C8].
func (r *oracleRequest) granted(g oracleGrant, verb string) string {
	worth := ""
	for _, op := range g.operations {
		if strings.EqualFold(op, verb) {
			worth = r.grantee(g.grantee)
		}
	}
	if verb != "describekey" && verb != "retiregrant" {
		for k, v := range g.subset {
			if got, ok := r.encryptionContext[k]; !ok || got != v {
				worth = ""
			}
		}
		if g.equals != nil {
			if len(g.equals) != len(r.encryptionContext) {
				worth = ""
			}
			for k, v := range g.equals {
				if got, ok := r.encryptionContext[k]; !ok || got != v {
					worth = ""
				}
			}
		}
	}
	if verb == "retiregrant" {
		worth = further(worth, r.grantee(g.retiring))
	}
	return worth
}

func (r *oracleRequest) grantee(name string) string {
	if r.kind == "service" {
		if name == r.service {
			return "full"
		}
		return ""
	}
	return r.namedBy(name)
}

// says is what a document's statements of an effect come to: "" if none
// applies, else how far the furthest reaches.
func (r *oracleRequest) says(d map[string]any, effect, kind string, isKey bool) string {
	result := ""
	version, _ := d["Version"].(string)
	for _, s := range oracleList(d["Statement"]) {
		statement := s.(map[string]any)
		if statement["Effect"] == effect {
			result = further(result, r.applies(statement, version == "2012-10-17", kind, isKey))
		}
	}
	return result
}

func (r *oracleRequest) applies(s map[string]any, variables bool, kind string, isKey bool) string {
	// [D5]: Action, NotAction.
	action := false
	called := strings.ToLower(r.action)
	for _, a := range oracleStrings(s, "Action", "NotAction") {
		if oracleGlob(oraclePattern(strings.ToLower(a), true, nil), called) {
			action = true
		}
	}
	if _, not := s["NotAction"]; not {
		action = !action
	}
	if !action {
		return ""
	}
	// [D5]: Resource, NotResource, or neither.
	resource := false
	_, is := s["Resource"]
	_, not := s["NotResource"]
	for _, p := range oracleStrings(s, "Resource", "NotResource") {
		if r.resourceMatches(p, variables, kind) {
			resource = true
		}
	}
	switch {
	case not:
		resource = !resource
	case !is:
		resource = kind == "resource" && !isKey
	}
	// [D4]: Principal, NotPrincipal, or neither.
	reach := "full"
	if p, ok := s["Principal"]; ok {
		reach = r.principal(p)
	} else if p, ok := s["NotPrincipal"]; ok {
		reach = r.notPrincipal(p, s["Effect"] == "Deny")
	} else if kind == "resource" {
		reach = ""
	}
	// [D6]: all operators and all keys.
	conditions := true
	if c, ok := s["Condition"].(map[string]any); ok {
		for operator, keys := range c {
			for key, values := range keys.(map[string]any) {
				if !r.condition(operator, strings.ToLower(key), oracleList(values), variables) {
					conditions = false
				}
			}
		}
	}
	if !resource || !conditions {
		return ""
	}
	return reach
}

func oracleStrings(s map[string]any, names ...string) []string {
	var list []string
	for _, name := range names {
		if v, ok := s[name]; ok {
			for _, text := range oracleList(v) {
				list = append(list, text.(string))
			}
		}
	}
	return list
}

// resourceMatches is [D5]'s: six parts, the last free, a bare *, no wildcard in the service.
func (r *oracleRequest) resourceMatches(p string, variables bool, kind string) bool {
	if p == "*" {
		return true
	}
	lookup := r.lookup
	if !variables {
		lookup = nil
	}
	parts := oracleSplit(p, variables)
	if len(parts) < 6 && len(parts) >= 3 && parts[0] == "arn" && kind != "resource" && kind != "endpoint" && kind != "rcp" {
		for len(parts) < 6 { // incomplete ARNs of identities
			parts = append(parts, "*")
		}
	}
	got := strings.SplitN(r.resource, ":", 6)
	if len(parts) < 6 || len(got) < 6 || got[0] != "arn" {
		return false
	}
	for i := range 6 {
		if i < 5 && variables && oracleVariableIn.MatchString(parts[i]) {
			return false // variables are read in the sixth part only
		}
		pattern := oraclePattern(parts[i], true, lookup)
		if i == 2 {
			pattern = oraclePattern(parts[i], false, nil)
		}
		if !oracleGlob(pattern, got[i]) {
			return false
		}
	}
	return true
}

// oracleSplit splits at the first five colons that stand outside variables.
func oracleSplit(s string, variables bool) []string {
	var parts []string
	depth, begin := 0, 0
	for i := 0; i < len(s) && len(parts) < 5; i++ {
		switch {
		case variables && strings.HasPrefix(s[i:], "${"):
			depth++
		case s[i] == '}' && depth > 0:
			depth--
		case s[i] == ':' && depth == 0:
			parts = append(parts, s[begin:i])
			begin = i + 1
		}
	}
	return append(parts, s[begin:])
}

// oraclePart is a character of a pattern: itself, or a wildcard.
type oraclePart struct {
	char rune
	wild bool
}

// oraclePattern reads * and ? as wildcards if wild is set, and variables by
// lookup, whose results are literal text. It is nil where a variable has no value.
func oraclePattern(s string, wild bool, lookup func(string) (string, bool)) []oraclePart {
	pattern := make([]oraclePart, 0, len(s))
	for s != "" {
		var m []string
		if lookup != nil && strings.HasPrefix(s, "${") {
			m = oracleVariable.FindStringSubmatch(s)
		}
		if m != nil {
			s = s[len(m[0]):]
			key := strings.TrimSpace(m[1])
			text, ok := key, true
			if key != "*" && key != "?" && key != "$" {
				text, ok = lookup(strings.ToLower(key))
				if !ok && m[2] != "" && text == "" {
					text, ok = m[3], true
				}
			}
			if !ok {
				return nil
			}
			for _, c := range text {
				pattern = append(pattern, oraclePart{c, false})
			}
			continue
		}
		c, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		pattern = append(pattern, oraclePart{c, wild && (c == '*' || c == '?')})
	}
	return pattern
}

var oracleVariable = regexp.MustCompile(`^\$\{([^,}]+)(, *'([^']*)' *)?\}`)

// lookup is a key's single value. Its text is "multi" where it has several,
// for then a default does not help.
func (r *oracleRequest) lookup(key string) (string, bool) {
	values, ok := r.context[key]
	if !ok {
		return "", false
	}
	if r.multi[key] {
		return "multi", false
	}
	return values[0], true
}

// oracleGlob matches by a table: row by row, can the first i parts of the
// pattern take the first j characters?
func oracleGlob(pattern []oraclePart, s string) bool {
	if pattern == nil {
		return false
	}
	chars := []rune(s)
	for len(pattern) > 0 && !pattern[0].wild { // until the first wildcard it is plain comparison
		if len(chars) == 0 || chars[0] != pattern[0].char {
			return false
		}
		pattern, chars = pattern[1:], chars[1:]
	}
	can, next := make([]bool, len(chars)+1), make([]bool, len(chars)+1)
	can[0] = true
	for _, p := range pattern {
		for j := range next {
			switch {
			case p.wild && p.char == '*':
				next[j] = can[j] || j > 0 && next[j-1]
			case p.wild:
				next[j] = j > 0 && can[j-1]
			default:
				next[j] = j > 0 && can[j-1] && chars[j-1] == p.char
			}
		}
		can, next = next, can
	}
	return can[len(chars)]
}

// principal is [D4]'s.
func (r *oracleRequest) principal(p any) string {
	if p == "*" {
		return "full"
	}
	if text, ok := p.(string); ok {
		p = map[string]any{"AWS": text}
	}
	reach := ""
	for kind, values := range p.(map[string]any) {
		for _, v := range oracleList(values) {
			value := v.(string)
			switch {
			case kind == "AWS" && value == "*":
				reach = "full"
			case kind == "AWS":
				reach = further(reach, r.namedBy(value))
			case kind == "Service" && r.kind == "service" && value == r.service,
				kind == "Federated" && r.kind == "web" && value == r.arn:
				reach = "full"
			}
		}
	}
	return reach
}

// namedBy is how an AWS principal names the caller.
func (r *oracleRequest) namedBy(value string) string {
	if r.kind == "anonymous" || r.kind == "service" || r.kind == "web" || value == "" {
		return ""
	}
	if m := oracleRoot.FindStringSubmatch(value); value == r.account || m != nil && m[1] == r.account {
		if r.kind == "root" {
			return "full"
		}
		return "account"
	}
	switch r.kind {
	case "user":
		if value == r.arn || r.id != "" && value == r.id {
			return "full"
		}
	case "session":
		if value == r.issuer || r.id != "" && value == r.id || r.issuer == "" && r.roleNamed(value) {
			return "issuer"
		}
		if value == r.arn {
			return "full"
		}
	case "federated":
		if value == r.arn {
			return "full"
		}
		if value == r.issuer || r.id != "" && value == r.id {
			return "issuer"
		}
	}
	return ""
}

// roleNamed compares the last segment of a role's path and its account with a session's.
func (r *oracleRequest) roleNamed(value string) bool {
	role := oracleRoleName.FindStringSubmatch(value)
	session := oracleSession.FindStringSubmatch(r.arn)
	return role != nil && session != nil && role[1] == session[1] && role[2] == session[2]
}

func (r *oracleRequest) notPrincipal(p any, deny bool) string {
	matched := r.principal(p) != ""
	if list, ok := p.(map[string]any); ok && deny && r.principal(p) == "account" {
		// An account beside somebody of it, or somebody who is known by an id, spares nobody else.
		for _, v := range oracleList(list["AWS"]) {
			value := v.(string)
			m := oracleMember.FindStringSubmatch(value)
			if oracleID.MatchString(value) || m != nil && m[1] == r.account && m[2] != "root" {
				matched = false
			}
		}
	}
	if deny && len(r.boundary) > 0 {
		matched = false
	}
	if list, ok := p.(map[string]any); ok && deny && r.kind == "session" && r.arn != r.issuer {
		// The account, the role and the session must all be listed.
		account, role, session := false, false, false
		for _, v := range oracleList(list["AWS"]) {
			if v == "*" {
				account, role, session = true, true, true
			}
			if text, ok := v.(string); ok {
				account = account || r.namedBy(text) == "account"
				role = role || r.namedBy(text) == "issuer"
				session = session || text == r.arn
			}
		}
		matched = matched && account && role && session
	}
	if matched {
		return ""
	}
	return "full"
}

// condition is [D6]'s.
func (r *oracleRequest) condition(operator, key string, values []any, variables bool) bool {
	operator = strings.ToLower(operator)
	got, present := r.context[key]
	if operator == "null" {
		for _, v := range values {
			if strings.EqualFold(oracleText(v), "true") != present && oracleTruth.MatchString(oracleText(v)) {
				return true
			}
		}
		return false
	}
	all, some := strings.HasPrefix(operator, "forallvalues:"), strings.HasPrefix(operator, "foranyvalue:")
	operator = strings.TrimPrefix(strings.TrimPrefix(operator, "forallvalues:"), "foranyvalue:")
	ifExists := strings.HasSuffix(operator, "ifexists")
	operator = strings.TrimSuffix(operator, "ifexists")
	negated := strings.Contains(operator, "not")
	compare, ok := oracleCompare[strings.Replace(operator, "not", "", 1)]
	if !ok || negated && !strings.Contains(" stringnotequals stringnotequalsignorecase stringnotlike numericnotequals datenotequals notipaddress arnnotequals arnnotlike ", " "+operator+" ") {
		return false
	}
	if !present {
		return ifExists || all || !some && negated
	}
	one := func(g string) bool {
		for _, v := range values {
			if compare(r, oracleText(v), g, variables) {
				return !negated
			}
		}
		return negated
	}
	if !r.multi[key] {
		if all && got[0] == "" {
			return true
		}
		return one(got[0])
	}
	if !all && !some {
		return false
	}
	for _, g := range got {
		if one(g) == some {
			return some
		}
	}
	return all
}

var oracleCompare = map[string]func(r *oracleRequest, want, got string, variables bool) bool{
	"stringequals": func(r *oracleRequest, want, got string, variables bool) bool {
		return oracleGlob(oraclePattern(want, false, r.lookupIf(variables)), got)
	},
	"stringequalsignorecase": func(r *oracleRequest, want, got string, variables bool) bool {
		pattern := oraclePattern(want, false, r.lookupIf(variables))
		text := ""
		for _, p := range pattern {
			text += string(p.char)
		}
		return pattern != nil && strings.EqualFold(text, got)
	},
	"stringlike": func(r *oracleRequest, want, got string, variables bool) bool {
		return oracleGlob(oraclePattern(want, true, r.lookupIf(variables)), got)
	},
	"arnequals": oracleARN, "arnlike": oracleARN,
	"numericequals":            oracleNumber(func(c int) bool { return c == 0 }),
	"numericlessthan":          oracleNumber(func(c int) bool { return c < 0 }),
	"numericlessthanequals":    oracleNumber(func(c int) bool { return c <= 0 }),
	"numericgreaterthan":       oracleNumber(func(c int) bool { return c > 0 }),
	"numericgreaterthanequals": oracleNumber(func(c int) bool { return c >= 0 }),
	"dateequals":               oracleDate(func(c int) bool { return c == 0 }),
	"datelessthan":             oracleDate(func(c int) bool { return c < 0 }),
	"datelessthanequals":       oracleDate(func(c int) bool { return c <= 0 }),
	"dategreaterthan":          oracleDate(func(c int) bool { return c > 0 }),
	"dategreaterthanequals":    oracleDate(func(c int) bool { return c >= 0 }),
	"bool": func(_ *oracleRequest, want, got string, _ bool) bool {
		w, g := strings.ToLower(want), strings.ToLower(got)
		return w == g && (w == "true" || w == "false")
	},
	"binaryequals": func(_ *oracleRequest, want, got string, _ bool) bool {
		w, err1 := base64.StdEncoding.Strict().DecodeString(want)
		g, err2 := base64.StdEncoding.Strict().DecodeString(got)
		return err1 == nil && err2 == nil && bytes.Equal(w, g) && !strings.ContainsAny(want+got, "\r\n")
	},
	"ipaddress": func(_ *oracleRequest, want, got string, _ bool) bool {
		address := net.ParseIP(got)
		if !strings.Contains(want, "/") {
			if strings.Contains(want, ":") {
				want += "/128"
			} else {
				want += "/32"
			}
		}
		_, network, err := net.ParseCIDR(want)
		if err != nil || address == nil || strings.Contains(want, ":") != strings.Contains(got, ":") {
			return false
		}
		if !strings.Contains(want, ":") {
			address = address.To4()
		}
		for i, b := range network.IP {
			if address[i]&network.Mask[i] != b {
				return false
			}
		}
		return true
	},
}

func (r *oracleRequest) lookupIf(variables bool) func(string) (string, bool) {
	if variables {
		return r.lookup
	}
	return nil
}

// oracleARN substitutes first and splits then; wildcards stay within their part.
func oracleARN(r *oracleRequest, want, got string, variables bool) bool {
	pattern := oraclePattern(want, true, r.lookupIf(variables))
	if pattern == nil {
		return false
	}
	parts := [][]oraclePart{{}}
	for _, p := range pattern {
		if p.char == ':' && len(parts) < 6 {
			parts = append(parts, []oraclePart{})
			continue
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], p)
	}
	values := strings.SplitN(got, ":", 6)
	if len(parts) < 6 || len(values) < 6 || values[0] != "arn" {
		return false
	}
	for i := range 6 {
		if !oracleGlob(parts[i], values[i]) {
			return false
		}
	}
	return true
}

func oracleNumber(holds func(int) bool) func(*oracleRequest, string, string, bool) bool {
	form := regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)
	return func(_ *oracleRequest, want, got string, _ bool) bool {
		if !form.MatchString(want) || !form.MatchString(got) {
			return false
		}
		w, _ := new(big.Rat).SetString(want)
		g, _ := new(big.Rat).SetString(got)
		return holds(g.Cmp(w))
	}
}

func oracleDate(holds func(int) bool) func(*oracleRequest, string, string, bool) bool {
	return func(_ *oracleRequest, want, got string, _ bool) bool {
		w, ok1 := oracleTime(want)
		g, ok2 := oracleTime(got)
		return ok1 && ok2 && holds(g.Compare(w))
	}
}

var oracleDigits = regexp.MustCompile(`^-?\d+$`)

func oracleTime(s string) (time.Time, bool) {
	if oracleDigits.MatchString(s) && len(s) != 4 {
		n, ok := new(big.Int).SetString(s, 10)
		return time.Unix(n.Int64(), 0), ok
	}
	for _, layout := range []string{
		"2006", "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05.999999999Z07:00",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
