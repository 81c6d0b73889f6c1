import {html} from '../ui.js';
import {Arn, Facts, duration} from '../parts.js';
import {Access} from '../access.js';
import {CostOf, DataKeys} from '../kms.js';
import {Deliveries} from '../deliveries.js';
import {Messages} from '../messages.js';
import {PolicyPart} from '../document.js';
import {Key, ThingPage, about} from '../resource.js';
import {Encryption} from './queues.js';

export const title = 'Queue';

export function View({params: {id}}) {
  return html`<${ThingPage} path="queues" id=${id} what="queue" render=${(q) => html`
    <${Facts} facts=${[
      ['Account', q.account], ['Region', q.region], ['Kind', q.fifo ? 'FIFO' : 'standard'],
      ['Messages', `${q.visible} to receive, ${q.inFlight} in flight, ${q.delayed} delayed`],
      ['Encryption', html`<${Encryption} of=${q} />`],
      ['Key', q.keyId && html`<${Key} id=${q.keyId} />`],
      ['Data key reuse period', q.reusePeriodSeconds && duration(q.reusePeriodSeconds)],
      ['Dead letters to', q.deadLetterTarget && html`<${Arn} arn=${q.deadLetterTarget} />`],
      ['Decisions', about(q.arn)],
    ]} />
    <${Access} of="resource" arn=${q.arn} title="Who may send, receive and delete" />
    <${Messages} queue=${q} />
    ${q.encryption === 'SSE-KMS' && html`<${DataKeys} owner=${q.arn} /><${CostOf} arn=${q.arn} />`}
    <${PolicyPart} arn=${q.arn} byDefault="Only identities of its account that their own policies allow may use it." />
    <${Deliveries} title="Deliveries into it" only=${(d) => d.endpoint === q.arn || d.deadLetter?.queueArn === q.arn} />`} />`;
}
