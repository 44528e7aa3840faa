import { sees, type View } from '../../domain/access/grants.js';
import { statusReportOf, type Holding, type MessageStatusReport } from '../../domain/inbox/message-status.js';
import type { MessageId } from '../../domain/message.js';
import type { Archive } from '../ports/archive.js';
import type { ReadPositions } from '../ports/inbox.js';

/**
 * Reports the status of single messages; undefined if the id is unknown or its message not in the view, after the same
 * queries. Rejects with `DependencyUnavailable`.
 */
export class MessageStatuses {
  constructor(
    private readonly archive: Pick<Archive, 'find' | 'conflicts'>,
    private readonly positions: Pick<ReadPositions, 'of'>,
  ) {}

  async of(id: MessageId, view: View): Promise<MessageStatusReport | undefined> {
    const [holding, conflicts] = await Promise.all([this.archive.find(id), this.archive.conflicts(id)]);
    if (holding === undefined || !isIn(view, holding)) return undefined;
    const position = holding.message && (await this.positions.of(holding.message.to));
    const report = statusReportOf(holding, position);
    return conflicts.length > 0 ? { ...report, conflicts } : report;
  }
}

function isIn(view: View, { message, failure }: Holding): boolean {
  return sees(view, message === undefined ? { ...failure, stored: false } : { ...message, stored: true });
}
