package policyeval

import (
	"strings"
	"unicode/utf8"
)

// A pattern's text is read into tokens once, when its document is parsed.
type tokenKind uint8

const (
	literalToken  tokenKind = iota
	starToken               // any number of characters
	oneToken                // one character
	variableToken           // the value of a condition key
)

type token struct {
	kind tokenKind
	text string // of a literal
	key  contextKey
	// or is a variable's default.
	or    string
	hasOr bool
}

// tokenize reads a pattern. wild: * and ? are wildcards. variables: ${…} is a
// policy variable, as in documents of Version 2012-10-17.
func tokenize(s string, wild, variables bool) []token {
	var tokens []token
	literal := func(text string) {
		if n := len(tokens); n > 0 && tokens[n-1].kind == literalToken {
			tokens[n-1].text += text
			return
		}
		tokens = append(tokens, token{kind: literalToken, text: text})
	}
	for s != "" {
		i := strings.IndexAny(s, "*?$")
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			literal(s[:i])
			s = s[i:]
			continue
		}
		if variables {
			if t, n := variable(s); n > 0 {
				if t.kind == literalToken {
					literal(t.text)
				} else {
					tokens = append(tokens, t)
				}
				s = s[n:]
				continue
			}
		}
		switch {
		case wild && s[0] == '*':
			tokens = append(tokens, token{kind: starToken})
		case wild && s[0] == '?':
			tokens = append(tokens, token{kind: oneToken})
		default:
			literal(s[:1])
		}
		s = s[1:]
	}
	return tokens
}

// variable reads a policy variable at the start of s: ${key},
// ${key, 'default'}, or one of the literals ${*}, ${?} and ${$}. n is its
// length; 0: there is none.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html.
func variable(s string) (t token, n int) {
	inner, ok := strings.CutPrefix(s, "${")
	if !ok {
		return t, 0
	}
	end := strings.IndexAny(inner, ",}")
	if end < 0 {
		return t, 0
	}
	key := strings.TrimSpace(inner[:end])
	if inner[end] == '}' {
		switch key {
		case "":
			return t, 0
		case "*", "?", "$":
			return token{kind: literalToken, text: key}, end + 3
		}
		return token{kind: variableToken, key: makeKey(key)}, end + 3
	}
	rest := strings.TrimLeft(inner[end+1:], " ")
	rest, ok = strings.CutPrefix(rest, "'")
	or, rest, closed := strings.Cut(rest, "'")
	rest, braced := strings.CutPrefix(strings.TrimLeft(rest, " "), "}")
	if key == "" || !ok || !closed || !braced {
		return t, 0
	}
	return token{kind: variableToken, key: makeKey(key), or: or, hasOr: true}, len(s) - len(rest)
}

// resolve is the text that a variable stands for. Only keys with a single
// value have one.
func (t *token) resolve(c *Context) (string, bool) {
	e, ok := c.find(t.key)
	switch {
	case !ok:
		return t.or, t.hasOr
	case e.list != 0:
		return "", false
	default:
		return e.value, true
	}
}

// pattern is a compiled text to compare with. The common shapes have their
// own kinds.
type pattern struct {
	kind patternKind
	text string // the literal of an exact, prefix or suffix pattern
	row  *row   // of a chunkPattern
}

// row is a row of chunks with stars between them.
type row struct {
	chunks []chunk
	// openStart and openEnd: a star stands before the first chunk, after the last.
	openStart, openEnd bool
}

type patternKind uint8

const (
	exactPattern patternKind = iota
	anyPattern
	prefixPattern
	suffixPattern
	chunkPattern
)

// chunk is a run of tokens without a star: literals, single characters and variables.
type chunk struct {
	tokens []token
	finder *finder // set where searching token by token could be slow
}

// newPattern reads and compiles a pattern. Most have no wildcard, or one at the end.
func newPattern(s string, wild, variables bool) pattern {
	special := strings.IndexAny(s, "*?$")
	switch {
	case special < 0 || !wild && !variables:
		return pattern{kind: exactPattern, text: s}
	case wild && s == "*":
		return pattern{kind: anyPattern}
	case wild && s[special] == '*' && special == len(s)-1 && special > 0:
		return pattern{kind: prefixPattern, text: s[:special]}
	default:
		return compilePattern(tokenize(s, wild, variables))
	}
}

func compilePattern(tokens []token) pattern {
	r := &row{}
	var current []token
	end := func() {
		if len(current) > 0 {
			r.chunks = append(r.chunks, chunk{tokens: current, finder: newFinder(current)})
			current = nil
		}
	}
	for i, t := range tokens {
		if t.kind != starToken {
			current = append(current, t)
			continue
		}
		end()
		r.openStart = r.openStart || i == 0
		r.openEnd = i == len(tokens)-1
	}
	end()
	return r.pattern()
}

// pattern is the row as a pattern, which needs no chunks where it has one of the common shapes.
func (r *row) pattern() pattern {
	if len(r.chunks) == 0 {
		if r.openStart {
			return pattern{kind: anyPattern}
		}
		return pattern{kind: exactPattern}
	}
	tokens := r.chunks[0].tokens
	if len(r.chunks) > 1 || len(tokens) > 1 || tokens[0].kind != literalToken || r.openStart && r.openEnd {
		return pattern{kind: chunkPattern, row: r}
	}
	p := pattern{kind: exactPattern, text: tokens[0].text}
	switch {
	case r.openEnd:
		p.kind = prefixPattern
	case r.openStart:
		p.kind = suffixPattern
	}
	return p
}

// literal is the text of a pattern that has neither wildcards nor variables.
func (p *pattern) literal() (string, bool) { return p.text, p.kind == exactPattern }

// matches compares s with the pattern. It takes time linear in s, whatever the pattern.
func (p *pattern) matches(s string, c *Context) bool {
	switch p.kind {
	case exactPattern:
		return s == p.text
	case anyPattern:
		return true
	case prefixPattern:
		return strings.HasPrefix(s, p.text)
	case suffixPattern:
		return strings.HasSuffix(s, p.text)
	default:
		return p.row.matches(s, c)
	}
}

// matches takes each chunk where it first fits, which is enough: a chunk
// always takes the same number of characters, so that an early fit leaves the
// most for those that follow.
func (r *row) matches(s string, c *Context) bool {
	chunks := r.chunks
	if !r.openStart {
		n, ok := chunks[0].prefix(s, c)
		if !ok {
			return false
		}
		s, chunks = s[n:], chunks[1:]
		if len(chunks) == 0 {
			return r.openEnd || s == ""
		}
	}
	if !r.openEnd {
		last := len(chunks) - 1
		n, ok := chunks[last].suffix(s, c)
		if !ok {
			return false
		}
		s, chunks = s[:len(s)-n], chunks[:last]
	}
	for i := range chunks {
		end, ok := chunks[i].find(s, c)
		if !ok {
			return false
		}
		s = s[end:]
	}
	return true
}

// prefix reports whether s starts with the chunk, and how many bytes it takes.
func (k *chunk) prefix(s string, c *Context) (int, bool) {
	rest := s
	for i := range k.tokens {
		t := &k.tokens[i]
		if t.kind == oneToken {
			_, n := utf8.DecodeRuneInString(rest)
			if n == 0 {
				return 0, false
			}
			rest = rest[n:]
			continue
		}
		text, ok := t.value(c)
		if !ok || !strings.HasPrefix(rest, text) {
			return 0, false
		}
		rest = rest[len(text):]
	}
	return len(s) - len(rest), true
}

// suffix reports whether s ends with the chunk, and how many bytes it takes.
func (k *chunk) suffix(s string, c *Context) (int, bool) {
	rest := s
	for i := len(k.tokens) - 1; i >= 0; i-- {
		t := &k.tokens[i]
		if t.kind == oneToken {
			_, n := utf8.DecodeLastRuneInString(rest)
			if n == 0 {
				return 0, false
			}
			rest = rest[:len(rest)-n]
			continue
		}
		text, ok := t.value(c)
		if !ok || !strings.HasSuffix(rest, text) {
			return 0, false
		}
		rest = rest[:len(rest)-len(text)]
	}
	return len(s) - len(rest), true
}

// value is the text of a literal or a variable.
func (t *token) value(c *Context) (string, bool) {
	if t.kind == literalToken {
		return t.text, true
	}
	return t.resolve(c)
}

// find is the end of the chunk's first occurrence in s.
func (k *chunk) find(s string, c *Context) (end int, ok bool) {
	if k.finder != nil {
		return k.finder.find(s)
	}
	first := &k.tokens[0]
	if first.kind == oneToken {
		return k.scan(s, c)
	}
	text, ok := first.value(c)
	if !ok {
		return 0, false
	}
	if len(k.tokens) == 1 {
		i := strings.Index(s, text)
		return i + len(text), i >= 0
	}
	for at := 0; ; {
		i := strings.Index(s[at:], text)
		if i < 0 {
			return 0, false
		}
		at += i
		if n, ok := k.prefix(s[at:], c); ok {
			return at + n, true
		}
		if at == len(s) {
			return 0, false
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
}

// scan tries the chunk at every character of s.
func (k *chunk) scan(s string, c *Context) (end int, ok bool) {
	for at := range s {
		if n, ok := k.prefix(s[at:], c); ok {
			return at + n, true
		}
	}
	return 0, false
}
