import type { Command, Option } from 'commander'
import type { NamespaceSnapshot } from '@typewire/core/snapshot'
import type { Io } from '../io.ts'
import { namesOf, readTarget } from '../terminal/target.ts'

/** What may stand in a place of a command line, of what a contract has. */
type Names = (section: NamespaceSnapshot, args: readonly string[]) => readonly string[]

/** The arguments behind the URL; one that is repeated is the last. */
const namesOfArguments: Readonly<Record<string, Names>> = {
  call: (section) => [...namesOf(section, 'procedure'), ...namesOf(section, 'stream')],
  stream: (section) => namesOf(section, 'stream'),
  emit: (section) => namesOf(section, 'event to the server'),
  listen: (section) => [
    ...namesOf(section, 'event to clients'),
    ...Object.values(section.rooms ?? {}).flatMap(({ events }) => Object.keys(events?.toClient ?? {})),
  ],
  join: (section) => namesOf(section, 'room'),
}

const namesOfOptions: Readonly<Record<string, Names>> = {
  'join --event': (section, [, room = '']) => Object.keys(section.rooms?.[room]?.events?.toClient ?? {}),
  'join --emit': (section, [, room = '']) => Object.keys(section.rooms?.[room]?.events?.toServer ?? {}),
}

/**
 * What the last word of a command line may become, the program's own name left out. Nothing where it is a file's, or nobody
 * knows.
 */
export async function candidates(program: Command, words: readonly string[], io: Io): Promise<readonly string[]> {
  const before = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  const { command, args, given, awaiting } = read(program, before)
  const found = await possible(command, { args, given, awaiting, current }, io)
  return [...new Set(found)].filter((word) => word.startsWith(current)).sort()
}

interface Line {
  /** The arguments of the command. */
  readonly args: readonly string[]
  /** The values of its options, by their names: `--contract`. */
  readonly given: ReadonlyMap<string, string>
  /** An option stands before the word that takes it for its value. */
  readonly awaiting: Option | undefined
}

async function possible(
  command: Command,
  line: Line & { readonly current: string },
  io: Io,
): Promise<readonly string[]> {
  const { awaiting, args, current } = line
  const { parent } = command
  if (awaiting) {
    if (awaiting.argChoices) return awaiting.argChoices
    if (awaiting.long === '--namespace') return namespacesOf(await section(line, io, { isRoot: true }))
    return namesFor(namesOfOptions[`${command.name()} ${awaiting.long}`], line, io)
  }
  if (current.startsWith('-')) return visibleOptions(command)
  const subcommands = command.commands.filter((sub) => !isHidden(sub)).map((sub) => sub.name())
  if (subcommands.length > 0) return [...subcommands, ...(parent ? [] : ['help'])]
  const choices = command.registeredArguments[args.length]?.argChoices
  if (choices) return choices
  const isName = args.length === 1 || (command.name() === 'listen' && args.length > 1)
  return isName ? namesFor(namesOfArguments[command.name()], line, io) : []
}

async function namesFor(names: Names | undefined, line: Line, io: Io): Promise<readonly string[]> {
  const found = names && (await section(line, io))
  return found ? names(found, line.args) : []
}

/** Whatever is wrong with the contract, it is no time to say so. */
async function section({ given }: Line, io: Io, { isRoot = false } = {}): Promise<NamespaceSnapshot | undefined> {
  const contract = given.get('--contract')
  const namespace = isRoot ? undefined : given.get('--namespace')
  try {
    const { known } = await readTarget(
      { ...(contract === undefined ? {} : { contract }), ...(namespace === undefined ? {} : { namespace }) },
      io,
    )
    return known?.section
  } catch {
    return undefined
  }
}

function namespacesOf(section: NamespaceSnapshot | undefined, prefix = ''): readonly string[] {
  return Object.entries(section?.namespaces ?? {}).flatMap(([name, inner]) => [
    prefix + name,
    ...namespacesOf(inner, `${prefix}${name}.`),
  ])
}

/** Which command the words before lead to, and what they give it. */
function read(program: Command, words: readonly string[]): Line & { readonly command: Command } {
  let command = program
  let awaiting: Option | undefined
  let areOptionsOver = false
  const args: string[] = []
  const given = new Map<string, string>()
  for (const word of words) {
    if (awaiting) {
      given.set(awaiting.long ?? '', word)
      awaiting = undefined
    } else if (word === '--') areOptionsOver = true
    else if (word.startsWith('-') && word !== '-' && !areOptionsOver) {
      const [flag = '', value] = word.split(/=([^]*)/)
      const option = command.options.find(({ short, long }) => short === flag || long === flag)
      if (option && value !== undefined) given.set(option.long ?? '', value)
      else if (option && (option.required || option.optional)) awaiting = option
    } else {
      const sub = command.commands.find((one) => one.name() === word)
      if (sub && args.length === 0) command = sub
      else args.push(word)
    }
  }
  return { command, args, given, awaiting }
}

function visibleOptions(command: Command): readonly string[] {
  const options = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? [])
  return [...options, '--help']
}

/** Commander has no public word for it; its own help asks the same. */
function isHidden(command: Command): boolean {
  return command.parent?.createHelp().visibleCommands(command.parent).includes(command) === false
}
