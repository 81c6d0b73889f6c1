// The decisions as they come, for the views that follow them. One stream for all, which goes
// on while other views are looked at: whoever comes back finds the list where it was.
import {store} from './ui.js';
import {stream} from './api.js';

// most is how many decisions the page keeps: as many as the server remembers.
export const most = 10000;

// live is {all, missed, state}: the decisions, newest first; how many the server had
// forgotten before they could be sent; and whether the stream is connecting, live or broken.
export const live = store({all: [], missed: 0, state: 'connecting'});

// A burst comes faster than anybody reads: what arrives within a frame is one change.
let arrived = []; // oldest first
let isFresh = false; // what arrives is another life of the server's log
let planned = false;
let following = null; // what ends the stream; null: there is none
let leaving = 0; // the timer by which it ends

// follow begins to follow the decisions; it may be called as often as one likes.
export function follow() {
  if (following) return;
  const control = new AbortController();
  following = control;
  stream('decisions/stream', {trace: 'false', since: '0'}, {
    signal: control.signal,
    onOpen() {
      arrived = [];
      isFresh = true;
      plan();
    },
    onEnd() {
      live.set({...live.get(), state: 'connecting'});
    },
    onEvent(decision) {
      arrived.push(decision);
      if (arrived.length > 2 * most) arrived.splice(0, arrived.length - most);
      plan();
    },
  }).catch((error) => {
    if (!control.signal.aborted) live.set({...live.get(), state: 'broken', error});
  });
}

// A browser has six connections to a server by HTTP/1.1 for all its tabs: one that nobody
// looks at gives its own back.
const patience = 30_000;

document.addEventListener('visibilitychange', () => {
  clearTimeout(leaving);
  if (planned) flush();
  if (!following) return;
  if (!document.hidden && following.signal.aborted) {
    following = null;
    follow();
  } else if (document.hidden) {
    leaving = setTimeout(() => following.abort(), patience);
  }
});

// A page that nobody sees paints no frames.
function plan() {
  if (planned) return;
  planned = true;
  if (document.hidden) setTimeout(flush, 500);
  else requestAnimationFrame(flush);
}

function flush() {
  planned = false;
  const before = isFresh ? {all: [], missed: 0} : live.get();
  isFresh = false;
  const batch = arrived;
  arrived = [];
  live.set({all: [...batch.reverse(), ...before.all].slice(0, most), missed: before.missed + gaps(batch, before.all[0]), state: 'live'});
}

// gaps is how many numbers are missing among a batch, newest first, and the one before it.
function gaps(batch, before) {
  let missing = 0;
  let next = before?.seq;
  for (let i = batch.length - 1; i >= 0; i--) {
    if (next !== undefined && batch[i].seq > next + 1) missing += batch[i].seq - next - 1;
    next = batch[i].seq;
  }
  return missing;
}
