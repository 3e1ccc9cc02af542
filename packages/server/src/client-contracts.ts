import { type AnyContract, TypewireError } from '@typewire/core'
import {
  assertFingerprint,
  assertSnapshot,
  compareSnapshots,
  type ContractSnapshot,
  describeContract,
  type Finding,
} from '@typewire/core/snapshot'

export interface ClientContractsOptions {
  /**
   * Snapshots of contracts that clients in use may have been made from: what `typewire snapshot` wrote for each release.
   * Of a client that tells another contract, or none, nothing is known, and it is let in.
   */
  readonly known: readonly object[]
  /**
   * What becomes of a client whose contract has changed since in ways that break it. `warn`, the default: it is let in, and its
   * `onError` and the server's get `UNSUPPORTED`, with what has changed. `refuse`: it is not let in, and its calls reject with
   * that; it does not come back by itself.
   */
  readonly onBreaking?: 'warn' | 'refuse' | undefined
}

/** Knows which contracts of clients this server's breaks. What it compares it compares once. */
export class ClientContracts {
  readonly onBreaking: 'warn' | 'refuse'
  /** What breaks a client: by the fingerprint of its contract, then by the path of the namespace, the root's being empty. */
  readonly #broken: Promise<ReadonlyMap<string, ReadonlyMap<string, TypewireError>>>
  readonly #reported = new Set<string>()

  /** @throws TypeError for what is no snapshot. */
  constructor(contract: AnyContract, { known, onBreaking = 'warn' }: ClientContractsOptions) {
    if (!Array.isArray(known)) {
      throw new TypeError(
        "createServer({ clientContracts: { known } }): give a list of what typewire.json held, release by release: [JSON.parse(readFileSync('typewire.json', 'utf8'))].",
      )
    }
    if (onBreaking !== 'warn' && onBreaking !== 'refuse') {
      throw new TypeError(
        `createServer({ clientContracts: { onBreaking: '${String(onBreaking)}' } }): give 'warn' or 'refuse'.`,
      )
    }
    const snapshots = known.map((snapshot: unknown, index) => {
      assertSnapshot(snapshot, nameOf(index))
      return snapshot
    })
    this.onBreaking = onBreaking
    this.#broken = compare(contract, snapshots)
    this.#broken.catch(() => {}) // whoever asks is told
  }

  /**
   * Resolves when the contracts are compared.
   * @throws SnapshotError where the server's own cannot be described; TypeError where the fingerprint of one is another's.
   */
  async ready(): Promise<void> {
    await this.#broken
  }

  /**
   * What breaks a client of this contract in a namespace, or in the root: who may not open a namespace is not told what has
   * changed in it. `report` gets it too, once for each.
   * @throws SnapshotError where the server's own cannot be described.
   */
  async breaks(
    fingerprint: string,
    namespace: string,
    report: (error: TypewireError) => void,
  ): Promise<TypewireError | undefined> {
    const error = (await this.#broken).get(fingerprint)?.get(namespace)
    const key = `${fingerprint} ${namespace}`
    if (error && !this.#reported.has(key)) report(error)
    if (error) this.#reported.add(key)
    return error
  }
}

const nameOf = (index: number) => `createServer({ clientContracts: { known } }): the item ${index}`

async function compare(
  contract: AnyContract,
  known: readonly ContractSnapshot[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, TypewireError>>> {
  const own = await describeContract(contract)
  const broken = new Map<string, ReadonlyMap<string, TypewireError>>()
  for (const [index, snapshot] of known.entries()) {
    await assertFingerprint(snapshot, nameOf(index))
    const breaking = compareSnapshots(snapshot, own).filter(({ severity }) => severity === 'breaking')
    const namespaces = new Set(breaking.map(({ path }) => namespaceOf(path)))
    const ofNamespace = (name: string) => breaking.filter(({ path }) => namespaceOf(path) === name)
    broken.set(snapshot.fingerprint, new Map([...namespaces].map((name) => [name, errorOf(ofNamespace(name))])))
  }
  return broken
}

/** `namespaces.admin.namespaces.audit.procedures.list` → `admin/audit`. */
function namespaceOf(path: string): string {
  const [within = ''] = /^(?:namespaces\.\w+\.?)*/.exec(path)!
  return within
    .split('.')
    .filter((part, index) => index % 2 === 1 && part !== '')
    .join('/')
}

function errorOf(breaking: readonly Finding[]): TypewireError {
  const shown = breaking.slice(0, maxShown).map(({ path, reason }) => `${path}: ${reason}`)
  const more = breaking.length > maxShown ? ` And ${breaking.length - maxShown} more.` : ''
  const text = `The server's contract has changed since this client was made, in ways that break it. ${shown.join(' ')}${more}`
  const remedy = ' Make the client anew; load the page again.'
  return new TypewireError('UNSUPPORTED', text.slice(0, maxLength - remedy.length) + remedy)
}

const maxShown = 5
/** What a close frame can say (FR-4), with its clause. */
const maxLength = 1_000
