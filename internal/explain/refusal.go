package explain

import "fmt"

// explainRefusals says why documents were refused in the course of a request;
// empty: none was.
func (x Explainer) explainRefusals(requestID string) []string {
	var texts []string
	for e := range x.Dispatcher.Records().Newest() {
		r := e.Refusal()
		if r == nil || !e.InCourseOf(requestID) {
			continue
		}
		what := "the " + r.Kind
		if r.Resource != "" {
			what += " of " + r.Resource
		}
		where := ""
		if r.Position.Line > 0 {
			where = fmt.Sprintf("line %d, column %d: ", r.Position.Line, r.Position.Column)
		}
		code, message := e.Error()
		texts = append(texts, fmt.Sprintf("REFUSED  %s:%s\n  what      %s\n  why       %s%s\n  answered  %s: %s\n",
			e.Service().Name, e.Operation().Name, what, where, r.Reason, code, message))
	}
	return texts
}
