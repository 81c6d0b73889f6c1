// The shell: navigation, the view that the address names, and what concerns all of them:
// the token, a server that is away, light and dark.
import {html, render, useEffect, useErrorBoundary, useRef, useState, useStore} from './ui.js';
import {route, to} from './router.js';
import {server} from './api.js';
import {Problem} from './parts.js';
import {Away, ClockState, ThemeSwitch, TokenDialog} from './shell.js';

// The views. name is the first part of the address; one is what is shown of it where an id
// follows. A module exports title and View({params: {id}, query}).
const views = [
  {name: 'decisions', title: 'Decisions', group: 'Live', all: () => import('./views/decisions.js'), one: () => import('./views/decision.js')},
  {name: 'graph', title: 'Graph', group: 'Live', all: () => import('./views/graph.js')},
  {name: 'queues', title: 'Queues', group: 'Messaging', all: () => import('./views/queues.js'), one: () => import('./views/queue.js')},
  {name: 'topics', title: 'Topics', group: 'Messaging', all: () => import('./views/topics.js'), one: () => import('./views/topic.js')},
  {name: 'rules', title: 'Rules', group: 'Messaging', all: () => import('./views/rules.js')},
  {name: 'buckets', title: 'Buckets', group: 'Messaging', all: () => import('./views/buckets.js')},
  {name: 'keys', title: 'Keys', group: 'Encryption', all: () => import('./views/keys.js'), one: () => import('./views/key.js')},
  {name: 'cost', title: 'Cost of KMS', group: 'Encryption', all: () => import('./views/cost.js')},
  {name: 'identities', title: 'Identities', group: 'Access', all: () => import('./views/identities.js'), one: () => import('./views/identity.js')},
  {name: 'policies', title: 'Policies', group: 'Access', all: () => import('./views/policies.js'), one: () => import('./views/policy.js')},
  {name: 'network', title: 'Endpoints', group: 'Access', all: () => import('./views/network.js')},
  {name: 'trails', title: 'Trails', group: 'Access', all: () => import('./views/trails.js')},
  {name: 'learn', title: 'Exercises', group: 'Learn', all: () => import('./views/learn.js')},
  {name: 'clock', title: 'Clock', group: 'Server', all: () => import('./views/clock.js')},
];

const loaded = new Map(); // modules by the function that loads them

function Navigation({current, open, onGo}) {
  const groups = [...new Set(views.map((v) => v.group))];
  return html`
    <nav id="nav" class=${open ? 'open' : ''} aria-label="Views">
      ${groups.map((group) => html`
        <h2 class="nav-group">${group}</h2>
        <ul>${views.filter((v) => v.group === group).map((v) => html`
          <li><a href=${to(v.name)} aria-current=${v.name === current ? 'page' : null} onClick=${onGo}>${v.title}</a></li>`)}
        </ul>`)}
    </nav>`;
}

// useModule is the module of the view that the route names; its errors are shown.
function useModule({view, id}) {
  const entry = views.find((v) => v.name === view);
  const load = entry && (id ? entry.one || entry.all : entry.all);
  const [, setLoaded] = useState(0);
  const [error, setError] = useState(null);
  useEffect(() => {
    setError(null);
    if (!load || loaded.has(load)) return;
    load().then((module) => {
      loaded.set(load, module);
      setLoaded((n) => n + 1);
    }, setError);
  }, [load]);
  if (!load) return {error: {status: 404, message: 'There is no such view.'}};
  return {module: loaded.get(load), error};
}

function Content({current}) {
  const {module, error} = useModule(current);
  const [failed, forget] = useErrorBoundary();
  const at = `${current.view}/${current.id}`;
  const focused = useRef(null);
  useEffect(() => {
    if (failed) forget();
  }, [at]);
  useEffect(() => {
    if (!module) return;
    document.title = `${current.id ? `${current.id} · ` : ''}${module.title} · waxseal`;
    // Whoever follows a link goes on reading at the heading; whoever opens the page, at its top.
    if (focused.current !== null && focused.current !== at) document.querySelector('main h1')?.focus();
    focused.current = at;
  }, [at, module]);
  if (error || failed) return html`<h1 tabindex="-1">Something is wrong</h1><${Problem} error=${error || failed} />`;
  if (!module) return html`<p class="loading" role="status">Loading…</p>`;
  return html`<${module.View} key=${at} params=${{id: current.id}} query=${current.query} />`;
}

function App() {
  const current = useStore(route);
  const {away} = useStore(server);
  const [open, setOpen] = useState(false);
  const main = useRef();
  useEffect(() => {
    if (!open) return undefined;
    const close = (e) => {
      if (e.type === 'keydown' ? e.key === 'Escape' : !e.target.closest('nav, .menu')) setOpen(false);
    };
    addEventListener('keydown', close);
    addEventListener('click', close);
    return () => {
      removeEventListener('keydown', close);
      removeEventListener('click', close);
    };
  }, [open]);
  const skip = (e) => {
    e.preventDefault();
    main.current.focus();
  };
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <header class="top">
      <button type="button" class="menu" aria-expanded=${open} aria-controls="nav" onClick=${() => setOpen(!open)}>Menu</button>
      <a class="brand" href="#/"><img src="console/icon.svg" alt="" width="22" height="22" />waxseal</a>
      <div class="top-end"><${ClockState} /><${ThemeSwitch} /></div>
    </header>
    <${Away} away=${away} />
    <div class="frame">
      <${Navigation} current=${current.view} open=${open} onGo=${() => setOpen(false)} />
      <main id="main" ref=${main} tabindex="-1"><${Content} current=${current} /></main>
    </div>
    <${TokenDialog} />`;
}

render(html`<${App} />`, document.getElementById('app'));
