import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import { defineContract, event, type Named, procedure, room, TypewireError } from '@typewire/core'
import { createServer, type HandlersOf } from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const audit = defineContract({
  auth: z.object({ key: z.number() }),
  procedures: { list: procedure({ output: z.array(z.string()) }) },
})
const admin = defineContract({
  auth: z.object({ code: z.string() }),
  procedures: { ban: procedure({ input: z.object({ name: z.string() }), output: z.date() }) },
  events: { toServer: { note: event(z.string()) }, toClient: { alert: event(z.object({ text: z.string() })) } },
  rooms: { desk: room({ params: z.object({ id: z.number() }), events: { toClient: { said: event(z.string()) } } }) },
  namespaces: { audit },
})
const lab = defineContract({ procedures: { echo: procedure({ input: z.string(), output: z.string() }) } })
const contract = defineContract({
  auth: z.object({ token: z.string() }),
  procedures: { ping: procedure({}) },
  namespaces: { admin, lab },
})
interface Site extends Named<typeof contract> {}
const site: Site = contract

const server = createServer(site, {
  authenticate: async ({ auth }) => ({ identity: auth.token, user: { isAdmin: true } }),
  namespaces: {
    admin: {
      authenticate: ({ auth, ctx }) => {
        expectTypeOf(auth).toEqualTypeOf<{ code: string }>()
        expectTypeOf(ctx.user).toEqualTypeOf<{ isAdmin: boolean }>()
        if (!ctx.user.isAdmin) throw new TypewireError('UNAUTHORIZED', 'not an admin')
        return { identity: ctx.identity, level: 3 }
      },
      review: ({ ctx, identity, signal }) => {
        expectTypeOf(ctx.user).toEqualTypeOf<{ isAdmin: boolean }>()
        expectTypeOf(identity).toEqualTypeOf<string | null>()
        return ctx.user.isAdmin && !signal.aborted
      },
    },
    'admin/audit': {
      authenticate: ({ auth, ctx }) => {
        expectTypeOf(auth).toEqualTypeOf<{ key: number }>()
        expectTypeOf(ctx.identity).toEqualTypeOf<string | null>()
        return { identity: null, auditor: auth.key }
      },
    },
  },
})

describe('a server of namespaces', () => {
  test('gives each its own ctx: its authenticate’s, or that of what it lies in', () => {
    server.implement({
      procedures: { ping: ({ ctx }) => void ctx.user.isAdmin },
      namespaces: {
        admin: {
          procedures: {
            ban: ({ input, ctx, server: here }) => {
              expectTypeOf(input).toEqualTypeOf<{ name: string }>()
              expectTypeOf(ctx).toEqualTypeOf<{ identity: string; level: number }>()
              here.emit.alert({ text: input.name })
              here.rooms.desk({ id: 1 }).emit.said('x')
              // @ts-expect-error the root's are not its own
              here.rooms.chat
              // @ts-expect-error ctx is the namespace's
              ctx.user
              return new Date()
            },
          },
          events: { note: ({ payload }) => void payload.length },
          rooms: { desk: { authorize: ({ params, ctx }) => params.id < ctx.level } },
          session: ({ ctx }) => void ctx.level,
          namespaces: {
            audit: {
              procedures: {
                list: ({ ctx }) => {
                  expectTypeOf(ctx.auditor).toEqualTypeOf<number>()
                  return []
                },
              },
            },
          },
        },
        lab: { procedures: { echo: ({ input, ctx }) => (ctx.user.isAdmin ? input : '') } },
      },
    })
  })

  test('has no namespace of another path', () => {
    const authenticate = () => ({ identity: null })
    // @ts-expect-error it is `admin`
    createServer(site, { namespaces: { admn: { authenticate } } })
    // @ts-expect-error it lies in `admin`
    createServer(site, { namespaces: { audit: { authenticate } } })
    const known = createServer(site, {
      authenticate,
      namespaces: { admin: { authenticate }, 'admin/audit': { authenticate } },
    })
    expectTypeOf(known.ns.admin.ns.audit.sessions).not.toBeNever()
  })

  test('has an authenticate for each whose contract asks for auth', () => {
    const authenticate = () => ({ identity: null })
    // @ts-expect-error `admin` and `admin/audit` are missing
    createServer(site, { authenticate })
    // @ts-expect-error `admin/audit` is missing
    createServer(site, { authenticate, namespaces: { admin: { authenticate } } })
    // @ts-expect-error `admin` is missing
    createServer(site, { authenticate, namespaces: { 'admin/audit': { authenticate }, lab: { authenticate } } })
    // What asks for none may have one.
    const namespaces = { admin: { authenticate }, 'admin/audit': { authenticate }, lab: { authenticate } }
    expectTypeOf(createServer(site, { authenticate, namespaces }).ns).toHaveProperty('admin')
    expectTypeOf(createServer(defineContract({ namespaces: { lab } })).ns).toHaveProperty('lab')
  })

  test('need not be given what has nothing to implement', () => {
    const hall = defineContract({
      events: { toClient: { alert: event(z.string()) } },
      rooms: { desk: room({ events: { toClient: { said: event(z.string()) } } }) },
    })
    const { implement } = createServer(
      defineContract({ namespaces: { hall, lab, deep: defineContract({ namespaces: { hall } }) } }),
    )
    implement({ namespaces: { lab: { procedures: { echo: ({ input }) => input } } } })
    implement({
      namespaces: {
        lab: { procedures: { echo: ({ input }) => input } },
        hall: { rooms: { desk: { authorize: ({ ctx }) => ctx.identity === null } }, session: () => {} },
        deep: { namespaces: { hall: { session: () => {} } } },
      },
    })
    // @ts-expect-error echo is missing
    implement({ namespaces: { hall: {} } })
    // @ts-expect-error no such namespace
    implement({ namespaces: { lab: { procedures: { echo: ({ input }) => input } }, hal: {} } })
    expectTypeOf(createServer(defineContract({ namespaces: { hall } })).implement).toBeCallableWith({})
  })

  test('wants the handlers of each', () => {
    type Given = Parameters<typeof server.implement>[0]
    expectTypeOf<Given>().toHaveProperty('namespaces')
    expectTypeOf<{ procedures: Given['procedures'] }>().not.toExtend<Given>()
    expectTypeOf<Pick<Given['namespaces'], 'admin'>>().not.toExtend<Given['namespaces']>()
  })

  test('types handlers in files of their own', () => {
    type Ban = HandlersOf<typeof server>['namespaces']['admin']['procedures']['ban']
    expectTypeOf<Parameters<Ban>[0]['ctx']['level']>().toEqualTypeOf<number>()
    type List = HandlersOf<typeof server>['namespaces']['admin']['namespaces']['audit']['procedures']['list']
    expectTypeOf<Parameters<List>[0]['ctx']['auditor']>().toEqualTypeOf<number>()
  })

  test('is reached from outside by name', () => {
    server.ns.admin.emit.alert({ text: 'x' })
    for (const session of server.ns.admin.sessions) expectTypeOf(session.ctx.level).toEqualTypeOf<number>()
    // @ts-expect-error no such event
    server.ns.lab.emit.alert
    // @ts-expect-error no such namespace
    server.ns.users
  })
})

describe('a client of namespaces', () => {
  const client = createClient<Site>({
    url: '',
    auth: { token: '' },
    namespaces: { admin: { auth: async () => ({ code: '' }), namespaces: { audit: { auth: { key: 1 } } } } },
  })

  test('has the verbs of each', async () => {
    expectTypeOf(await client.ns.admin.call.ban({ name: 'x' })).toEqualTypeOf<Date>()
    expectTypeOf(await client.ns.admin.ns.audit.call.list()).toEqualTypeOf<string[]>()
    client.ns.admin.on.alert(({ text }) => text.length)
    client.ns.admin.emit.note('x')
    client.ns.admin.join.desk({ id: 1 }).on.said((text) => text.length)
    // @ts-expect-error name is a string
    void client.ns.admin.call.ban({ name: 1 })
    // @ts-expect-error of the root
    void client.ns.admin.call.ping()
    // @ts-expect-error of the namespace
    void client.call.ban({ name: 'x' })
  })

  test('shows each what it asks for', () => {
    type Given = NonNullable<ClientOptionsOf<Site>['namespaces']>
    expectTypeOf<{ admin: { auth: { code: string } } }>().toExtend<Given>()
    expectTypeOf<{ admin: { auth: { code: number } } }>().not.toExtend<Given>()
    // @ts-expect-error no such namespace
    createClient<Site>({ url: '', auth: { token: '' }, namespaces: { users: {} } })
    createClient<Site>({ url: '', auth: { token: '' } }) // who never opens them needs nothing for them
  })

  test('gives what code for the inner contract takes', () => {
    type Part = Pick<Client<typeof admin>, 'call' | 'on' | 'emit' | 'join'>
    expectTypeOf(client.ns.admin).toExtend<Part>()
  })
})
