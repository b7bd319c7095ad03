# rolecall in zsh, by: eval "$(rolecall init zsh)"

function rolecall {
    local verb=${1-} word lines
    case $verb in
        (use | unset) shift ;;
        (*)
            command rolecall "$@"
            return
            ;;
    esac
    for word in "$@"; do
        case $word in
            (-h | --help | --format | --format=*)
                command rolecall "$verb" "$@"
                return
                ;;
        esac
    done
    lines=$(command rolecall "$verb" --format zsh "$@") || return
    eval "$lines"
}

# Sets ROLECALL_PROMPT: the role and the time left of this shell's session, or nothing.
#   setopt prompt_subst; precmd_functions+=(rolecall_prompt); PROMPT='${ROLECALL_PROMPT:+[$ROLECALL_PROMPT] }%~ %# '
# No process is started.
function rolecall_prompt {
    local -i kept=$?
    emulate -L zsh
    zmodload zsh/datetime
    local end=${ROLECALL_EXPIRES_AT-}
    local -i years months left
    # A % of a name is none of the prompt's own.
    typeset -g ROLECALL_PROMPT=${${ROLECALL_ROLE-}//\%/%%}
    if [[ -n $ROLECALL_PROMPT && $end == ????-??-??T??:??:??Z ]]; then
        # Days since 1970 by the calendar of which March is the first month.
        months=$((10#${end[6,7]} + 9))
        years=$((10#${end[1,4]} + months / 12 - 1))
        months=$((months % 12))
        left=$((years * 365 + years / 4 - years / 100 + years / 400))
        left=$((left + (months * 153 + 2) / 5 + 10#${end[9,10]} - 719469))
        left=$((left * 86400 + 10#${end[12,13]} * 3600 + 10#${end[15,16]} * 60 + 10#${end[18,19]} - EPOCHSECONDS))
        if ((left <= 0)); then
            ROLECALL_PROMPT+=" expired"
        elif ((left < 3600)); then
            ROLECALL_PROMPT+=" $((left / 60))m"
        else
            ROLECALL_PROMPT+=" $((left / 3600))h$((left % 3600 / 60))m"
        fi
    fi
    return $kept
}

function _rolecall {
    local line value
    local -a values shown accounts
    for line in "${(@f)$(command rolecall __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        [[ -n $value ]] || continue
        if [[ $value == */ ]]; then
            accounts+=("$value")
        else
            values+=("$value")
            shown+=("${line//$'\t'/  -- }")
        fi
    done
    (($#values + $#accounts)) || { _files; return }
    (($#accounts)) && compadd -S '' -a accounts
    (($#values)) && compadd -l -d shown -a values
    return 0
}

if whence compdef >/dev/null; then
    compdef _rolecall rolecall
fi
