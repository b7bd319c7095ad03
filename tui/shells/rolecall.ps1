# rolecall in PowerShell, by: rolecall init powershell | Out-String | Invoke-Expression

function global:rolecall {
    $program = (Get-Command rolecall -CommandType Application -TotalCount 1).Source
    $words = @($args)
    $handsOver = $words.Count -gt 0 -and $words[0] -cin 'use', 'unset'
    foreach ($word in $words) {
        if ("$word" -cin '-h', '--help', '--format' -or "$word" -clike '--format=*') { $handsOver = $false }
    }
    if (-not $handsOver) {
        if ($MyInvocation.ExpectingInput) { $input | & $program @words } else { & $program @words }
        return
    }
    $rest = @($words | Select-Object -Skip 1)
    $lines = & $program $words[0] --format powershell @rest
    if ($LASTEXITCODE -eq 0) { Invoke-Expression ($lines -join "`n") }
}

# Gives the role and the time left of this shell's session, or nothing:
#   function prompt { "[$(rolecall_prompt)] PS $PWD> " }
function global:rolecall_prompt {
    if (-not $Env:ROLECALL_ROLE) { return '' }
    if (-not $Env:ROLECALL_EXPIRES_AT) { return $Env:ROLECALL_ROLE }
    $left = [DateTimeOffset]::Parse($Env:ROLECALL_EXPIRES_AT, [cultureinfo]::InvariantCulture) - [DateTimeOffset]::UtcNow
    if ($left.Ticks -le 0) { return "$Env:ROLECALL_ROLE expired" }
    if ($left.TotalHours -lt 1) { return "$Env:ROLECALL_ROLE $([math]::Floor($left.TotalMinutes))m" }
    return "$Env:ROLECALL_ROLE $([math]::Floor($left.TotalHours))h$($left.Minutes)m"
}

Register-ArgumentCompleter -Native -CommandName rolecall -ScriptBlock {
    param($word, $ast, $at)
    $program = (Get-Command rolecall -CommandType Application -TotalCount 1).Source
    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $at } |
        Select-Object -Skip 1 | ForEach-Object { if ($null -ne $_.Value) { "$($_.Value)" } else { "$_" } })
    $typed = "$word".Trim("'", '"')
    # An empty argument is lost on its way to a program in Windows PowerShell: `=` stands before it.
    & $program __complete powershell @before "=$typed" 2>$null | ForEach-Object {
        $value, $tip = $_ -split "`t", 2
        $text = if ($value -match '[^\w./:@=+-]') { "'" + ($value -replace "'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $(if ($tip) { $tip } else { $value }))
    }
}
