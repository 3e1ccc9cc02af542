import { Argument, type Command } from 'commander'
import { candidates } from '../completion/candidates.ts'
import { scripts, type Shell, shells } from '../completion/scripts.ts'
import { splitLine } from '../completion/split-line.ts'
import type { Io } from '../io.ts'

export function addCompletion(program: Command, io: Io): void {
  program
    .command('completion')
    .summary('print what lets a shell complete command lines')
    .description(
      'Prints a script that completes commands, options and, from the snapshot of a contract (--contract, or typewire.json), the names of ' +
        'procedures, streams, events, rooms and namespaces.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  eval "$(typewire completion bash)"       # in ~/.bashrc\n  eval "$(typewire completion zsh)"        # in ~/.zshrc\n  typewire completion fish | source        # in ~/.config/fish/config.fish',
    )
    .action((shell: Shell) => void io.stdout.write(scripts[shell]))

  program
    .command('complete', { hidden: true })
    .description('Prints what the last word of a command line may become. For the scripts of `typewire completion`.')
    .argument('[words...]', 'the words of the command line behind the name of the program')
    .option('--line <text>', 'the whole command line, up to the cursor')
    .action(async (words: readonly string[], { line }: { readonly line?: string }) => {
      const asked = line === undefined ? words : splitLine(line).slice(1)
      const found = await candidates(program, asked, io)
      if (found.length > 0) io.stdout.write(`${found.join('\n')}\n`)
    })
}
