package policyeval

import "strings"

// arnParts is the number of parts of an ARN:
// arn:partition:service:region:account:resource. The last keeps its colons.
const arnParts = 6

// arnPattern compares ARNs part by part, so that no wildcard reaches from one
// part into the next; the last part is free text.
type arnPattern struct {
	// every: the pattern is a bare *.
	every bool
	// never: the pattern has too few parts to be an ARN and matches nothing.
	never bool
	// prefix is the text of the leading parts that hold no wildcard; parts are the rest.
	prefix string
	parts  []pattern
	// early are variables before the last part, dynamic is set where the
	// number of parts hangs on a variable. See matchDynamic.
	early   []token
	dynamic bool
	tokens  []token
}

// compileResource compiles an entry of Resource or NotResource. Variables are
// read in the last part only, and the service is never a pattern.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html.
func compileResource(s string, variables bool) arnPattern {
	if s == "*" {
		return arnPattern{every: true}
	}
	parts := splitTokens(tokenize(s, true, variables))
	if len(parts) < arnParts {
		return arnPattern{never: true}
	}
	for _, part := range parts[:arnParts-1] {
		for _, t := range part {
			if t.kind == variableToken {
				return arnPattern{never: true}
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
		return arnPattern{never: len(early) == 0, dynamic: len(early) > 0, tokens: tokens}
	}
	p := compileARN(parts)
	p.early, p.tokens = early, tokens
	return p
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
	var p arnPattern
	for i, part := range parts {
		compiled := compilePattern(part)
		text, literal := compiled.literal()
		if i == 0 && literal && text != "arn" {
			return arnPattern{never: true}
		}
		if !literal || len(p.parts) > 0 {
			p.parts = append(p.parts, compiled)
			continue
		}
		p.prefix += text
		if i < arnParts-1 {
			p.prefix += ":"
		}
	}
	return p
}

// matches compares an ARN with the pattern.
func (p *arnPattern) matches(s string, c *Context) bool {
	switch {
	case p.every:
		return true
	case p.never:
		return false
	case p.dynamic || len(p.early) > 0 && p.moves(c):
		return p.matchDynamic(s, c)
	case len(p.parts) == 0:
		return s == p.prefix
	case !strings.HasPrefix(s, p.prefix):
		return false
	}
	return (p.prefix != "" || strings.HasPrefix(s, "arn:")) && matchParts(p.parts, s[len(p.prefix):], c)
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
func (p *arnPattern) moves(c *Context) bool {
	for i := range p.early {
		if text, _ := p.early[i].resolve(c); strings.IndexByte(text, ':') >= 0 {
			return true
		}
	}
	return false
}

// matchDynamic replaces the variables by their values, as literal text, and
// only then looks for the parts. It is the slow way, for a pattern such as a
// bare ${aws:PrincipalArn}.
func (p *arnPattern) matchDynamic(s string, c *Context) bool {
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
