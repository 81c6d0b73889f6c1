package wire

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// check reports what constraints of its member a value breaks.
func (b *binder) check(f *field, v reflect.Value) {
	p := f.plan
	if p.shape == shapePointer {
		p, v = p.elem, v.Elem()
	}
	report := func(rule api.Rule, text string) {
		value, shown := "", !f.sensitive
		if shown {
			value, shown = valueText(p, v)
		}
		b.violate(value, shown, rule, text)
	}
	switch p.shape {
	case shapeString:
		f.rules.brokenString(v.String(), report)
	case shapeInt:
		f.rules.brokenSize(float64(v.Int()), report)
	case shapeFloat:
		f.rules.brokenSize(v.Float(), report)
	case shapeBlob:
		f.rules.brokenSize(float64(v.Len()), report)
	case shapeList:
		f.rules.brokenSize(float64(v.Len()), report)
		for i := range v.Len() {
			if f.items.broken(p.elem, v.Index(i)) {
				report(api.RuleParts, "Member must satisfy constraint: "+f.items.all())
				break
			}
		}
	case shapeMap:
		f.rules.brokenSize(float64(v.Len()), report)
		f.checkEntries(p, v, report)
	default:
	}
}

func (f *field) checkEntries(p *plan, v reflect.Value, report func(api.Rule, string)) {
	var badKey, badValue bool
	for entries := v.MapRange(); entries.Next(); {
		badKey = badKey || f.keys.broken(stringPlan, entries.Key())
		badValue = badValue || f.items.broken(p.elem, entries.Value())
	}
	if badKey {
		report(api.RuleParts, "Map keys must satisfy constraint: "+f.keys.all())
	}
	if badValue {
		report(api.RuleParts, "Map value must satisfy constraint: "+f.items.all())
	}
}

var stringPlan = planOf(reflect.TypeFor[string]())

// broken reports whether an element, a key or an entry's value breaks its rules.
func (r *rules) broken(p *plan, v reflect.Value) (broken bool) {
	if r.empty() {
		return false
	}
	if p.shape == shapePointer {
		p, v = p.elem, v.Elem() // never nil: null is no element and no entry
	}
	report := func(api.Rule, string) { broken = true }
	switch p.shape {
	case shapeString:
		r.brokenString(v.String(), report)
	case shapeInt:
		r.brokenSize(float64(v.Int()), report)
	case shapeFloat:
		r.brokenSize(v.Float(), report)
	default:
		r.brokenSize(float64(v.Len()), report)
	}
	return broken
}

func (b *binder) violate(value string, shown bool, rule api.Rule, constraint string) {
	b.violations = append(b.violations, api.Violation{
		Member: b.member, Path: b.where(), Value: value, Shown: shown, Rule: rule, Constraint: constraint,
	})
}

// valueText is a value as AWS prints it in a violation. Blobs and structures are not shown.
func valueText(p *plan, v reflect.Value) (text string, shown bool) {
	switch p.shape {
	case shapeString:
		return v.String(), true
	case shapeInt:
		return strconv.FormatInt(v.Int(), 10), true
	case shapeFloat:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), true
	case shapeList:
		texts := make([]string, v.Len())
		for i := range texts {
			if texts[i], shown = valueText(p.elem, v.Index(i)); !shown {
				return "", false
			}
		}
		return "[" + strings.Join(texts, ", ") + "]", true
	case shapeMap:
		texts := make([]string, 0, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			value, shown := valueText(p.elem, entries.Value())
			if !shown {
				return "", false
			}
			texts = append(texts, entries.Key().String()+"="+value)
		}
		slices.Sort(texts)
		return "{" + strings.Join(texts, ", ") + "}", true
	default:
		return "", false
	}
}
