import { useEffect, useRef, useState } from 'react'
import { useMedia } from './media.ts'

/** How often a value changes for who asked for reduced motion, in milliseconds. */
const calmMs = 500

/** The value; where reduced motion is asked for, as it was at most half a second ago, and no oftener another. */
export function useCalm<T>(value: T): T {
  const isCalm = useMedia('(prefers-reduced-motion: reduce)')
  const latest = useRef(value)
  const [held, hold] = useState(value)
  useEffect(() => {
    latest.current = value
  })
  useEffect(() => {
    if (!isCalm) return
    hold(latest.current)
    const timer = setInterval(() => hold(latest.current), calmMs)
    return () => clearInterval(timer)
  }, [isCalm])
  return isCalm ? held : value
}
