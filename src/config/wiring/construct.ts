/** A factory for `toResolvedValue` that passes the services to a constructor in their order. */
export const construct =
  <Services extends unknown[], T>(Class: new (...services: Services) => T) =>
  (...services: Services): T =>
    new Class(...services);
