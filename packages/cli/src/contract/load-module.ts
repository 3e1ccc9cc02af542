import { createJiti } from 'jiti'
import { CliError, messageOf } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

/**
 * Executes a module, TypeScript or JavaScript, and gives its exports. Anew each time, with all that it imports of its own
 * project; `paths` of the project's tsconfig.json are followed.
 */
export async function loadModule(path: string, shown: string): Promise<Readonly<Record<string, unknown>>> {
  const jiti = createJiti(path, { moduleCache: false, fsCache: false, tsconfigPaths: true })
  try {
    return await jiti.import<Record<string, unknown>>(path)
  } catch (cause) {
    throw new CliError(`${shown} cannot be executed: ${messageOf(cause)}\n${adviceFor(cause)}`, exitCodes.unreadable, {
      cause,
    })
  }
}

function adviceFor(error: unknown): string {
  const { code, message = '' } = error as { code?: string; message?: string }
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND' || message.includes('Cannot find module')) {
    return 'A contract module is executed, so what it imports must be installed. Keep the contract apart from the code of the server.'
  }
  return 'A contract module is executed: it must not need a server, a browser, or variables of the environment.'
}
