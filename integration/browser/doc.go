// Package browser runs the console in Chromium, as its users see it: a real server, real
// calls of the SDK, a mouse and a keyboard. It is tests alone.
//
// They need Debian's chromium, or another Chrome that is on PATH, and axe-core (npm install
// in this folder), and skip without. The race detector is not for them: what is concurrent
// here is watched where the server is tested, and the protocol of Chromium takes long to compile.
//
// Whatever a test does, its page asks nothing of any other origin, violates no content
// security policy, throws no error and opens no dialog: see page.faults.
package browser
