// Clients that say from which contract they were made, and a server whose contract has changed since (HS-9).

import { type AnyContract, defineContract, procedure, TypewireError } from '@typewire/core'
import { describeContract } from '@typewire/core/snapshot'
import { createClient, type OnClientError } from '@typewire/client'
import { type ClientContractsOptions, createServer, type OnError } from '@typewire/server'
import { connectRawPeer } from '@typewire/testkit'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const older = defineContract({
  procedures: { greet: procedure({ input: z.object({ name: z.string() }), output: z.string() }) },
})
/** What older clients send has no `title`. */
const breaking = defineContract({
  procedures: { greet: procedure({ input: z.object({ name: z.string(), title: z.string() }), output: z.string() }) },
})
const wider = defineContract({
  procedures: {
    greet: procedure({ input: z.object({ name: z.string(), title: z.string().optional() }), output: z.string() }),
  },
})

async function start(contract: AnyContract, clientContracts?: ClientContractsOptions) {
  const onError = vi.fn<OnError>()
  const server = createServer(contract as typeof older, { onError, clientContracts, heartbeat: false })
  const { url } = await serve(server.implement({ procedures: { greet: ({ input }) => `Hello, ${input.name}` } }))
  const client = (fingerprint?: string) => {
    const onClientError = vi.fn<OnClientError>()
    const made = createClient<typeof older>({ url, fingerprint, onError: onClientError })
    return { call: () => made.call.greet({ name: 'Ada' }), status: made.status, onClientError, close: made.close }
  }
  return { url, onError, client }
}

const said = expect.stringMatching(/contract has changed .*procedures\.greet\.input\.title/) as string

test('a client of a contract that this one breaks is let in, and both sides are told (HS-9)', async () => {
  const known = await describeContract(older)
  const { client, onError } = await start(breaking, { known: [known] })
  const first = client(known.fingerprint)
  await expect(first.call()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(first.onClientError.mock.lastCall?.[0]).toMatchObject({ code: 'UNSUPPORTED', message: said })
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'UNSUPPORTED', message: said }),
    expect.objectContaining({ where: `a client of the contract ${known.fingerprint}` }),
  )
  const second = client(known.fingerprint)
  await expect(second.call()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(second.onClientError).toHaveBeenCalledOnce()
  expect(onError, 'once for each contract').toHaveBeenCalledOnce()
  await Promise.all([first.close(), second.close()])
})

test('it is refused where the server says so, with the reason, and does not come back (HS-9)', async () => {
  const known = await describeContract(older)
  const { client, onError } = await start(breaking, { known: [known], onBreaking: 'refuse' })
  const refused = client(known.fingerprint)
  await expect(refused.call()).rejects.toMatchObject({ code: 'UNSUPPORTED', message: said })
  expect(refused.status.current).toMatchObject({ state: 'closed', error: { code: 'UNSUPPORTED' } })
  expect(onError).toHaveBeenCalledOnce()
  await refused.close()
})

test.each([
  ['of the same contract', async () => (await describeContract(wider)).fingerprint],
  ['of one whose changes do not break it', async () => (await describeContract(older)).fingerprint],
  ['of one that the server does not know', async () => 'another'],
  ['that says nothing', async () => undefined],
])('a client %s is let in, and nobody is told (HS-9)', async (_, fingerprintOf) => {
  const { client, onError } = await start(wider, { known: [await describeContract(older)], onBreaking: 'refuse' })
  const { call, onClientError, close } = client(await fingerprintOf())
  expect(await call()).toBe('Hello, Ada')
  expect(onClientError).not.toHaveBeenCalled()
  expect(onError).not.toHaveBeenCalled()
  await close()
})

test('a server that knows no contracts compares nothing (HS-9)', async () => {
  const { client } = await start(breaking)
  const { call, onClientError, close } = client((await describeContract(older)).fingerprint)
  await expect(call()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(onClientError).not.toHaveBeenCalled()
  await close()
})

test('who may not come in is not told what has changed (HS-9)', async () => {
  const known = await describeContract(older)
  const contract = defineContract({ auth: z.object({ token: z.string() }), procedures: breaking.procedures })
  const server = createServer(contract, {
    authenticate: () => {
      throw new TypewireError('UNAUTHORIZED', 'no such token')
    },
    clientContracts: { known: [known], onBreaking: 'refuse' },
  })
  const { url } = await serve(server.implement({ procedures: { greet: () => '' } }))
  const client = createClient<typeof contract>({ url, auth: { token: 'x' }, fingerprint: known.fingerprint })
  await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  await client.close()
})

test('a session that comes back is not told again (HS-9)', async () => {
  const known = await describeContract(older)
  const { url } = await start(breaking, { known: [known] })
  const peer = await connectRawPeer(`${url}/typewire`)
  const welcome = await peer.hello({ contract: known.fingerprint, instance: 'one' })
  expect(welcome).toMatchObject({ notice: said })
  const { session, resume } = welcome as { session: string; resume: { secret: string } }
  peer.cut()
  const again = await connectRawPeer(`${url}/typewire`)
  const asked = { session, secret: resume.secret, received: 0 }
  expect(
    await again.hello({ contract: known.fingerprint, instance: 'one', attempt: 2, resume: asked }),
  ).not.toHaveProperty('notice')
  again.cut()
})

test.each(['warn', 'refuse'] as const)(
  'what has changed in a namespace is said where it is opened: %s (HS-9)',
  async (onBreaking) => {
    const admin = (input: z.ZodType<string>) =>
      defineContract({ auth: z.string(), procedures: { ban: procedure({ input, output: z.string() }) } })
    const before = defineContract({ procedures: older.procedures, namespaces: { admin: admin(z.string()) } })
    const after = defineContract({ procedures: older.procedures, namespaces: { admin: admin(z.string().max(2)) } })
    const known = await describeContract(before)
    const onError = vi.fn<OnError>()
    const server = createServer(after, {
      onError,
      clientContracts: { known: [known], onBreaking },
      namespaces: {
        admin: {
          authenticate: ({ auth }) => {
            if (auth !== 'good') throw new TypewireError('UNAUTHORIZED', 'no such token')
            return { identity: null }
          },
        },
      },
    })
    const greet = () => 'Hello'
    const { url } = await serve(
      server.implement({ procedures: { greet }, namespaces: { admin: { procedures: { ban: ({ input }) => input } } } }),
    )
    const start = (auth: string) => {
      const onClientError = vi.fn<OnClientError>()
      const namespaces = { admin: { auth } }
      const options = { url, fingerprint: known.fingerprint, namespaces, onError: onClientError }
      return { client: createClient<typeof before>(options), onClientError }
    }
    const changed = expect.stringMatching(/contract has changed .*namespaces\.admin\.procedures\.ban\.input/) as string
    const stranger = start('bad')
    expect(await stranger.client.call.greet({ name: 'Ada' }), 'the root has not changed').toBe('Hello')
    await expect(stranger.client.ns.admin.call.ban('x')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(onError, 'who may not come in is not told').not.toHaveBeenCalled()
    const { client, onClientError } = start('good')
    const banned = await client.ns.admin.try.ban('x')
    const error = banned.ok ? onClientError.mock.lastCall?.[0] : banned.error
    expect(banned.ok).toBe(onBreaking === 'warn')
    expect(error).toMatchObject({ code: 'UNSUPPORTED', message: changed })
    await vi.waitFor(() => expect(onError).toHaveBeenCalledOnce())
    expect(await client.call.greet({ name: 'Ada' }), 'all else goes on').toBe('Hello')
    await Promise.all([stranger.client.close(), client.close()])
  },
)

test('what is no snapshot, and a contract that cannot be described, are said at once', async () => {
  expect(() => createServer(older, { clientContracts: { known: [{}] } })).toThrow(
    'createServer({ clientContracts: { known } }): the item 0 is no snapshot of a contract',
  )
  const known = await describeContract(older)
  expect(() => createServer(older, { clientContracts: { known: [{ ...known, procedures: 5 }] } })).toThrow(
    'the item 0 is no snapshot of a contract: procedures is 5, and has to be an object.',
  )
  for (const wrong of [{}, { known: 'x' }, { known }])
    expect(() => createServer(older, { clientContracts: wrong as never })).toThrow(
      'createServer({ clientContracts: { known } }): give a list of what typewire.json held',
    )
  const dark = defineContract({
    procedures: { count: procedure({ output: z.string().transform((text) => text.length) }) },
  })
  const ready = createServer(dark, { clientContracts: { known: [known] } }).implement({
    procedures: { count: () => 'x' },
  })
  await expect(ready.listen(0)).rejects.toThrow(
    'procedures.count.output: what comes out of a transform nobody can tell.',
  )
  await ready.close()
})

test('a snapshot that was edited is refused when the server is to listen', async () => {
  const known = { ...(await describeContract(older)), fingerprint: 'x' }
  const server = createServer(older, { clientContracts: { known: [known] } })
  const ready = server.implement({ procedures: { greet: () => '' } })
  await expect(ready.listen(0)).rejects.toThrow('the item 0 says the fingerprint x, but holds the contract ')
  await ready.close()
})
