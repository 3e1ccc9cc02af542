// What a shell runs to complete a command line of typewire: each asks `typewire complete`, which knows the commands and the
// contract. Where it gives nothing, the shell completes files.

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export const scripts: Readonly<Record<Shell, string>> = {
  // COMP_WORDS is cut at every colon, and URLs have some: the line goes along as it is.
  bash: `# typewire completion bash: put into ~/.bashrc: eval "$(typewire completion bash)"
_typewire() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <("$1" complete --line "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o bashdefault -o default -F _typewire typewire
`,
  zsh: `#compdef typewire
# typewire completion zsh: put into ~/.zshrc: eval "$(typewire completion zsh)"
_typewire() {
  local -a candidates
  candidates=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then
    compadd -- "\${candidates[@]}"
  else
    _files
  fi
}
compdef _typewire typewire
`,
  fish: `# typewire completion fish: put into ~/.config/fish/config.fish: typewire completion fish | source
function __typewire_complete
  set -l words (commandline -opc)
  $words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c typewire -a '(__typewire_complete)'
`,
}
