# rolecall in bash, by: eval "$(rolecall init bash)"

function rolecall {
    local verb=${1-} word lines
    case $verb in
        use | unset) shift ;;
        *)
            command rolecall "$@"
            return
            ;;
    esac
    for word in "$@"; do
        case $word in
            -h | --help | --format | --format=*)
                command rolecall "$verb" "$@"
                return
                ;;
        esac
    done
    lines=$(command rolecall "$verb" --format bash "$@") || return
    eval "$lines"
}

# Sets ROLECALL_PROMPT: the role and the time left of this shell's session, or nothing.
#   PROMPT_COMMAND=rolecall_prompt; PS1='${ROLECALL_PROMPT:+[$ROLECALL_PROMPT] }\w \$ '
# No process is started, where bash itself knows the time (4.2 and newer).
function rolecall_prompt {
    local kept=$? end=${ROLECALL_EXPIRES_AT-} now years months left
    ROLECALL_PROMPT=${ROLECALL_ROLE-}
    if [[ $ROLECALL_PROMPT && $end == ????-??-??T??:??:??Z ]]; then
        now=${EPOCHSECONDS-}
        [[ $now ]] || printf -v now '%(%s)T' -1 2>/dev/null || now=$(date +%s)
        # Days since 1970 by the calendar of which March is the first month.
        months=$((10#${end:5:2} + 9))
        years=$((10#${end:0:4} + months / 12 - 1))
        months=$((months % 12))
        left=$((years * 365 + years / 4 - years / 100 + years / 400))
        left=$((left + (months * 153 + 2) / 5 + 10#${end:8:2} - 719469))
        left=$((left * 86400 + 10#${end:11:2} * 3600 + 10#${end:14:2} * 60 + 10#${end:17:2} - now))
        if ((left <= 0)); then
            ROLECALL_PROMPT+=" expired"
        elif ((left < 3600)); then
            ROLECALL_PROMPT+=" $((left / 60))m"
        else
            ROLECALL_PROMPT+=" $((left / 3600))h$((left % 3600 / 60))m"
        fi
    fi
    return "$kept"
}

function _rolecall_complete {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(command rolecall __complete bash "${COMP_LINE:0:COMP_POINT}" "${2-}" 2>/dev/null)
    # An account is followed by its role, without a space between.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}

if [[ $- == *i* ]]; then
    complete -o bashdefault -o default -o nosort -F _rolecall_complete rolecall 2>/dev/null ||
        complete -o bashdefault -o default -F _rolecall_complete rolecall
fi
