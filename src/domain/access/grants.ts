/** Whose messages a caller may send. */
export interface Sender {
  /** The only permitted sender, filled in where a message has no `from`. Absent: any sender, and `from` is required. */
  readonly only?: string;
}

/** Returns whether the caller may send as `from`, a member of a message as received. */
export function maySendAs({ only }: Sender, from: unknown): boolean {
  return only === undefined || from === undefined || from === only;
}

/** A message to send, as received. */
export interface Send {
  readonly content: { readonly from?: unknown };
}

/** Returns the message with its sender filled in. */
export function withSender<T extends Send>(send: T, { only }: Sender): T {
  const { content } = send;
  return only === undefined || content.from !== undefined
    ? send
    : { ...send, content: { ...content, from: only } };
}

/** Which rows a caller sees, and how much of them. */
export interface View {
  /** Absent: every row. */
  readonly own?: OwnRows;
  /** Whether the caller sees who acted on a failure and where it came from: `by`, `note` and `origin`. */
  readonly acts: boolean;
}

/** The rows that belong to a client. */
export interface OwnRows {
  readonly client: string;
  /** Messages and failures that the client sent. A failure belongs to its sender alone. */
  readonly sent: boolean;
  /** Messages that are stored in the client's inbox. */
  readonly received: boolean;
}

/** A message or failure. `stored` means that it is in its recipient's inbox. */
interface OwnedRow {
  readonly from: string;
  readonly to: string;
  readonly stored: boolean;
}

/** Returns whether a row is in the view. */
export function sees({ own }: View, { from, to, stored }: OwnedRow): boolean {
  if (own === undefined) return true;
  const { client, sent, received } = own;
  return (sent && from === client) || (received && stored && to === client);
}
