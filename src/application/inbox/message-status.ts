import { statusReportOf, type MessageStatusReport } from '../../domain/inbox/message-status.js';
import type { MessageId } from '../../domain/message.js';
import type { Archive } from '../ports/archive.js';
import type { ReadPositions } from '../ports/inbox.js';

/** Reports the status of single messages; undefined if the id is unknown. Rejects with `DependencyUnavailable`. */
export class MessageStatuses {
  constructor(
    private readonly archive: Pick<Archive, 'find' | 'conflicts'>,
    private readonly positions: Pick<ReadPositions, 'of'>,
  ) {}

  async of(id: MessageId): Promise<MessageStatusReport | undefined> {
    const [holding, conflicts] = await Promise.all([this.archive.find(id), this.archive.conflicts(id)]);
    if (holding === undefined) return undefined;
    const position = holding.message && (await this.positions.of(holding.message.to));
    const report = statusReportOf(holding, position);
    return conflicts.length > 0 ? { ...report, conflicts } : report;
  }
}
