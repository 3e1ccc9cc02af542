import { messageNow } from '../messages.mjs'

/**
 * What streams are made of.
 *
 * @param {number} count
 */
export function* items(count) {
  const item = messageNow()
  for (let index = 0; index < count; index++) yield item
}
