import { createJiti, type TransformOptions } from 'jiti'
import { CliError, messageOf } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

/**
 * Executes a module, TypeScript or JavaScript, and gives its exports. Anew each time, with all that it imports of its own
 * project; `paths` of the project's tsconfig.json are followed.
 * @param onRead told of each file of the project that is executed
 * @throws CliError when it fails; the reason of the signal when that aborts before it has ended.
 */
export async function loadModule(
  path: string,
  shown: string,
  signal: AbortSignal,
  onRead?: (path: string) => void,
): Promise<Readonly<Record<string, unknown>>> {
  const options = { moduleCache: false, fsCache: false, tsconfigPaths: true }
  const plain = createJiti(path, options)
  const transform = (given: TransformOptions) => {
    if (given.filename !== undefined) onRead?.(given.filename)
    return { code: plain.transform(given) }
  }
  const jiti = createJiti(path, { ...options, transform })
  const [stopped, release] = whenAborted(signal)
  try {
    return await Promise.race([jiti.import<Record<string, unknown>>(path), stopped])
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new CliError(`${shown} cannot be executed: ${told(cause)}`, exitCodes.unreadable, { cause })
  } finally {
    release()
  }
}

/** Rejects when the user interrupts: a module may wait for what never comes. */
function whenAborted(signal: AbortSignal): readonly [stopped: Promise<never>, release: () => void] {
  let stop!: () => void
  const stopped = new Promise<never>((_, reject) => (stop = () => reject(signal.reason as Error)))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return [stopped, () => signal.removeEventListener('abort', stop)]
}

/** What it has thrown, and what to do. */
function told(thrown: unknown): string {
  const message = messageOf(thrown)
  const [, what, place] = /^ParseError: (.*?)\s+([^\n]+:\d+:\d+)$/s.exec(message) ?? []
  if (what !== undefined && place !== undefined) return `it is not written right.\n${place.trim()}: ${what}`
  const { code } = (thrown ?? {}) as { code?: unknown }
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND' || message.includes('Cannot find module'))
    return `${message}\nA contract module is executed, so what it imports must be installed. Keep the contract apart from the code of the server.`
  return `${thrown instanceof Error ? message : `it has thrown ${message}`}\nA contract module is executed: it must not need a server, a browser, or variables of the environment.`
}
