import { bundle } from './bundle.mjs'
import { bursts } from './bursts.mjs'
import { calls } from './calls.mjs'
import { connects } from './connects.mjs'
import { dates } from './dates.mjs'
import { encode } from './encode.mjs'
import { events } from './events.mjs'
import { fallback } from './fallback.mjs'
import { fanOut } from './fan-out.mjs'
import { memory } from './memory.mjs'
import { scale } from './scale.mjs'
import { streams } from './streams.mjs'
import { types } from './types.mjs'

/** All that is measured between a server and clients, in the order in which it is shown. The last ends its clients. */
export const peerScenarios = [calls, dates, fanOut, bursts, events, streams, connects, fallback, scale, memory]

/** And all that is not. */
export const loneScenarios = [encode, bundle, types]
