import { expect } from 'chai';
import { WebhookAlerts } from '../../../../src/adapters/webhook/webhook-alerts.js';
import { AlertNotDelivered } from '../../../../src/application/ports/alerts.js';
import type { Alert } from '../../../../src/domain/alerts/alert.js';
import { eventually } from '../../../support/eventually.js';
import { isSigned, WEBHOOK_SECRET, WebhookReceiver } from '../../../support/clients/webhook-receiver.js';

const NOW = 1_700_000_000_999;
const alert: Alert = {
  ...{ id: 'group-new-k-1', type: 'failures.group-new', at: 1_700_000_000_000 },
  data: { key: 'k', code: 'c', reason: 'it broke – “ü”', count: 3 },
};

describe('WebhookAlerts', () => {
  let receiver: WebhookReceiver;
  let channel: WebhookAlerts;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    channel = new WebhookAlerts({ url: receiver.url, secret: WEBHOOK_SECRET }, { now: () => NOW }, 200);
  });
  afterEach(async () => {
    channel.close();
    await receiver.stop();
  });

  const refused = async (): Promise<AlertNotDelivered> => {
    const error: unknown = await channel.deliver(alert).catch((reason: unknown) => reason);
    if (error instanceof AlertNotDelivered) return error;
    throw new Error(`expected AlertNotDelivered, got ${String(error)}`);
  };

  it('posts the alert as JSON, signed according to Standard Webhooks', async () => {
    await channel.deliver(alert);
    const [request] = receiver.received;
    expect(request?.path).to.equal('/hook?to=us');
    expect(request?.headers).to.include({
      ...{ 'content-type': 'application/json', 'webhook-id': alert.id, 'webhook-timestamp': '1700000000' },
    });
    expect(JSON.parse(request?.text ?? '')).to.deep.equal({
      ...{ type: 'failures.group-new', timestamp: '2023-11-14T22:13:20.000Z', data: alert.data },
    });
    expect(request && isSigned(request)).to.equal(true);
    expect(request && isSigned({ ...request, text: request.text.replace('3', '4') })).to.equal(false);
  });

  for (const status of [200, 202, 204]) {
    it(`treats ${String(status)} as accepted`, async () => {
      receiver.behaviour = status;
      await channel.deliver(alert);
      expect(receiver.received).to.have.lengthOf(1);
    });
  }

  for (const status of [302, 400, 410, 500, 503]) {
    it(`treats ${String(status)} as not accepted, and follows no redirect`, async () => {
      receiver.behaviour = status;
      expect((await refused()).status).to.equal(status);
      expect(receiver.received).to.have.lengthOf(1);
    });
  }

  it('times out if the receiver does not answer', async () => {
    receiver.behaviour = 'hangs';
    expect((await refused()).status).to.equal(undefined);
  });

  it('reports not accepted if the connection is cut or refused', async () => {
    receiver.behaviour = 'cuts';
    expect((await refused()).status).to.equal(undefined);
    await receiver.stop();
    expect((await refused()).status).to.equal(undefined);
  });

  it('delivers to a receiver that is back', async () => {
    await receiver.stop();
    await refused();
    receiver = await WebhookReceiver.start(receiver.port);
    await channel.deliver(alert);
    expect(receiver.received).to.have.lengthOf(1);
  });

  it('aborts requests in flight when it is closed', async () => {
    receiver.behaviour = 'hangs';
    channel = new WebhookAlerts({ url: receiver.url, secret: WEBHOOK_SECRET }, { now: () => NOW });
    const delivery = refused();
    await eventually(() => receiver.received.length === 1);
    channel.close();
    channel.close();
    expect((await delivery).status).to.equal(undefined);
  });
});
