package s3

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// denied words a refused call: the resource stands in quotes [S250]. Nobody, and callers of
// other accounts outside the owner's organization, are not told why [S254].
func denied(d *api.Denial) *api.Error {
	stranger := d.CrossAccount && !d.SameOrganization && d.Caller.Type != policyeval.Service
	if d.Caller.Type == policyeval.Anonymous || stranger {
		return ErrAccessDenied
	}
	subject := "User: " + d.Caller.DisplayName() + " is not authorized to perform: " + d.Action
	if d.Target.ARN != "*" {
		subject += ` on resource: "` + d.Target.ARN + `"`
	}
	return ErrAccessDenied.With(subject + " " + d.Verdict.Because(d.Action))
}
