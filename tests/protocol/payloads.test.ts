import { describe, expect, test } from 'vitest'
import { startServer, startWelcomed } from './start.ts'

test('PL-1: a payload that is undefined is absent, null is a payload', async () => {
  const { connect, seen } = await startServer()
  const peer = await connect()
  peer.send([17, 1, 'echo', 0], [17, 2, 'echo', 0, null], [17, 3, 'echo', 0, [], 0])
  expect(await peer.readKind(18)).toEqual([18, 1])
  expect(await peer.readKind(18)).toEqual([18, 2, null])
  expect(await peer.readKind(18)).toEqual([18, 3, []])
  expect(seen).toEqual([
    ['echo', undefined],
    ['echo', null],
    ['echo', []],
  ])
})

describe('PL-2, PL-3: rich values', () => {
  const date = '2026-01-31T12:00:00.000Z'
  test.each([
    ['undefined', { a: null }, { a: ['undefined'] }, { a: undefined }],
    ['Date', date, ['Date'], new Date(date)],
    ['bigint', ['-12345678901234567890'], { 0: ['bigint'] }, [-12345678901234567890n]],
    ['number', ['NaN', 'Infinity', '-Infinity', '-0'], ['each', ['number']], [Number.NaN, Infinity, -Infinity, -0]],
    ['URL', { to: 'https://example.com/' }, { to: ['URL'] }, { to: new URL('https://example.com/') }],
    ['set', ['1', 2], ['set', { 0: ['bigint'] }], new Set([1n, 2])],
    ['map', [['a', date]], ['map', { '0.1': ['Date'] }], new Map([['a', new Date(date)]])],
    ['Error', { name: 'TypeError', message: 'no' }, ['Error'], Object.assign(new Error('no'), { name: 'TypeError' })],
    ['a key with a dot', { 'a.b': date, 'c\\d': date }, { 'a\\.b': ['Date'], 'c\\\\d': ['Date'] }, dotted(date)],
    ['a path', { list: [{ at: date }] }, { 'list.0.at': ['Date'] }, { list: [{ at: new Date(date) }] }],
  ])('%s', async (_, json, annotations, value) => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'echo', 0, json, annotations])
    expect(await peer.readKind(18)).toEqual([18, 1, json, annotations])
    expect(seen).toEqual([['echo', value]])
  })
})

describe('PL-13: one tree for all items of an array', () => {
  const dates = ['2026-01-31T12:00:00.000Z', '2026-02-01T12:00:00.000Z']
  const rows = (value: (date: string) => unknown) => dates.map((date, n) => ({ n, at: value(date) }))
  test.each<[string, unknown, unknown, unknown]>([
    ['of values', dates, ['each', ['Date']], dates.map((date) => new Date(date))],
    [
      'of objects',
      { rows: rows(String) },
      { rows: ['each', { at: ['Date'] }] },
      { rows: rows((date) => new Date(date)) },
    ],
    [
      'of lists',
      [
        ['1', '2'],
        ['3', '4'],
      ],
      ['each', ['each', ['bigint']]],
      [
        [1n, 2n],
        [3n, 4n],
      ],
    ],
    ['of a set', ['1', '2'], ['set', ['each', ['bigint']]], new Set([1n, 2n])],
    [
      'of a map',
      [
        ['a', '1'],
        ['b', '2'],
      ],
      ['map', ['each', { 1: ['bigint'] }]],
      new Map([
        ['a', 1n],
        ['b', 2n],
      ]),
    ],
  ])('%s is read, and written', async (_, json, annotations, value) => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'echo', 0, json, annotations])
    expect(await peer.readKind(18)).toEqual([18, 1, json, annotations])
    expect(seen).toEqual([['echo', value]])
  })

  test('is not needed: items by their paths are the same', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'echo', 0, dates, { 0: ['Date'], 1: ['Date'] }])
    expect(await peer.readKind(18)).toEqual([18, 1, dates, ['each', ['Date']]])
    expect(seen).toEqual([['echo', dates.map((date) => new Date(date))]])
  })
})

describe('PL-4, PL-5, PL-6, PL-13: what cannot be read is answered INVALID_INPUT, and closes nothing', () => {
  const date = '2026-01-31T12:00:00.000Z'
  test.each<[string, unknown, unknown]>([
    ['an unknown type', 1, ['regexp']],
    ['a class', {}, [['class', 'User']]],
    ['no tree', 1, 'Date'],
    ['null', 1, null],
    ['a Date that is none', 'soon', ['Date']],
    ['a Date of a number', 1, ['Date']],
    ['a bigint of letters', '1n', ['bigint']],
    ['a map of no pairs', [1], ['map']],
    ['a set of an object', {}, ['set']],
    ['a path to nothing', {}, { a: ['Date'] }],
    ['__proto__', {}, { '__proto__.x': ['undefined'] }],
    ['a prototype', {}, { 'constructor.prototype': ['undefined'] }],
    ['a method', [], { push: ['undefined'] }],
    ['a member of a string', 'abc', { length: ['number'] }],
    ['the inside of a turned value', { a: date }, { a: ['Date', { getTime: ['undefined'] }] }],
    ['a bigint of 4,097 digits', '1'.repeat(4_097), ['bigint']],
    ['what is said of the items of an object', { 0: null }, ['each', ['undefined']]],
    ['what is said of the characters of a text', 'ab', ['each', ['undefined']]],
    ['what is said of all items and does not fit one', [null, 1], ['each', ['undefined']]],
    ['what is said of the members of all items, and one lacks them', [{ a: null }, {}], ['each', { a: ['undefined'] }]],
    ['10,001 items of which one thing is said', Array.from({ length: 10_001 }, () => null), ['each', ['undefined']]],
    ['a path of 513 steps', {}, { [Array.from({ length: 513 }, () => 'a').join('.')]: ['Date'] }],
    ['10,001 annotations', Array.from({ length: 10_001 }, () => null), numbers(10_001, 'undefined')],
  ])('%s', async (_, json, annotations) => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'echo', 0, json, annotations])
    expect((await peer.readKind(19)).slice(0, 3)).toEqual([19, 1, 'INVALID_INPUT'])
    peer.send([17, 2, 'echo', 0, 'still here'])
    expect(await peer.readKind(18)).toEqual([18, 2, 'still here'])
    expect(seen).toEqual([['echo', 'still here']])
  })

  test('__proto__ as a key of the payload reaches no prototype', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.sendText('[[17,1,"echo",0,{"__proto__":{"polluted":true}}]]')
    await peer.readKind(18)
    expect({}).not.toHaveProperty('polluted')
    expect(Object.getPrototypeOf(seen[0]![1])).toBe(Object.prototype)
  })

  test('a client answers an event like this, and rejects a call whose answer is like this', async () => {
    const { client, peer, errors } = await startWelcomed()
    const call = client.call.echo(1)
    expect(await peer.readKind(17)).toEqual([17, 1, 'echo', 0, 1])
    peer.send([18, 1, 'soon', ['Date']], [24, 1, 'tick', 0, 'soon', ['Date']], [4, 0, 0])
    await expect(call).rejects.toMatchObject({ name: 'TypewireError' })
    expect((await peer.read())[0]).toBe(5)
    expect((await peer.read()).slice(0, 3)).toEqual([19, 1, 'INVALID_INPUT'])
    expect(errors).toHaveLength(1)
  })
})

describe('PL-10: what a client may not send', () => {
  test('the server refuses a regular expression, and builds none', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'echo', 0, { a: '/^(a+)+$/' }, { a: ['regexp'] }], [24, 0, 'seen', 0, '/x/', ['regexp']])
    expect((await peer.readKind(19)).slice(0, 4)).toEqual([
      19,
      1,
      'INVALID_INPUT',
      'procedure echo: a has the type regexp, which a client may not send',
    ])
    peer.send([17, 2, 'echo', 0, 'still here'])
    expect(await peer.readKind(18)).toEqual([18, 2, 'still here'])
    expect(seen).toEqual([['echo', 'still here']])
  })

  test('a client refuses to send one, and takes one from its server', async () => {
    const { client, peer } = await startWelcomed()
    await expect(client.call.echo({ a: /x/ })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'echo: a is a RegExp, which a client may not send',
    })
    expect(() => client.emit.seen(/x/)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
    const call = client.call.echo(1)
    await peer.readKind(17)
    peer.send([18, 1, '/x\\/y/gi', ['regexp']])
    expect(await call).toEqual(/x\/y/gi)
  })

  test('a server sends one, and of an error neither stack nor cause', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'made', 0])
    const json = { is: '/^\\d$/', failed: { name: 'RangeError', message: 'too far' } }
    expect(await peer.readKind(18)).toEqual([18, 1, json, { is: ['regexp'], failed: ['Error'] }])
  })
})

test('PL-7: a value in two places is written twice; one that holds itself or nests too deep is not sent', async () => {
  const { client, peer } = await startWelcomed()
  const at = new Date('2026-01-31T12:00:00.000Z')
  client.emit.seen({ at, again: at })
  const json = '"2026-01-31T12:00:00.000Z"'
  await peer.read()
  expect(peer.messages.at(-1)).toBe(`[[24,0,"seen",0,{"at":${json},"again":${json}},{"at":["Date"],"again":["Date"]}]]`)
  const loop: { self?: unknown } = {}
  loop.self = loop
  await expect(client.call.echo(loop)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown
  await expect(client.call.echo(nested(511))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  client.emit.seen(nested(510))
  await peer.read()
  expect(peer.messages.at(-1)).toContain('['.repeat(510))
})

function numbers(count: number, type = 'number') {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [index, [type]]))
}

function dotted(date: string) {
  return { 'a.b': new Date(date), 'c\\d': new Date(date) }
}
