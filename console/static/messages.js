// The messages of a queue as the store holds them.
import {html, useState} from './ui.js';
import {useFresh} from './fresh.js';
import {Arn, Badge, CopyButton, Empty, Loaded, Section} from './parts.js';
import {plural} from './resource.js';

const atOnce = 5;

// Messages shows a queue's messages: what names them beside what is stored of them. The
// server gives out no plaintext of what is encrypted, so there is none here.
export function Messages({queue}) {
  const got = useFresh(`at-rest/${queue.account}/${queue.region}/${encodeURIComponent(queue.name)}`);
  const [shown, setShown] = useState(atOnce);
  const [hex, setHex] = useState(false);
  const list = got.data?.messages ?? [];
  return html`<${Section} title="Messages as they are stored"
      note="What a thief of the disk would have. To read a message, receive it as somebody who may."><${Loaded} from=${got}>${() => (
    list.length === 0 ? html`<${Empty} title="There are no messages in the queue." />` : html`
      <p class="row"><span>${plural(list.length, 'message')}</span>
        <label class="check"><input type="checkbox" checked=${hex} onChange=${(e) => setHex(e.target.checked)} /> bytes in hexadecimal</label></p>
      <ol class="messages">${list.slice(0, shown).map((m) => html`<${Message} key=${m.messageId} of=${m} hex=${hex} />`)}</ol>
      ${list.length > shown && html`<p><button type="button" onClick=${() => setShown(shown + 50)}>Show more</button></p>`}`)}<//><//>`;
}

function Message({of, hex}) {
  const clear = of.body !== undefined;
  return html`<li class="message card">
    <div class="message-name">
      <h3><code>${of.messageId}</code></h3>
      <p><${Badge} tone=${clear ? 'bad' : 'good'}>${clear ? 'not encrypted' : of.encryption}<//></p>
      ${of.keyId && html`<p><${Arn} arn=${of.keyId} /></p>`}
    </div>
    <dl class="stored">
      ${clear && html`<div><dt>Body, in the clear</dt><dd class="clear">${of.body}</dd></div>`}
      <${Bytes} name="Ciphertext" base64=${of.ciphertext} hex=${hex} />
      <${Bytes} name="Wrapped data key" base64=${of.encryptedDataKey} hex=${hex} />
      <${Bytes} name="Nonce" base64=${of.nonce} hex=${hex} />
    </dl></li>`;
}

const short = 64;

// Bytes shows bytes that come in base64: their beginning, all of them where that is asked for.
function Bytes({name, base64, hex}) {
  const [open, setOpen] = useState(false);
  if (!base64) return null;
  const text = hex ? hexadecimal(base64) : base64;
  return html`<div><dt>${name} <span class="muted">${plural(size(base64), 'byte')}</span></dt>
    <dd><code>${open ? text : text.slice(0, short)}${!open && text.length > short && '…'}</code>
      <span class="actions">${text.length > short && html`<button type="button" class="small" aria-expanded=${open}
          aria-label=${`${open ? 'Shorten' : 'All of'} the ${name.toLowerCase()}`} onClick=${() => setOpen(!open)}>${open ? 'Less' : 'All'}</button>`}
        <${CopyButton} text=${text} label=${`Copy the ${name.toLowerCase()}`} /></span></dd></div>`;
}

const size = (base64) => (base64.length / 4) * 3 - (base64.match(/=+$/)?.[0].length ?? 0);

function hexadecimal(base64) {
  return [...atob(base64)].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
