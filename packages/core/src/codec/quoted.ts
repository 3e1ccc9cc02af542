/** A text as JSON has it. Most need no escaping, and to see that costs half of what JSON.stringify does. */
export const quoted = (text: string): string => (isPlainText.test(text) ? `"${text}"` : JSON.stringify(text))

export const isPlainText = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/
