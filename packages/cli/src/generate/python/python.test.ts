import type { ContractSnapshot, JsonSchema } from '@typewire/core/snapshot'
import { describe, expect, it } from 'vitest'
import { python } from './python.ts'

const moduleOf = (parts: Partial<ContractSnapshot>): string =>
  python.generate({ typewire: 1, fingerprint: 'x', ...parts }, { out: 'c.py', header: [] }, {})['c.py']!

const object = (name: string): JsonSchema => ({ type: 'object', properties: { [name]: { type: 'string' } } })

describe('names in Python', () => {
  it('a method keeps its name when another is added that is converted to it', () => {
    const called = (module: string) =>
      [...module.matchAll(/async def (\w+)\(.*\n.*call_procedure\(self\._scope, (\w+),/g)].map(([, method, table]) => [
        method,
        new RegExp(`^${table} = tw\\.Procedure\\("(\\w+)"`, 'm').exec(module)![1],
      ])
    expect(called(moduleOf({ procedures: { send_message: {} } }))).toEqual([['send_message', 'send_message']])
    expect(called(moduleOf({ procedures: { send_message: {}, sendMessage: {}, class: {}, class_: {} } }))).toEqual([
      ['class_', 'class_'],
      ['class_2', 'class'],
      ['send_message', 'send_message'],
      ['send_message2', 'sendMessage'],
    ])
  })

  it('so do events, rooms and namespaces', () => {
    const module = moduleOf({
      events: { toServer: { aB: {}, a_b: {} }, toClient: { cD: {}, c_d: {} } },
      rooms: { eF: {}, e_f: {} },
      namespaces: { gH: {}, g_h: {} },
    })
    expect(module).toMatch(/def a_b2\(.*\n(?:.*\n)+?.*_event_a_b, /)
    expect(module).toContain('def c_d2(self, handler: Callable[[], object]) -> Callable[[], None]:')
    expect(module).toMatch(/def c_d\(.*\n.*\n.*"c_d", handler\)/)
    expect(module).toMatch(/def e_f\(.*-> EFRoom:/)
    expect(module).toMatch(/_room_e_f = tw.RoomKind\("e_f"/)
    expect(module).toMatch(/self\.g_h = \w*GHNamespace\(client\)/)
    expect(module).toMatch(/GHNamespace:\n.*The namespace g_h:/)
  })

  it('and definitions', () => {
    const module = moduleOf({
      $defs: { chat_message: object('a'), ChatMessage: object('b'), Chat_message: object('c') },
    })
    expect(module).toMatch(/^class ChatMessage\(TypedDict\):\n {4}b:/m)
    expect(module).toMatch(/^class ChatMessage2\(TypedDict\):\n {4}c:/m)
    expect(module).toMatch(/^class ChatMessage3\(TypedDict\):\n {4}a:/m)
  })
})

describe('records in Python', () => {
  const typeOf = (propertyNames?: JsonSchema) => {
    const output: JsonSchema = {
      type: 'object',
      additionalProperties: { type: 'string', 'x-typewire-type': 'Date' },
      ...(propertyNames !== undefined && { propertyNames }),
    }
    const $defs = { Key: { type: 'string', enum: ['a', 'b'] }, Text: { type: 'string', pattern: 'a' } }
    return /-> (.*):\n.*\n/.exec(moduleOf({ procedures: { p: { output } }, $defs }).split('async def p')[1]!)![1]
  }

  it.each<[string, JsonSchema | undefined]>([
    ['Dict[str, datetime]', undefined],
    ['Dict[Literal["a", "b"], datetime]', { type: 'string', enum: ['a', 'b'] }],
    ['Dict[Literal["a"], datetime]', { const: 'a' }],
    ['Dict[Key, datetime]', { $ref: '#/$defs/Key' }],
    ['Dict[str, datetime]', { $ref: '#/$defs/Text' }],
    ['Dict[str, datetime]', { type: 'string', pattern: 'a' }],
    ['Dict[str, datetime]', true],
  ])('%s', (type, names) => expect(typeOf(names)).toBe(type))
})

describe('a name that Python cannot import is refused, with what to give', () => {
  const refusedAs = (out: string) => {
    try {
      python.generate({ typewire: 1, fingerprint: 'x' }, { out, header: [] }, {})
      return undefined
    } catch (error) {
      return /--out (\S*)$/.exec((error as Error).message)?.[1]
    }
  }

  it.each([
    ['a/b/p-q', 'a/b/p_q'],
    ['p-q/', 'p_q'],
    ['./a-b/c d.py', './a-b/c_d.py'],
    ['2nd', '_2nd'],
    ['x/class.py', 'x/class_.py'],
    ['p.q', 'p_q'],
    ['a-b/c.py', undefined],
    ['C:\\a-b\\größe', undefined],
    ['.', undefined],
    ['../..', undefined],
  ])('%s: %s', (out, other) => expect(refusedAs(out)).toBe(other))
})
