import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { registerFailureGauges, registerGauges } from '../../../../src/adapters/metrics/gauges.js';
import { PrometheusTelemetry } from '../../../../src/adapters/metrics/prometheus-telemetry.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const read = (name: string) => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
const { groups } = parse(read('alerts.yml')) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const runbook = read('operations.md');

/** Every metric with its labels, from its definition. */
function existing(): ReadonlyMap<string, readonly string[]> {
  const registry = new Registry();
  const clock = new FakeClock();
  new PrometheusTelemetry(registry, new RecordingLogger(), clock);
  registerGauges(registry, { dependencies: [], lag: () => [], queues: () => ({}), bodyMemory: () => 0 });
  registerFailureGauges(registry, { recent: () => ({ open: 0 }) }, clock);
  // prom-client keeps the label names in a member that its types do not show.
  const labelsOf = (metric: unknown) => (metric as { labelNames: readonly string[] }).labelNames;
  return new Map(
    registry.getMetricsAsArray().map(({ name }) => [name, labelsOf(registry.getSingleMetric(name))]),
  );
}

const metrics = existing();

describe('docs/alerts.yml', () => {
  it('contains rules', () => {
    expect(rules).to.have.length.above(5);
  });

  for (const { alert, expr, labels, annotations } of rules) {
    it(`${alert} uses existing metrics and labels`, () => {
      const named = [...expr.matchAll(/(postrider_\w+)(?:\{([^}]*)\})?/g)];
      expect(named).to.have.length.above(0);
      for (const [, name = '', matchers = ''] of named) {
        const base = name.replace(/_bucket$/, '');
        expect([...metrics.keys()]).to.include(base);
        for (const [, label] of matchers.matchAll(/(\w+)=/g)) expect(metrics.get(base)).to.include(label);
      }
      const known = [...metrics.values()].flat();
      for (const [, by = ''] of expr.matchAll(/by \(([^)]*)\)/g)) {
        expect([...known, 'le']).to.include.members(by.split(/, */));
      }
    });

    it(`${alert} has a severity, a summary and a section in the runbook`, () => {
      expect(labels.severity).to.match(/^(critical|warning|info)$/);
      expect(annotations.summary).to.match(/\.$/);
      expect(runbook).to.match(new RegExp(`^#+ ${alert}$`, 'm'));
    });
  }
});

describe('docs/operations.md', () => {
  it('describes every metric', () => {
    expect([...metrics.keys()].filter((name) => !runbook.includes(`\`${name}\``))).to.deep.equal([]);
  });

  it('mentions no metric and no alert that does not exist', () => {
    const spoken = [...runbook.matchAll(/`(postrider_\w+)/g)].map(([, name]) => name);
    expect([...metrics.keys()]).to.include.members(spoken);
    const headed = [...runbook.matchAll(/^#+ (Postrider\w+)$/gm)].map(([, name]) => name);
    expect(rules.map(({ alert }) => alert)).to.include.members(headed);
  });
});
