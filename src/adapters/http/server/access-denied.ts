import type { Denied } from '../../../domain/access/decision.js';
import { HttpProblem } from './problem.js';

const DETAILS: Readonly<Record<Denied['code'], string>> = {
  'credential-required': 'This needs a credential, in the header Authorization: Bearer.',
  'credential-invalid': 'The credential is not valid.',
  'credential-expired': 'The credential has expired.',
  'credential-revoked': 'The credential has been revoked.',
  'insufficient-scope': 'The credential does not allow this.',
  'sender-mismatch': "The member from must be the credential's own client, or absent.",
};

/** The answer to a refused request: 401 without a valid credential, otherwise 403 (RFC 6750, 3). */
export function accessDenied(denied: Denied): HttpProblem {
  const { code } = denied;
  const detail = DETAILS[code];
  switch (code) {
    case 'credential-required':
      return new HttpProblem({ status: 401, code, detail, headers: challenge() });
    case 'credential-invalid':
    case 'credential-expired':
    case 'credential-revoked':
      return new HttpProblem({ status: 401, code, detail, headers: challenge('error="invalid_token"') });
    case 'insufficient-scope': {
      const { scope } = denied;
      const headers = challenge(`error="insufficient_scope", scope="${scope}"`);
      return new HttpProblem({
        status: 403,
        code,
        detail: `${detail} It needs the scope ${scope}.`,
        headers,
      });
    }
    case 'sender-mismatch':
      return new HttpProblem({ status: 403, code, detail, errors: [{ pointer: '#/from', detail }] });
  }
}

function challenge(...parameters: readonly string[]): Readonly<Record<string, string>> {
  return { 'www-authenticate': ['Bearer realm="postrider"', ...parameters].join(', ') };
}
