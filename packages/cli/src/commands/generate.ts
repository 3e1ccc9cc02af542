import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { readContract } from '../contract/read-contract.ts'
import { exitCodes } from '../exit-codes.ts'
import { watchAndRun } from '../files/watch.ts'
import { leftOver } from '../files/left-over.ts'
import { changedFiles, type Files, writeFiles } from '../files/write-files.ts'
import { type Generator, headerOf } from '../generate/generator.ts'
import { asyncApi } from '../generate/asyncapi.ts'
import { docs } from '../generate/docs.ts'
import { jsonSchema } from '../generate/json-schema.ts'
import { python } from '../generate/python/python.ts'
import { typescript } from '../generate/typescript/typescript.ts'
import type { Io } from '../io.ts'
import type { End } from '../program.ts'

const generators: readonly Generator[] = [asyncApi, docs, jsonSchema, python, typescript]

interface GenerateOptions {
  readonly out: string
  readonly export?: string
  readonly check?: true
  readonly watch?: true
}

export function addGenerate(program: Command, io: Io, end: End): void {
  const generate = program
    .command('generate')
    .summary('make typed clients and documents of a contract')
    .description(
      'Makes typed clients and documents of a contract, or of its snapshot. The same contract gives the same bytes.',
    )
  for (const generator of generators) addGenerator(generate, generator, io, end)
}

function addGenerator(parent: Command, generator: Generator, io: Io, end: End): void {
  const command = parent
    .command(generator.name)
    .summary(generator.summary)
    .description(generator.description)
    .argument('<contract>', 'a module of a contract, a snapshot (.json), or git:<ref>')
    .option('-o, --out <path>', 'where to write it; - is the standard output, where it is one file', generator.out)
    .option('-e, --export <name>', 'the export that is the contract, where there are several')
    .option('--check', `write nothing; exit ${exitCodes.found} if what is there is not up to date`)
    .option('-w, --watch', 'make it anew whenever the contract changes, until Ctrl-C')
  generator.addOptions?.(command)
  command.action((source: string, options: GenerateOptions) => {
    assertPrintable(options)
    const act = options.watch ? watchContract : generateOnce
    return act(generator, source, options, io, end)
  })
}

function assertPrintable({ check, watch, out }: GenerateOptions): void {
  if (out !== '-' || !(check || watch)) return
  throw new CliError(`${check ? '--check' : '--watch'} is of files, and --out - makes none.`, exitCodes.usage)
}

/** @throws CliError where there are several, which one output cannot hold. */
function only(files: Files, { name, out }: Generator): string {
  const [text = '', ...others] = Object.values(files)
  if (others.length === 0) return text
  const made = Object.keys(files).join(', ')
  throw new CliError(`generate ${name} makes several files (${made}): give a path, --out ${out}.`, exitCodes.usage)
}

interface Told {
  readonly onRead?: (path: string) => void
  readonly onFiles?: (files: Files) => void
}

async function generateOnce(
  generator: Generator,
  source: string,
  options: GenerateOptions,
  io: Io,
  end: End,
  { onRead, onFiles }: Told = {},
): Promise<void> {
  const snapshot = await readContract(source, io, { export: options.export, onRead })
  const isPrinted = options.out === '-'
  const out = isPrinted ? generator.out : options.out
  const made = { out, header: headerOf(generator.name, source, snapshot) }
  const files = generator.generate(snapshot, made, options)
  if (isPrinted) return void io.stdout.write(only(files, generator))
  onFiles?.(files)
  const over = leftOver(files, options.out, `# Made by: typewire generate ${generator.name} `, io.cwd)
  if (over.length > 0)
    io.stderr.write(`Made before, and not any more: ${over.join(', ')}. Delete ${over.length === 1 ? 'it' : 'them'}.\n`)
  if (options.check) {
    const stale = changedFiles(files, io.cwd)
    if (stale.length === 0 && over.length > 0) return end(exitCodes.found)
    if (stale.length === 0) return void io.stdout.write(`${options.out} is up to date.\n`)
    io.stderr.write(
      `Not up to date with ${source}: ${stale.join(', ')}. Run: typewire generate ${generator.name} ${source} --out ${options.out}\n`,
    )
    return end(exitCodes.found)
  }
  const changed = writeFiles(files, io.cwd)
  io.stdout.write(changed.length > 0 ? `Written: ${changed.join(', ')}\n` : `${options.out} was up to date.\n`)
}

/** What cannot be read now may be in a moment: it says so, and goes on. */
async function watchContract(
  generator: Generator,
  source: string,
  options: GenerateOptions,
  io: Io,
  end: End,
): Promise<void> {
  if (options.check) throw new CliError('--check looks once, --watch goes on: give one of them.', exitCodes.usage)
  if (source.startsWith('git:'))
    throw new CliError(`--watch watches files, and ${source} is of a revision. Leave it out.`, exitCodes.usage)
  const path = resolve(io.cwd, source)
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return generateOnce(generator, source, options, io, end)
  let before: readonly string[] = []
  await watchAndRun(`${source}, and the files that it imports`, io, async () => {
    const read = new Set([path])
    let written: readonly string[] = []
    const onRead = (one: string) => void read.add(one)
    const onFiles = (files: Files) => (written = Object.keys(files).map((file) => resolve(io.cwd, file)))
    try {
      await generateOnce(generator, source, options, io, () => {}, { onRead, onFiles })
      before = [...read]
      return { isMade: true, read: before, written }
    } catch (error) {
      if (io.signal.aborted) return { isMade: false, read: [], written }
      if (!(error instanceof CliError)) throw error
      io.stderr.write(`${error.message}\n`)
      return { isMade: false, read: [...new Set([...before, ...read])], written }
    }
  })
  end(exitCodes.done)
}
