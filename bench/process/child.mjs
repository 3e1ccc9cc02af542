// A process of a peer, as the runner sees it: it is started, told to do one job after another, and ended.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()

/** Ends all that was started, at once. */
export function endAll() {
  for (const child of running) child.kill('SIGKILL')
}

const jobLimitMs = 120_000

/** @typedef {Record<string, (options: any) => unknown>} Jobs */

/**
 * @template {Jobs} J
 * @typedef {{
 *   pid: number,
 *   run: <Name extends keyof J>(job: Name, ...options: Parameters<J[Name]>) => Promise<Awaited<ReturnType<J[Name]>>>,
 *   end: () => Promise<void>,
 * }} Child
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
  const child = fork(path, args, { execArgv: ['--expose-gc', ...nodeOptions], serialization: 'advanced' })
  running.add(child)
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map()
  child.on('message', (/** @type {{ id: number, value?: unknown, error?: string }} */ { id, value, error }) => {
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (error === undefined) resolve?.(value)
    else reject?.(new Error(error))
  })
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      running.delete(child)
      for (const { reject } of waiting.values())
        reject(new Error(`${file} ${args.join(' ')} ended: ${code ?? signal}.`))
      waiting.clear()
      resolve()
    })
  })
  let id = 0
  /** @type {Child<J>['run']} */
  const run = (job, options) =>
    new Promise((resolve, reject) => {
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
      child.send({ id, job, options })
    })
  return {
    pid: child.pid ?? 0,
    run,
    end() {
      child.kill('SIGKILL')
      return ended
    },
  }
}
