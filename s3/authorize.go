package s3

import "github.com/waxseal/waxseal/internal/api"

// denied words a refused call: the resource stands in quotes [S250].
func denied(d *api.Denial) *api.Error {
	subject := "User: " + d.Caller.DisplayName() + " is not authorized to perform: " + d.Action
	if d.Target.ARN != "*" {
		subject += ` on resource: "` + d.Target.ARN + `"`
	}
	return ErrAccessDenied.With(subject + " " + d.Verdict.Because(d.Action))
}
