import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly example?: unknown;
}

interface Reference {
  readonly $ref: string;
}

interface HeaderDescription {
  readonly required?: boolean;
}

interface ResponseDescription {
  readonly description: string;
  readonly headers?: Readonly<Record<string, HeaderDescription | Reference>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly parameters?: readonly Reference[];
}

/** A response as a client sees it. */
export interface Answer {
  readonly method: string;
  /** As requested, with its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

type Location = readonly string[];

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const BASE = 'openapi.json';
/** Headers of HTTP itself. */
const TRANSPORT = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'];
/** The answers to requests that no operation describes. */
const OUTSIDE: Readonly<Record<number, string>> = {
  400: 'malformed-url',
  404: 'not-found',
  405: 'method-not-allowed',
};
const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** RFC 3339, full-date. */
function isDate(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return /^\d{4}-\d\d-\d\d$/.test(text) && month >= 1 && month <= 12 && day >= 1 && day <= lastDay;
}

/** RFC 3339, date-time, without leap seconds. */
function isDateTime(text: string): boolean {
  return isDate(DATE_TIME.exec(text)?.[1] ?? '');
}

/** The API description: lists the operations, and checks whether a response matches it. */
export class OpenApi {
  readonly document = parse(readFileSync('docs/openapi.yaml', 'utf8')) as Document;
  private readonly ajv = new Ajv2020({ strict: false, formats: { date: isDate, 'date-time': isDateTime } });

  constructor() {
    this.ajv.addSchema(this.document, BASE);
  }

  /** `METHOD path` of every described operation. */
  get operations(): string[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  queryParameters(path: string): Parameter[] {
    const references = this.document.paths[path]?.['get']?.parameters ?? [];
    return references
      .map(({ $ref }) => this.at($ref.slice(2).split('/')) as Parameter)
      .filter((parameter) => parameter.in === 'query');
  }

  /** Whether a value is described for the parameter of that name among the components. */
  parameter(name: string): ValidateFunction {
    return this.schema(['components', 'parameters', name, 'schema']);
  }

  /** The name of the header that the component describes. */
  headerName(component: string): string {
    return (this.at(['components', 'parameters', component]) as Parameter).name;
  }

  requestBody(method: string, path: string): ValidateFunction {
    const content = ['requestBody', 'content', 'application/json', 'schema'];
    return this.schema(['paths', path, method.toLowerCase(), ...content]);
  }

  /** Describes the difference between a response and its description; undefined if there is none. */
  problemWith(answer: Answer): string | undefined {
    const { method, path, status } = answer;
    const template = this.templateOf(path);
    // Every route that serves GET serves HEAD.
    const verb = method.toLowerCase().replace('head', 'get');
    if (template === undefined || !(verb in this.document.paths[template]!)) {
      return this.problemOutside(answer, template);
    }
    const at = this.resolved(['paths', template, verb, 'responses', String(status)]);
    const described = this.at(at) as ResponseDescription | undefined;
    if (described === undefined) return `${status} is not described`;
    return this.headerProblem(at, described, answer) ?? this.bodyProblem(at, described, answer);
  }

  private problemOutside({ method, status, headers, text }: Answer, template?: string): string | undefined {
    if (method === 'OPTIONS' && template !== undefined) {
      return status === 204 && headers.has('allow') && text === '' ? undefined : 'not an answer to OPTIONS';
    }
    const code = OUTSIDE[status];
    const body = JSON.parse(text || '{}') as { code?: string };
    if (code === undefined || body.code !== code)
      return 'neither the operation nor this problem is described';
    if (status === 405 && !headers.has('allow')) return 'Allow is missing';
    return this.mismatch(this.component('Problem'), body);
  }

  private headerProblem(
    at: Location,
    { headers: described = {} }: ResponseDescription,
    { headers }: Answer,
  ): string | undefined {
    const names = Object.keys(described).map((name) => name.toLowerCase());
    const unknown = [...headers.keys()].find((name) => !names.includes(name) && !TRANSPORT.includes(name));
    if (unknown !== undefined) return `the header ${unknown} is not described`;
    for (const name of Object.keys(described)) {
      const header = this.resolved([...at, 'headers', name]);
      const value = headers.get(name);
      const { required = false } = this.at(header) as HeaderDescription;
      if (value === null && required) return `the header ${name} is missing`;
      if (value === null) continue;
      const typed = /^\d+$/.test(value) && name === 'Retry-After' ? Number(value) : value;
      const problem = this.mismatch(this.schema([...header, 'schema']), typed);
      if (problem !== undefined) return `the header ${name}: ${problem}`;
    }
    return undefined;
  }

  private bodyProblem(
    at: Location,
    { content, description }: ResponseDescription,
    { method, headers, text }: Answer,
  ): string | undefined {
    if (content === undefined) return text === '' ? undefined : 'no body is described';
    const type = headers.get('content-type')?.replace(/;.*/, '') ?? '';
    if (!(type in content)) return `the type ${type} is not described`;
    if (method === 'HEAD') return text === '' ? undefined : 'HEAD has a body';
    const body: unknown = type.endsWith('json') ? JSON.parse(text) : text;
    if (type === 'application/problem+json') {
      const { code = '' } = body as { code?: string };
      if (!description.includes(`\`${code}\``)) return `the code ${code} is not described`;
    }
    return this.mismatch(this.schema([...at, 'content', type, 'schema']), body);
  }

  private mismatch(validate: ValidateFunction, value: unknown): string | undefined {
    return validate(value) ? undefined : this.ajv.errorsText(validate.errors);
  }

  /** The described path that the requested one matches. One without parameters comes first. */
  private templateOf(path: string): string | undefined {
    const { pathname } = new URL(path, 'http://x');
    if (pathname in this.document.paths) return pathname;
    return Object.keys(this.document.paths).find((template) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    );
  }

  private resolved(location: Location): Location {
    const found = this.at(location) as Reference | object | undefined;
    return found !== undefined && '$ref' in found ? found.$ref.slice(2).split('/') : location;
  }

  /** The schema of that name among the components. */
  component(name: string): ValidateFunction {
    return this.schema(['components', 'schemas', name]);
  }

  private schema(location: Location): ValidateFunction {
    const pointer = location.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = this.ajv.getSchema(`${BASE}#/${pointer.join('/')}`);
    if (validate === undefined) throw new Error(`there is no ${location.join(' ')}`);
    return validate;
  }

  private at(location: Location): unknown {
    return location.reduce<unknown>(
      (node, key) => (node as Record<string, unknown> | undefined)?.[key],
      this.document,
    );
  }
}
