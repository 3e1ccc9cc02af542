/** Ends a subscription; also `using off = client.on.x(…)`. Calling it twice is harmless. */
export interface Unsubscribe extends Disposable {
  (): void
}

/** Makes a function an `Unsubscribe`. Node 20.0–20.3 and older browsers lack `Symbol.dispose`; then it is a function alone. */
export function unsubscribe(end: () => void): Unsubscribe {
  const off = (() => end()) as Unsubscribe & { [Symbol.dispose]?: () => void }
  if (Symbol.dispose) off[Symbol.dispose] = off
  return off
}
