// What clients do with rooms, their history and who is in them, over http-stream.

import { runOver } from '../support/transport-of-tests.ts'

runOver('http-stream')
await import('../client/rooms.test.ts')
await import('../client/delivery.test.ts')
await import('../client/kinds.test.ts')
await import('../client/rejoining.test.ts')
await import('./history-client.test.ts')
await import('../presence/clients.test.ts')
