import { afterAll, beforeAll, describe } from 'vitest'
import { hasProxy, proxyKinds } from '../../packages/testkit/src/proxies.ts'
import { transportSuite } from '../../packages/testkit/src/suites/transport-suite.ts'
import { allTransports, type Front, openReverseProxy, overProxy } from './setups.ts'

for (const kind of [proxyKinds.nginx, proxyKinds.haproxy]) {
  describe.skipIf(!hasProxy(kind))(`through ${kind.name}`, () => {
    let front: Front
    beforeAll(async () => {
      front = await openReverseProxy(kind)
    })
    afterAll(() => front[Symbol.asyncDispose]())
    for (const transport of allTransports)
      transportSuite(
        `${transport}`,
        overProxy(transport, () => front),
      )
  })
}
