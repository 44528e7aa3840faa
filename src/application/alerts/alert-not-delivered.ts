/** Nobody knows that the other side has an alert: it refused it, with the status, or did not answer. */
export class AlertNotDelivered extends Error {
  override readonly name = 'AlertNotDelivered';

  constructor(
    readonly status: number | undefined,
    cause?: unknown,
  ) {
    super('The alert was not taken', { cause });
  }
}
