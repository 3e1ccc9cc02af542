import { describe, expect, it } from 'vitest'
import type { MiddlewareArgs } from './types.ts'
import { type AnyFunction, wrapHandler } from './wrap.ts'

type Args = MiddlewareArgs<object, never>

const call = { kind: 'call', name: 'send' } as const
/** What a handler gets, and how often its signal was read. */
function given(own: object = { input: 1 }) {
  const reads = { signal: 0 }
  class Given {
    readonly ctx: object = { identity: 'ada' }
    readonly session = {}
    readonly server = {}
    get signal() {
      reads.signal++
      return new AbortController().signal
    }
  }
  return { args: Object.assign(new Given(), own), reads }
}
const pass: AnyFunction = ({ next }: Args) => next()

describe('wrapHandler', () => {
  it('gives the handler itself where there is no middleware: nothing is paid for it', () => {
    const handle = () => 1
    expect(wrapHandler([], call, handle)).toBe(handle)
  })

  it('runs middleware and handler in the turn in which it is called', async () => {
    const ran: string[] = []
    const run: AnyFunction = ({ next }: Args) => (ran.push('middleware'), next())
    const result = wrapHandler([run, run], call, () => ran.push('handler'))(given().args)
    expect(ran).toEqual(['middleware', 'middleware', 'handler'])
    expect(await result).toBe(3)
  })

  it('gives the handler what it got, but for what is added to ctx', async () => {
    const { args } = given()
    expect(await wrapHandler([pass], call, (got) => got === args)(args)).toBe(true)
    const add: AnyFunction = ({ next }: Args) => next({ level: 3 })
    const got = await wrapHandler([add], call, (inner) => inner)(args)
    expect({ ...(got as object) }).toEqual({
      input: 1,
      ctx: { identity: 'ada', level: 3 },
      session: {},
      server: {},
    })
    expect(got).toHaveProperty('signal', expect.any(AbortSignal))
    expect(args.ctx).toEqual({ identity: 'ada' })
  })

  it('keeps what a ctx has of its class: methods, getters, and what it is an instance of', async () => {
    class User {
      readonly identity = 'ada'
      level = 1
      get shout() {
        return this.identity.toUpperCase()
      }
      isAbove(level: number) {
        return this.level > level
      }
    }
    const add: AnyFunction = ({ next }: Args) => next({ level: 3, shout: 'quiet' })
    const within: AnyFunction = ({ next }: Args) => next({ other: 1 })
    const user = new User()
    const seen = (ctx: User) => [ctx instanceof User, ctx.isAbove(2), ctx.shout, Object.keys(ctx)]
    const { args } = given()
    const handle = wrapHandler([add, within], call, ({ ctx }: { ctx: User }) => seen(ctx))
    expect(await handle(Object.assign(args, { ctx: user }))).toEqual([
      true,
      true,
      'quiet',
      ['identity', 'level', 'shout', 'other'],
    ])
    expect(seen(user)).toEqual([true, false, 'ADA', ['identity', 'level']])
  })

  it('makes no signal that nobody reads', async () => {
    const { args, reads } = given()
    const add: AnyFunction = ({ ctx, input, session, next }: Args) => next({ ctx, input, session })
    await wrapHandler([pass, add], call, ({ input }: { input: unknown }) => input)(args)
    expect(reads.signal).toBe(0)
  })

  it.each([
    ['call', { input: 'in' }, 'in'],
    ['stream', { input: 'in' }, 'in'],
    ['event', { payload: 'sent', params: 'of the room' }, 'sent'],
    ['join', { params: 'of the room' }, 'of the room'],
  ] as const)('shows what was sent of a %s as input', async (kind, own, input) => {
    const seen: unknown[] = []
    const run: AnyFunction = (args: Args) => {
      seen.push([args.kind, args.name, args.input])
      return args.next()
    }
    const result = wrapHandler([run], { kind, name: 'x' }, async function* () {})(given(own).args)
    if (kind === 'stream') for await (const item of result as AsyncIterable<unknown>) void item
    else await result
    expect(seen).toEqual([[kind, 'x', input]])
  })

  it('gives the items of a stream at once, and opens it when the first is asked for', async () => {
    const stream = { kind: 'stream', name: 'ticks' } as const
    let opened = 0
    const run: AnyFunction = async ({ next }: Args) => (opened++, next())
    const items = wrapHandler([run], stream, async function* () {
      yield* [1, 2]
    })(given().args) as AsyncIterable<number>
    expect(opened).toBe(0)
    const got: number[] = []
    for await (const item of items) got.push(item)
    expect([got, opened]).toEqual([[1, 2], 1])
  })

  it('closes the items of a stream that is left', async () => {
    let isClosed = false
    const items = wrapHandler([pass], { kind: 'stream', name: 'ticks' }, async function* () {
      try {
        for (;;) yield 1
      } finally {
        isClosed = true
      }
    })(given().args) as AsyncIterable<number>
    for await (const item of items) if (item) break
    expect(isClosed).toBe(true)
  })

  it('refuses an answer to a stream that is no items', async () => {
    const answers: AnyFunction = ({ answer }: Args) => answer(1)
    const items = wrapHandler([answers], { kind: 'stream', name: 'ticks' }, () => [])(given().args)
    await expect((items as AsyncGenerator).next()).rejects.toThrow(
      'A middleware of ticks gave no items: the value of a stream is an iterable of them.',
    )
  })

  it.each([undefined, null, 'text', { value: 1 }])('refuses %s in place of what next gave', async (returned) => {
    const result = wrapHandler([() => returned], call, () => 1)(given().args)
    await expect(result).rejects.toThrow('A middleware of send returned neither what next() gave nor answer(value).')
  })

  it('may run the handler again', async () => {
    let runs = 0
    const again: AnyFunction = async ({ next }: Args) => {
      try {
        return await next()
      } catch {
        return next()
      }
    }
    const handle = () => {
      if (++runs === 1) throw new Error('once')
      return runs
    }
    expect(await wrapHandler([again], call, handle)(given().args)).toBe(2)
  })
})
