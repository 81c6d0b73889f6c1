package cloudtrail

import (
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
)

// selectors are a trail's event selectors: basic or advanced ones, and by default the
// basic one that takes every management event and no data event [T028].
type selectors struct {
	Basic    []EventSelector         `json:",omitempty"`
	Advanced []AdvancedEventSelector `json:",omitempty"`
}

// custom reports whether they are others than the default [T038].
func (s *selectors) custom() bool {
	if len(s.Advanced) > 0 || len(s.Basic) > 1 {
		return true
	}
	return len(s.Basic) == 1 && !(s.Basic[0].takesAll() && len(s.Basic[0].DataResources) == 0)
}

// basic are the basic selectors, the default among them, as GetEventSelectors shows
// them; nil: the trail has advanced ones.
func (s *selectors) basic() []EventSelector {
	switch {
	case len(s.Advanced) > 0:
		return nil
	case len(s.Basic) > 0:
		return s.Basic
	default:
		yes := true
		return []EventSelector{{
			ReadWriteType: readWriteAll, IncludeManagementEvents: &yes,
			DataResources: []DataResource{}, ExcludeManagementEventSources: []string{},
		}}
	}
}

// takesData reports whether any data event can be among what they select.
func (s *selectors) takesData() bool {
	return slices.ContainsFunc(s.Basic, func(b EventSelector) bool { return len(b.DataResources) > 0 }) ||
		slices.ContainsFunc(s.Advanced, func(a AdvancedEventSelector) bool { return a.value(fieldCategory) == categoryData })
}

// selects reports whether an event is logged: whether any selector takes it.
func (s *selectors) selects(e *trail.Event) bool {
	if len(s.Advanced) > 0 {
		return slices.ContainsFunc(s.Advanced, func(a AdvancedEventSelector) bool { return a.takes(e) })
	}
	return slices.ContainsFunc(s.basic(), func(b EventSelector) bool { return b.takes(e) })
}

// takesAll reports whether the selector takes all management events.
func (b *EventSelector) takesAll() bool {
	return (b.ReadWriteType == "" || b.ReadWriteType == readWriteAll) && b.includesManagement() && len(b.ExcludeManagementEventSources) == 0
}

func (b *EventSelector) includesManagement() bool {
	return b.IncludeManagementEvents == nil || *b.IncludeManagementEvents
}

func (b *EventSelector) takes(e *trail.Event) bool {
	switch {
	case b.ReadWriteType == readWriteReadOnly && !e.ReadOnly, b.ReadWriteType == readWriteWriteOnly && e.ReadOnly:
		return false
	case e.ManagementEvent:
		return b.includesManagement() && !slices.Contains(b.ExcludeManagementEventSources, e.EventSource)
	default:
		return slices.ContainsFunc(b.DataResources, func(d DataResource) bool { return d.takes(e) })
	}
}

// takes reports whether an event is one of the resources. A value is the beginning of
// the ARN: of everything, of a bucket, of a prefix in it [T031].
func (d *DataResource) takes(e *trail.Event) bool {
	return slices.ContainsFunc(e.Resources, func(r trail.Resource) bool {
		return r.Type == d.Type && slices.ContainsFunc(d.Values, func(v string) bool { return strings.HasPrefix(r.ARN+r.ARNPrefix, v) })
	})
}

// takes reports whether an event meets every field of the selector [T035].
func (a *AdvancedEventSelector) takes(e *trail.Event) bool {
	return !slices.ContainsFunc(a.FieldSelectors, func(f AdvancedFieldSelector) bool {
		return !f.meets(fieldValues(e, f.Field, a.value(fieldType)))
	})
}

// value is the one value that a field must equal; empty: there is no such condition.
func (a *AdvancedEventSelector) value(field string) string {
	for _, f := range a.FieldSelectors {
		if f.Field == field && len(f.Equals) == 1 {
			return f.Equals[0]
		}
	}
	return ""
}

// fieldValues are an event's values of a selector's field: one, but of the resources of
// a type there may be several, and of what an event does not have there is none.
func fieldValues(e *trail.Event, field, resourceType string) []string {
	some := func(value string) []string {
		if value == "" {
			return nil
		}
		return []string{value}
	}
	switch field {
	case fieldCategory:
		return some(e.EventCategory)
	case fieldReadOnly:
		return some(strconv.FormatBool(e.ReadOnly))
	case fieldName:
		return some(e.EventName)
	case fieldSource:
		return some(e.EventSource)
	case fieldEventType:
		return some(e.EventType)
	case fieldPrincipal:
		return some(e.UserIdentity.ARN)
	case fieldConsole: // nobody signs in to a console here
		return some("false")
	}
	var values []string
	for _, r := range e.Resources {
		switch {
		case field == fieldType:
			values = append(values, r.Type)
		case field == fieldARN && r.Type == resourceType:
			values = append(values, r.ARN+r.ARNPrefix)
		}
	}
	if field == fieldType && len(values) == 0 {
		return some(typesBySource[e.EventSource])
	}
	return values
}

// typesBySource are the types of the resources whose data events a service has, for
// events that name no resource, as those of denied calls do.
var typesBySource = map[string]string{
	"sqs.amazonaws.com": "AWS::SQS::Queue", "sns.amazonaws.com": "AWS::SNS::Topic", "s3.amazonaws.com": "AWS::S3::Object",
}

// meets reports whether any of an event's values is one of those that the positive
// operators allow, and none one of those that the negative operators exclude.
func (f *AdvancedFieldSelector) meets(actual []string) bool {
	met := len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) == 0
	for _, value := range actual {
		if anyOf(f.NotEquals, value, equal) || anyOf(f.NotStartsWith, value, strings.HasPrefix) || anyOf(f.NotEndsWith, value, strings.HasSuffix) {
			return false
		}
		met = met || anyOf(f.Equals, value, equal) || anyOf(f.StartsWith, value, strings.HasPrefix) || anyOf(f.EndsWith, value, strings.HasSuffix)
	}
	return met
}

func anyOf(wanted []string, value string, holds func(value, wanted string) bool) bool {
	return slices.ContainsFunc(wanted, func(w string) bool { return holds(value, w) })
}

func equal(value, wanted string) bool { return value == wanted }
