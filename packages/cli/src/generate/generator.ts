import type { Command } from 'commander'
import type { ContractSnapshot } from '@typewire/core/snapshot'
import type { Files } from '../files/write-files.ts'

/** What `typewire generate <name>` makes of a contract. The same snapshot and options give the same bytes. */
export interface Generator<Options extends object = {}> {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  readonly description: string
  /** Where to write where nothing is said: a file, or a folder, as `generate` takes it. */
  readonly out: string
  /** Adds options of its own. */
  readonly addOptions?: (command: Command) => void
  /** @throws CliError when the contract cannot be said in this form. */
  generate(snapshot: ContractSnapshot, made: Made, options: Options): Files
}

/** How files were made, and where they go. */
export interface Made {
  /** `--out`, as it was given. The paths of files begin with it, or are it. */
  readonly out: string
  /** What a file begins with, without the signs of a comment. */
  readonly header: readonly string[]
}

/** @param source as it was given; a path from the root of the machine is nobody else's, and its last part stands for it */
export function headerOf(generator: string, source: string, snapshot: ContractSnapshot): readonly string[] {
  const shown = /^([A-Za-z]:)?[\\/]/.test(source) ? source.split(/[\\/]/).at(-1)! : source
  const lines = [
    `Made by: typewire generate ${generator} ${shown}`,
    `From the contract ${snapshot.name ?? 'without a name'}, of the fingerprint ${snapshot.fingerprint}.`,
    'Do not edit: change the contract, and make it anew.',
  ]
  // Names are a snapshot's, which anybody may have written: none ends a comment.
  return lines.map(oneLine)
}

/** A text in which nothing begins another line in any language, and nothing is there that a compiler refuses. */
export const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
