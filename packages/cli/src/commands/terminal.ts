import type { Command } from 'commander'
import type { Io } from '../io.ts'
import type { End } from '../program.ts'
import { addCall } from '../terminal/call.ts'
import { addEmit } from '../terminal/emit.ts'
import { addJoin } from '../terminal/join.ts'
import { addListen } from '../terminal/listen.ts'

/** The client for the terminal. */
export function addTerminal(program: Command, io: Io, end: End): void {
  addCall(program, io)
  addListen(program, io, end)
  addEmit(program, io)
  addJoin(program, io, end)
}
