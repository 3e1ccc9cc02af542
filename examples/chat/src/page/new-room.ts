import { limits } from '../limits.ts'
import { byId, setText } from './dom.ts'

/** The form that opens a room by its name. `open` resolves to what went wrong, in words, or to nothing. */
export function setUpNewRoom(open: (name: string) => Promise<string>): void {
  const input = byId('new-room-name', HTMLInputElement)
  const error = byId('new-room-error', HTMLElement)
  byId('new-room', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })

  async function submit(): Promise<void> {
    const name = input.value.trim()
    const wrong = whatIsWrong(name) || (await open(name))
    setText(error, wrong)
    input.ariaInvalid = String(wrong !== '')
    if (wrong) input.focus()
    else input.value = ''
  }
}

function whatIsWrong(name: string): string {
  if (name === '') return 'Give the room a name.'
  const over = name.length - limits.roomName
  return over > 0 ? `At most ${limits.roomName} characters: these are ${over} too many.` : ''
}
