import { defineContract, event, type Named, room } from '@typewire/core'
import { createServer, type ServerOptions, type SessionHandler } from '@typewire/server'
import { connectRawPeer, type RawFrame, type RawPeer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { serve } from '../support/serve.ts'

// A contract with an event of each delivery, to one client and into rooms, and a server of it that does what it is told.

const Price = z.object({ symbol: z.string(), price: z.number(), filler: z.string().optional() })
const key = ({ symbol }: z.infer<typeof Price>) => symbol

const toClient = {
  note: event(z.string()),
  pulse: event(z.string(), { delivery: 'volatile', ack: z.string() }),
  price: event(Price, { delivery: 'latest', key, ack: z.string() }),
  /** Of which there is one. */
  cursor: event(z.number(), { delivery: 'latest' }),
}
const contract = defineContract({
  events: { toServer: { move: event(z.any()) }, toClient },
  rooms: {
    floor: room({ params: z.number(), events: { toServer: { move: event(z.any()) }, toClient } }),
    /** Server code alone joins. */
    box: room({ events: { toClient } }),
  },
})
export interface Market extends Named<typeof contract> {}
export const market: Market = contract

interface Nobody {
  readonly identity: null
}

/** `session`: what is done with each session when it begins. */
export async function startMarket(
  options: ServerOptions<Market, Nobody> = {},
  session?: SessionHandler<Nobody, Market>,
) {
  /** What events clients sent, and where to. */
  const moved: unknown[] = []
  const errors: unknown[] = []
  const server = createServer(market, { heartbeat: false, onError: (error) => errors.push(error), ...options })
  const listening = server.implement({
    ...(session ? { session } : {}),
    events: { move: ({ payload }) => void moved.push(['server', payload]) },
    rooms: {
      floor: {
        authorize: () => true,
        events: { move: ({ payload, params }) => void moved.push([`floor ${params}`, payload]) },
      },
    },
  })
  const { url } = await serve(listening)
  const sessionOf = (id: unknown) => [...server.sessions].find((session) => session.id === id)!

  /** A client by hand that has been welcomed, and how it comes back to its session. */
  const connect = async (hello: Readonly<Record<string, unknown>> = {}) => {
    const peer = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => peer.cut())
    const { session: id, resume } = await peer.hello(hello)
    const session = sessionOf(id)
    const { secret } = resume as { readonly secret: string }
    const comeBack = async (received: number, attempt = 2): Promise<RawPeer> => {
      const again = await connectRawPeer(`${url}/typewire`)
      onTestFinished(() => again.cut())
      await again.hello({ attempt, resume: { session: id, secret, received } })
      return again
    }
    return Object.assign(peer, { session, comeBack })
  }
  return { server, url, moved, errors, connect }
}

/** Joins a room, and gives its number. `id`: of the call. */
export async function joinFloor(peer: RawPeer, id = 1, params = 1): Promise<number> {
  peer.send([17, id, '$join', 0, { kind: 'floor', params }])
  const [, , answer] = await peer.readKind(18)
  return (answer as { readonly room: number }).room
}

/** All frames up to the pong to a ping of now, and the pong. */
export async function readAll(peer: RawPeer): Promise<readonly RawFrame[]> {
  peer.send([4, 0, 0])
  const frames: RawFrame[] = []
  for (let frame = await peer.read(); frame[0] !== 5; frame = await peer.read()) frames.push(frame)
  return frames
}
