import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { createServer, type ErrorInfo, type HandlersOf, type Server, type ServerOptions } from '@typewire/server'
import { connectRawPeer, type RawPeer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { serve } from '../support/serve.ts'

// A contract with one of each thing that a middleware may be around, at the root and in a namespace.

const admin = defineContract({
  procedures: { ban: procedure({ input: z.string(), output: z.string() }) },
  events: { toServer: { note: event(z.string(), { ack: z.string() }) } },
  rooms: { desk: room({ events: { toServer: { say: event(z.string(), { ack: z.string() }) } } }) },
})
const contract = defineContract({
  auth: z.string(),
  procedures: {
    echo: procedure({
      input: z.string().trim(),
      output: z.string(),
      errors: { BUSY: z.object({ forMs: z.number() }) },
    }),
    hold: procedure({ timeoutMs: 20 }),
  },
  events: { toServer: { note: event(z.string(), { ack: z.string() }), hint: event(z.string()) } },
  rooms: {
    chat: room({
      params: z.object({ id: z.string() }),
      events: {
        toServer: { say: event(z.string(), { ack: z.string() }) },
        toClient: { said: event(z.string()) },
      },
    }),
  },
  namespaces: { admin },
})
export interface Shop extends Named<typeof contract> {}
export const shop: Shop = contract

export interface Ctx {
  readonly identity: string
}
export type ShopServer = Server<Shop, Ctx>
export type ShopHandlers = HandlersOf<ShopServer>
export type ShopClient = Client<Shop>
type AdminHandlers = ShopHandlers['namespaces']['admin']

export interface Handlers {
  readonly procedures?: Partial<ShopHandlers['procedures']>
  readonly events?: Partial<ShopHandlers['events']>
  readonly rooms?: Partial<ShopHandlers['rooms']>
  readonly admin?: {
    readonly procedures?: Partial<AdminHandlers['procedures']>
    readonly events?: Partial<AdminHandlers['events']>
    readonly rooms?: Partial<AdminHandlers['rooms']>
  }
}

export interface Stage {
  readonly server: ShopServer
  /** What the server's `onError` got. */
  readonly errors: { readonly error: unknown; readonly info: ErrorInfo }[]
  readonly url: string
  readonly connect: (options?: Partial<ClientOptionsOf<Shop>>) => ShopClient
  /** A client that speaks by hand, greeted. */
  readonly connectPeer: () => Promise<RawPeer>
}

/** A server that listens, whose handlers give back what they get, but for those that `handlers` makes of it. */
export async function startShop(
  options: Partial<ServerOptions<Shop, Ctx>> = {},
  handlers: (server: ShopServer) => Handlers = () => ({}),
): Promise<Stage> {
  const errors: Stage['errors'] = []
  const server = createServer(shop, {
    authenticate: ({ auth }): Ctx => ({ identity: auth }),
    onError: (error, info) => void errors.push({ error, info }),
    ...options,
  })
  const { procedures, events, rooms, admin: inAdmin = {} } = handlers(server)
  const listening = server.implement({
    procedures: { echo: ({ input }) => input, hold: () => {}, ...procedures },
    events: { note: ({ payload }) => payload, hint: () => {}, ...events },
    rooms: { chat: { authorize: () => true, events: { say: ({ payload }) => payload } }, ...rooms },
    namespaces: {
      admin: {
        procedures: { ban: ({ input }) => input, ...inAdmin.procedures },
        events: { note: ({ payload }) => payload, ...inAdmin.events },
        rooms: { desk: { authorize: () => true, events: { say: ({ payload }) => payload } }, ...inAdmin.rooms },
      },
    },
  })
  const { url } = await serve(listening)
  return {
    server,
    errors,
    url,
    connect: (clientOptions = {}) => {
      const client = createClient<Shop>({ url, auth: 'ada', ...clientOptions })
      onTestFinished(() => client.close())
      return client
    },
    connectPeer: async () => {
      const peer = await connectRawPeer(`${url}/typewire`)
      onTestFinished(() => peer.cut())
      await peer.hello({ auth: 'ada' })
      return peer
    },
  }
}
