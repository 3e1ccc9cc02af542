/**
 * The id of a message: of who says it, and of what their page calls it. So the page knows its own message before the server
 * has told it, and nobody can say something by the id of another's.
 */
export const messageId = (authorId: string, id: string) => `${authorId}.${id}`
