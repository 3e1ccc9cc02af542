// Checks what would be published: packs each public package, asks publint and are-the-types-wrong, then installs the
// tarballs beside each other and lets a stranger compile against them and import them, and follow the tutorial.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env, fail, root, run } from './lib.mjs'
import { tryCli } from './cli.mjs'
import { tryTutorial } from './tutorial.mjs'

const packages = readdirSync(join(root, 'packages'))
  .map((folder) => ({ folder: join(root, 'packages', folder), manifest: readManifest(join(root, 'packages', folder)) }))
  .filter(({ manifest }) => !manifest.private)

/** @param {string} folder */
function readManifest(folder) {
  /** @type {{ name: string, private?: boolean, dependencies?: Record<string, string>, peerDependencies?: Record<string, string> }} */
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return manifest
}

const scratch = mkdtempSync(join(tmpdir(), 'typewire-packages-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

/** @type {Map<string, string>} By their names. */
const tarballs = new Map()
for (const { folder, manifest } of packages) {
  if (!existsSync(join(folder, 'dist'))) fail(`${manifest.name} is not built. Run: npm run build`)
  const pack = run(['npm', 'pack', '--json', '--pack-destination', scratch], { cwd: folder })
  if (!pack.ok) fail(`${manifest.name}: npm pack failed.`, pack.output)
  /** @type {[{ filename: string, size: number, files: { path: string }[] }]} */
  const [packed] = JSON.parse(pack.stdout)
  const tarball = join(scratch, packed.filename)
  tarballs.set(manifest.name, tarball)

  const strays = packed.files.map(({ path }) => path).filter((path) => /\.test(-d)?\.|tsbuildinfo/.test(path))
  if (strays.length > 0) fail(`${manifest.name}: the tarball holds what nobody needs.`, strays.join('\n'))
  const missing = ['LICENSE', 'dist/index.js', 'src/index.ts'].filter(
    (path) => !packed.files.some((file) => file.path === path),
  )
  if (missing.length > 0) fail(`${manifest.name}: the tarball lacks ${missing.join(', ')}.`)

  const publint = run(['publint', 'run', '--strict', tarball])
  if (!publint.ok) fail(`${manifest.name}: publint found problems.`, publint.output)
  const attw = run(['attw', tarball, '--profile', 'esm-only', '--format', 'ascii'])
  if (!attw.ok) fail(`${manifest.name}: are-the-types-wrong found problems.`, attw.output)

  const installed = join(scratch, 'node_modules', manifest.name)
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], { env })
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (!dependency.startsWith('@typewire/')) link(dependency)
  }
  console.log(
    `${manifest.name}: ${packed.files.length} files, ${(packed.size / 1000).toFixed(1)} kB packed; publint and attw agree`,
  )
}

/**
 * Gives the stranger a package that is installed here.
 *
 * @param {string} name
 */
function link(name) {
  const path = join(scratch, 'node_modules', name)
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(join(root, 'node_modules', name), path, 'junction')
}

link('@types/node')
link('undici-types')
link('@types/react')
link('csstype')
const names = packages.map(({ manifest }) => manifest.name)
writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')

/**
 * Compiles a file that imports the named packages, with the library checks on.
 *
 * @param {string} what
 * @param {string[]} imported
 * @param {Record<string, unknown>} options
 */
function compile(what, imported, options) {
  const file = join(scratch, `stranger-${what}.ts`)
  writeFileSync(
    file,
    `${imported.map((name, index) => `import * as m${index} from '${name}'`).join('\n')}\nexport const all = [${imported.map((_, index) => `m${index}`).join(', ')}]\n`,
  )
  const config = join(scratch, `tsconfig.${what}.json`)
  const compilerOptions = { target: 'ES2022', strict: true, noEmit: true, skipLibCheck: false, ...options }
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }))
  for (const [version, tsc] of compilers) {
    const checked = run(['node', tsc, '-p', config], { cwd: scratch })
    if (!checked.ok) fail(`A stranger's ${what} program does not compile under TypeScript ${version}.`, checked.output)
  }
}

/** @type {[version: string, tsc: string][]} */
const compilers = ['node_modules', 'tests/node_modules', 'tests/language-service/node_modules']
  .map((folder) => join(root, folder, 'typescript'))
  .filter((folder) => existsSync(folder))
  .map((folder) => [JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version, join(folder, 'bin/tsc')])

const web = ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable']
compile(
  'node',
  names.filter((name) => name !== '@typewire/react'),
  { module: 'nodenext', lib: ['ES2022', 'ESNext.Disposable'], types: ['node'] },
)
compile(
  'browser',
  names.filter((name) => name !== '@typewire/server' && name !== '@typewire/cli'),
  { module: 'preserve', moduleResolution: 'bundler', lib: web, types: [] },
)
console.log(`a stranger's programs compile under TypeScript ${compilers.map(([version]) => version).join(' and ')}`)

const imports = run(
  ['node', '--input-type=module', '--eval', names.map((name) => `await import('${name}')`).join('\n')],
  { cwd: scratch },
)
if (!imports.ok) fail('Node cannot import the packed packages.', imports.output)
console.log('Node imports the packed packages')

await tryTutorial(tarballs).catch((error) => fail(String(error)))
await tryCli(tarballs).catch((error) => fail(String(error)))
