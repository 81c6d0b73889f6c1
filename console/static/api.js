// Requests to the control API. Each view asks as if the server were always there and knew
// no token: a request waits here while the server is away, and while the person types the
// token in.
import {store, useCallback, useEffect, useRef, useState, useStore} from './ui.js';

const base = new URL('./', document.baseURI.split('#')[0]);
const tokenKey = 'waxseal.token';

// server is whether it answers; visit goes up each time that it is back, which may be
// another one that holds other things, and after a reset.
export const server = store({away: false, visit: 0});
// wanted is whether the server wants a token: null, or {refused} where it refused one.
export const wanted = store(null);

// Failure is an answer that is an error, in the server's words.
export class Failure extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let token = read();

function read() {
  try {
    return sessionStorage.getItem(tokenKey) || '';
  } catch {
    return '';
  }
}

// giveToken is what the dialog does with what was typed in.
export function giveToken(given) {
  token = given;
  try {
    sessionStorage.setItem(tokenKey, given);
  } catch {
    // It is kept as long as the page is open.
  }
  wanted.set(null);
}

// changed says that the server holds other things now, as after a reset.
export function changed() {
  server.set({...server.get(), visit: server.get().visit + 1});
}

const longestPause = 5000;

let returning = null; // while the server is away: the promise that it is back

// away asks again and again until the server answers: soon at first, then every 5 s.
function away() {
  if (returning) return returning;
  server.set({...server.get(), away: true});
  returning = (async () => {
    for (let pause = 250; ; pause = Math.min(pause * 2, longestPause)) {
      await new Promise((done) => setTimeout(done, pause));
      try {
        const answer = await fetch(new URL('health', base), {cache: 'no-store'});
        if (answer.ok) break;
      } catch {
        // not yet
      }
    }
    returning = null;
    server.set({away: false, visit: server.get().visit + 1});
  })();
  return returning;
}

// next is the promise of a store's next value that is as wanted.
function until(source, isWanted) {
  if (isWanted(source.get())) return Promise.resolve();
  return new Promise((done) => {
    const stop = source.follow((value) => {
      if (!isWanted(value)) return;
      stop();
      done();
    });
  });
}

function address(path, params = {}) {
  const url = new URL(path.replace(/^\//, ''), base);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, value);
  }
  return url;
}

// ask sends a request and is its answer, whatever the status. It waits for the token, and,
// where the request may be sent twice, for the server.
async function ask(path, {params, body, headers = {}, method = body === undefined ? 'GET' : 'POST', signal} = {}) {
  for (;;) {
    const used = token;
    let answer;
    try {
      answer = await fetch(address(path, params), {
        method,
        signal,
        cache: 'no-store',
        headers: {...headers, ...(used && {Authorization: `Bearer ${used}`}), ...(body !== undefined && {'Content-Type': 'application/json'})},
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (cause) {
      if (signal?.aborted) throw cause;
      const back = away();
      if (method !== 'GET') throw new Failure(0, 'The server is away. Try again when it is back.');
      await back;
      signal?.throwIfAborted();
      continue;
    }
    if (answer.status !== 401) return answer;
    if (used === token) wanted.set({refused: used !== ''});
    await until(wanted, (value) => value === null);
    signal?.throwIfAborted();
  }
}

async function result(answer) {
  const text = await answer.text();
  let value = text;
  try {
    value = text === '' ? null : JSON.parse(text);
  } catch {
    // text it is
  }
  if (answer.ok) return value;
  throw new Failure(answer.status, value?.error || text || answer.statusText);
}

// get is what a GET answers.
export async function get(path, params, {signal} = {}) {
  return result(await ask(path, {params, signal}));
}

// post is what a POST answers.
export async function post(path, body, {signal} = {}) {
  return result(await ask(path, {body, method: 'POST', signal}));
}

// stream follows server-sent events until signal says stop: onEvent gets each one's data.
// By fetch, for an EventSource sends no token. Where the stream ends, as by a reset, or the
// server goes away, it begins anew: onOpen is called each time, before the first event.
export async function stream(path, params, {onEvent, onOpen = () => {}, onEnd = () => {}, signal}) {
  for (;;) {
    const answer = await ask(path, {params, signal});
    if (!answer.ok) return result(answer);
    onOpen();
    try {
      await readEvents(answer.body, onEvent);
    } catch {
      // Whether the server is away the next request finds out.
    }
    if (signal.aborted) return undefined;
    onEnd();
    await new Promise((done) => setTimeout(done, 200));
  }
}

async function readEvents(body, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      for (const line of block.split('\n')) {
        if (line.startsWith('data:')) onEvent(JSON.parse(line.slice(5)));
      }
    }
  }
}

// useData is what a GET answers: {data, error, loading, reload}. It asks again where path
// or params change, when the server is back or was reset, and every so many milliseconds
// where every says so and the page is looked at. Meanwhile data stays what it was.
// A path of null asks for nothing.
export function useData(path, params = {}, {every = 0} = {}) {
  const key = path === null ? null : address(path, params).href;
  const {visit} = useStore(server);
  const [count, setCount] = useState(0);
  const [state, setState] = useState({key: null});
  const latest = useRef(params);
  latest.current = params;
  useEffect(() => {
    if (key === null) return undefined;
    const control = new AbortController();
    get(path, latest.current, {signal: control.signal}).then(
      (data) => setState({key, data, error: null}),
      (error) => {
        if (!control.signal.aborted) setState({key, data: undefined, error});
      },
    );
    return () => control.abort();
  }, [key, visit, count]);
  useEffect(() => {
    if (!every || key === null) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden && !server.get().away) setCount((n) => n + 1);
    }, every);
    return () => clearInterval(timer);
  }, [key, every]);
  const reload = useCallback(() => setCount((n) => n + 1), []);
  const current = state.key === key ? state : {data: undefined, error: null};
  return {data: current.data, error: current.error, loading: key !== null && state.key !== key, reload};
}
