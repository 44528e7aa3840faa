const HOST = String.raw`(?:\[[0-9A-Fa-f:.%]+\]|[^\s/?#@:,[\]]+)(?::\d{1,5})?`;
const WITHOUT_CREDENTIALS = new RegExp(String.raw`^${HOST}(?:,${HOST})*(?:/[^\s/?#@:]*)?$`);
/** An option in front of the last `@` means that the `@` may be part of a secret in the options. */
const OPTION = /\?.*=/s;

/**
 * Returns the scheme, the hosts and the database of a connection string, which may be invalid. The credentials and the
 * options may contain secrets; if they cannot be told from the hosts, only the scheme is returned.
 */
export function mongoAddress(uri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z+.-]*:\/\/)?(.*)$/is.exec(uri) ?? [];
  const at = rest.lastIndexOf('@') + 1;
  const [address = ''] = rest.slice(at).split('?');
  const isSafe = WITHOUT_CREDENTIALS.test(address) && !OPTION.test(rest.slice(0, at));
  return `${scheme}${isSafe ? address : '***'}`;
}
