import { createReadStream, promises } from 'node:fs'
import { resolve } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { CliError, messageOf } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'

/** Reads JSON that is given inline, by `@file`, or by `-` on the standard input. @throws CliError */
export async function readJson(given: string, what: string, io: Io): Promise<unknown> {
  const { text, where } = await textOf(given, what, io)
  try {
    return JSON.parse(text)
  } catch (cause) {
    const advice = given.startsWith('@') || given === '-' ? '' : ` A text is written in quotes: '"…"'.`
    throw new CliError(`${where} is not JSON: ${messageOf(cause)}.${advice}`, exitCodes.usage, { cause })
  }
}

/** The same for what must not be shown: inline, `@file` or `env:NAME`. @throws CliError that holds nothing of it */
export async function readSecret(given: string, option: string, io: Io): Promise<unknown> {
  const name = given.startsWith('env:') ? given.slice('env:'.length) : undefined
  const text = name === undefined ? (await textOf(given, option, io)).text : io.env[name]
  const where =
    name === undefined ? (given.startsWith('@') ? `${option} ${given}` : `What ${option} gives`) : `${option} ${given}`
  if (text === undefined)
    throw new CliError(`${where}: there is no variable ${name} in the environment.`, exitCodes.usage)
  try {
    return JSON.parse(text)
  } catch {
    // Not its cause, which quotes what it has read.
    throw new CliError(`${where} is not JSON. A text is written in quotes: '"…"'.`, exitCodes.usage)
  }
}

async function textOf(given: string, what: string, io: Io): Promise<{ readonly text: string; readonly where: string }> {
  if (given === '-') return { text: await readAll(io), where: 'The standard input' }
  if (!given.startsWith('@')) return { text: given, where: `The ${what}` }
  const path = given.slice(1)
  try {
    return { text: await promises.readFile(resolve(io.cwd, path), 'utf8'), where: path }
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

const unreadable = (path: string, cause: unknown) =>
  new CliError(`${path} cannot be read: ${messageOf(cause)}`, exitCodes.unreadable, { cause })

async function readAll(io: Io): Promise<string> {
  let text = ''
  for await (const piece of pieces(io)) text += piece
  return text
}

/** The items of an upload, each a line of JSON; empty lines count for nothing. Nothing is read ahead. */
export async function* readItems(given: string, io: Io, read: (json: unknown, where: string) => unknown) {
  const where = given === '-' ? 'the standard input' : given.slice(1)
  let number = 0
  let rest = ''
  for await (const piece of given === '-' ? pieces(io) : filePieces(given.slice(1), io)) {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      number++
      if (line.trim() !== '') yield item(line, number)
    }
  }
  if (rest.trim() !== '') yield item(rest, number + 1)

  function item(line: string, at: number): unknown {
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch (cause) {
      const message = `Line ${at} of ${where} is not JSON: ${messageOf(cause)}. An upload has one item in each line.`
      throw new CliError(message, exitCodes.usage, { cause })
    }
    return read(json, `line ${at}`)
  }
}

async function* filePieces(path: string, io: Io): AsyncIterable<string> {
  try {
    yield* createReadStream(resolve(io.cwd, path), { encoding: 'utf8' }) as AsyncIterable<string>
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** The standard input. Where Ctrl-C cuts it short it throws: what was read so far must not pass for the whole. */
async function* pieces({ stdin, signal }: Io): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8')
  const stop = () => stdin.destroy()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    for await (const chunk of stdin) yield decoder.write(chunk as Buffer)
    yield decoder.end()
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
