import type { Post } from './http-post.ts'

/** By `fetch`. */
export const post: Post = ({ url, body, token, number, signal, keepalive = false }) =>
  fetch(url, {
    method: 'POST',
    credentials: 'include',
    cache: 'no-store',
    keepalive,
    signal,
    headers: {
      'content-type': 'application/octet-stream',
      ...(token === undefined ? {} : { 'typewire-connection': token }),
      ...(number === undefined ? {} : { 'typewire-request': String(number) }),
    },
    ...(body ? { body } : {}),
  })
