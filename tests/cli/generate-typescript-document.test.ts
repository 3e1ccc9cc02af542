import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createServer } from '@typewire/server'
import { expect, test } from 'vitest'
import { readDocument, root, updated } from '../documents/documents.ts'
import { serve } from '../support/serve.ts'
import { chat } from './fixtures/document-contract.ts'
import { folderWith, runCli } from './run-cli.ts'

const document = 'docs/generate-typescript.md'

/** The code of a block that has a name, or of a language. */
function block(info: string): string {
  const text = readDocument(document).split(`\`\`\`${info}\n`)[1]?.split('\n```')[0]
  if (text === undefined) throw new Error(`${document} has no \`\`\`${info}.`)
  return `${text}\n`
}

/** The project of the document, once its command was run in it. */
async function project() {
  const folder = folderWith({
    'package.json': '{ "type": "module" }',
    'contract.ts': block('ts file=contract.ts'),
    'client.ts': block('ts file=client.ts'),
  })
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction')
  const [, command = ''] = /^npx typewire (.*)\n$/.exec(block('sh')) ?? []
  const ran = await runCli(command.split(' '), { cwd: folder.path })
  expect(ran).toMatchObject({ exitCode: 0, stderr: '' })
  return folder
}

test('it shows what is generated. UPDATE_DOCUMENTS=1 writes it anew', async () => {
  const { read } = await project()
  const text = `\`\`\`ts file=generated/chat.d.ts\n${read('generated/chat.d.ts')}\`\`\``
  expect(updated(document, 'generated', text)).toBe(text)
})

test('its client speaks with a server', async () => {
  const { path } = await project()
  // Types are of files that are there.
  const fixture = new URL('./fixtures/document-contract.ts', import.meta.url)
  expect(readFileSync(fixture, 'utf8')).toBe(block('ts file=contract.ts'))
  const { say } = (await import(pathToFileURL(join(path, 'client.ts')).href)) as {
    say: (url: string, text: string) => Promise<unknown>
  }
  const server = createServer(chat, { authenticate: ({ auth }): { identity: string } => ({ identity: auth.token }) })
  const ready = server.implement({
    procedures: {
      send({ input }) {
        const message = { id: '0f6e7b5a-3c1d-4e2f-8a9b-5d4c3b2a1f0e', text: input.text, sentAt: new Date(0) }
        server.rooms.chat({ roomId: input.roomId }).emit.message(message)
        return message
      },
    },
    rooms: { chat: { authorize: () => true } },
  })
  const { url } = await serve(ready)
  expect(await say(url, 'Hello')).toMatchObject({ text: 'Hello', sentAt: new Date(0) })
})
