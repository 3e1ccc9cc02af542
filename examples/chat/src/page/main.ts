// The page: signs in, then shows the chat, until the server or the person says otherwise.

import { ChatModel } from './chat-model.ts'
import { ChatScreen } from './chat-screen.ts'
import { reasonOf } from './connection-text.ts'
import { type Credentials, forgetCredentials, keepCredentials, makeKey, readCredentials } from './credentials.ts'
import { SignIn } from './sign-in.ts'

let model: ChatModel | undefined
const signIn = new SignIn((name) => begin({ name, key: makeKey() }))
const chatScreen = new ChatScreen(() => end())

/** Signs in. The chat is shown once the server has welcomed us: at the first screen one waits for its word. */
function begin(credentials: Credentials): void {
  let isShown = false
  const begun = new ChatModel(credentials, {
    onWelcome: () => {
      if (model === begun) show()
    },
    onChange: () => {
      if (model !== begun) return // signed out since
      const { current: status } = begun.client.status
      if (status.state === 'closed') end(credentials.name, reasonOf(status))
      else if (isShown) chatScreen.render()
      else signIn.renderStatus(status)
    },
    isVisible: () => !document.hidden,
  })
  const show = () => {
    if (isShown) return
    isShown = true
    keepCredentials(credentials)
    signIn.hide()
    chatScreen.show(begun)
  }
  model = begun
  // After a reload the server is expected to know us: no first screen flashes up.
  if (credentials.key === kept?.key) show()
}

/** Back to the first screen: `why` if it was the server that said so. */
function end(name = '', why = ''): void {
  const ended = model
  model = undefined
  void ended?.close()
  forgetCredentials()
  chatScreen.hide()
  signIn.show(name, why)
}

const kept = readCredentials()
if (kept) begin(kept)
else signIn.show()
