import { type Clock, type Issue, type Schema, TypewireError } from '@typewire/core'
import {
  creditEveryMs,
  decodePayload,
  frames,
  Inlet,
  isPromiseLike,
  type ItemFrame,
  PayloadError,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { CompiledUpload } from '../compile.ts'
import { invalidInput } from '../errors.ts'
import type { Task } from './run-handler.ts'

type Base = Pick<Task, 'session' | 'reply' | 'where' | 'payload' | 'annotations' | 'input' | 'options'>

/** How the input of a call that is an upload is read: its head at once, each item when it is asked for (ST-3). */
export function readUpload(upload: CompiledUpload, base: Base, clock: Clock): Pick<Task, 'parse' | 'isRenewed'> {
  const { options, reply } = base
  const isByItem = options !== 0 && options.upload === true
  if (isByItem) reply.inlet = inletOf(upload.items, base, clock)
  return {
    // However long it takes: what counts is that something comes.
    isRenewed: isByItem,
    parse: () => {
      const given = decode(base)
      if ('issues' in given) return given
      const { items, rest } = isByItem ? { items: reply.inlet!, rest: given.value } : split(upload, given.value)
      if (!items) return refused('Expected the items of an upload: an array', upload.hasHead ? ['items'] : [])
      const iterable = isByItem ? once(reply.inlet!) : itemsOf(items as Iterable<unknown>, upload.items, base)
      if (!upload.hasHead) return { value: iterable }
      const withItems = (head: Validated): Validated =>
        head.issues ? head : { value: { ...(head.value as object), items: iterable } }
      const head = validate(base.input, rest)
      return isPromiseLike(head) ? head.then(withItems) : withItems(head)
    },
  }
}

function decode({ payload, annotations }: Base): Validated {
  try {
    return { value: decodePayload(payload, annotations) }
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return refused(error.message, [])
  }
}

const refused = (message: string, path: string[]): Validated => ({ issues: [{ message, path }] })

/** A client may as well send all items at once, in the payload. */
function split({ hasHead }: CompiledUpload, value: unknown): { items: Iterable<unknown> | undefined; rest: unknown } {
  const { items, ...rest } = Object(value) as { readonly items?: unknown }
  const all = hasHead ? items : value
  return { items: Array.isArray(all) || all instanceof Set ? (all as Iterable<unknown>) : undefined, rest }
}

function inletOf(schema: Schema, { session, reply, where }: Base, clock: Clock): Inlet {
  let count = 0
  const { uploadRoom } = session
  const share = uploadRoom.share()
  let said: readonly number[] = []
  let saidAtMs = Number.POSITIVE_INFINITY
  const say = (...credit: readonly number[]) => {
    said = credit
    saidAtMs = clock.now()
    reply.wire.send({ text: `[${[frames.credit.kind, reply.id, ...credit].join(',')}]` })
  }
  return new Inlet({
    credit: 0, // until the handler reads
    grant(credit) {
      const length = reply.isSettled ? undefined : share.take(credit)
      if (length !== undefined) say(credit.upTo, credit.read, length)
      return length
    },
    onUnread(length) {
      if (uploadRoom.onUnread(length)) return
      const what = `${where}: too much of uploads waits to be read. Send fewer at a time, or in smaller pieces.`
      reply.expire('OVERLOADED', what, new TypewireError('OVERLOADED', what))
    },
    onLeave() {
      if (!reply.isSettled) say(0, 0, 0) // ST-5
    },
    onForgotten: share.leave,
    read: ([, , , payload, annotations]: ItemFrame) => {
      reply.renew?.()
      // ST-7: so that the client waits on.
      if (reply.renew && !reply.isSettled && clock.now() - saidAtMs >= creditEveryMs) say(...said)
      return read(schema, count++, () => decodePayload(payload, annotations), { reply, where })
    },
  })
}

/** An item, parsed. Where it does not match, the caller is told, and whoever reads finds the end of the call. */
function read(
  schema: Schema,
  index: number,
  decodeItem: () => unknown,
  { reply, where }: Pick<Base, 'reply' | 'where'>,
): unknown {
  const check = ({ issues, value }: { issues?: readonly Issue[] | undefined; value?: unknown }) => {
    if (!issues) return value
    const told = issues.map(({ message, path }) => ({ message, path: ['items', index, ...path] }))
    const { code, message, options } = invalidInput(where, told)
    const reason = new TypewireError(code as 'INVALID_INPUT', message)
    reply.expire(code, message, reason, options)
    throw reply.abortReason ?? reason
  }
  try {
    const validated = validate(schema, decodeItem())
    return isPromiseLike(validated) ? Promise.resolve(validated).then(check) : check(validated)
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return check({ issues: [{ message: error.message, path: [] }] })
  }
}

/** What came at once, read like what comes item by item. */
async function* itemsOf(items: Iterable<unknown>, schema: Schema, about: Base): AsyncGenerator {
  let index = 0
  for (const item of items) yield await read(schema, index++, () => item, about)
}

/** It is read once: a second loop finds the end of the first. */
function once(inlet: Inlet): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => inlet }
}
