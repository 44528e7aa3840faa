/** Milliseconds since the campaign's process began, by a clock that no step of the wall clock changes. */
export const elapsed = (): number => performance.now();
