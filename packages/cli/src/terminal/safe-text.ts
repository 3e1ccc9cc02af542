// What a server says must not steer the terminal that shows it, nor turn the direction of its text.

const escaped = (letter: string) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Text with its control characters shown, but for the ends of lines and tabs. */
export function safeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escaped)
}

/** The same for JSON, which stays the same JSON: what JSON itself escapes is escaped already. */
export function safeJson(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, escaped)
}
