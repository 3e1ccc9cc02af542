import { frames, maxNesting } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy, closedBy, echo, endOf, answerOf } from './beside.ts'

failOnUnhandledRejections()

/** A call of `carry`, as text: its payload, and its annotations. */
const carry = (id: number, payload: string, annotations = '0') => `[[17,${id},"carry",0,${payload},${annotations}]]`

const invalid = (id: number) => [
  frames.error.kind,
  id,
  'INVALID_INPUT',
  expect.stringContaining('procedure carry: '),
  { issues: [{ message: expect.any(String), path: [] }] },
]

describe('WR-6: maxMessageBytes', () => {
  const limit = 4_096
  const message = (bytes: number, char: string) => {
    const [before, after] = ['[[17,1,"echo",0,"', '"]]']
    const left = bytes - before.length - after.length
    const size = new TextEncoder().encode(char).length
    return before + char.repeat(Math.floor(left / size)) + 'x'.repeat(left % size) + after
  }

  test.each(['x', 'é', '漢', '🙂'])('a message of the limit is taken, of %s', async (char) => {
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        const text = message(limit, char)
        expect(new TextEncoder().encode(text)).toHaveLength(limit)
        peer.sendText(text)
        expect((await answerOf(peer)).slice(0, 2)).toEqual([frames.result.kind, 1])
      },
      { server: { maxMessageBytes: limit } },
    )
  })

  test.each(['x', 'é', '漢', '🙂'])('a byte more closes the connection (1009), of %s', async (char) => {
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.sendText(message(limit + 1, char))
        expect(await peer.closed()).toMatchObject({ code: 1009 })
      },
      { server: { maxMessageBytes: limit } },
    )
  })

  test('a message of the default limit is taken, and a byte more is not', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const [one, other] = [await welcomed(), await welcomed()]
      one.sendText(message(1_048_576, 'x'))
      expect((await one.readKind(frames.result.kind))[1]).toBe(1)
      other.sendText(message(1_048_577, 'x'))
      expect(await other.closed()).toMatchObject({ code: 1009 })
    })
  })
})

describe('WR-5: nesting', () => {
  const deep = 100_000
  test.each([
    ['arrays', carry(1, '['.repeat(deep) + ']'.repeat(deep))],
    ['arrays that never end', '['.repeat(deep)],
    ['objects', carry(1, '{"a":'.repeat(deep) + '1' + '}'.repeat(deep))],
    ['objects that never end', '{"a":'.repeat(deep)],
    ['both', carry(1, '[{"a":'.repeat(deep) + '1' + '}]'.repeat(deep))],
    ['annotations', carry(1, '1', '{"a":'.repeat(deep) + '1' + '}'.repeat(deep))],
    ['one more than the limit', carry(1, '['.repeat(maxNesting - 1) + ']'.repeat(maxNesting - 1))],
    [
      'brackets behind a string that ends in a backslash',
      carry(1, '["\\\\",' + '['.repeat(deep) + ']'.repeat(deep) + ']'),
    ],
  ])('%s, too deep, close the connection', async (_, text) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(text)
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'WR-5'))
    })
  })

  test('up to the limit is taken, and comes back', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      const payload = '['.repeat(maxNesting - 2) + ']'.repeat(maxNesting - 2)
      peer.sendText(carry(1, payload))
      await answerOf(peer)
      expect(peer.messages.at(-1)).toContain(`[18,1,${payload}]]`)
    })
  })

  test.each([
    ['brackets', '['.repeat(deep)],
    ['braces', '{'.repeat(deep)],
    ['escaped quotes and brackets', '\\"['.repeat(deep)],
    ['backslashes and brackets', '\\\\['.repeat(deep)],
  ])('%s inside a string are no nesting', async (_, text) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(`[[17,1,"echo",0,"${text}"]]`)
      await answerOf(peer)
      expect(peer.messages.at(-1)).toContain(`[18,1,"${text}"]]`)
    })
  })
})

describe('PL-6: the number of annotations', () => {
  const annotated = (count: number) => {
    const entries = Array.from({ length: count }, (_, index) => `"${index}":["undefined"]`)
    return carry(1, JSON.stringify(Array.from({ length: count }).fill(null)), `{${entries.join()}}`)
  }

  test('10,000 are taken', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(annotated(10_000))
      const [kind, id, payload] = await answerOf(peer)
      expect([kind, id]).toEqual([frames.result.kind, 1])
      expect(payload).toHaveLength(10_000)
    })
  })

  test('10,001 are refused, and the connection lives', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(annotated(10_001))
      expect(await answerOf(peer)).toEqual(invalid(1))
      expect(await echo(peer, 2)).toBe('alive')
    })
  })
})

describe('PL-4: annotations that are not as they must be are refused, and the connection lives', () => {
  test.each([
    ['a type that is not allowed: regexp', '"/a+/"', '["regexp"]'],
    ['a type that is not allowed: a promise', '{"then":1}', '["Promise"]'],
    ['a type that is not allowed: a class', '{}', '[["class","Session"]]'],
    ['a type that is not allowed: a symbol', '"iterator"', '[["symbol","iterator"]]'],
    ['a type that is not allowed: custom', '1', '[["custom","x"]]'],
    ['a type that is not allowed: typed array', '[1]', '[["typed-array","Uint8Array"]]'],
    ['a type that is a name of Object.prototype', '1', '["constructor"]'],
    ['a type that is __proto__', '1', '["__proto__"]'],
    ['a type that is null', '1', '[null]'],
    ['a type that is a number', '1', '[1]'],
    ['no type', '1', '[]'],
    ['a tree that is a string', '1', '"Date"'],
    ['a tree that is a number', '1', '1'],
    ['a tree that is null', '1', 'null'],
    ['a tree that is true', '1', 'true'],
    ['children that are a number', '["2020-01-01T00:00:00.000Z"]', '["set",5]'],
    ['children that are an array', '["x"]', '["set",["Date"]]'],
    ['a branch that is a number', '{"a":1}', '{"a":5}'],
    ['items of an object', '{"0":null}', '["each",["undefined"]]'],
    ['items of a prototype', '{}', '{"constructor.prototype":["each",["undefined"]]}'],
    ['the items of a set that was built', '{"a":[null]}', '{"a":["set"],"\\\\a":["each",["undefined"]]}'],
    ['items without a tree', '[1]', '["each"]'],
    ['items of which nothing is said', '[1]', '["each",{}]'],
    ['a __proto__ of each item', '[{"__proto__":{"a":null}}]', '["each",{"__proto__.a":["undefined"]}]'],
    ['one part for each item', '[0,0]', '["each",["bytes"]]'],
    ['a path to nothing', '{}', '{"a":["undefined"]}'],
    ['a path into a string', '"abc"', '{"0":["undefined"]}'],
    ['a path into null', '{"a":null}', '{"a.b":["undefined"]}'],
    ['a path behind the end of an array', '[]', '{"0":["undefined"]}'],
    ['a path to the length of an array', '[]', '{"length":["undefined"]}'],
    ['a path to __proto__', '{}', '{"__proto__":["undefined"]}'],
    ['a path to a __proto__ that is there', '{"__proto__":null}', '{"__proto__":["undefined"]}'],
    ['a path through __proto__', '{}', '{"__proto__.polluted":["undefined"]}'],
    [
      'a path through a __proto__ that is there',
      '{"__proto__":{"polluted":null}}',
      '{"__proto__.polluted":["undefined"]}',
    ],
    ['a path through an escaped __proto__', '{}', '{"\\\\__proto__.polluted":["undefined"]}'],
    ['a path through constructor', '{}', '{"constructor.prototype.polluted":["undefined"]}'],
    ['a path to a method', '{}', '{"toString":["undefined"]}'],
    ['a path to a method of an array', '[]', '{"push":["undefined"]}'],
    ['a path that goes on below what was revived', '{"a":[[1,2]]}', '{"a":["map"],"a.0":["set"]}'],
    ['a path through a path that is __proto__', '{}', '{"__proto__":{"polluted":["undefined"]}}'],
    ['an empty path', '{}', '{"":["undefined"]}'],
    ['a Date that is none', '"yesterday"', '["Date"]'],
    ['a Date that is a number', '0', '["Date"]'],
    ['a Date that is an array', '["2020-01-01T00:00:00.000Z"]', '["Date"]'],
    ['a URL that is none', '"not a url"', '["URL"]'],
    ['an Error that is a text', '"x"', '["Error"]'],
    ['an Error without a name', '{"message":"x"}', '["Error"]'],
    ['an Error whose message is an object', '{"name":"x","message":{"toString":1}}', '["Error"]'],
    ['an Error whose name is its prototype', '{"__proto__":{"name":"x","message":"y"}}', '["Error"]'],
    ['the message of an Error that was built', '{"name":"x","message":"y"}', '{"":["Error"],"message":["undefined"]}'],
    ['bytes without a part', '0', '["bytes"]'],
    ['numbers without a part', '0', '["Float64Array"]'],
    ['a Blob without a part', '[0,""]', '["Blob"]'],
    ['a File without a part', '[0,"","a",0]', '["File"]'],
    ['a set of an object', '{"length":1}', '["set"]'],
    ['a map of values', '[1]', '["map"]'],
    ['a map of triples', '[[1,2,3]]', '["map"]'],
    ['undefined of a value', '1', '["undefined"]'],
    ['a number of a number', '1', '["number"]'],
    ['a number of a string', '"1"', '["number"]'],
    ['a bigint of a number', '1', '["bigint"]'],
    ['a bigint of nothing', '""', '["bigint"]'],
    ['a bigint in hexadecimal', '"0xff"', '["bigint"]'],
    ['a bigint with an exponent', '"1e9"', '["bigint"]'],
    ['a bigint with blanks', '" 1"', '["bigint"]'],
    ['a bigint of 4,097 digits', `"${'9'.repeat(4_097)}"`, '["bigint"]'],
    ['a bigint of 500,000 digits', `"${'9'.repeat(500_000)}"`, '["bigint"]'],
  ])('%s', async (_, payload, annotations) => {
    await besideHealthy(async ({ lab, welcomed }) => {
      const peer = await welcomed()
      peer.sendText(carry(1, payload, annotations))
      expect(await answerOf(peer)).toEqual(invalid(1))
      expect(await echo(peer, 2)).toBe('alive')
      expect(lab.errors).toEqual([])
    })
  })

  test('also where they belong to the auth of a hello: the connection is refused', async () => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      const hello = { versions: [1, 1], attempt: 1, instance: 'x', window: 1, auth: 1, authAnnotations: ['regexp'] }
      peer.send([frames.hello.kind, hello])
      expect(await peer.closed()).toEqual({ code: 4401, reason: expect.stringMatching(/^auth: /) })
    })
  })

  test('also where they belong to an ack: the one who asked is told', async () => {
    await besideHealthy(async ({ lab, welcomed }) => {
      const peer = await welcomed()
      const [, session] = lab.server.sessions
      const ack = session!.emitWithAck.ask({ text: 'well?' })
      const [, id] = await peer.readKind(frames.event.kind)
      peer.send([frames.result.kind, id, { yes: true }, { 'constructor.prototype.polluted': ['undefined'] }])
      await expect(ack).rejects.toMatchObject({ code: 'INVALID_ACK', origin: 'ask' })
      expect(await echo(peer, 1)).toBe('alive')
    })
  })
})

describe('rich values that are as they must be are taken', () => {
  test.each([
    ['a bigint of 4,096 digits', `"${'9'.repeat(4_096)}"`, '["bigint"]'],
    ['a Date', '"2020-01-01T00:00:00.000Z"', '["Date"]'],
    ['a map in a set', '[[["a",1]]]', '["set",{"0":["map"]}]'],
    ['a key with a dot', '{"a.b":null}', '{"a\\\\.b":["undefined"]}'],
    ['an own member named constructor', '{"constructor":"NaN"}', '{"constructor":["number"]}'],
    ['an Error of any name', '{"name":"__proto__","message":"x"}', '["Error"]'],
  ])('%s', async (_, payload, annotations) => {
    const inputs: unknown[] = []
    const take = ({ input }: { input: unknown }) => void inputs.push(input)
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.sendText(carry(1, payload, annotations))
        expect(await answerOf(peer)).toEqual([frames.result.kind, 1])
        expect(inputs).toHaveLength(1)
      },
      { handlers: { procedures: { carry: take } } },
    )
  })
})

describe('an Error of a client', () => {
  test('is none of Typewire, whatever it says it is: a handler that throws it on has failed', async () => {
    const claims = '{"name":"TypewireError","message":"x","code":"FORBIDDEN","origin":"y","data":1,"stack":"at home"}'
    const carried: unknown[] = []
    const rethrow = ({ input }: { input: unknown }) => {
      carried.push(input)
      throw input
    }
    await besideHealthy(
      async ({ lab, welcomed }) => {
        const peer = await welcomed()
        peer.sendText(carry(1, claims, '["Error"]'))
        expect((await answerOf(peer)).slice(0, 3)).toEqual([frames.error.kind, 1, 'INTERNAL'])
        expect(lab.errors.map(({ error }) => error)).toEqual(carried)
        const [error] = carried as [Error & Record<string, unknown>]
        expect([error.constructor, error.stack, error['code']]).toEqual([Error, 'TypewireError: x', undefined])
      },
      { handlers: { procedures: { carry: rethrow } } },
    )
  })
})

describe("an error that is a client's answer", () => {
  test.each([
    ['a code of Typewire', 'UNAUTHORIZED', 0],
    ['a code that nobody knows', '__proto__', 0],
    ['issues that are none', 'INVALID_ACK', { issues: 'oops', incident: { not: 'text' } }],
    ['options that are poisoned', 'INVALID_ACK', { issues: [{ message: 1, path: 'x' }], origin: 'else' }],
  ])('rejects what was asked, and is well formed: %s', async (_, code, options) => {
    await besideHealthy(async ({ lab, welcomed }) => {
      const peer = await welcomed()
      const [, session] = lab.server.sessions
      const ack = session!.emitWithAck.ask({ text: 'well?' })
      const [, id] = await peer.readKind(frames.event.kind)
      peer.send([frames.error.kind, id, code, 'because', options])
      const error = await ack.then(
        () => undefined,
        (reason: unknown) => reason as Record<string, unknown>,
      )
      expect(error).toMatchObject({ name: 'TypewireError', code, message: 'because', origin: 'ask' })
      // What its type promises holds, whoever wrote it.
      expect(['undefined', 'string']).toContain(typeof error!['incident'])
      const issues = (error!['issues'] ?? []) as readonly { message: unknown; path: unknown }[]
      expect(Array.isArray(issues)).toBe(true)
      expect(issues.every(({ message, path }) => typeof message === 'string' && Array.isArray(path))).toBe(true)
    })
  })
})

test('CA-7: INVALID_INPUT says no more than it was sent, however many issues there are', async () => {
  await besideHealthy(async ({ welcomed }) => {
    const peer = await welcomed()
    const numbers = `[${'1,'.repeat(49_999)}1]`
    peer.sendText(`[[17,1,"lines",0,${numbers}]]`)
    expect((await peer.readKind(frames.error.kind))[2]).toBe('INVALID_INPUT')
    expect(peer.messages.at(-1)!.length).toBeLessThanOrEqual(numbers.length)
  })
})
