// `npm run start -w @typewire/example-ticker`: serves the ticker on PORT (default 3000) until it is told to stop.

import { fileURLToPath } from 'node:url'
import { startTicker } from './start.ts'

const pageFolder = fileURLToPath(new URL('../page', import.meta.url))
const port = Number(process.env['PORT'] || 3_000)
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail(`PORT=${process.env['PORT']} is not a port.`)

const ticker = await startTicker({ pageFolder, port }).catch((error: NodeJS.ErrnoException) => {
  if (error.code === 'EADDRINUSE') fail(`Port ${port} is in use. Choose another one: PORT=${port + 1}`)
  if (error.code === 'EACCES') fail(`Port ${port} is not ours to take. Choose one above 1023: PORT=3000`)
  if (error.code === 'ENOENT') fail(`There is no page in ${pageFolder}. Build it first: npm run build.`)
  throw error
})
console.log(`Ticker is at http://localhost:${ticker.port}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends the process at once, as it does by default.
  process.once(signal, () => {
    console.log('Closing …')
    void ticker.close()
  })
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
