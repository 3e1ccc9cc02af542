// A real client and a real server over real sockets, with a frame fault link between them, and what their handlers got.

import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, type TransportName } from '@typewire/client'
import { defineContract, event, procedure, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { type ChooseFault, createCountingClock, openFrameFaultLink } from '@typewire/testkit'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'

const contract = defineContract({
  procedures: { add: procedure({ input: z.number(), output: z.number() }) },
  events: {
    toServer: { up: event(z.number()), ask: event(z.number(), { ack: z.number() }) },
    toClient: { down: event(z.number()), question: event(z.number(), { ack: z.number() }) },
  },
  rooms: { hall: room({ events: { toServer: { say: event(z.number()) }, toClient: { said: event(z.number()) } } }) },
})

/** How much faster time goes: limits of seconds pass in a test. Handlers have an hour. */
const speed = 20
const patiently = { timeout: 15_000, interval: 5 }

export interface OverLinkOptions {
  readonly choose: ChooseFault
  /** Default: all. */
  readonly transports?: readonly TransportName[] | undefined
  readonly upgradeDelayMs?: number
  /** Default true. */
  readonly hasHeartbeats?: boolean
  /** Gives numbers from 0 to below 1: the client's delays. */
  readonly random?: () => number
}

export type OverLink = Awaited<ReturnType<typeof connectOverLink>>

/** Puts both up, connects the client and joins it to its room, through `choose` already. */
export async function connectOverLink({
  choose,
  transports,
  upgradeDelayMs = 400,
  hasHeartbeats = true,
  random,
}: OverLinkOptions) {
  const clocks = { client: createCountingClock(speed), server: createCountingClock(speed) }
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  /** What was handled, in order: `add 1`, `up 2`, … */
  const up: string[] = []
  const down: string[] = []

  const server = createServer(contract, {
    clock: clocks.server,
    onError,
    timeoutMs: 3_600_000,
    heartbeat: hasHeartbeats && { intervalMs: 4_000, timeoutMs: 4_000 },
  })
  const ready = server.implement({
    procedures: { add: ({ input }) => (up.push(`add ${input}`), input + 1) },
    events: {
      up: ({ payload }) => void up.push(`up ${payload}`),
      ask: ({ payload }) => (up.push(`ask ${payload}`), payload * 2),
    },
    rooms: { hall: { authorize: () => true, events: { say: ({ payload }) => void up.push(`say ${payload}`) } } },
  })
  const httpServer = createHttpServer()
  ready.attach(httpServer)
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  const link = await openFrameFaultLink((httpServer.address() as AddressInfo).port, choose)

  const url = `http://127.0.0.1:${link.port}`
  const client = createClient<typeof contract>({
    url,
    transports,
    clock: clocks.client,
    reconnect: { minDelayMs: 1, maxDelayMs: 20, upgradeDelayMs, random },
    onError,
  })
  const over = async () => {
    await link[Symbol.asyncDispose]()
    httpServer.closeAllConnections()
    await new Promise((resolve) => httpServer.close(resolve))
  }
  let isOver = false
  onTestFinished(async () => {
    if (isOver) return
    void client.close() // the test has failed: only not to be in the way of others
    void ready.close({ drainMs: 0 })
    await over()
  })

  client.on.down((n) => void down.push(`down ${n}`))
  client.on.question((n) => (down.push(`question ${n}`), n * 3))
  const opened: { readonly sessionId: string; readonly transport: string; readonly recovered: boolean | undefined }[] =
    []
  client.status.subscribe(() => {
    const { current } = client.status
    if (current.state === 'open') opened.push(current)
  })
  const hall = client.join.hall()
  hall.on.said((n) => void down.push(`said ${n}`))
  await hall.ready
  // A first hello that took too long may have left one beside it.
  const session = [...server.sessions].find(({ id }) => id === opened.at(-1)?.sessionId)

  return {
    url,
    client,
    hall,
    server,
    session: session!,
    up,
    down,
    opened,
    /** Ends all. It is one session that went through all of it, and nothing of it is left on either side. */
    async end(): Promise<void> {
      expect(new Set(opened.map(({ sessionId }) => sessionId)), 'sessions').toEqual(new Set([session!.id]))
      expect(opened.map(({ recovered }) => recovered)).toEqual(opened.map((_, i) => (i === 0 ? undefined : true)))
      await client.close()
      // A last word that comes too late leaves the session to its time.
      await expect.poll(() => [...server.sessions], patiently).toEqual([])
      await ready.close({ drainMs: 0 })
      await expect.poll(() => [clocks.client.pending, clocks.server.pending], patiently).toEqual([0, 0])
      expect(errors).toEqual([])
      isOver = true
      await over()
    },
  }
}
