import type { Command } from 'commander'
import { snapshotText } from '@typewire/core/snapshot'
import { readContract, snapshotFile } from '../contract/read-contract.ts'
import { exitCodes } from '../exit-codes.ts'
import { changedFiles, writeFiles } from '../files/write-files.ts'
import type { Io } from '../io.ts'
import type { End } from '../program.ts'

interface SnapshotOptions {
  readonly out: string
  readonly export?: string
  readonly check?: true
}

export function addSnapshot(program: Command, io: Io, end: End): void {
  program
    .command('snapshot')
    .summary('write what a contract says as data: typewire.json')
    .description(
      'Executes the module of a contract and writes what it says as data: procedures, streams, events, rooms, errors, delivery, and the ' +
        'JSON Schema of all that travels. Sorted, so that a diff shows what changed. Commit it: `typewire check` compares with it.',
    )
    .argument('<module>', "the contract's module, TypeScript or JavaScript")
    .option('-o, --out <file>', 'where to write it; - is the standard output', snapshotFile)
    .option('-e, --export <name>', 'the export that is the contract, where there are several')
    .option('--check', `write nothing; exit ${exitCodes.found} if the file is not up to date`)
    .addHelpText(
      'after',
      '\nExamples:\n  typewire snapshot src/contract.ts\n  typewire snapshot src/contract.ts --check    # in CI\n  typewire snapshot src/contract.ts -o - | jq .procedures',
    )
    .action(async (module: string, options: SnapshotOptions) => {
      const snapshot = await readContract(module, io, options)
      const text = snapshotText(snapshot)
      if (options.out === '-') return void io.stdout.write(text)
      const files = { [options.out]: text }
      if (options.check) {
        if (changedFiles(files, io.cwd).length === 0) return void io.stdout.write(`${options.out} is up to date.\n`)
        io.stderr.write(
          `${options.out} is not up to date with ${module}. Run: typewire snapshot ${module} --out ${options.out}\n`,
        )
        return end(exitCodes.found)
      }
      const changed = writeFiles(files, io.cwd)
      io.stdout.write(
        `${options.out} ${changed.length > 0 ? 'is written' : 'was up to date'}: contract ${snapshot.name ?? ''} ${snapshot.fingerprint}\n`,
      )
    })
}
