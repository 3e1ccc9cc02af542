// A new project: installs the packed tarballs, and uses every command of `typewire` as its documents say.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const contract = `
import { defineContract, event, procedure, room, stream } from '@typewire/core'
import { z } from 'zod'

export const Message = z.object({ id: z.string(), text: z.string(), sentAt: z.date() })
export const chat = defineContract({
  procedures: {
    send: procedure({ input: z.object({ text: z.string().max(200) }), output: Message, errors: { MUTED: z.object({ untilMs: z.number() }) } }),
  },
  streams: { count: stream({ input: z.object({ to: z.number() }), items: z.number() }) },
  events: { toServer: { seen: event(z.string()) }, toClient: { notice: event(z.object({ text: z.string() })) } },
  rooms: { chat: room({ params: z.object({ roomId: z.string() }), events: { toClient: { message: event(Message) } } }) },
})
`

const server = `
import { createServer } from '@typewire/server'
import { chat } from './contract.ts'

const server = createServer(chat)
const ready = server.implement({
  session: ({ session }) => void session.emit.notice({ text: 'Welcome' }),
  procedures: {
    send: ({ input, errors }) => {
      if (input.text === 'spam') throw errors.MUTED({ untilMs: 5 })
      const message = { id: '1', text: input.text, sentAt: new Date(0) }
      server.rooms.chat({ roomId: '42' }).emit.message(message)
      return message
    },
  },
  streams: { async *count({ input }) { for (let i = 1; i <= input.to; i++) yield i } },
  events: { seen: ({ payload }) => console.log('seen', payload) },
  rooms: { chat: { authorize: () => true, history: { limit: 10, ttlMs: 60_000 } } },
})
const { port } = await ready.listen(0, { host: '127.0.0.1' })
console.log('http://127.0.0.1:' + port)
`

/** What somebody writes who has generated a client. */
const user = `
import { createChatClient, type Message } from './generated/chat.js'

export async function greet(url: string): Promise<Message> {
  await using client = createChatClient({ url })
  const message = await client.call.send({ text: 'Hello from what was generated' })
  // @ts-expect-error: what is sent is checked
  void (() => client.call.send({ text: 5 }))
  return message
}
console.log((await greet(process.argv[2]!)).sentAt.toISOString())
`

/**
 * Throws where a command does not do what it says.
 *
 * @param {ReadonlyMap<string, string>} tarballs By the names of the packages.
 */
export async function tryCli(tarballs) {
  const folder = mkdtempSync(join(tmpdir(), 'typewire-cli-'))
  const env = { ...process.env, npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' }
  /** @type {Set<string>} */
  const used = new Set()

  /** @param {string} tool @param {string[]} args */
  const run = (tool, ...args) => {
    const { status, stdout, stderr } = spawnSync(tool, args, { cwd: folder, env, encoding: 'utf8', timeout: 60_000 })
    return { status, stdout, said: `${stdout}${stderr}` }
  }
  /** @param {string} tool @param {string[]} args */
  const must = (tool, ...args) => {
    const { status, stdout, said } = run(tool, ...args)
    if (status !== 0) throw new Error(`${said}\`${tool} ${args.join(' ')}\` ended with ${status}.`)
    return stdout
  }
  /** @param {number} status @param {string | RegExp} says @param {string[]} args */
  const typewire = (status, says, ...args) => {
    used.add(args[0] === 'generate' ? `generate ${args[1]}` : String(args[0]))
    const ran = run(join(folder, 'node_modules/.bin/typewire'), ...args)
    const isSaid = typeof says === 'string' ? ran.said.includes(says) : says.test(ran.said)
    if (ran.status === status && isSaid) return ran.said
    throw new Error(
      `${ran.said}\`typewire ${args.join(' ')}\` ended with ${ran.status}, expected ${status} and ${String(says)}.`,
    )
  }

  try {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
    for (const [name, text] of Object.entries({ 'contract.ts': contract, 'server.ts': server, 'user.ts': user })) {
      writeFileSync(join(folder, name), text)
    }
    const wanted = ['core', 'server', 'client', 'cli'].map((name) => String(tarballs.get(`@typewire/${name}`)))
    must('npm', 'install', ...wanted, 'zod', 'typescript', '@types/node@20')

    typewire(0, 'typewire.json is written: contract chat', 'snapshot', 'contract.ts')
    typewire(0, 'is up to date', 'snapshot', 'contract.ts', '--check')
    typewire(0, /./, 'check', 'contract.ts', '--against', 'typewire.json')
    for (const args of [
      ['init', '--quiet'],
      ['add', 'typewire.json'],
      ['-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '-m', 'first'],
    ])
      must('git', ...args)
    writeFileSync(join(folder, 'contract.ts'), contract.replace('max(200)', 'max(100)'))
    typewire(1, 'procedures.send.input.text', 'check', 'contract.ts', '--against', 'git:HEAD')
    typewire(1, '"severity": "breaking"', 'check', 'contract.ts', '--against', 'git:HEAD', '--format', 'json')
    writeFileSync(join(folder, 'contract.ts'), contract)

    for (const [generator, out] of Object.entries(generated)) {
      typewire(0, 'Written: ', 'generate', generator, 'contract.ts', '--out', out)
      typewire(0, /up to date/, 'generate', generator, 'contract.ts', '--out', out, '--check')
    }
    must(
      'npx',
      'tsc',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--lib',
      'es2022,esnext.disposable,dom',
      '--types',
      'node',
      '--exactOptionalPropertyTypes',
      'user.ts',
    )
    await withServer(folder, env, (url) => {
      typewire(0, /"sentAt":\s*"1970-01-01T00:00:00.000Z"/, 'call', url, 'send', '{ "text": "Hello" }')
      typewire(1, 'MUTED', 'call', url, 'send', '{ "text": "spam" }')
      typewire(2, 'Did you mean send?', 'call', url, 'sned', '{ "text": "Hello" }')
      typewire(0, '1\n2\n3\n', 'stream', url, 'count', '{ "to": 3 }')
      typewire(0, 'Welcome', 'listen', url, '--count', '1')
      typewire(0, /^/, 'emit', url, 'seen', '"m1"', '--ack')
      typewire(0, '"Hello"', 'join', url, 'chat', '{ "roomId": "42" }', '--last', '1', '--count', '1')
      typewire(0, 'hello', 'call', url, 'send', '{ "text": "traced" }', '--trace', '--transport', 'http-stream')
      const said = must('npx', 'jiti', 'user.ts', url)
      if (said !== '1970-01-01T00:00:00.000Z\n') throw new Error(`The generated client printed ${said}.`)
    })
    typewire(4, 'Nothing listens', 'call', 'http://127.0.0.1:9', 'send', '{ "text": "x" }')
    typewire(0, 'complete', 'completion', 'bash')

    // Whatever there is was used, and says how.
    const help = typewire(0, 'Exit codes', 'help')
    for (const command of commandsOf(help)) {
      const names =
        command === 'generate'
          ? commandsOf(must(join(folder, 'node_modules/.bin/typewire'), 'generate', '--help')).map(
              (name) => `generate ${name}`,
            )
          : [command]
      for (const name of names.filter((name) => !name.endsWith('help'))) {
        if (!used.has(name)) throw new Error(`\`typewire ${name}\` is not tried in a new project.`)
        typewire(0, 'Usage: typewire', ...name.split(' '), '--help')
      }
    }
    const strays = readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))
    if (strays.length > 0) throw new Error(`Left behind: ${strays.join(', ')}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`a new project installs the tarballs and uses ${used.size} commands of typewire`)
}

/** Where each generator is to write. */
const generated = {
  typescript: 'generated/chat.js',
  python: 'generated/python/chat',
  docs: 'generated/contract.html',
  asyncapi: 'generated/asyncapi.json',
  'json-schema': 'generated/chat.schema.json',
}

/** The commands that a help lists. @param {string} help */
const commandsOf = (help) =>
  [...(help.split('Commands:\n')[1] ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name)

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {(url: string) => void} visit
 */
async function withServer(folder, env, visit) {
  const child = spawn('node', ['node_modules/jiti/lib/jiti-cli.mjs', 'server.ts'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [said] = /** @type {[Buffer]} */ (
      await Promise.race([
        once(child.stdout, 'data'),
        once(child, 'close').then(() => {
          throw new Error('The server of the new project has ended.')
        }),
      ])
    )
    visit(String(said).trim())
  } finally {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  }
}
