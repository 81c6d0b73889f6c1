// What concerns all views.
import {html, useState, useStore} from './ui.js';
import {giveToken, useData, wanted} from './api.js';
import {to} from './router.js';
import {Choice, Dialog, Field} from './parts.js';

// Away says that the server does not answer.
export function Away({away}) {
  return html`<div role="status" aria-live="polite" data-away=${away ? 'true' : 'false'}>
    ${away && html`<p class="away">The server is away. What you see is how it was; this page goes on by itself when it is back.</p>`}</div>`;
}

// TokenDialog asks for the control token where the server wants one.
export function TokenDialog() {
  const want = useStore(wanted);
  const [typed, setTyped] = useState('');
  if (!want) return null;
  const give = (e) => {
    e.preventDefault();
    if (typed.trim()) giveToken(typed.trim());
    setTyped('');
  };
  return html`<${Dialog} title="Control token" onClose=${() => {}}>
    <form onSubmit=${give}>
      <p class="note">This server was started with --control-token. The token is kept until this tab is closed.</p>
      ${want.refused && html`<p class="problem" role="alert">The server refused that token.</p>`}
      <${Field} label="Token" type="password" value=${typed} onInput=${setTyped} autofocus />
      <div class="actions"><button type="submit" class="primary">Go on</button></div>
    </form><//>`;
}

// ClockState says how far the server's clock is from real time, where it is. By asking it
// finds out, too, that the server is away, in whatever view.
export function ClockState() {
  const {data} = useData('clock', {}, {every: 3000});
  if (!data || data.offset === '0s') return null;
  const short = data.offset.replace(/([hm])0s$/, '$1').replace(/h0m$/, 'h');
  const ahead = short.startsWith('-') ? short : `+${short}`;
  return html`<a class="clock-state" href=${to('clock')} title=${`The server's clock: ${data.now}`} data-clock-offset=${data.offset}>Clock ${ahead}</a>`;
}

const themeKey = 'waxseal.theme';

// ThemeSwitch chooses light or dark, or what the system has.
export function ThemeSwitch() {
  const root = document.documentElement;
  const [theme, setTheme] = useState(root.dataset.theme || '');
  const choose = (next) => {
    setTheme(next);
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      if (next) localStorage.setItem(themeKey, next);
      else localStorage.removeItem(themeKey);
    } catch {
      // It holds as long as the page is open.
    }
  };
  return html`<${Choice} label="Theme" value=${theme} onInput=${choose} options=${[['', 'System'], ['light', 'Light'], ['dark', 'Dark']]} data-theme-switch />`;
}
