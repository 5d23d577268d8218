/** The scripts that make shells complete `lockkeeper`. Verbs and flags are written into them; slash commands are asked for at each key (complete-command.ts). */

export type VerbWords = {
  readonly name: string
  /** Without apostrophes, which would end the text in every shell. */
  readonly summary: string
  readonly flags: readonly { readonly name: string; readonly takesValue: boolean }[]
}

const flagList = ({ flags }: VerbWords): string => flags.map(({ name }) => `--${name}`).join(' ')

const bash = (verbs: readonly VerbWords[]): string => `# bash completion of lockkeeper
_lockkeeper() {
  local cur=$2 flags= line
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(' ')}' -- "$cur"))
  elif [[ \${COMP_WORDS[1]} == simulate && $cur == /* ]]; then
    compopt -o nospace 2>/dev/null
    while IFS= read -r line; do
      # Within quotes it stands as it is.
      [[ \${COMP_WORDS[COMP_CWORD]} == [\\'\\"]* ]] || printf -v line %q "$line"
      COMPREPLY+=("$line")
    done < <(lockkeeper completion --command "\${cur//\\\\/}" 2>/dev/null)
  elif [[ $cur == -* ]]; then
    case \${COMP_WORDS[1]} in
${verbs.map((verb) => `      ${verb.name}) flags='${flagList(verb)}' ;;`).join('\n')}
    esac
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  fi
}
complete -o default -F _lockkeeper lockkeeper
`

const zsh = (verbs: readonly VerbWords[]): string => `#compdef lockkeeper
_lockkeeper() {
  local -a verbs flags found
  verbs=(
${verbs.map(({ name, summary }) => `    '${name}:${summary}'`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command verbs
  elif [[ $words[2] == simulate && $PREFIX == /* ]]; then
    found=("\${(@f)$(lockkeeper completion --command "\${(Q)PREFIX}" 2>/dev/null)}")
    [[ -n $found[1] ]] && compadd -S '' -- "\${found[@]}"
  elif [[ $PREFIX == -* ]]; then
    case $words[2] in
${verbs.map((verb) => `      ${verb.name}) flags=(${flagList(verb)}) ;;`).join('\n')}
    esac
    compadd -- "\${flags[@]}"
  else
    _files
  fi
}
if [[ $funcstack[1] == _lockkeeper ]]; then _lockkeeper "$@"; else compdef _lockkeeper lockkeeper; fi
`

const fish = (verbs: readonly VerbWords[]): string =>
  [
    '# fish completion of lockkeeper',
    'function __lockkeeper_command',
    `    lockkeeper completion --command (commandline -ct | string replace -r '^[\\'"]' '') 2>/dev/null`,
    'end',
    ...verbs.map(
      ({ name, summary }) => `complete -c lockkeeper -f -n __fish_use_subcommand -a ${name} -d '${summary}'`,
    ),
    ...verbs.flatMap(({ name, flags }) =>
      flags.map((flag) => {
        const value = flag.takesValue ? ' -r' : ''
        return `complete -c lockkeeper -n '__fish_seen_subcommand_from ${name}' -l ${flag.name}${value}`
      }),
    ),
    "complete -c lockkeeper -n '__fish_seen_subcommand_from simulate' -f -a '(__lockkeeper_command)'",
    '',
  ].join('\n')

export const SHELLS: Readonly<Record<string, (verbs: readonly VerbWords[]) => string>> = { bash, zsh, fish }
