import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

type RawFrame = readonly unknown[]

/** Hears what this process's servers receive by WebSocket, until the test is over: frames as they came. */
export function hearServers(): readonly RawFrame[] {
  const frames: RawFrame[] = []
  const { emit } = WebSocket.prototype
  WebSocket.prototype.emit = function heard(this: WebSocket, event: string | symbol, ...details: unknown[]) {
    if (event === 'message') frames.push(...(JSON.parse(String(details[0])) as RawFrame[]))
    return Reflect.apply(emit, this, [event, ...details])
  } as typeof emit
  onTestFinished(() => {
    WebSocket.prototype.emit = emit
  })
  return frames
}
