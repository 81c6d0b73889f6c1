// Package whatif decides recorded requests again, with another caller or other policies, and
// performs, records and counts nothing.
//
// All is as it was when the request was decided, the policies too, but for what is changed:
// so a different answer comes from the change alone. Another caller has the policies, tags
// and memberships that it has now, for then it did not call; a role stands for its session
// with the name waxseal. What a service named as its source (aws:SourceArn) is gone where
// the other caller is none.
//
// A request is often decided several times: for its operation, and for what services do in
// its course with its caller's rights, such as the use of a queue's key. Each of these is
// decided again, and those that the call would have needed after the one that denied it. The
// answer is the first that denies now; where none does, the one that decided then: the
// denial, or, where the call was allowed, the first of its own. What services do as
// themselves counts, unchanged in who calls, only where the call failed of it; a delivery
// is a request of its own.
package whatif
