import { type Command, Option } from 'commander'
import {
  compareSnapshots,
  type ContractSnapshot,
  type Finding,
  severities,
  type Severity,
} from '@typewire/core/snapshot'
import { checkText } from '../check/check-text.ts'
import { addIgnored, type Ignored, splitIgnored } from '../check/ignored.ts'
import { readContract } from '../contract/read-contract.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import type { End } from '../program.ts'

interface CheckOptions {
  readonly against: string
  readonly export?: string
  readonly format: 'text' | 'json'
  readonly failOn: 'breaking' | 'risky' | 'none'
  readonly all?: true
  readonly ignore?: readonly Ignored[]
}

export function addCheck(program: Command, io: Io, end: End): void {
  program
    .command('check')
    .summary('find changes of a contract that break clients which are out there')
    .description(
      'Compares a contract with one of before, and says what becomes of clients that were made for that one: what they send may only ' +
        'be widened, what they receive may only be narrowed. Each finding has a rule, a path, the reason, and what to do.',
    )
    .argument('<source>', "the contract's module, or its snapshot, as it is now")
    .requiredOption(
      '-a, --against <source>',
      'the one of before: a file, or git:<ref> or git:<ref>:<path>, a snapshot there',
    )
    .option('-e, --export <name>', 'the export that is the contract, where there are several')
    .addOption(new Option('-f, --format <format>', 'how it is told').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--fail-on <severity>', `exit ${exitCodes.found} from this severity on`)
        .choices(['breaking', 'risky', 'none'])
        .default('breaking'),
    )
    .option('--all', 'show compatible changes too; json always has them')
    .option(
      '--ignore <rule:path>',
      'accept a finding, or all below a path by * at its end; may be repeated',
      addIgnored,
    )
    .addHelpText('after', help)
    .action(async (source: string, options: CheckOptions) => {
      const before = await readContract(options.against, io, options)
      const after = await readContract(source, io, options)
      const { findings, ignored, unused } = splitIgnored(compareSnapshots(before, after), options.ignore ?? [])
      for (const one of unused) io.stderr.write(`--ignore ${one}: there is no such finding any more. Leave it out.\n`)
      const isFailed = findings.some(({ severity }) => isAtLeast(severity, options.failOn))
      io.stdout.write(
        options.format === 'json'
          ? checkJson({ before, after, findings, ignored, isFailed })
          : checkText(findings, { all: options.all === true, ignored: ignored.length, columns: io.stdout.columns }),
      )
      if (isFailed) end(exitCodes.found)
    })
}

const help = `
Examples:
  typewire check src/contract.ts --against git:main
  typewire check src/contract.ts --against git:v1.0:packages/api/typewire.json
  typewire check typewire.json --against released.json --format json | jq '.findings[].path'
  typewire check src/contract.ts --against git:main --ignore sent-bound:procedures.send.input.text

Exit codes: ${exitCodes.done} nothing at or above --fail-on · ${exitCodes.found} something · ${exitCodes.usage} wrong usage · ${exitCodes.unreadable} a contract cannot be read`

const isAtLeast = (severity: Severity, limit: CheckOptions['failOn']) =>
  limit !== 'none' && severities.indexOf(severity) <= severities.indexOf(limit)

interface Checked {
  readonly before: ContractSnapshot
  readonly after: ContractSnapshot
  readonly findings: readonly Finding[]
  readonly ignored: readonly Finding[]
  readonly isFailed: boolean
}

/** For programs: docs/contract-rules.md says what there is. */
function checkJson({ before, after, findings, ignored, isFailed }: Checked): string {
  const of = ({ name, fingerprint }: ContractSnapshot) => ({ name: name ?? null, fingerprint })
  const counts = Object.fromEntries(
    severities.map((severity) => [severity, findings.filter((one) => one.severity === severity).length]),
  )
  const checked = {
    typewireCheck: 1,
    before: of(before),
    after: of(after),
    failed: isFailed,
    counts,
    findings,
    ignored,
  }
  return `${JSON.stringify(checked, undefined, 2)}\n`
}
