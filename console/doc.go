// Package console is the web page that shows what the emulator decides and holds. It is
// files, embedded and served as they are: there is no build step, and what a browser
// runs is what stands in static/.
//
// Package server says who may have them. They hold nothing secret and are free of the
// control token: the page asks for it, keeps it in sessionStorage, and sends it with
// each request to the control API.
//
// What stands where. static/app.js is the shell, with the table of views; api.js asks the
// control API, and is where a request waits for the token and for a server that is away;
// router.js has the addresses; parts.js what more than one view is made of; live.js the
// one stream of decisions; list.js a list of any length; layout.js where the nodes of the
// graph stand. Each view is a module in static/views and is loaded when it is looked at.
//
// The decisions come by one stream that all views share and that goes on while others are
// looked at. What arrives between two frames is one change, so that a burst costs what a
// single decision costs; the page keeps as many as the server remembers; and of a list no
// more rows are in the document than are seen. Where the stream ends, as by a reset, or
// the server was away, the page asks for all that is remembered from the first one on
// (since=0): numbers of another life of the log mean nothing. Filters are the page's own:
// they find parts of names, which the control API does not, and typing in one asks nobody.
//
// The graph is laid out by code of its own. Libraries that do it are larger than all of
// this page (dagre and its own library of graphs) or a program compiled from another
// language (ELK, Graphviz), and what a graph of callers and what they call needs of them is
// three steps that are known for long: layers, an order of few crossings, coordinates.
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
