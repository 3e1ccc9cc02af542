import { connect } from 'node:net'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { createFakeClock, type UpgradeRefused } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lab as contract } from '../support/contract.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** A lab whose `work` and `note` end when they are told to. */
async function working() {
  const signals: AbortSignal[] = []
  const finish: (() => void)[] = []
  const untilTold = <T>(signal: AbortSignal, answer: T) => {
    signals.push(signal)
    return new Promise<T>((resolve) => finish.push(() => resolve(answer)))
  }
  const lab = await startLab({
    handlers: {
      procedures: { work: ({ input, signal }) => untilTold(signal, { doubled: input.n * 2 }) },
      events: { note: ({ signal }) => untilTold(signal, undefined) },
    },
  })
  return { lab, signals, finish }
}

const isPending = async (promise: Promise<unknown>) => {
  const nothing = Symbol('nothing')
  await quiet()
  return (await Promise.race([promise, Promise.resolve(nothing)])) === nothing
}

describe('CL-4: close', () => {
  test('tells every client, lets a call in flight finish, and then closes', async () => {
    const { lab, signals, finish } = await working()
    const client = lab.client()
    const call = client.call.work({ n: 21 })
    await eventually(() => signals.length === 1, 'the call runs')
    const peer = await lab.peer()
    await peer.hello()

    const closed = lab.server.close({ drainMs: 1_000 })
    expect(await peer.read()).toEqual([frames.drain.kind, 1_000])
    expect(await isPending(closed)).toBe(true)
    expect(peer.isOpen()).toBe(true)
    finish[0]!()
    expect(await call).toEqual({ doubled: 42 })
    expect(await peer.closed()).toEqual({ code: 4503, reason: 'the server is closing' })
    await closed
    expect(signals[0]!.aborted).toBe(false)
    expect([...lab.server.sessions]).toEqual([])
    expect(lab.clock.pending).toBe(0)
  })

  test('waits for events that run, too', async () => {
    const { lab, finish } = await working()
    const client = lab.client()
    client.emit.note({ n: 1 })
    await eventually(() => finish.length === 1, 'the event is handled')
    const closed = lab.server.close({ drainMs: 1_000 })
    expect(await isPending(closed)).toBe(true)
    finish[0]!()
    await closed
  })

  test('ends what still runs when drainMs have passed', async () => {
    const { lab, signals } = await working()
    const client = lab.client()
    const call = settled(client.call.work({ n: 1 }), 'the call')
    await eventually(() => signals.length === 1, 'the call runs')
    const closed = lab.server.close({ drainMs: 1_000 })
    await lab.clock.advance(990)
    expect(signals[0]!.aborted).toBe(false)
    await lab.clock.advance(20)
    await closed
    expect(signals[0]!.aborted).toBe(true)
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    expect(client.status.current).toMatchObject({ state: 'waiting', reason: 'GOING_AWAY: the server is closing' })
    await client.close() // until then the call waits to be offered to a server again (CA-10)
    expect(await call).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED', outcome: 'unknown' } })
  })

  test('gives 5 s by default', async () => {
    const { lab, signals } = await working()
    lab
      .client()
      .call.work({ n: 1 })
      .catch(() => {})
    await eventually(() => signals.length === 1, 'the call runs')
    const closed = lab.server.close()
    await lab.clock.advance(4_990)
    expect(await isPending(closed)).toBe(true)
    await lab.clock.advance(20)
    await closed
  })

  test('answers a new upgrade with 503 while it drains', async () => {
    const { lab, signals, finish } = await working()
    lab
      .client()
      .call.work({ n: 1 })
      .catch(() => {})
    await eventually(() => signals.length === 1, 'the call runs')
    const closed = lab.server.close({ drainMs: 1_000 })
    await expect(lab.peer()).rejects.toEqual(expect.objectContaining({ status: 503 }) as UpgradeRefused)
    finish[0]!()
    await closed
  })

  test('holds what the client begins meanwhile until there is a server again', async () => {
    const { lab, signals, finish } = await working()
    const client = lab.client()
    const first = client.call.work({ n: 1 })
    await eventually(() => signals.length === 1, 'the call runs')
    const closed = lab.server.close({ drainMs: 1_000 })
    await quiet()
    const held = client.call.echo('held')
    expect(await isPending(held)).toBe(true)
    finish[0]!()
    expect(await first).toEqual({ doubled: 2 })
    await closed
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')

    expect(await isPending(held)).toBe(true)
    await client.close()
    await expect(held).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('called twice is once', async () => {
    const { lab, signals, finish } = await working()
    lab
      .client()
      .call.work({ n: 1 })
      .catch(() => {})
    await eventually(() => signals.length === 1, 'the call runs')
    const closes = [lab.server.close({ drainMs: 1_000 }), lab.listening.close(), lab.server[Symbol.asyncDispose]()]
    finish[0]!()
    expect(await Promise.all(closes)).toEqual([undefined, undefined, undefined])
  })

  test('of a server that never listened, or has no clients, is done at once', async () => {
    await createServer(contract).close()
    const lab = await startLab()
    await lab.server.close()
    expect(lab.clock.pending).toBe(0)
  })

  test('ends connections that have not said hello, or are being authenticated', async () => {
    const signals: AbortSignal[] = []
    const lab = await startLab({
      server: {
        authenticate: ({ signal }) => {
          signals.push(signal)
          return new Promise(() => {})
        },
      },
    })
    const [silent, waiting] = [await lab.peer(), await lab.peer()]
    waiting.send([frames.hello.kind, { versions: [1, 1], attempt: 1, instance: 'x', window: 1 }])
    await eventually(() => signals.length === 1, 'authenticate runs')
    await lab.server.close({ drainMs: 0 })
    expect(await silent.closed()).toMatchObject({ code: 4503 })
    expect(await waiting.closed()).toMatchObject({ code: 4503 })
    expect(signals[0]!.aborted).toBe(true)
    expect(lab.clock.pending).toBe(0)
  })

  test('lets nobody in who says hello while it drains', async () => {
    const { lab, signals, finish } = await working()
    lab
      .client()
      .call.work({ n: 1 })
      .catch(() => {})
    await eventually(() => signals.length === 1, 'the call runs')
    const peer = await lab.peer()
    const closed = lab.server.close({ drainMs: 1_000 })
    peer.send([frames.hello.kind, { versions: [1, 1], attempt: 1, instance: 'x', window: 1 }])
    // Closed, or welcomed and told at once that the server drains: but never left to begin what will be cut.
    await eventually(() => peer.unread.length > 0, 'the hello is answered')
    await quiet()
    const kinds = peer.unread.map(([kind]) => kind)
    expect([[frames.close.kind], [frames.welcome.kind, frames.drain.kind]]).toContainEqual(kinds)
    finish[0]!()
    await closed
  })

  test('lets a session whose link breaks while it drains come back, for the time that is left', async () => {
    const finish: (() => void)[] = []
    const lab = await startLab({
      server: { resume: { windowMs: 10_000 } },
      handlers: {
        procedures: { work: ({ input }) => new Promise((end) => finish.push(() => end({ doubled: input.n * 2 }))) },
      },
    })
    const first = await lab.peer()
    const { session, resume } = await first.hello()
    first.send([frames.call.kind, 1, 'work', 0, { n: 21 }])
    await eventually(() => finish.length === 1, 'the call runs')
    const closed = lab.server.close({ drainMs: 1_000, retryAfterMs: 5_000 })
    await lab.clock.advance(400)
    first.cut()

    const stranger = await lab.peer()
    stranger.send([frames.hello.kind, { versions: [1, 1], attempt: 1, instance: 'x', window: 1 }])
    expect(await stranger.read()).toEqual([frames.close.kind, 4503, 'the server is closing', { retryAfterMs: 5_000 }])
    const guesser = await lab.peer()
    const wrong = { session, secret: 'guessed', received: 0 }
    guesser.send([frames.hello.kind, { versions: [1, 1], attempt: 2, instance: 'x', window: 1, resume: wrong }])
    expect(await guesser.read()).toEqual([frames.close.kind, 4503, 'the server is closing', { retryAfterMs: 5_000 }])

    const again = await lab.peer()
    const { secret } = resume as { secret: string }
    expect(await again.hello({ attempt: 2, resume: { session, secret, received: 0 } })).toMatchObject({ session })
    expect(await again.read()).toEqual([frames.drain.kind, 600])
    finish[0]!()
    expect(await again.read()).toEqual([frames.result.kind, 1, { doubled: 42 }])
    expect(await again.closed()).toMatchObject({ code: 4503 })
    await closed
    await expect(lab.peer()).rejects.toEqual(expect.objectContaining({ status: 404 }) as UpgradeRefused) // detached
  })

  test.each([Number.POSITIVE_INFINITY, 0.5, 1_500.25])(
    'with drainMs %d tells the clients what they can read, and lets a call finish',
    async (drainMs) => {
      const { lab, signals, finish } = await working()
      const client = lab.client()
      const call = settled(client.call.work({ n: 1 }), 'the call')
      await eventually(() => signals.length === 1, 'the call runs')
      const closed = lab.server.close({ drainMs })
      await quiet()
      finish[0]!()
      expect(await call).toMatchObject({ status: 'fulfilled', value: { doubled: 2 } })
      await lab.clock.advance(2_000)
      await closed
    },
  )

  test.each([Number.NaN, -1, '5000'])('refuses drainMs of %j', async (drainMs) => {
    const server = createServer(contract)
    onTestFinished(() => server.close())
    await expect((async () => server.close({ drainMs: drainMs as number }))()).rejects.toThrow(RangeError)
  })
})

describe('close of a server that listens on its own', () => {
  const own = async () => {
    const clock = createFakeClock()
    const server = createServer(contract, { clock })
    const listening = server.implement({
      procedures: {
        echo: ({ input }) => input,
        carry: ({ input }) => input,
        work: () => ({ doubled: 0 }),
        lines: () => 0,
        brief: () => {},
      },
      events: { note: () => {}, save: () => ({ saved: 0 }) },
    })
    return { listening, clock, ...(await serve(listening, clock)) }
  }

  test.each([
    ['says nothing', ''],
    ['is in the middle of its headers', 'GET /typewire HTTP/1.1\r\nHost: x\r\n'],
    ['keeps alive', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n'],
  ])('does not wait for a TCP connection that %s', async (_, text) => {
    const { listening, port } = await own()
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    await new Promise((resolve) => {
      socket.once('connect', resolve)
    })
    if (text) socket.write(text)
    await quiet()
    expect(await settled(listening.close({ drainMs: 0 }), 'close')).toMatchObject({ status: 'fulfilled' })
  })

  test('frees the port', async () => {
    const { listening, port } = await own()
    await listening.close()
    const next = await own()
    const again = await next.listening.listen(port, { host: '127.0.0.1' })
    expect(again.port).toBe(port)
  })
})
