package policyeval

import "strings"

// arnParts is the number of parts of an ARN:
// arn:partition:service:region:account:resource. The last keeps its colons.
const arnParts = 6

type arnKind uint8

const (
	arnNever   arnKind = iota // no ARN at all; matches nothing
	arnEvery                  // a bare *
	arnExact                  // no wildcard
	arnPrefix                 // a single * at the end
	arnByParts                // anything else
	arnDynamic                // the number of parts depends on a variable
)

// arnPattern compares ARNs part by part, so that no wildcard reaches from one
// part into the next; the last part is free text.
type arnPattern struct {
	kind arnKind
	// prefix is the text of the leading parts that hold no wildcard, and of
	// the last part's beginning where the kind is arnPrefix.
	prefix string
	// slow is what the kinds arnByParts and arnDynamic have besides.
	slow *slowARN
	// completed is what an incomplete ARN stands for in a policy of an
	// identity; nil where it is complete.
	completed *arnPattern
}

type slowARN struct {
	parts []pattern // from the first that holds a wildcard
	// early are the variables before the last part. Where there are any, tokens
	// is the whole pattern. See moves.
	early, tokens []token
}

// compileResource compiles an entry of Resource or NotResource. Variables are
// read in the last part only, and the service is never a pattern. In an
// identity-based policy, the missing parts of an ARN with fewer than six parts
// are stars.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html.
func compileResource(s string, variables bool) arnPattern {
	if s == "*" {
		return arnPattern{kind: arnEvery}
	}
	if p, ok := simpleARN(s); ok {
		return p
	}
	parts := splitTokens(tokenize(s, true, variables))
	if len(parts) < arnParts {
		var p arnPattern
		if missing := arnParts - len(parts); missing <= 3 && strings.HasPrefix(s, "arn:") {
			completed := compileResource(s+strings.Repeat(":*", missing), variables)
			p.completed = &completed
		}
		return p
	}
	for _, part := range parts[:arnParts-1] {
		for _, t := range part {
			if t.kind == variableToken {
				return arnPattern{}
			}
		}
	}
	for i, t := range parts[2] {
		if t.kind != literalToken {
			parts[2][i] = token{kind: literalToken, text: map[tokenKind]string{starToken: "*", oneToken: "?"}[t.kind]}
		}
	}
	return compileARN(parts)
}

// compileARNValue compiles a value of the Arn operators.
func compileARNValue(s string, variables bool) arnPattern {
	if p, ok := simpleARN(s); ok {
		return p
	}
	tokens := tokenize(s, true, variables)
	parts := splitTokens(tokens)
	var early []token
	for i, part := range parts {
		for _, t := range part {
			if t.kind == variableToken && (i < arnParts-1 || len(parts) < arnParts) {
				early = append(early, t)
			}
		}
	}
	if len(parts) < arnParts {
		if len(early) == 0 {
			return arnPattern{}
		}
		return arnPattern{kind: arnDynamic, slow: &slowARN{tokens: tokens}}
	}
	p := compileARN(parts)
	if p.slow != nil {
		p.slow.early, p.slow.tokens = early, tokens
	}
	return p
}

// simpleARN compiles what most patterns are: an ARN as it stands, or one with
// a star at the end of its last part.
func simpleARN(s string) (arnPattern, bool) {
	special := strings.IndexAny(s, "*?$")
	kind := arnExact
	if special >= 0 && special == len(s)-1 && s[special] == '*' {
		kind, s = arnPrefix, s[:special]
		special = -1
	}
	if special >= 0 || !isARN(s) {
		return arnPattern{}, false
	}
	return arnPattern{kind: kind, prefix: s}, true
}

// splitTokens cuts tokens at the first five colons of their literals.
func splitTokens(tokens []token) [][]token {
	parts := [][]token{nil}
	add := func(t token) {
		if t.kind != literalToken || t.text != "" {
			parts[len(parts)-1] = append(parts[len(parts)-1], t)
		}
	}
	for _, t := range tokens {
		for t.kind == literalToken && len(parts) < arnParts {
			before, after, found := strings.Cut(t.text, ":")
			if !found {
				break
			}
			add(token{kind: literalToken, text: before})
			parts = append(parts, nil)
			t.text = after
		}
		add(t)
	}
	return parts
}

func compileARN(parts [][]token) arnPattern {
	p := arnPattern{kind: arnExact}
	var slow slowARN
	for i, part := range parts {
		compiled := compilePattern(part)
		text, literal := compiled.literal()
		if i == 0 && literal && text != "arn" {
			return arnPattern{}
		}
		if !literal || p.kind == arnByParts {
			p.kind = arnByParts
			slow.parts = append(slow.parts, compiled)
			continue
		}
		p.prefix += text
		if i < arnParts-1 {
			p.prefix += ":"
		}
	}
	switch {
	case len(slow.parts) == 1 && (slow.parts[0].kind == prefixPattern || slow.parts[0].kind == anyPattern):
		p.kind = arnPrefix
		p.prefix += slow.parts[0].text
	case p.kind == arnByParts:
		p.slow = &slow
	}
	return p
}

// cannotMatch reports that s certainly does not match. It compares one byte, the last
// of the pattern's fixed text, which is cheap and tells most resources apart: those of
// one account differ at their ends.
func (p *arnPattern) cannotMatch(s string) bool {
	n := len(p.prefix)
	return n > 0 && (len(s) < n || s[n-1] != p.prefix[n-1])
}

// matches compares an ARN with the pattern.
func (p *arnPattern) matches(s string, c *Context) bool {
	switch p.kind {
	case arnExact:
		return s == p.prefix
	case arnPrefix:
		return strings.HasPrefix(s, p.prefix)
	case arnEvery:
		return true
	case arnNever:
		return false
	default:
		return p.matchSlowly(s, c)
	}
}

func (p *arnPattern) matchSlowly(s string, c *Context) bool {
	if p.kind == arnDynamic || len(p.slow.early) > 0 && p.slow.moves(c) {
		return p.slow.matchDynamic(s, c)
	}
	return strings.HasPrefix(s, p.prefix) && strings.HasPrefix(s, "arn:") && matchParts(p.slow.parts, s[len(p.prefix):], c)
}

// matchParts compares each part; the last takes all that remains.
func matchParts(parts []pattern, s string, c *Context) bool {
	last := len(parts) - 1
	for i := range parts[:last] {
		colon := strings.IndexByte(s, ':')
		if colon < 0 || !parts[i].matches(s[:colon], c) {
			return false
		}
		s = s[colon+1:]
	}
	return parts[last].matches(s, c)
}

// moves reports whether a variable before the last part holds a colon, which
// moves the parts that follow it.
func (p *slowARN) moves(c *Context) bool {
	for i := range p.early {
		if text, _ := p.early[i].resolve(c); strings.IndexByte(text, ':') >= 0 {
			return true
		}
	}
	return false
}

// matchDynamic replaces the variables by their values, as literal text, and
// only then splits the pattern into parts. It is slow, and needed only for a
// pattern such as a bare ${aws:PrincipalArn}.
func (p *slowARN) matchDynamic(s string, c *Context) bool {
	tokens := make([]token, 0, len(p.tokens))
	for _, t := range p.tokens {
		if t.kind == variableToken {
			text, ok := t.resolve(c)
			if !ok {
				return false
			}
			t = token{kind: literalToken, text: text}
		}
		tokens = append(tokens, t)
	}
	parts := splitTokens(tokens)
	if len(parts) < arnParts {
		return false
	}
	full := compileARN(parts)
	return full.matches(s, c)
}

// isARN reports whether s has the six parts of an ARN.
func isARN(s string) bool {
	return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= arnParts-1
}
