// Package console is the web page that shows what the emulator decides and holds. It is
// files, embedded and served as they are: there is no build step, and what a browser
// runs is what stands in static/.
//
// Package server says who may have them. They hold nothing secret and are free of the
// control token: the page asks for it, keeps it in sessionStorage, and sends it with
// each request to the control API.
//
// The library. Two small ones are vendored (static/vendor): Preact, which renders, and
// htm, by which templates are JavaScript's own tagged strings. Together they are 18 kB
// and need neither a build step nor eval, so that the page's Content-Security-Policy
// lets nothing but its own files run. None at all was the other choice. It would be a
// renderer of our own sooner or later: the page has twenty views that follow a stream,
// and what changes in them must not lose focus, selection and scroll position. What
// counts most is that Preact puts text into the document as text: names, Sids, tags and
// messages are whatever a client has sent, and escaping must not be something that
// somebody has to think of. Both are kept by the same people for years and have no
// dependencies. Signals (@preact/signals) would save renderings of single cells; of a
// list that shows forty rows and is rendered at most once per frame there is nothing to
// save.
package console
