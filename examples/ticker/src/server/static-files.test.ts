import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('static-files.ts is the one of the chat, whose tests are its tests', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
  expect(await read('static-files.ts')).toBe(await read('../../../chat/src/server/static-files.ts'))
})
