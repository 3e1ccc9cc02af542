import { readdirSync, readFileSync } from 'node:fs'
import type { ContractSnapshot } from '@typewire/core/snapshot'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Files } from '../../files/write-files.ts'
import { type Generator, type Made, oneLine } from '../generator.ts'
import { Forms } from './forms.ts'
import { className, docstring, isIdentifier, isImportable, Names, snakeCase, text, usedTypes } from './names.ts'
import { ScopeWriter } from './scope-writer.ts'
import { Types } from './types.ts'

/** A typed client in Python: a module of the contract, and beside it the runtime, which is the same for all. */
export const python: Generator = {
  name: 'python',
  summary: 'a typed client in Python, of asyncio and websockets',
  description:
    'A typed client in Python 3.11 and newer, of asyncio and the package websockets (10.4 or newer): calls, streams, events, ' +
    'rooms, resuming. A file (client/chat.py) has the folder typewire_runtime beside it; a folder is a package of both.',
  out: 'typewire_client',
  generate: filesOf,
}

const runtimeName = 'typewire_runtime'

function filesOf(snapshot: ContractSnapshot, made: Made): Files {
  const { out } = made
  const isFile = out.endsWith('.py')
  assertImportable(out, isFile)
  const folder = isFile ? out.replace(/[^/\\]*$/, '') : out.replace(/[/\\]*$/, '/')
  const module = isFile ? out.slice(folder.length, -'.py'.length) : moduleName(snapshot)
  const { code, exports } = moduleOf(
    snapshot,
    made,
    isFile ? `import ${runtimeName} as tw` : `from . import ${runtimeName} as tw`,
  )
  return {
    [isFile ? out : `${folder}${module}.py`]: code,
    ...(!isFile && {
      [`${folder}__init__.py`]: [
        ...made.header.map((line) => `# ${line}`),
        '',
        `from .${module} import (`,
        ...exports.map((name) => `    ${name} as ${name},`),
        ')',
        `from .${runtimeName} import Options as Options`,
        `from .${runtimeName} import TypewireError as TypewireError`,
        '',
      ].join('\n'),
      [`${folder}py.typed`]: '',
    }),
    ...runtimeFiles(`${folder}${runtimeName}/`),
  }
}

/** @throws CliError for a name that no `import` can say. Of `.` and `..` nothing is known. */
function assertImportable(out: string, isFile: boolean): void {
  const [, before = '', name = ''] = /^(.*?)([^/\\]*?)(?:\.py|[/\\]*)$/s.exec(out)!
  if (/^\.{0,2}$/.test(name) || isImportable(name)) return
  const other = snakeCase(name.replaceAll(/[^\p{L}\p{Nd}_]+/gu, '_').replace(/^(?=\p{Nd})/u, '_'))
  throw new CliError(
    `--out ${out}: Python cannot import a ${isFile ? 'module' : 'package'} of the name ${name}. Give one of letters, digits and _: --out ${before}${other}${isFile ? '.py' : ''}`,
    exitCodes.usage,
  )
}

function moduleName(snapshot: ContractSnapshot): string {
  const name = snakeCase(snapshot.name ?? 'contract')
  return isIdentifier(name) && name !== runtimeName ? name : 'contract'
}

/** The files of the runtime, as they are in this package. */
function runtimeFiles(folder: string): Files {
  const source = new URL(`../../../python/${runtimeName}/`, import.meta.url)
  const names = readdirSync(source).filter((name) => name.endsWith('.py') || name === 'py.typed')
  return Object.fromEntries(names.sort().map((name) => [folder + name, readFileSync(new URL(name, source), 'utf8')]))
}

/** What is imported, beside what annotations use. */
const builtins = ['client', 'scope', 'ValueError', 'Exception', 'Client']

function moduleOf(
  snapshot: ContractSnapshot,
  made: Made,
  runtime: string,
): { code: string; exports: readonly string[] } {
  const names = new Names([...usedTypes, ...builtins])
  const root = className(snapshot.name ?? 'contract', 'Contract')
  const clientName = names.take(`${root}Client`)
  const forms = new Forms(snapshot.$defs ?? {})
  const types = new Types(snapshot.$defs ?? {}, forms, names)
  const writer = new ScopeWriter(types, forms, names)
  writer.root = root
  const auth = snapshot.auth === undefined ? undefined : types.of(snapshot.auth, 'Auth')
  const attributes = writer.attributes(snapshot, '', root)

  const client = [
    `class ${clientName}(tw.Client):`,
    ...docstring(
      [
        `A client of the contract ${oneLine(snapshot.name ?? 'without a name')}: \`async with ${clientName}(url) as client:\`.`,
      ],
      '    ',
    ),
    '',
    '    def __init__(',
    '        self,',
    '        url: str,',
    '        *,',
    ...(auth ? [`        auth: Union[${auth}, Callable[[], Union[${auth}, Awaitable[${auth}]]]],`] : []),
    '        options: Union[tw.Options, None] = None,',
    '    ) -> None:',
    `        super().__init__(_contract, url, ${auth ? 'auth' : 'None'}, options)`,
    '        client = self',
    '        scope = self.scope("")',
    ...attributes,
  ]
    .filter((line) => attributes.some((made) => made.includes('(client)')) || line !== '        client = self')
    .filter((line) => attributes.some((made) => made.includes('(scope)')) || line !== '        scope = self.scope("")')

  const contract = [
    '_contract = tw.Contract(',
    `    ${text(snapshot.fingerprint)},`,
    ...block(
      'forms',
      forms.definitions().map(([name, form]) => `        ${text(name)}: ${form},`),
    ),
    ...(forms.of(snapshot.auth) === 'None' ? [] : [`    auth=${forms.of(snapshot.auth)},`]),
    ...block('events', writer.events),
    ...block('namespaces', writer.namespaces),
    ')',
  ]
  const blocks = [...types.blocks, ...writer.errors, [...writer.tables, ...contract], ...writer.classes, client].filter(
    (lines) => lines.length > 0,
  )
  const body = blocks.map((lines) => lines.join('\n')).join('\n\n\n')
  const code = [
    ...made.header.map((line) => `# ${line}`),
    '# It needs Python 3.11 and the package websockets, 10.4 or newer.',
    '',
    'from __future__ import annotations',
    '',
    ...importsOf(body),
    '',
    runtime,
    '',
    '',
    `${body}\n`,
  ].join('\n')
  const exports = [
    ...body.matchAll(/^(?:class ([\p{L}][\p{L}\p{N}_]*)|([\p{L}][\p{L}\p{N}_]*)(?:: TypeAlias)? = )/gmu),
  ].map(([, a, b]) => a ?? b!)
  return { code, exports: exports.sort() }
}

const block = (name: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`    ${name}={`, ...lines, '    },']

/** What the code uses of the standard library. */
function importsOf(body: string): string[] {
  const uses = (name: string) => new RegExp(`\\b${name}\\b`).test(body)
  const typing = [...usedTypes].filter((name) => /^[A-Z]/.test(name) && uses(name)).sort()
  return [
    ...(uses('datetime') ? ['from datetime import datetime'] : []),
    ...(typing.length > 0 ? [`from typing import ${typing.join(', ')}`] : []),
  ]
}
