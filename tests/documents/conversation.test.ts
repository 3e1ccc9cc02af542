import { defineContract, event, procedure, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { connectRawPeer } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { updated } from './documents.ts'

const Message = z.object({ author: z.string(), text: z.string(), sentAt: z.date() })

const contract = defineContract({
  auth: z.object({ name: z.string() }),
  procedures: {
    send: procedure({
      input: z.object({ roomId: z.string(), text: z.string().max(200) }),
      output: Message,
      errors: { MUTED: z.object({ untilMs: z.number() }) },
    }),
    wait: procedure({}),
  },
  events: {
    toServer: { seen: event(z.object({ id: z.string() })) },
    toClient: { notice: event(z.object({ text: z.string() }), { ack: z.object({ seen: z.boolean() }) }) },
  },
  rooms: {
    chat: room({
      params: z.object({ roomId: z.string() }),
      events: { toServer: { typing: event() }, toClient: { message: event(Message) } },
    }),
  },
})

async function startServer() {
  const server = createServer(contract, { authenticate: ({ auth }) => ({ identity: auth.name }) })
  const ready = server.implement({
    procedures: {
      send({ input, ctx, errors }) {
        if (input.text.includes('spam')) throw errors.MUTED({ untilMs: 1_798_761_600_000 })
        const message = { author: ctx.identity, text: input.text, sentAt: new Date('2026-11-21T09:30:00.000Z') }
        server.rooms.chat({ roomId: input.roomId }).emit.message(message)
        return message
      },
      wait: ({ signal }) =>
        new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    },
    events: { seen: () => {} },
    rooms: { chat: { authorize: ({ params }) => params.roomId !== 'secret', events: { typing: () => {} } } },
    session: async ({ session }) => void (await session.emitWithAck.notice({ text: 'Maintenance at noon.' })),
  })
  onTestFinished(() => ready.close({ drainMs: 0 }))
  const { port } = await ready.listen(0, { host: '127.0.0.1' })
  return `http://127.0.0.1:${port}/typewire`
}

test('the conversation in PROTOCOL.md is what a server says', async () => {
  const peer = await connectRawPeer(await startServer())
  const lines: string[] = []
  let read = 0

  const say = (remark: string) => lines.push(`${lines.length > 0 ? '\n' : ''}${remark}`)
  const send = (text: string) => {
    peer.sendText(text)
    lines.push(`→ ${text}`)
  }
  /** Waits for so many more messages of the server. */
  const hear = async (count = 1) => {
    await expect.poll(() => peer.messages.length).toBeGreaterThanOrEqual(read + count)
    lines.push(...peer.messages.slice(read, read + count).map((text) => `← ${masked(text)}`))
    read += count
  }

  say('The client says hello; `auth` is what this contract asks for. The server lets it in.')
  send('[[0,{"versions":[1,1],"attempt":1,"instance":"kx3p0q","window":4194304,"auth":{"name":"Ada"}}]]')
  await hear()
  say('The server sends an event that asks for an ack: its id is 1. The client answers with data.')
  await hear()
  send('[[18,1,{"seen":true}]]')
  say('The client joins a room, by a call to the reserved name `$join`. From now on the room is 1.')
  send('[[17,1,"$join",0,{"kind":"chat","params":{"roomId":"42"}}]]')
  await hear()
  say(
    'A call with a time limit. Its handler emits an event of the room, and returns: one message carries both.\nThe last element of each frame says that `sentAt` is a Date.',
  )
  send('[[17,2,"send",{"timeoutMs":5000},{"roomId":"42","text":"Hello, wire"}]]')
  await hear()
  say(
    'Two calls in one message. The first is answered with an error of the contract, the second does not match it.\nAnswers come in any order.',
  )
  send('[[17,3,"send",0,{"roomId":"42","text":"spam"}],[17,4,"send",0,{"roomId":"42"}]]')
  await hear()
  say('An event into the room, and one to the server. Neither asks for an ack (id 0), so nothing comes back.')
  send('[[25,0,1,"typing",0],[24,0,"seen",0,{"id":"m1"}]]')
  say('A call that the client withdraws. No answer follows.')
  send('[[17,5,"wait",0]]')
  send('[[23,5]]')
  say('A room that the server does not let it join.')
  send('[[17,6,"$join",0,{"kind":"chat","params":{"roomId":"secret"}}]]')
  await hear()
  say(
    'A ping: so far the client has sent 10 counted frames and received 7. The pong says the same from the other side.',
  )
  send('[[4,10,7]]')
  await hear()
  say('The client leaves the room, says goodbye, and both close.')
  send('[[17,7,"$leave",0,{"join":1}]]')
  await hear()
  send('[[3,1000,"done",0]]')
  await hear()
  expect(await peer.closed()).toMatchObject({ code: 1000 })

  expect(peer.messages).toHaveLength(read)
  const text = `\`\`\`text\n${lines.join('\n')}\n\`\`\``
  expect(updated('PROTOCOL.md', 'conversation', text)).toBe(text)
})

/** What is different each time. */
const masked = (text: string) =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '0f6e7b5a-3c1d-4e2f-8a9b-5d4c3b2a1f0e')
    .replace(/"secret":"[^"]+"/g, '"secret":"…"')
