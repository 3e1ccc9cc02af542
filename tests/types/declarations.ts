import { dirname, join } from 'node:path'
import { root, type Scratch, tsc } from './compilers.ts'

// The packages as their users get them: their declarations, without their sources.

const entries = {
  '@typewire/core': 'core/src/index',
  '@typewire/core/internal': 'core/src/internal',
  '@typewire/client': 'client/src/index',
  '@typewire/client/lean': 'client/src/lean',
  '@typewire/client/opentelemetry': 'client/src/opentelemetry',
  '@typewire/server': 'server/src/index',
  '@typewire/server/metrics': 'server/src/metrics',
  '@typewire/server/opentelemetry': 'server/src/opentelemetry',
} as const

/** Emits the declarations of all packages below `packages/` of the folder. */
export async function emitDeclarations(scratch: Scratch): Promise<void> {
  await scratch.write(
    'tsconfig.declarations.json',
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        rootDir: join(root, 'packages'),
        outDir: 'packages',
        // Found by their paths, siblings are sources to emit; found in node_modules, they would be somebody else's.
        paths: pathsTo(join(root, 'packages'), '.ts'),
      },
      include: [],
      files: Object.values(entries).map((entry) => join(root, 'packages', `${entry}.ts`)),
    }),
  )
  const output = await tsc(7, ['-p', 'tsconfig.declarations.json'], scratch.folder)
  if (output) throw new Error(`The packages do not compile:\n${output}`)
}

/** What lets a program of the folder see the emitted declarations in place of the packages. */
export const declarationPaths = pathsTo('./packages', '.d.ts')

function pathsTo(folder: string, extension: string): Record<string, string[]> {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, [`${folder}/${entry}${extension}`]]))
}

/** The declarations that a user of a package can come across, by file: what its entry exports, and what that refers to. */
export async function publicDeclarations(
  scratch: Scratch,
  name: keyof typeof entries,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const queue = [`packages/${entries[name]}.d.ts`]
  for (const file of queue) {
    if (found.has(file)) continue
    const text = await scratch.read(file)
    found.set(file, text)
    for (const [, path = ''] of text.matchAll(/(?:from |import\()'(\.[^']+)\.[jt]s'/g)) {
      queue.push(join(dirname(file), `${path}.d.ts`))
    }
  }
  return found
}
