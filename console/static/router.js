// Addresses are in the hash: #/VIEW/ID?NAME=VALUE. So they survive a reload and go into
// the browser's history, and the server needs no route for each.
import {store} from './ui.js';

// parse is the view, the id and the query of a hash.
export function parse(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const [view, ...rest] = path.split('/');
  return {view: view || 'decisions', id: decode(rest.join('/')), query: Object.fromEntries(new URLSearchParams(search))};
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // an address that somebody typed in
  }
}

// to is the address of a view, of one thing in it, with a query.
export function to(view, id = '', query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value)).toString();
  return `#/${view}${id ? `/${encodeURIComponent(id)}` : ''}${search ? `?${search}` : ''}`;
}

export const route = store(parse(location.hash));

// go leads to an address as a link does; replace: without an entry in the history.
export function go(address, {replace = false} = {}) {
  if (!replace) {
    location.hash = address;
    return;
  }
  history.replaceState(history.state, '', address);
  route.set(parse(address));
}

// setQuery changes the query of the present address, such as filters. Typing in one is
// not a way back through each letter: it replaces the address.
export function setQuery(changes) {
  const {view, id, query} = route.get();
  go(to(view, id, {...query, ...changes}), {replace: true});
}

addEventListener('hashchange', () => {
  if (location.hash === '' || location.hash.startsWith('#/')) route.set(parse(location.hash));
});
