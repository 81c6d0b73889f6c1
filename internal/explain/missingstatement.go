package explain

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// missingStatement is a statement that would have allowed decisions.
type missingStatement struct {
	decision *trail.Decision
	change   policyeval.Change
	actions  []string
}

// missingStatements are the changes that would make all of the decisions allow.
// Statements that differ only in their actions are joined into one.
func missingStatements(decisions []*trail.Decision) []blocker {
	var list []blocker
	var missing []*missingStatement
	for _, d := range decisions {
		if d.Verdict.Allowed {
			continue
		}
		s, ok := policyeval.Suggest(&d.Request, &d.Policies)
		if !ok {
			list = append(list, blocker{why: d.Message, remedy: "no policy can allow it"})
			continue
		}
		for _, c := range s.Changes {
			if c.Add == "" {
				list = append(list, blocker{why: d.Message, remedy: c.String()})
				continue
			}
			m := &missingStatement{d, c, []string{d.Request.Action}}
			if i := slices.IndexFunc(missing, m.like); i >= 0 {
				missing[i].also(d.Request.Action)
				continue
			}
			missing = append(missing, m)
		}
	}
	for _, m := range missing {
		list = append(list, m.blocker())
	}
	return list
}

func actionText(action string) string { return `"Action":"` + action + `"` }

// like reports whether two statements differ in their actions alone.
func (m *missingStatement) like(o *missingStatement) bool {
	return m.decision.Request.Resource == o.decision.Request.Resource && m.change.SamePlace(o.change) &&
		strings.Replace(m.change.Add, actionText(m.actions[0]), "", 1) == strings.Replace(o.change.Add, actionText(o.actions[0]), "", 1)
}

func (m *missingStatement) also(action string) {
	if !slices.Contains(m.actions, action) {
		m.actions = append(m.actions, action)
	}
}

// statement is the statement that is missing, with all of its actions.
func (m *missingStatement) statement() string {
	quoted := make([]string, len(m.actions))
	for i, action := range m.actions {
		if action == "kms:GenerateDataKey" && m.decision.Request.Principal.Type == policyeval.Service {
			action = dataKeyActions
		}
		quoted[i] = `"` + action + `"`
	}
	if len(quoted) == 1 && quoted[0] == `"`+m.actions[0]+`"` {
		return m.change.Add
	}
	return strings.Replace(m.change.Add, actionText(m.actions[0]), `"Action":[`+strings.Join(quoted, ",")+`]`, 1)
}

func (m *missingStatement) blocker() blocker {
	resource := m.decision.Request.Resource
	by := strings.Join(m.actions, " and ") + " by " + m.decision.Principal
	if m.change.Layer != policyeval.LayerResource {
		change := m.change
		change.Add = m.statement()
		return blocker{"no " + m.change.Layer.String() + " allows " + by + " on " + resource, change.String(), change.Add, keyOf(change, resource)}
	}
	why := "no statement in the policy of " + resource + " allows " + by
	if m.change.Policy == nil {
		why = resource + " has no policy that allows " + by
	}
	return blocker{why, "add to the policy of " + resource + ": " + m.statement(), m.statement(), keyOf(m.change, resource)}
}
