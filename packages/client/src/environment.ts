type Listener = (event: { readonly persisted?: boolean }) => void

/** What has events in a page: the window and its document. */
interface Target {
  readonly addEventListener: (type: string, listener: Listener) => void
  readonly removeEventListener: (type: string, listener: Listener) => void
}

/** A browser's `globalThis`; elsewhere the parts are missing, and nothing is told. */
type Page = Partial<Target> & { readonly document?: Target & { readonly visibilityState: string } }

export interface EnvironmentEvents {
  /** The network may be another or none, or the page was away: find out whether the link still lives. */
  readonly onDoubt: () => void
  /** The page goes into the page cache, where an open link would keep it out, or be cut. */
  readonly onHide: () => void
  /** The page is left for good, as by a reload: the last moment to say so. */
  readonly onLeave: () => void
}

/**
 * Listens to the events that a page's life has: `online` and `offline`, becoming visible, and leaving and re-entering the page
 * cache (https://web.dev/articles/bfcache). Returns how to stop.
 */
export function watchEnvironment({ onDoubt, onHide, onLeave }: EnvironmentEvents, page: Page = globalThis): () => void {
  const { document } = page
  if (typeof page.addEventListener !== 'function' || !document) return () => {}
  const window = page as Target
  const listeners: readonly (readonly [target: Target, type: string, listener: Listener])[] = [
    [window, 'online', () => onDoubt()],
    [window, 'offline', () => onDoubt()], // no proof: a server on this machine is reached all the same
    [window, 'pageshow', ({ persisted }) => void (persisted && onDoubt())],
    [window, 'pagehide', ({ persisted }) => (persisted ? onHide() : onLeave())],
    [document, 'visibilitychange', () => void (document.visibilityState === 'visible' && onDoubt())],
  ]
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener)
  return () => {
    for (const [target, type, listener] of listeners) target.removeEventListener(type, listener)
  }
}
