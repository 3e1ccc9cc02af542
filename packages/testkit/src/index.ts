export { createFakeClock, type FakeClock } from './fake-clock.ts'
export { type DialEvents, type Direction, type MemoryLink, MemoryNetwork, type Side } from './memory-link.ts'
export { turn } from './turn.ts'
