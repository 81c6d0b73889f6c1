package server

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// lack is a statement that decisions lack.
type lack struct {
	decision *trail.Decision
	change   policyeval.Change
	actions  []string
}

// lacks are what would have to change for all of the decisions to allow. Those
// that statements would allow which differ in their actions alone lack one statement.
func lacks(decisions []*trail.Decision) []obstacle {
	var list []obstacle
	var missing []*lack
	for _, d := range decisions {
		if d.Verdict.Allowed {
			continue
		}
		s, ok := policyeval.Suggest(&d.Request, &d.Policies)
		if !ok {
			list = append(list, obstacle{d.Message, "no policy can allow it"})
			continue
		}
		for _, c := range s.Changes {
			if c.Add == "" {
				list = append(list, obstacle{d.Message, c.String()})
				continue
			}
			l := &lack{d, c, []string{d.Request.Action}}
			if i := slices.IndexFunc(missing, l.like); i >= 0 {
				missing[i].also(d.Request.Action)
				continue
			}
			missing = append(missing, l)
		}
	}
	for _, l := range missing {
		list = append(list, l.obstacle())
	}
	return list
}

func actionText(action string) string { return `"Action":"` + action + `"` }

// like reports whether two statements differ in their actions alone.
func (l *lack) like(o *lack) bool {
	return l.decision.Request.Resource == o.decision.Request.Resource && l.change.SamePlace(o.change) &&
		strings.Replace(l.change.Add, actionText(l.actions[0]), "", 1) == strings.Replace(o.change.Add, actionText(o.actions[0]), "", 1)
}

func (l *lack) also(action string) {
	if !slices.Contains(l.actions, action) {
		l.actions = append(l.actions, action)
	}
}

// statement is the statement that is missing, with all of its actions.
func (l *lack) statement() string {
	quoted := make([]string, len(l.actions))
	for i, action := range l.actions {
		if action == "kms:GenerateDataKey" && l.decision.Request.Principal.Type == policyeval.Service {
			action = dataKeyActions
		}
		quoted[i] = `"` + action + `"`
	}
	if len(quoted) == 1 && quoted[0] == `"`+l.actions[0]+`"` {
		return l.change.Add
	}
	return strings.Replace(l.change.Add, actionText(l.actions[0]), `"Action":[`+strings.Join(quoted, ",")+`]`, 1)
}

func (l *lack) obstacle() obstacle {
	resource := l.decision.Request.Resource
	by := strings.Join(l.actions, " and ") + " by " + l.decision.Principal
	if l.change.Layer != policyeval.LayerResource {
		change := l.change
		change.Add = l.statement()
		return obstacle{"no " + l.change.Layer.String() + " allows " + by + " on " + resource, change.String()}
	}
	why := "no statement in the policy of " + resource + " allows " + by
	if l.change.Policy == nil {
		why = resource + " has no policy that allows " + by
	}
	return obstacle{why, "add to the policy of " + resource + ": " + l.statement()}
}
