import type {
  DecodedRecord,
  ReadableParts,
  RecordCodec,
  TraceContext,
} from '../../application/ports/record-codec.js';
import type { LogRecord, NewRecord } from '../../application/ports/record-log.js';
import type { DeadLetter, FailedMessage } from '../../domain/failures/failed-message.js';
import type { Identities } from '../../domain/identity.js';
import type { Message } from '../../domain/message.js';
import { checkMessage, InvalidMessage } from '../../domain/message-rules.js';
import { clampTime } from '../../domain/time.js';
import {
  boundedReason,
  readDeadLetterHeaders,
  writeDeadLetterHeaders,
  writeTexts,
  type DeadLetterHeaders,
} from './dead-letter-headers.js';
import { readForeign, type ForeignFailure } from './foreign-dead-letter.js';
import { readParts, textsOf, type Texts } from './readable-parts.js';
import { CORRECTS, MESSAGE_ID, readRecordHeaders, REPLAYS, SENT_AT } from './record-headers.js';
import { formatTime } from './record-time.js';

/**
 * Encodes messages as JSON values with their identity in headers. Reads `{from, to, message}` of other programs too.
 */
export class JsonRecordCodec implements RecordCodec {
  constructor(
    private readonly identities: Identities,
    private readonly messageMaxLength: number,
  ) {}

  encode({ id, from, to, message, sentAt, corrects }: Message, { traceparent }: TraceContext): NewRecord {
    return {
      key: Buffer.from(to),
      value: Buffer.from(JSON.stringify({ id, from, to, message, sentAt: formatTime(sentAt) })),
      headers: {
        'content-type': 'application/json',
        [MESSAGE_ID]: id,
        ...(corrects !== undefined && { [CORRECTS]: corrects }),
        ...(traceparent !== undefined && { traceparent }),
      },
    };
  }

  decode(record: LogRecord): DecodedRecord {
    const { parts, value } = readParts(record, readRecordHeaders(record.headers), this.identities);
    if (value.kind === 'bytes') {
      return { kind: 'invalid', code: 'undecodable', reason: value.problem, ...parts };
    }
    try {
      const content = checkMessage(value.members, this.messageMaxLength);
      return { kind: 'message', ...parts, message: { ...parts.message, ...content } };
    } catch (error) {
      if (!(error instanceof InvalidMessage)) throw error;
      return { kind: 'invalid', code: error.code, reason: error.reason, ...parts };
    }
  }

  encodeDeadLetter(letter: DeadLetter): NewRecord {
    const headers = writeDeadLetterHeaders(letter);
    const record = { key: asBuffer(letter.key), value: asBuffer(letter.value), headers };
    const hasTexts = sameTexts(textsOf(record.value), letter);
    return hasTexts ? record : { ...record, headers: { ...headers, ...writeTexts(letter) } };
  }

  encodeReplay(failure: FailedMessage): NewRecord {
    const { id, sentAt, replays, state, correction } = failure;
    if (state === 'correcting' && correction) return this.encode({ ...correction, corrects: id }, {});
    const encoded = this.encode(failure, {});
    const original = { ...encoded, value: asBuffer(failure.value) };
    const headers = { ...encoded.headers, [SENT_AT]: formatTime(sentAt), [REPLAYS]: String(replays) };
    // The original bytes are reused if they decode to the same message.
    const { encoding, ...texts } = textsOf(original.value);
    const isSame = encoding === undefined && sameTexts(texts, failure);
    return { ...(isSame ? original : encoded), headers };
  }

  decodeDeadLetter(record: LogRecord): DeadLetter {
    const headers = readDeadLetterHeaders(record.headers);
    const foreign = headers.isForeign ? readForeign(record.value) : undefined;
    const { parts } = readParts(record, headers, this.identities, foreign?.value, headers.content);
    return toDeadLetter(record, headers, parts, foreign);
  }
}

const NO_REASON = 'Another program put it on the dead-letter topic and gave no reason.';

/** Combines what headers and value say. */
function toDeadLetter(
  record: LogRecord,
  headers: DeadLetterHeaders,
  parts: ReadableParts,
  foreign?: ForeignFailure,
): DeadLetter {
  const { id, sentAt, corrects } = parts.message;
  const { origin, altered, conflictsWith } = headers;
  const { from, to, message, encoding } = headers.texts ?? { ...parts.message, encoding: parts.encoding };
  return {
    id,
    from,
    to,
    message,
    sentAt,
    content: parts.content,
    key: record.key,
    value: record.value,
    truncated: headers.truncated,
    reason: boundedReason(headers.reason ?? foreign?.reason ?? NO_REASON),
    code: headers.code,
    disposition: headers.disposition,
    attempts: headers.attempts,
    failedAt: headers.failedAt ?? foreign?.failedAt ?? clampTime(record.timestamp),
    replays: parts.replays,
    ...(corrects !== undefined && { corrects }),
    ...(encoding && { encoding }),
    ...(origin && { origin }),
    ...(altered && { altered }),
    ...(conflictsWith !== undefined && { conflictsWith }),
  };
}

function sameTexts(texts: Texts, letter: DeadLetter): boolean {
  return (
    texts.from === letter.from &&
    texts.to === letter.to &&
    texts.message === letter.message &&
    texts.encoding === letter.encoding
  );
}

function asBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
