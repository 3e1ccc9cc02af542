export { createFakeClock, type FakeClock } from './fake-clock.ts'
export { type DialEvents, type Direction, type MemoryLink, MemoryNetwork, type Side } from './memory-link.ts'
export {
  connectRawPeer,
  type RawClose,
  type RawFrame,
  type RawPeer,
  type RawPeerOptions,
  UpgradeRefused,
} from './raw-peer.ts'
export { createRawServer, type RawServer, type RawServerOptions } from './raw-server.ts'
export { turn } from './turn.ts'
