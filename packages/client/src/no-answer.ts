/** What a handler returns that only looks: it is no ack, and leaves that to the handlers beside it (EV-3). */
export const noAnswer: unique symbol = Symbol('typewire.noAnswer')
