export { type CountingClock, createCountingClock } from './counting-clock.ts'
export {
  type BrokerFault,
  type BrokerOperation,
  createDelayingBroker,
  type DelayingBroker,
  type DelayingBrokerOptions,
} from './delaying-broker.ts'
export type { Direction } from './direction.ts'
export { createFakeClock, type FakeClock } from './fake-clock.ts'
export { type FaultLink, openFaultLink } from './fault-link.ts'
export { type FrameFaultLink, openFrameFaultLink } from './frame-fault-link.ts'
export type { ChooseFault, Fault, Passing } from './frame-faults.ts'
export { heapBytes } from './heap-bytes.ts'
export { type DialEvents, type MemoryLink, MemoryNetwork, type Side } from './memory-link.ts'
export { type DifficultProxy, openDifficultProxy, type UpgradeMood } from './proxies-difficult.ts'
export {
  connectRawPeer,
  type RawClose,
  type RawFrame,
  type RawPeer,
  type RawPeerOptions,
  UpgradeRefused,
} from './raw-peer.ts'
export { createRawServer, type RawServer, type RawServerOptions } from './raw-server.ts'
export { seededRandom } from './seeded-random.ts'
export { turn } from './turn.ts'
