# rolecall in Nushell, by: rolecall init nu | save --force ~/.config/nushell/rolecall.nu
# and `source ~/.config/nushell/rolecall.nu` in config.nu.

def "nu-complete rolecall" [context: string] {
    let words = ($context | split row --regex '\s+' | skip 1)
    ^rolecall __complete nu ...$words | lines | each {|line|
        let parts = ($line | split row "\t")
        let name = ($parts | first)
        let value = if ($name =~ '[^\w./:@=+-]') { $name | to nuon } else { $name }
        {value: $value, description: ($parts | get --optional 1 | default "")}
    }
}

def --env --wrapped rolecall [...words: string@"nu-complete rolecall"] {
    let verb = ($words | get --optional 0)
    let asks = ($words | any {|word| $word in ["-h" "--help" "--format"] or ($word starts-with "--format=") })
    if $asks or $verb not-in ["use" "unset"] {
        ^rolecall ...$words
        return
    }
    let text = (^rolecall $verb --format nu ...($words | skip 1))
    $text | from nuon | load-env
}

# Gives the role and the time left of this shell's session, or nothing:
#   $env.PROMPT_COMMAND_RIGHT = {|| rolecall_prompt }
def rolecall_prompt []: nothing -> string {
    let role = ($env.ROLECALL_ROLE? | default "")
    let end = (try { $env.ROLECALL_EXPIRES_AT? | into datetime } catch { null })
    if $role == "" or $end == null { return $role }
    let left = (($end - (date now)) / 1min | math floor)
    if $left < 0 { return $"($role) expired" }
    if $left < 60 { return $"($role) ($left)m" }
    $"($role) ($left // 60)h($left mod 60)m"
}
