package sts

import (
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
)

// completeEvent marks an event of STS as read-only, as on AWS, although the
// event shows response elements. Of the resources, only roles are shown.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html.
func completeEvent(e *trail.Event) {
	e.ReadOnly = true
	if !strings.HasPrefix(e.EventName, "AssumeRole") {
		e.Resources = nil
		return
	}
	if len(e.Resources) > 1 {
		e.Resources = e.Resources[:1] // one role, for which several decisions were taken
	}
}
