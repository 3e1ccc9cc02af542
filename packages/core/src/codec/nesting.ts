/** How deep a message may nest. Deeper ones serve to exhaust a stack; no schema needs them. */
export const maxNesting = 512

/** How deep a payload may nest: it stands in a frame, which stands in a batch. */
export const maxPayloadNesting = maxNesting - 2
