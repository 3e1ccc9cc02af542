import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

// An editor over the fixture application, as VS Code has it: TypeScript's language service on sources. TypeScript 7 has
// no such API in JavaScript, so this is TypeScript 6; both gave the same answers when they were compared.

const app = fileURLToPath(new URL('../types/app/', import.meta.url))
const files = ['client.ts', 'contract.ts', 'domain.ts', 'messages.ts', 'rooms.ts', 'server.ts']

/** Where a name is written. */
export interface Place {
  readonly file: string
  readonly name: string
  /** The line of the name, trimmed. */
  readonly line: string
}

// Editors share what they have parsed; hence a version is never used for two texts.
const parsed = ts.createDocumentRegistry()
let versions = 0

export class Editor {
  /** What was changed and not saved, by path. */
  readonly #changed = new Map<string, { readonly text: string; readonly version: number }>()
  readonly #service: ts.LanguageService

  constructor() {
    const config = ts.readConfigFile(join(app, '../../tsconfig.json'), ts.sys.readFile)
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, join(app, '../..'))
    const host: ts.LanguageServiceHost = {
      getCompilationSettings: () => options,
      getScriptFileNames: () => files.map((file) => join(app, file)),
      getScriptVersion: (path) => String(this.#changed.get(path)?.version ?? 0),
      getScriptSnapshot: (path) => {
        const text = this.#changed.get(path)?.text ?? ts.sys.readFile(path)
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
      },
      getCurrentDirectory: () => app,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      ...(ts.sys.realpath && { realpath: ts.sys.realpath }),
    }
    this.#service = ts.createLanguageService(host, parsed)
  }

  /** Where "go to definition" leads from the last name of an expression. */
  definitions(file: string, expression: string): Place[] {
    const found = this.#service.getDefinitionAtPosition(...this.#find(file, expression)) ?? []
    return found.map(({ fileName, textSpan }) => this.#place(fileName, textSpan))
  }

  /** Renames the last name of an expression, and gives the places that it changed. */
  rename(file: string, expression: string, newName: string): Place[] {
    const found = this.#service.findRenameLocations(...this.#find(file, expression), false, false, {
      // As editors do: the shorthand `send` becomes `post: send`.
      providePrefixAndSuffixTextForRename: true,
    })
    const edits = [...(found ?? [])]
    const places = edits.map(({ fileName, textSpan }) => this.#place(fileName, textSpan))
    // From the end, so that the positions of the others stay right.
    edits.sort((a, b) => b.textSpan.start - a.textSpan.start)
    for (const { fileName, textSpan, prefixText = '', suffixText = '' } of edits) {
      const text = this.#textOf(fileName)
      const end = textSpan.start + textSpan.length
      const renamed = text.slice(0, textSpan.start) + prefixText + newName + suffixText + text.slice(end)
      this.#changed.set(fileName, { text: renamed, version: ++versions })
    }
    return places
  }

  /** The names that are offered after an expression that ends in a dot. */
  completions(file: string, expression: string): string[] {
    const [path, at] = this.#find(file, expression)
    const offered = this.#service.getCompletionsAtPosition(path, at, {})
    return (offered?.entries ?? []).map(({ name }) => name).sort()
  }

  /** What is shown when the pointer rests on the last name of an expression: its type, and its documentation. */
  hover(file: string, expression: string): { readonly type: string; readonly documentation: string } {
    const info = this.#service.getQuickInfoAtPosition(...this.#find(file, expression))
    return {
      type: ts.displayPartsToString(info?.displayParts).replaceAll(/\s+/g, ' '),
      documentation: ts.displayPartsToString(info?.documentation),
    }
  }

  /** Whether the last name of an expression is struck through. */
  deprecated(file: string, expression: string): boolean {
    const [path, at] = this.#find(file, expression)
    return this.#service
      .getSuggestionDiagnostics(path)
      .some(({ start, reportsDeprecated }) => start === at && reportsDeprecated !== undefined)
  }

  /** The errors of all files of the application. */
  errors(): string[] {
    return files.flatMap((file) =>
      [
        ...this.#service.getSyntacticDiagnostics(join(app, file)),
        ...this.#service.getSemanticDiagnostics(join(app, file)),
      ].map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`),
    )
  }

  #textOf(path: string): string {
    return this.#changed.get(path)?.text ?? readFileSync(path, 'utf8')
  }

  /** The position of the last name of an expression, or of its end if that is a dot. */
  #find(file: string, expression: string): [path: string, at: number] {
    const path = join(app, file)
    const at = this.#textOf(path).indexOf(expression)
    if (at === -1) throw new Error(`${file} does not hold ${expression}`)
    return [path, at + expression.search(/\w*$/)]
  }

  #place(path: string, { start, length }: ts.TextSpan): Place {
    const text = this.#textOf(path)
    const lineStart = text.lastIndexOf('\n', start) + 1
    const line = text.slice(lineStart, text.indexOf('\n', start)).trim()
    return { file: basename(path), name: text.slice(start, start + length), line }
  }
}
