/** The longest name of a host, in characters: 255, as DNS has it. To read one takes time that grows with the square of it. */
export const maxHostLength = 255

/** Whether the host of a URL is longer than any. Others than these have none that is looked at. */
export function hasLongHost(url: string): boolean {
  const [, authority = ''] = /^(?:(?:https?|wss?|ftp):[/\\]*|file:[/\\]{2})([^/\\?#]*)/i.exec(url) ?? []
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')
  return host.length > maxHostLength
}

/** What a URL is written of: no controls, which readers leave out, no blank before it, nor anything that is to be escaped. */
export const isUrlText = (text: string): boolean => /^[!-~][ -~]*$/.test(text)
