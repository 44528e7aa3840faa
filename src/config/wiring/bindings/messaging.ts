import type { Container } from 'inversify';
import { DeliveryEngine } from '../../../application/delivery/delivery-engine.js';
import { InvalidSends } from '../../../application/sending/invalid-sends.js';
import { IdempotencyKeys } from '../../../application/sending/send-idempotency.js';
import { MessageSender } from '../../../application/sending/send-message.js';
import { TOKENS } from '../tokens.js';

/** Binds sending and delivery, which are the same for every back end. */
export function bindMessaging(container: Container): void {
  bindSending(container);
  bindReceiving(container);
}

function bindSending(container: Container): void {
  const t = TOKENS;
  container
    .bind(t.invalidSends)
    .toResolvedValue(
      ({ sending }, queue, codec, ids, identities, clock, telemetry) =>
        new InvalidSends(
          { messageMaxLength: sending.messageMaxLength, recordsPerSecond: sending.refusedRecordsPerSecond },
          queue,
          codec,
          ids,
          identities,
          clock,
          telemetry,
        ),
      [t.settings, t.deadLetterQueue, t.codec, t.ids, t.identities, t.clock, t.telemetry],
    );
  container
    .bind(t.idempotencyKeys)
    .toResolvedValue(
      (archive, identities, clock) => new IdempotencyKeys(archive, identities, clock),
      [t.archive, t.identities, t.clock],
    );
  container
    .bind(t.sendMessage)
    .toResolvedValue(
      ({ sending }, queue, codec, ids, keys, invalidSends, clock, telemetry) =>
        new MessageSender(sending.messageMaxLength, queue, codec, ids, keys, invalidSends, clock, telemetry),
      [t.settings, t.messageQueue, t.codec, t.ids, t.idempotencyKeys, t.invalidSends, t.clock, t.telemetry],
    );
}

function bindReceiving(container: Container): void {
  const t = TOKENS;
  container.bind(t.engine).toResolvedValue(
    ({ receiving, groups }, feed, ledger, deadLetters, codec, policy, clock, telemetry) => {
      const settings = {
        served: receiving.clients,
        group: groups.receiver,
        failuresGroup: groups.failures,
        parkedMax: receiving.parkedMax,
      };
      const parts = { feed, ledger, deadLetters, codec, policy, clock, telemetry };
      return new DeliveryEngine(settings, { ...parts, random: Math.random });
    },
    [t.settings, t.feed, t.ledger, t.deadLetterQueue, t.codec, t.policy, t.clock, t.telemetry],
  );
}
