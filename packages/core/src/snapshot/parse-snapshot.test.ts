import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { defineContract } from '../contract/contract.ts'
import { event, procedure, room, stream, upload } from '../contract/makers.ts'
import { describeContract } from './describe-contract.ts'
import { fingerprintOf } from './fingerprint.ts'
import { parseSnapshot, snapshotText } from './parse-snapshot.ts'

const Node = z.object({
  get children() {
    return z.array(Node)
  },
})
const contract = defineContract({
  auth: z.object({ token: z.string() }),
  procedures: {
    send: procedure({
      input: z.object({ $ref: z.string(), tuple: z.tuple([z.string()], z.date()) }),
      output: z.record(z.enum(['a', 'b']), Node).meta({ description: 'Some.', examples: [{ $ref: 5 }] }),
      errors: { FULL: z.object({ limit: z.bigint() }), NONE: z.string().optional() },
      idempotent: true,
      timeoutMs: Infinity,
      deprecated: 'Use another.',
    }),
    put: procedure({ input: upload(z.string(), z.object({ name: z.string() })), deprecated: true }),
    named: procedure({ output: z.object({ a: z.string() }).meta({ id: '日本' }) }),
  },
  streams: { watch: stream({ items: z.map(z.string(), z.set(z.date())), key: String, timeoutMs: 5 }) },
  events: {
    toServer: { up: event(z.literal(null), { ack: z.int() }) },
    toClient: { down: event(z.string(), { delivery: 'volatile' }) },
  },
  rooms: {
    chat: room({
      params: z.object({ id: z.string() }),
      presence: z.object({ state: z.string() }),
      events: { toClient: { message: event(z.unknown(), { delivery: 'latest', key: String }) } },
    }),
  },
  namespaces: { admin: defineContract({ procedures: { ban: procedure({}) } }) },
})

test('what is written of a contract is read', async () => {
  const text = snapshotText(await describeContract(contract, { name: 'chat' }))
  expect(snapshotText(await parseSnapshot(text, 'typewire.json'))).toBe(text)
})

const parse = async (members: object) => {
  const fingerprint = await fingerprintOf({ typewire: 1, ...members })
  return parseSnapshot(JSON.stringify({ typewire: 1, fingerprint, ...members }), 'a.json')
}

describe('what is no snapshot is told with its path', () => {
  it.each<[object, string]>([
    [{ procedures: 5 }, 'procedures is 5, and has to be an object.'],
    [{ procedure: {} }, 'procedure is none of what may stand there: '],
    [{ rooms: { a: null } }, 'rooms.a is null, and has to be an object.'],
    [{ rooms: [] }, 'rooms is [], and has to be an object.'],
    [{ name: 'a\nb' }, 'name is "a\\nb", and has to be an identifier.'],
    [{ fingerprint: 5 }, 'fingerprint is 5, and has to be a text.'],
    [{ procedures: { 'a b': {} } }, 'procedures has the name "a b", which no contract can have.'],
    [{ procedures: { then: {} } }, 'procedures has the name "then"'],
    [{ procedures: { p: { inputs: true } } }, 'procedures.p.inputs is none of what may stand there: '],
    [{ procedures: { p: { input: 'x' } } }, 'procedures.p.input is "x", and has to be a schema'],
    [{ procedures: { p: { idempotent: 1 } } }, 'procedures.p.idempotent is 1, and has to be true.'],
    [{ procedures: { p: { timeoutMs: '1)' } } }, 'procedures.p.timeoutMs is "1)", and has to be a number'],
    [{ procedures: { p: { timeoutMs: 0 } } }, 'procedures.p.timeoutMs is 0, and'],
    [{ procedures: { p: { description: 1 } } }, 'procedures.p.description is 1, and has to be a text.'],
    [{ procedures: { p: { errors: { 'A-B': null } } } }, 'procedures.p.errors has the name "A-B"'],
    [{ procedures: { p: { errors: { A: 5 } } } }, 'procedures.p.errors.A is 5, and has to be a schema'],
    [{ procedures: { p: { upload: {} } } }, 'procedures.p.upload.items is missing.'],
    [{ streams: { s: {} } }, 'streams.s.items is missing.'],
    [{ events: { toclient: {} } }, 'events.toclient is none of what may stand there: toServer, toClient.'],
    [
      { events: { toClient: { e: { delivery: 'x' } } } },
      'events.toClient.e.delivery is "x", and has to be \'volatile\' or',
    ],
    [{ rooms: { r: { presence: { given: true } } } }, 'rooms.r.presence.seen is missing.'],
    [{ namespaces: { n: { name: 'x' } } }, 'namespaces.n.name is none of what may stand there'],
    [{ $defs: { 'a/b': true } }, '$defs is "a/b", and has to be names that are identifiers.'],
    [
      { auth: { $ref: 'other.json' } },
      'auth.$ref is "other.json", and has to be a reference to one of its definitions',
    ],
    [
      { auth: { items: { $ref: '#/$defs/A' } } },
      'auth.items.$ref is "#/$defs/A", and has to be the name of one of its $defs.',
    ],
    [{ auth: { $ref: '#/$defs/toString' }, $defs: {} }, 'auth.$ref is "#/$defs/toString"'],
    [{ auth: { properties: { $ref: 5 } } }, 'auth.properties.$ref is 5, and has to be a schema'],
    [{ auth: { properties: [] } }, 'auth.properties is [], and has to be an object.'],
    [{ auth: { anyOf: {} } }, 'auth.anyOf is {}, and has to be a list.'],
    [{ auth: { anyOf: [true, 1] } }, 'auth.anyOf[1] is 1, and has to be a schema'],
    [{ auth: { type: 5 } }, 'auth.type is 5, and has to be a text.'],
    [{ auth: { required: 'a' } }, 'auth.required is "a", and has to be a list.'],
  ])('%j', async (members, message) => {
    await expect(parse(members)).rejects.toThrow(`a.json is no snapshot of a contract: ${message}`)
  })

  it('without a fingerprint', async () => {
    await expect(parseSnapshot('{"typewire":1}', 'a.json')).rejects.toThrow(
      'fingerprint is undefined, and has to be a text.',
    )
  })

  it.each(['null', '5', '[]', '{}'])('%s', async (text) => {
    await expect(parseSnapshot(text, 'a.json')).rejects.toThrow(
      'a.json is no snapshot of a contract: it says nothing of "typewire".',
    )
  })
})

test('a snapshot that was edited is told by its fingerprint; what is for people may be', async () => {
  const snapshot = await describeContract(defineContract({ procedures: { send: procedure({}) } }))
  const edited = { ...snapshot, procedures: { send: {}, more: {} } }
  const other = await fingerprintOf(edited)
  await expect(parseSnapshot(JSON.stringify(edited), 'a.json')).rejects.toThrow(
    `a.json says the fingerprint ${snapshot.fingerprint}, but holds the contract ${other}: it was edited or merged by hand. Write it anew: typewire snapshot.`,
  )
  const told = { ...snapshot, procedures: { send: { description: 'Sends.' } } }
  expect(await parseSnapshot(JSON.stringify(told), 'a.json')).toEqual(told)
})
