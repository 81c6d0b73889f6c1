// The server's clock, and the way back to the start.
import {html, useEffect, useState} from '../ui.js';
import {changed, post, useData} from '../api.js';
import {Dialog, Facts, Field, Loaded, Page, Problem, Section} from '../parts.js';

export const title = 'Clock';

const steps = [['1m', '1 minute'], ['5m', '5 minutes'], ['1h', '1 hour'], ['1d', '1 day'], ['30d', '30 days']];

// Now goes on with the clock from what the server said last.
function Now({state}) {
  const [since] = useState(() => new WeakMap());
  if (!since.has(state)) since.set(state, performance.now());
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, []);
  const time = new Date(new Date(state.now).getTime() + performance.now() - since.get(state));
  const iso = Number.isNaN(time.getTime()) ? state.now : time.toISOString();
  return html`<p class="clock-face"><time datetime=${iso} data-now>${iso.slice(0, 10)} <strong>${iso.slice(11, 19)}</strong> UTC</time></p>`;
}

export function View() {
  const from = useData('clock', {}, {every: 5000});
  const [error, setError] = useState(null);
  const [said, setSaid] = useState('');
  const [advance, setAdvance] = useState('');
  const [set, setSet] = useState('');
  const [asking, setAsking] = useState(false);

  const turn = async (body, words) => {
    setError(null);
    setSaid('');
    try {
      await post('clock', body);
      setSaid(words);
      from.reload();
      changed();
    } catch (failure) {
      setError(failure);
    }
  };
  const reset = async () => {
    setAsking(false);
    setError(null);
    try {
      await post('reset');
      setSaid('Everything is as it was at the start.');
      changed();
    } catch (failure) {
      setError(failure);
    }
  };
  const submit = (act) => (event) => {
    event.preventDefault();
    act();
  };

  return html`<${Page} title=${title} lead="What the server takes the time to be: visibility timeouts, retention, data keys, credentials and deliveries go by it.">
    <${Loaded} from=${from}>${(state) => html`<div class="card"><${Now} state=${state} />
      <${Facts} facts=${[['Ahead of real time', html`<span data-offset>${state.offset}</span>`]]} /></div>`}<//>
    ${error && html`<${Problem} error=${error} />`}
    <p role="status" class="said" data-said>${said}</p>
    <${Section} title="Advance" note="What is stored stays; what is due by then happens.">
      <div class="actions">${steps.map(([d, name]) => html`<button type="button" data-advance=${d} onClick=${() => turn({advance: d}, `The clock is ${name} later.`)}>${name}</button>`)}</div>
      <form class="inline" onSubmit=${submit(() => turn({advance: advance.trim()}, `The clock was advanced by ${advance.trim()}.`))}>
        <${Field} label="By" value=${advance} onInput=${setAdvance} placeholder="1d12h" required data-advance-by />
        <button type="submit">Advance</button></form><//>
    <${Section} title="Set">
      <form class="inline" onSubmit=${submit(() => turn({set: set.trim()}, `The clock was set to ${set.trim()}.`))}>
        <${Field} label="To" value=${set} onInput=${setSet} placeholder="2026-01-01T00:00:00Z" required data-set-to />
        <button type="submit">Set</button></form>
      <div class="actions"><button type="button" data-real-time onClick=${() => turn({reset: true}, 'The clock goes by real time.')}>Back to real time</button></div><//>
    <${Section} title="Start again" note="Removes all that was made since the start: resources, messages, decisions and records. What fixture files declare is made anew, and the clock goes by real time.">
      <div class="actions"><button type="button" class="danger" data-reset onClick=${() => setAsking(true)}>Reset everything…</button></div><//>
    ${asking && html`<${Dialog} title="Reset everything?" onClose=${() => setAsking(false)}>
      <p>All that this server holds is removed, and it is as it was at the start. That cannot be undone.</p>
      <div class="actions"><button type="button" autofocus onClick=${() => setAsking(false)}>Cancel</button>
        <button type="button" class="danger" data-reset-confirm onClick=${reset}>Reset everything</button></div><//>`}
  <//>`;
}
