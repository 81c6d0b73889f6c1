// Package eventinput is what a target of EventBridge gets of an event: the event itself, a
// part of it, a constant, or a template that is filled from it.
//
// A template is one of two kinds. One that begins with a quote is text: it is delivered as
// it stands, with its quotes and lines, and objects in it lose theirs. All others are JSON:
// a variable stands for a JSON value, or, within a string, for a part of its text; what is
// not JSON when it is filled is not delivered at all, silently.
//
// Where AWS is unclear: an InputPath that leads nowhere delivers null; of a path with an
// asterisk there is a list of all that it leads to; a variable that is null is the text null;
// a path that is none, like a variable of the event's own within quotes, and like one in the
// place of a member's name, makes nothing to deliver.
package eventinput
