/** A payload that cannot be encoded or decoded; the message says what and where. */
export class PayloadError extends Error {}
