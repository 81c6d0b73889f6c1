package wire

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
)

// rules are the constraints on one kind of value.
type rules struct {
	min, max *float64
	// length: min and max are of the length, not of the value.
	length  bool
	pattern *regexp.Regexp
	// written is the pattern as AWS prints it.
	written string
	enum    []string
}

func (r *rules) empty() bool {
	return r.min == nil && r.max == nil && r.pattern == nil && r.enum == nil
}

// parseChecks reads the tags that constrain a field.
func (f *field) parseChecks(tag reflect.StructTag, bad func(string, ...any)) {
	f.required = parseRules(&f.rules, f.plan.base(), tag, "", bad)
	switch base := f.plan.base(); base.shape {
	case shapeMap:
		parseRules(&f.items, base.elem.base(), tag, "item", bad)
		parseRules(&f.keys, &plan{shape: shapeString}, tag, "key", bad)
	case shapeList:
		parseRules(&f.items, base.elem.base(), tag, "item", bad)
	default:
		for _, name := range []string{"itemcheck", "itempattern", "itemenum", "keycheck", "keypattern", "keyenum"} {
			if _, ok := tag.Lookup(name); ok {
				bad("%s is for lists and maps", name)
			}
		}
	}
}

func parseRules(r *rules, p *plan, tag reflect.StructTag, prefix string, bad func(string, ...any)) (required bool) {
	check := tag.Get(prefix + "check")
	for part := range strings.SplitSeq(check, ",") {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case check == "":
		case part == "required" && prefix == "":
			required = true
		case key == "min":
			r.min = parseLimit(value, bad)
		case key == "max":
			r.max = parseLimit(value, bad)
		default:
			bad("%scheck:%q: no such constraint as %q", prefix, check, part)
		}
	}
	r.written = tag.Get(prefix + "pattern")
	if r.written != "" {
		pattern, err := regexp.Compile(`^(?:` + goPattern(r.written) + `)$`)
		if err != nil {
			bad("%spattern: %v", prefix, err)
		}
		r.pattern = pattern
	}
	if enum := tag.Get(prefix + "enum"); enum != "" {
		r.enum = strings.Split(enum, "|")
	}
	r.length = p.shape != shapeInt && p.shape != shapeFloat
	switch {
	case (r.pattern != nil || r.enum != nil) && p.shape != shapeString:
		bad("patterns and enums are of strings")
	case (r.min != nil || r.max != nil) && (p.shape == shapeBool || p.shape == shapeTime || p.shape == shapeStruct):
		bad("min and max are of strings, blobs, lists, maps and numbers")
	}
	return required
}

func parseLimit(s string, bad func(string, ...any)) *float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		bad("%v", err)
	}
	return &n
}

// javaEscape is Java's \uXXXX, which takes four digits and no more: in AWS's
// own patterns \u10000 is U+1000 and a zero, and AWS matches it so.
var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// goPattern is a pattern of AWS's models for package regexp.
func goPattern(s string) string { return javaEscape.ReplaceAllString(s, `\x{$1}`) }

// Constraint texts, as AWS words them.
const (
	textNull    = "Member must not be null"
	textPattern = "Member must satisfy regular expression pattern: "
)

// broken lists the texts of the constraints that a string does not satisfy, in
// AWS's order: the pattern first, then lengths.
func (r *rules) brokenString(s string, report func(rule api.Rule, text string)) {
	if r.pattern != nil && !r.pattern.MatchString(s) {
		report(api.RulePattern, textPattern+r.written)
	}
	r.brokenSize(float64(utf8.RuneCountInString(s)), report)
	if r.enum != nil && !slices.Contains(r.enum, s) {
		report(api.RuleEnum, textEnum(r.enum))
	}
}

// brokenSize does the same for a length or a number.
func (r *rules) brokenSize(n float64, report func(rule api.Rule, text string)) {
	tooMuch, tooLittle := api.RuleMaxValue, api.RuleMinValue
	if r.length {
		tooMuch, tooLittle = api.RuleMaxLength, api.RuleMinLength
	}
	if r.max != nil && n > *r.max {
		report(tooMuch, r.textMax())
	}
	if r.min != nil && n < *r.min {
		report(tooLittle, r.textMin())
	}
}

func (r *rules) textMax() string { return r.bound("less", *r.max) }

func (r *rules) textMin() string { return r.bound("greater", *r.min) }

func (r *rules) bound(than string, n float64) string {
	what := "value"
	if r.length {
		what = "length"
	}
	return fmt.Sprintf("Member must have %s %s than or equal to %s", what, than, strconv.FormatFloat(n, 'f', -1, 64))
}

func textEnum(values []string) string {
	return "Member must satisfy enum value set: [" + strings.Join(values, ", ") + "]"
}

// all is every constraint in one text, as AWS prints those of a list's
// elements and a map's keys and values, whichever of them failed.
func (r *rules) all() string {
	var texts []string
	if r.max != nil {
		texts = append(texts, r.textMax())
	}
	if r.min != nil {
		texts = append(texts, r.textMin())
	}
	if r.pattern != nil {
		texts = append(texts, textPattern+r.written)
	}
	if r.enum != nil {
		texts = append(texts, textEnum(r.enum))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
