// What bundles of the client are made of, for all that measure them.

/** All that there is. */
export const whole = "export { createClient } from '@typewire/client'"

/**
 * The small client with these parts.
 *
 * @param {string[]} used
 */
export const lean = (...used) => `export { ${['createClient', ...used].join(', ')} } from '@typewire/client/lean'`
