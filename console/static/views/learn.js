// The exercises of waxseal learn: what there is, and the one that is worked on.
import {html, useCallback, useEffect, useRef, useState} from '../ui.js';
import {get, post} from '../api.js';
import {useFresh} from '../fresh.js';
import {follow, live} from '../live.js';
import {to} from '../router.js';
import {Badge, CopyButton, Empty, Loaded, Page, Problem, Section, Table} from '../parts.js';
import {plural} from '../resource.js';

export const title = 'Exercises';

export function View({params: {id}}) {
  const got = useFresh('learn');
  const one = id && got.data?.exercises.find((e) => e.name === id);
  return html`<${Page} title=${one ? one.title : title} lead=${one ? `Exercise ${one.number} · ${one.domain} · about ${plural(one.minutes, 'minute')}`
    : 'On policies and encryption, each with a story, a goal, and checks that tell whether it is reached.'}>
    <${Loaded} from=${got}>${({exercises, current}) => (one ? html`<${Exercise} of=${one} current=${current} />` : html`
      ${id && html`<${Empty} title=${`There is no exercise ${id}.`} />`}
      <${List} exercises=${exercises} current=${current} />`)}<//>
  <//>`;
}

function List({exercises, current}) {
  const passed = passedHere();
  return html`<${Table} caption="Exercises" rows=${exercises} keyOf=${(e) => e.name} empty=${{title: 'There are no exercises.'}} columns=${[
    {name: 'No.', number: true, cell: (e) => e.number},
    {name: 'Exercise', main: true, cell: (e) => html`<a href=${to('learn', e.name)}>${e.title}</a>
      ${e.name === current && html` <${Badge} tone="info">under way<//>`}${passed.includes(e.name) && html` <${Badge} tone="good">passed<//>`}
      <span class="why">${e.domain} · ${plural(e.minutes, 'minute')}</span>`},
  ]} />`;
}

function Exercise({of, current}) {
  const isCurrent = of.name === current;
  return html`
    <${Section} title="Story"><p class="prose">${of.story}</p><//>
    <${Section} title="Goal"><p class="prose">${of.goal}</p><//>
    ${isCurrent ? html`<${Checks} of=${of} />` : html`
      <${Section} title="Begin">
        <p class="note">${current ? html`<a href=${to('learn', current)}>Another exercise</a> is under way; starting this one removes what that one made.` : 'This makes what the exercise begins with.'}</p>
        <${Command} text=${`waxseal learn start ${of.name}`} /><//>`}
    <${Hints} of=${of} />
    <p class="note"><a href=${to('learn')}>All exercises</a></p>`;
}

function Command({text}) {
  return html`<p class="row"><code class="command">${text}</code> <${CopyButton} text=${text} label=${`Copy ${text}`} /></p>`;
}

// Checks says which of the checks hold, anew after each call that somebody makes.
function Checks({of}) {
  const {report, error, checking, check} = useChecks(of.name);
  const holds = report?.checks.filter((c) => c.passed).length;
  return html`<${Section} title="Checks" note="Made anew after each call. They change nothing and record nothing."
      actions=${html`<button type="button" disabled=${checking} onClick=${check}>Check now</button>`}>
    ${error && html`<${Problem} error=${error} />`}
    <p role="status" aria-live="polite">${!report ? (error ? '' : 'Checking…') : report.passed
      ? html`<${Badge} tone="good">passed<//> The goal is reached. <code>waxseal learn</code> says what comes next, <code>waxseal learn answer</code> why it works.`
      : `${holds} of ${plural(report.checks.length, 'check')} hold.`}</p>
    ${report && html`<ul class="checks card">${report.checks.map((c) => html`<li key=${c.what} class=${c.passed ? 'passed' : 'failed'}>
      <span class="sign" aria-hidden="true">${c.passed ? '✓' : '✕'}</span>
      <span><span class="hidden">${c.passed ? 'holds: ' : 'does not hold: '}</span>${c.what}${c.detail && html`<span class="why">${c.detail}</span>`}</span></li>`)}</ul>`}<//>`;
}

const pause = 700; // milliseconds: calls come in bursts

// useChecks checks at once, when asked to, and after decisions; one check at a time.
function useChecks(name) {
  const [state, setState] = useState({checking: false});
  const busy = useRef(false);
  const again = useRef(false);
  const gone = useRef(false);
  const check = useCallback(async () => {
    if (busy.current) {
      again.current = true;
      return;
    }
    busy.current = true;
    setState((s) => ({...s, checking: true}));
    let next;
    try {
      const report = await post('learn/check', {exercise: name});
      if (report.passed) remember(name);
      next = {report, checking: false};
    } catch (error) {
      next = {error, checking: false};
    }
    busy.current = false;
    if (gone.current) return;
    setState(next);
    if (again.current) {
      again.current = false;
      check();
    }
  }, [name]);
  useEffect(() => {
    follow();
    check();
    let timer = 0;
    const stop = live.follow(() => {
      timer ||= setTimeout(() => {
        timer = 0;
        check();
      }, pause);
    });
    return () => {
      gone.current = true;
      stop();
      clearTimeout(timer);
    };
  }, [check]);
  return {...state, check};
}

const ordinals = ['first', 'second', 'third'];

// Hints shows one hint more each time that one is asked for.
function Hints({of}) {
  const [hints, setHints] = useState([]);
  const [error, setError] = useState(null);
  const more = async () => {
    try {
      const {hint} = await get('learn/hint', {exercise: of.name, number: hints.length + 1});
      setHints([...hints, hint]);
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  };
  return html`<${Section} title="Hints">
    <div aria-live="polite">${hints.length > 0 && html`<ol class="hints">${hints.map((hint) => html`<li key=${hint}>${hint}</li>`)}</ol>`}</div>
    ${error && html`<${Problem} error=${error} />`}
    ${hints.length < of.hints ? html`<p><button type="button" onClick=${more}>Show the ${ordinals[hints.length] ?? 'next'} hint</button></p>`
      : html`<p class="note">There are no more. <code>waxseal learn answer</code> shows the answer.</p>`}<//>`;
}

const key = 'waxseal.passed';

// passedHere are the exercises that were seen to be passed in this browser.
function passedHere() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? [];
  } catch {
    return [];
  }
}

function remember(name) {
  try {
    localStorage.setItem(key, JSON.stringify([...new Set([...passedHere(), name])]));
  } catch {
    // It is known as long as the page shows it.
  }
}
