// Ten million items between two processes, of which a hundred are read: neither heap keeps what nobody reads (ST-2, ST-3).

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

const program = fileURLToPath(new URL('./memory-process.ts', import.meta.url))
const allowedBytes = 8 * 1_048_576

interface State {
  readonly made: number
  readonly isOver: boolean
  readonly read: number
}

/** An end in a process of its own, which does one thing at a time. */
function start(role: 'server' | 'client') {
  const execArgv = ['--import', 'tsx', '--conditions=@typewire/source']
  const child: ChildProcess = fork(program, [role], { execArgv, env: { ...process.env, NODE_OPTIONS: '' } })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The ${role} has ended.`)
  })
  ended.catch(() => {})
  return async <T = void>(name: string, given = ''): Promise<T> => {
    const answered = once(child, 'message')
    child.send([name, given])
    const [{ value, error }] = (await Promise.race([answered, ended])) as [{ value: T; error?: string }]
    if (error !== undefined) throw new Error(`${role} ${name}: ${error}`)
    return value
  }
}

type End = ReturnType<typeof start>

async function until(end: End, holds: (state: State) => boolean): Promise<State> {
  for (;;) {
    const state = await end<State>('state')
    if (holds(state)) return state
  }
}

/** Lets it run until it makes no more. */
async function madeIn(end: End): Promise<number> {
  for (let last = -1; ;) {
    for (let i = 0; i < 50; i++) await end('state')
    const { made } = await end<State>('state')
    if (made === last) return made
    last = made
  }
}

describe.each(['websocket', 'http-stream', 'http-poll'])(
  'over %s, of ten million items',
  { timeout: 120_000 },
  (transport) => {
    async function connected() {
      const [server, client] = [start('server'), start('client')]
      await client('connect', `${await server<string>('listen')} ${transport}`)
      const before = await Promise.all([server<number>('heap'), client<number>('heap')])
      const growth = async () => {
        const now = await Promise.all([server<number>('heap'), client<number>('heap')])
        return now.map((bytes, i) => bytes - before[i]!)
      }
      return { server, client, growth }
    }

    test('a stream of which a hundred are read keeps both heaps as they are', async () => {
      const { server, client, growth } = await connected()
      await client('read')
      expect(await madeIn(server)).toBeLessThan(1_000)
      expect(Math.max(...(await growth()))).toBeLessThan(allowedBytes)
      await client('leave')
      await until(server, ({ isOver }) => isOver)
      await client('close')
    })

    test('an upload of which a hundred are read keeps both heaps as they are', async () => {
      const { server, client, growth } = await connected()
      await client('upload')
      await until(server, ({ read }) => read === 100)
      expect(await madeIn(client)).toBeLessThan(1_000)
      expect(Math.max(...(await growth()))).toBeLessThan(allowedBytes)
      await server('release')
      expect(await client<number>('answer')).toBe(100)
      await until(client, ({ isOver }) => isOver)
      await client('close')
    })
  },
)
