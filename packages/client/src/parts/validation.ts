import { LocalValidation } from '../local-validation.ts'
import type { ClientPart } from './parts.ts'

/** Checks what is given by the contract before it is sent: `createClient({ contract })`. */
export const validation = { validation: (contract) => new LocalValidation(contract) } as const satisfies ClientPart
