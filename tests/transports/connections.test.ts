import { expect, test } from 'vitest'
import { startLab } from '../support/lab.ts'

test.each(['http-stream', 'http-poll'] as const)(
  'a client by %s goes by few connections, however much it sends',
  async (transport) => {
    const lab = await startLab()
    const client = lab.client({ transports: [transport] })
    await client.connect()
    for (let n = 0; n < 20; n++) expect(await client.call.echo(String(n))).toBe(String(n))
    // One for what comes, one for what is sent, and at times another while one is not free yet.
    expect(lab.sockets.length).toBeLessThan(5)
  },
)
