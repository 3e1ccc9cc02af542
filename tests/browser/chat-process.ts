import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { BuiltChat } from './built-chat.ts'

/** The server of an example, the chat's mostly, in a process of its own, as `npm start` runs it. */
export interface ChatProcess {
  readonly url: string
  readonly port: number
  /** Asks it to close, and resolves to its exit code. */
  readonly stop: () => Promise<number | null>
  /** Ends it as a crash does. */
  readonly kill: () => Promise<void>
}

/** Resolves when it listens. @throws Error, with what it printed, when it ends before that. */
export async function startChat(built: BuiltChat, port = 0): Promise<ChatProcess> {
  const { child, ended } = run(built, String(port))
  let printed = ''
  const listening = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
      const url = /^\w+ is at (\S+)$/m.exec(printed)?.[1]
      if (url) resolve(url)
    })
  })
  const url = await Promise.race([
    listening,
    ended.then(({ code, errors }) => {
      throw new Error(`The example ended with ${code} before it listened. ${printed}${errors}`)
    }),
  ])
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    const { code } = await ended
    return code
  }
  return {
    url,
    port: Number(new URL(url).port),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
  }
}

/** Runs it with this PORT to its end: for what does not get as far as to listen. */
export function runChat(built: BuiltChat, port: string): Promise<Ended> {
  return run(built, port).ended
}

export interface Ended {
  readonly code: number | null
  /** What it printed on its standard error. */
  readonly errors: string
}

/** Its standard input ends when this process does, in whatever way: then it is to leave nothing behind. */
const endWithParent = "data:text/javascript,process.stdin.on('end', () => process.exit(1)).resume().unref()"

function run({ main }: BuiltChat, port: string) {
  const child = spawn(process.execPath, ['--import', endWithParent, main], {
    env: { ...process.env, PORT: port },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const errors = text(child.stderr)
  const ended = once(child, 'exit').then(async ([code]: (number | null)[]): Promise<Ended> => {
    return { code: code ?? null, errors: await errors }
  })
  return { child, ended }
}
