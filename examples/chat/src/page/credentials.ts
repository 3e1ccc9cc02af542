/** What this tab shows the server at each hello. */
export interface Credentials {
  readonly name: string
  /** Known to this tab alone: with it the name stays ours over a reload or a broken connection. */
  readonly key: string
}

const storageKey = 'typewire-chat'

/** What the tab has kept over a reload. Another tab is somebody else; a duplicated one is the same person twice. */
export function readCredentials(): Credentials | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null')
    return isCredentials(kept) ? kept : undefined
  } catch {
    return undefined // storage is forbidden, or holds something else
  }
}

export function keepCredentials(credentials: Credentials): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(credentials))
  } catch {
    // Without storage a reload asks for the name again.
  }
}

export function forgetCredentials(): void {
  try {
    sessionStorage.removeItem(storageKey)
  } catch {
    // There was none.
  }
}

export function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function isCredentials(value: unknown): value is Credentials {
  const { name, key } = (value ?? {}) as Partial<Record<keyof Credentials, unknown>>
  return typeof name === 'string' && typeof key === 'string'
}
