/** The clients behind what handlers get as `session`: also of a session that is over, or of another server of this process. */
const clients = new WeakMap<object, string>()

export function rememberClient<Facade extends object>(facade: Facade, client: string): Facade {
  clients.set(facade, client)
  return facade
}

export function clientOf(facade: object): string | undefined {
  return clients.get(facade)
}
