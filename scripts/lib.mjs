import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root, without a slash at the end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** The environment of the tools: the workspace's own binaries first, no telemetry. */
export const env = {
  ...process.env,
  PATH: join(root, 'node_modules', '.bin') + delimiter + (process.env['PATH'] ?? ''),
  TURBO_TELEMETRY_DISABLED: '1',
}

/**
 * Runs a tool to its end and returns its exit code and, unless `show`, its output.
 *
 * @param {string[]} command
 * @param {{ cwd?: string, show?: boolean }} [options]
 */
export function run([tool = '', ...args], { cwd = root, show = false } = {}) {
  const shell = process.platform === 'win32'
  const { error, status, stdout, stderr } = spawnSync(tool, args, {
    cwd,
    env,
    shell,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: show ? 'inherit' : 'pipe',
  })
  if (error) throw error
  return { ok: status === 0, stdout: stdout ?? '', output: `${stdout ?? ''}${stderr ?? ''}` }
}

/**
 * Ends the script with one line that says what is wrong and what to do, after any details.
 *
 * @param {string} message
 * @param {string} [details]
 * @returns {never}
 */
export function fail(message, details = '') {
  if (details) console.error(details.trimEnd())
  console.error(message)
  process.exit(1)
}
