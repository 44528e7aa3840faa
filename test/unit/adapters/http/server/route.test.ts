import { expect } from 'chai';
import request from 'supertest';
import { buildHttpApp } from '../../../../../src/adapters/http/http-app.js';
import { parseNothing, route, type Route } from '../../../../../src/adapters/http/server/route.js';
import { ACTIONS, type Action } from '../../../../../src/domain/access/actions.js';
import { lacking } from '../../../../../src/domain/access/decision.js';
import { ANYONE } from '../../../../../src/domain/access/principal.js';
import { RecordingLogger } from '../../../../support/recording-logger.js';

const definition = { method: 'GET', path: '/clients/:client', handle: () => undefined } as const;

describe('A route', () => {
  it('does not compile without an action, or with one that decides on other values', () => {
    const compiled = (): Route[] => {
      // @ts-expect-error -- not made by `route`
      const made: Route = { ...definition, needsCredential: false, serve: () => Promise.resolve() };
      return [
        made,
        // @ts-expect-error -- without an action
        route({ ...definition, parse: parseNothing }),
        // @ts-expect-error -- the action needs a client
        route({ ...definition, action: ACTIONS.readInbox, parse: parseNothing }),
        route({ ...definition, action: ACTIONS.readInbox, parse: ({ params }) => params }),
      ];
    };
    expect(compiled).to.be.a('function');
  });

  it('decides on the values that were parsed before the use case gets them', async () => {
    const seen: unknown[] = [];
    const record = (what: string, value: unknown): void => void seen.push(what, value);
    const values = { client: 'bob' };
    const action: Action<typeof values, string> = {
      needsCredential: true,
      decide: (caller, given) => {
        record('decide', given);
        expect(caller).to.equal(ANYONE);
        return refuses ? lacking('inbox') : { allowed: true, grant: 'a grant' };
      },
    };
    let refuses = false;
    const only = route({
      ...definition,
      action,
      parse: () => {
        seen.push('parse');
        return values;
      },
      handle: (given, response, grant) => {
        record('handle', given);
        response.send(grant);
      },
    });
    const app = buildHttpApp({ routes: [only], logger: new RecordingLogger() });
    await request(app).get('/clients/eve').expect(200, 'a grant');
    expect(seen).to.deep.equal(['parse', 'decide', values, 'handle', values]);
    expect(seen[2]).to.equal(values).and.to.equal(seen[4]);
    refuses = true;
    seen.length = 0;
    await request(app).get('/clients/eve').expect(403);
    expect(seen).to.deep.equal(['parse', 'decide', values]);
  });

  it('for everyone is served without a look at the credential', async () => {
    const identify = (): never => {
      throw new Error('must not be called');
    };
    const open = route({
      ...definition,
      ...{ action: ACTIONS.readHealth, parse: parseNothing },
      handle: (_, response) => void response.send('ok'),
    });
    const app = buildHttpApp({ routes: [open], logger: new RecordingLogger(), identify });
    await request(app).get('/clients/x').expect(200);
    await request(app).get('/nothing').expect(500);
  });

  it('answers what makes identification impossible at the moment', async () => {
    const some = route({
      ...definition,
      action: ACTIONS.readMetrics,
      parse: parseNothing,
    });
    for (const path of ['/clients/x', '/nothing', '/clients/%E0%A4%A']) {
      const identify = (): Promise<never> => Promise.reject(new Error('down'));
      const app = buildHttpApp({ routes: [some], logger: new RecordingLogger(), identify });
      await request(app).get(path).expect(500);
    }
  });
});
