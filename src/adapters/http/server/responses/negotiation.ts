// Quoted strings occur only in parameters of media types, which are ignored here.
const QUOTED = /"[^"]*"/g;
const RANGE = /^\s*([\w!#$%&'*+.^`|~-]+)\/([\w!#$%&'*+.^`|~-]+)\s*(;.*)?$/;
const WEIGHT = /;\s*q\s*=\s*([^;\s]*)/i;
const WEIGHT_VALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
}

/**
 * Reports whether the client prefers JSON to plain text, the default: only if the quality of application/json or
 * application/problem+json is strictly higher than that of text/plain (RFC 9110, 12.5.1).
 */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*') return false;
  const ranges = accept.replaceAll(QUOTED, '').split(',').flatMap(parseRange);
  const json = Math.max(
    qualityOf('application', 'json', ranges),
    qualityOf('application', 'problem+json', ranges),
  );
  return json > qualityOf('text', 'plain', ranges);
}

function parseRange(text: string): MediaRange[] {
  const [, type, subtype, parameters = ''] = RANGE.exec(text) ?? [];
  if (type === undefined || subtype === undefined) return [];
  const weight = WEIGHT.exec(parameters)?.[1] ?? '1';
  if (!WEIGHT_VALUE.test(weight)) return [];
  return [{ type: type.toLowerCase(), subtype: subtype.toLowerCase(), quality: Number(weight) }];
}

/** The quality of the most specific matching range; 0 if none matches. */
function qualityOf(type: string, subtype: string, ranges: readonly MediaRange[]): number {
  let [specificity, quality] = [0, 0];
  for (const range of ranges) {
    const fit = specificityFor(type, subtype, range);
    if (fit > specificity) [specificity, quality] = [fit, range.quality];
    else if (fit === specificity && fit > 0) quality = Math.max(quality, range.quality);
  }
  return quality;
}

function specificityFor(type: string, subtype: string, range: MediaRange): 0 | 1 | 2 | 3 {
  if (range.type === type) return range.subtype === subtype ? 3 : range.subtype === '*' ? 2 : 0;
  return range.type === '*' && range.subtype === '*' ? 1 : 0;
}
