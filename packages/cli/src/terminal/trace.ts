import { frames } from '@typewire/core/internal'
import type { TransportWatch } from '@typewire/client/watched'
import type { Io } from '../io.ts'
import { safeText } from './safe-text.ts'

/** The names of kinds, by their numbers. */
const kinds = new Map<unknown, string>(Object.entries(frames).map(([name, { kind }]) => [kind, name]))

/** What a line shows of a frame, in characters. */
const maxShown = 200

/**
 * Prints frames as they travel: when, from whom, by what, the name of the kind, and the frame. Credentials and the secrets of
 * sessions are left out. `now`: in milliseconds.
 */
export function traceTo(io: Io, now = () => performance.now()): TransportWatch {
  const startMs = now()
  const line = (sign: string, transport: string, name: string, text: string) =>
    void io.stderr.write(
      `${`${((now() - startMs) / 1000).toFixed(3)}s`.padStart(9)} ${sign} ${transport} ${name.padEnd(9)} ${safeText(text)}`.trimEnd() +
        '\n',
    )
  return {
    onState: (state, transport) =>
      line('·', transport, state.name, state.name === 'closed' ? `${state.code} ${state.reason}` : ''),
    onBatch: (direction, text, parts, transport) => {
      const bytes = parts && parts.length > 0 ? ` + ${parts.map(({ length }) => `${length} bytes`).join(', ')}` : ''
      for (const frame of framesOf(text))
        line(direction === 'sent' ? '→' : '←', transport, nameOf(frame), shown(frame) + bytes)
    },
  }
}

/** What cannot be read is not shown either: nobody knows what is in it. */
function framesOf(text: string): readonly unknown[] {
  try {
    const batch: unknown = JSON.parse(text)
    return Array.isArray(batch) ? batch : []
  } catch {
    return []
  }
}

const nameOf = (frame: unknown) =>
  Array.isArray(frame) ? (kinds.get(frame[0]) ?? `kind ${String(frame[0])}`) : 'no frame'

function shown(frame: unknown): string {
  const text = JSON.stringify(redacted(frame))
  return text.length > maxShown ? `${text.slice(0, maxShown)}… (${text.length} characters)` : text
}

const hidden = '…'

/** A frame without credentials: those of a hello and of `$auth` and `$open`, and the secrets that bring a session back. */
export function redacted(frame: unknown): unknown {
  if (!Array.isArray(frame)) return frame
  const [kind, ...rest] = frame as readonly unknown[]
  if (kind === frames.hello.kind || kind === frames.welcome.kind)
    return [kind, ...rest.map((body) => hide(body, ['auth', 'authAnnotations', 'resume', 'route', 'identity']))]
  if (kind !== frames.call.kind) return frame
  const [id, name, options, payload] = rest
  if (name === '$auth') return [kind, id, name, options, ...(rest.length > 3 ? [hidden] : [])]
  if (name === '$open') return [kind, id, name, options, hide(payload, ['auth'])]
  return frame
}

function hide(body: unknown, names: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null) return body
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, names.includes(name) ? hidden : value]))
}
