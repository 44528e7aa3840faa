/** What is random in a key. */
export interface KeyMaterial {
  /** 12 characters of 0-9a-z, unique among all keys. No secret. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

const PREFIX = 'pr_';
const CHECKED_LENGTH = 59;
const KEY = /^pr_(?<id>[0-9a-z]{12})_[\w-]{49}$/;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Returns the text of a key: `pr_`, the id, `_`, the secret and a checksum, 65 characters with every part at a fixed
 * place. The checksum is the CRC-32 of what precedes it, most significant byte first. The secret and the checksum are in
 * base64url without padding.
 */
export function keyText({ id, secret }: KeyMaterial): string {
  const checked = `${PREFIX}${id}_${base64url(secret)}`;
  const text = checked + checksumOf(checked);
  if (!KEY.test(text)) throw new Error('The material of a key is malformed.');
  return text;
}

/** Returns the id in a key; undefined if the text cannot be a key. The checksum finds typing errors without a look-up. */
export function keyIdIn(text: string): string | undefined {
  const id = KEY.exec(text)?.groups?.['id'];
  return text.slice(CHECKED_LENGTH) === checksumOf(text.slice(0, CHECKED_LENGTH)) ? id : undefined;
}

function checksumOf(text: string): string {
  const sum = crc32(text);
  return base64url(new Uint8Array([sum >>> 24, sum >>> 16, sum >>> 8, sum]));
}

/** The CRC-32 of ISO 3309, as in gzip, of ASCII text. */
function crc32(text: string): number {
  let sum = 0xffffffff;
  for (let at = 0; at < text.length; at += 1) {
    sum ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

function base64url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    count += 8;
    for (; count >= 6; count -= 6) text += BASE64URL.charAt((bits >>> (count - 6)) & 63);
  }
  return count === 0 ? text : text + BASE64URL.charAt((bits << (6 - count)) & 63);
}
