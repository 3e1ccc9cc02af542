import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { withServer } from './connect.ts'
import { addTerminalOptions, parseMs, type TerminalOptions } from './options.ts'
import { readPosition } from './position.ts'
import { noteDeprecation, Printer } from './printer.ts'
import { kindOf, readTarget } from './target.ts'
import { verb } from './untyped-client.ts'

interface EmitOptions extends TerminalOptions {
  readonly ack?: true
  readonly timeout?: number
}

export function addEmit(program: Command, io: Io): void {
  const emit = program
    .command('emit')
    .summary('send an event to a server')
    .description(
      'Sends an event, and ends when the server has received it. With --ack it waits until the server has handled it, and prints the ack. ' +
        'Without --ack nobody says whether the server knows the event: a contract does, before it is sent.',
    )
    .argument('<url>', 'where the server is: http://localhost:3000')
    .argument('<event>', 'the event')
    .argument('[payload]', 'JSON; @file; or - for the standard input')
    .option('--ack', 'wait until it is handled, and print the ack')
    .option('--timeout <ms>', 'how long the ack may take', parseMs)
  addTerminalOptions(emit)
    .addHelpText(
      'after',
      `
Examples:
  typewire emit http://localhost:3000 seen '{ "id": "m1" }'
  typewire emit http://localhost:3000 save @draft.json --ack`,
    )
    .action(async (url: string, name: string, given: string | undefined, options: EmitOptions) => {
      const target = await readTarget(options, io)
      kindOf(name, ['event to the server'], target)
      const described = target.known?.section.events?.toServer?.[name]
      noteDeprecation(name, described, io)
      const position = {
        schema: described?.payload,
        isDeclared: described !== undefined,
        what: 'payload',
        name,
        target,
      }
      const payload = await readPosition(given, position, io)
      const printer = new Printer(io, { isPretty: options.pretty ?? (!options.compact && io.stdout.isTTY === true) })
      await withServer(url, target, options, io, async ({ verbs, signal, ping }) => {
        if (options.ack) {
          const ack = await verb(verbs.emitWithAck, name)(payload, { signal, timeoutMs: options.timeout })
          if (ack !== undefined) await printer.print(ack)
          return
        }
        verb(verbs.emit, name)(payload)
        await ping({ signal }) // what is answered behind it was received behind it
      })
    })
}
