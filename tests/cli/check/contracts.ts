import { type AnyContract, defineContract, event, procedure, room, stream, upload } from '@typewire/core'
import { type ContractSnapshot, describeContract } from '@typewire/core/snapshot'
import { z } from 'zod'

/** The snapshot of a contract whose members are given as they are written: `procedures: { … }`. */
export function snapshotOf(members: string): Promise<ContractSnapshot> {
  // oxlint-disable-next-line typescript/no-implied-eval -- the examples of the rules are text, as documents show them
  const define = new Function(...Object.keys(words), `return defineContract({ ${members} })`)
  return describeContract(define(...Object.values(words)) as AnyContract)
}

const words = { defineContract, event, procedure, room, stream, upload, z }
