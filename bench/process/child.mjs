// A process of a peer, as the runner sees it: it is started, told to do one job after another, and ended.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends all that was started, at once. */
export function endAll() {
  for (const child of running) child.kill('SIGKILL')
}

// The longest is that of a server which runs out of memory: it collects garbage for minutes before it ends.
const jobLimitMs = 300_000

/** @typedef {Record<string, (options: any) => unknown>} Jobs */

/**
 * @template {Jobs} J
 * @typedef {{
 *   pid: number,
 *   run: <Name extends keyof J>(job: Name, ...options: Parameters<J[Name]>) => Promise<Awaited<ReturnType<J[Name]>>>,
 *   died: Promise<Error>,
 *   fail: (error: Error) => void,
 *   end: () => Promise<void>,
 * }} Child `died`: why, if it ends without being told. `fail`: all that it was told to do, and will be, fails with that.
 */

/**
 * @template {Jobs} J
 * @param {'server.mjs' | 'client.mjs'} file
 * @param {string[]} args
 * @param {readonly string[]} nodeOptions
 * @returns {Promise<Child<J>>}
 */
export async function start(file, args, nodeOptions) {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, args, {
    execArgv: ['--expose-gc', ...nodeOptions],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  running.add(child)
  let saidLast = ''
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    saidLast = (saidLast + text).slice(-keptOfStderr)
  })
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map()
  child.on('message', (/** @type {{ id: number, value?: unknown, error?: string }} */ { id, value, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (error === undefined) resolve?.(value)
    else reject?.(new Error(error))
  })
  /** @type {Error | undefined} */
  let failure
  const fail = (/** @type {Error} */ error) => {
    failure ??= error
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
  }
  let isTold = false
  /** @type {(error: Error) => void} */
  let onDied = () => {}
  /** @type {Promise<Error>} */
  const died = new Promise((resolve) => (onDied = resolve))
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    // Not `exit`: what it said last has come by now.
    child.on('close', (code, signal) => {
      running.delete(child)
      const said = lastOf(saidLast)
      fail(new Error(`${file} ${args.join(' ')} ended: ${code ?? signal}${said && `: ${said}`}`))
      if (failure && !isTold) onDied(failure)
      resolve()
    })
  })
  let id = 0
  /** @type {Child<J>['run']} */
  const run = (job, options) =>
    new Promise((resolve, reject) => {
      if (failure) return reject(failure)
      const late = () => reject(new Error(`${file} ${args.join(' ')}: ${String(job)} takes too long.`))
      const timer = setTimeout(late, jobLimitMs)
      const settle = (/** @type {() => void} */ how) => {
        clearTimeout(timer)
        how()
      }
      waiting.set(++id, {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      })
      child.send({ id, job, options }, () => {}) // one that has ended says so by itself
    })
  return {
    pid: child.pid ?? 0,
    run,
    died,
    fail,
    end() {
      isTold = true
      child.kill('SIGKILL')
      return ended
    },
  }
}

const keptOfStderr = 8_192
/** What V8 writes around the reason why it gives up, and where the reason came from. */
const isBeside = (/** @type {string} */ line) => /^\s*(\d+: 0x|\[\d+:0x|<---|-----|at |$)/.test(line)

/**
 * The last lines that say something.
 *
 * @param {string} text
 */
const lastOf = (text) =>
  text
    .split('\n')
    .filter((line) => !isBeside(line))
    .slice(-3)
    .join('\n')
