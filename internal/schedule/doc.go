// Package schedule reads the schedules of EventBridge's rules, rate() and cron(), and says
// when they are due.
//
// A rate counts from the time at which the rule got it; cron is six fields in UTC, down to
// the minute. Where AWS is unclear: the names of months and days are read in any case; a
// range may go over the end, as in 22-2 or FRI-MON, but not one of years; with # the day of
// the week is that one expression; a step reaches no farther than its field.
package schedule
