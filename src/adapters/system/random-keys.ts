import type { KeySource } from '../../application/ports/api-keys.js';
import type { KeyMaterial } from '../../domain/access/key-text.js';
import type { RandomBytes } from './time-ordered-ids.js';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;
/** Higher bytes would make the first characters of the alphabet more likely. */
const BYTES_USED = 256 - (256 % ALPHABET.length);

/** Generates the random parts of keys from the bytes of a cryptographic source. */
export class RandomKeys implements KeySource {
  constructor(private readonly randomBytes: RandomBytes) {}

  next(): KeyMaterial {
    let id = '';
    while (id.length < ID_LENGTH) {
      for (const byte of this.randomBytes(ID_LENGTH - id.length)) {
        if (byte < BYTES_USED) id += ALPHABET.charAt(byte % ALPHABET.length);
      }
    }
    return { id, secret: this.randomBytes(SECRET_BYTES) };
  }
}
