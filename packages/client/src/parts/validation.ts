import { LocalValidation } from '../local-validation.ts'
import type { ClientParts } from './parts.ts'

/** Checks what is given by the contract before it is sent: `createClient({ contract })`. */
export const validation: Pick<ClientParts, 'validation'> = { validation: (contract) => new LocalValidation(contract) }
