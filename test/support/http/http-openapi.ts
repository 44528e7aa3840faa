import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly example?: unknown;
}

interface ResponseDescription {
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly parameters?: readonly { readonly $ref: string }[];
  readonly responses: Readonly<Record<string, ResponseDescription | { readonly $ref: string }>>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const BASE = 'openapi.json';
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
  problemWith(method: string, path: string, status: number, type: string, body: unknown): string | undefined {
    // Every route that serves GET serves HEAD.
    const verb = method.toLowerCase().replace('head', 'get');
    const location = ['paths', path, verb, 'responses', String(status)];
    const described = this.at(location) as ResponseDescription | { readonly $ref: string } | undefined;
    if (described === undefined) return `${status} is not described`;
    const resolved = '$ref' in described ? described.$ref.slice(2).split('/') : location;
    if (type === '' && body === '' && this.at([...resolved, 'content']) === undefined) return undefined;
    const content = this.at([...resolved, 'content', type]);
    if (content === undefined) return `${type} is not described for ${status}`;
    const validate = this.schema([...resolved, 'content', type, 'schema']);
    return validate(body) ? undefined : this.ajv.errorsText(validate.errors);
  }

  /** The schema of that name among the components. */
  component(name: string): ValidateFunction {
    return this.schema(['components', 'schemas', name]);
  }

  private schema(location: readonly string[]): ValidateFunction {
    const pointer = location.map((part) =>
      encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
    );
    const validate = this.ajv.getSchema(`${BASE}#/${pointer.join('/')}`);
    if (validate === undefined) throw new Error(`there is no ${location.join(' ')}`);
    return validate;
  }

  private at(location: readonly string[]): unknown {
    return location.reduce<unknown>(
      (node, key) => (node as Record<string, unknown> | undefined)?.[key],
      this.document,
    );
  }
}
