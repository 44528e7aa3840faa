import type { Container } from 'inversify';
import type { FullSettings } from '../settings.js';

export function bindFull(_container: Container, _settings: FullSettings): void {
  throw new Error('not yet');
}
