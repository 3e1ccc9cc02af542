// Does what docs/tutorial.md says in a terminal: its commands for npm, with packed tarballs in place of what is not on npm yet,
// then its server and what it tries, against what was installed. What it shows in a browser, tests/tutorial does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './lib.mjs'

const text = readFileSync(join(root, 'docs/tutorial.md'), 'utf8')
const files = [...text.matchAll(/^```\w+ file=(\S+)\n([^]*?)^```$/gm)]
const commands = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, lines = '']) => lines.trim().split('\n'))
const expected = /^```text\n([^]*?)^```$/m.exec(text)?.[1]

/**
 * Throws where something is not as the tutorial says.
 *
 * @param {ReadonlyMap<string, string>} tarballs By the names of the packages.
 */
export async function tryTutorial(tarballs) {
  const folder = mkdtempSync(join(tmpdir(), 'typewire-tutorial-'))
  const port = await freePort()
  // What the workspace has on its path would do in place of what is installed; and nothing is asked of npm that it need not know.
  const env = { ...process.env, PORT: String(port), npm_config_prefer_offline: 'true', npm_config_audit: 'false' }
  const start = (/** @type {string} */ command) => {
    const child = spawn(command, { cwd: folder, env, shell: true, detached: true })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => void (said += data))
    return { child, said: () => said }
  }
  const runToEnd = async (/** @type {string} */ command) => {
    const { child, said } = start(command)
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`${said()}The tutorial's \`${command}\` ended with ${code}.`)
    return said()
  }

  try {
    for (const command of commands.filter((line) => line.startsWith('npm '))) {
      await runToEnd(command.replaceAll(/@typewire\/\w+/g, (name) => tarballs.get(name) ?? name))
    }
    for (const [, name = '', code = ''] of files) writeFileSync(join(folder, name), code)
    await runToEnd('npx tsc')
    const server = start('npx tsx server.ts')
    try {
      await Promise.race([once(server.child.stdout, 'data'), once(server.child, 'close')])
      const said = await runToEnd('npx tsx try.ts')
      if (said !== expected)
        throw new Error(`${said}${server.said()}The tutorial's \`npx tsx try.ts\` prints something else.`)
    } finally {
      process.kill(-Number(server.child.pid)) // its group: the shell, npx and what they run
      await once(server.child, 'close')
    }
    await runToEnd('npx vite build --logLevel error') // `npx vite` would not end
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log('the tutorial, typed into a terminal, installs the tarballs and does what it says')
}

async function freePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : 0
}
