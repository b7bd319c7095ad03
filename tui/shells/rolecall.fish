# rolecall in fish, by: rolecall init fish | source

function rolecall --description 'A role switcher for AWS'
    if not contains -- "$argv[1]" use unset
        command rolecall $argv
        return
    end
    for word in $argv[2..-1]
        switch $word
            case -h --help --format '--format=*'
                command rolecall $argv
                return
        end
    end
    set -l lines (command rolecall $argv[1] --format fish $argv[2..-1])
    or return
    string join \n -- $lines | source
    return 0
end

# Prints the role and the time left of this shell's session, or nothing:
#   function fish_right_prompt; rolecall_prompt; end
function rolecall_prompt --description 'The role of this shell, and the time it has left'
    set -l kept $status
    if set -q ROLECALL_ROLE; and test -n "$ROLECALL_ROLE"
        set -l text $ROLECALL_ROLE
        set -l end (string match -r '^(\d{4})-0?(\d+)-0?(\d+)T0?(\d+):0?(\d+):0?(\d+)Z$' -- "$ROLECALL_EXPIRES_AT")
        if test (count $end) -eq 7
            # Days since 1970 by the calendar of which March is the first month.
            set -l years (math "$end[2] + floor(($end[3] + 9) / 12) - 1")
            set -l months (math "($end[3] + 9) % 12")
            set -l days (math "$years * 365 + floor($years / 4) - floor($years / 100) + floor($years / 400) + floor(($months * 153 + 2) / 5) + $end[4] - 719469")
            set -l left (math "$days * 86400 + $end[5] * 3600 + $end[6] * 60 + $end[7] - "(date +%s))
            if test $left -le 0
                set text "$text expired"
            else if test $left -lt 3600
                set text "$text "(math "floor($left / 60)")m
            else
                set text "$text "(math "floor($left / 3600)")h(math "floor($left % 3600 / 60)")m
            end
        end
        printf '%s' $text
    end
    return $kept
end

function __rolecall_complete
    set -l found (command rolecall __complete fish (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        string join \n -- $found
    else
        __fish_complete_path (commandline -ct)
    end
end

complete -c rolecall -e
complete -c rolecall -f -a '(__rolecall_complete)'
